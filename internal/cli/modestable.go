package cli

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// modesCell is a method in a cell of the table, over its problems.
type modesCell struct {
	Dim      int     `json:"dim"`
	Measured int     `json:"dy"`
	Sigma    float64 `json:"sigma"`
	Method   string  `json:"method"`

	SW1     mean     `json:"sliced_w1"`
	Floor   mean     `json:"floor"`
	Ratio   *float64 `json:"ratio"`
	Failed  int      `json:"failed"`
	ESS     *float64 `json:"least_final_ess_share,omitempty"`
	Errors  *float64 `json:"evidence_error_mean,omitempty"` // of log Z, in its standard errors
	Worst   *float64 `json:"evidence_error_most,omitempty"`
	Seconds float64  `json:"seconds"` // of a run, in the mean
}

// mean is a mean over problems ± 1.96 standard errors.
type mean struct {
	Value *float64 `json:"value"`
	Half  *float64 `json:"half_width"`
}

func meanOf(x []float64) mean {
	if len(x) == 0 {
		return mean{}
	}
	var m, s float64
	for _, v := range x {
		m += v / float64(len(x))
	}
	for _, v := range x {
		s += (v - m) * (v - m)
	}
	out := mean{Value: &m}
	if n := float64(len(x)); n > 1 {
		half := 1.96 * math.Sqrt(s/(n-1)/n)
		out.Half = &half
	}
	return out
}

func (m mean) String() string {
	switch {
	case m.Value == nil:
		return "failed"
	case m.Half == nil:
		return fmt.Sprintf("%.3g", *m.Value)
	}
	return fmt.Sprintf("%.3f±%.3f", *m.Value, *m.Half)
}

// cells gathers rows; they come cell by cell, all methods of a problem together.
func (t *modesTable) cells(rows []*modesRow) []*modesCell {
	var out []*modesCell
	for at := 0; at < len(rows); at += t.Problems * len(t.Methods) {
		for i := range t.Methods {
			var some []*modesRow
			for p := range t.Problems {
				some = append(some, rows[at+p*len(t.Methods)+i])
			}
			out = append(out, newModesCell(some))
		}
	}
	return out
}

func newModesCell(rows []*modesRow) *modesCell {
	first := rows[0]
	c := &modesCell{Dim: first.Dim, Measured: first.Measured, Sigma: first.Sigma, Method: first.Method}
	var sw, floor, errs []float64
	for _, r := range rows {
		floor = append(floor, r.Floor)
		c.Seconds += r.Seconds / float64(len(rows))
		if r.SW1 == nil {
			c.Failed++
			continue
		}
		sw = append(sw, *r.SW1)
		if r.ESSFinal != nil {
			c.ESS = least(c.ESS, *r.ESSFinal/float64(r.Population))
		}
		if r.LogZ != nil {
			errs = append(errs, (*r.LogZ-r.LogZExact) / *r.LogZStdErr)
		}
	}
	c.SW1, c.Floor = meanOf(sw), meanOf(floor)
	if c.SW1.Value != nil {
		ratio := *c.SW1.Value / *c.Floor.Value
		c.Ratio = &ratio
	}
	if len(errs) > 0 {
		var most float64
		for _, e := range errs {
			most = math.Max(most, math.Abs(e))
		}
		c.Errors, c.Worst = meanOf(errs).Value, &most
	}
	return c
}

func least(a *float64, b float64) *float64 {
	if a == nil || b < *a {
		return &b
	}
	return a
}

// printModes writes a line for each cell, or everything as one document.
func (a *app) printModes(t *modesTable, rows []*modesRow) error {
	cells := t.cells(rows)
	if a.json {
		return a.printJSON(map[string]any{"settings": t, "cells": cells, "rows": rows, "folder": t.out})
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "d\tdy\tσ\tmethod\tsliced W1\ttwo exact sets\tratio\tleast ESS\tlog Z error\tseconds\t")
	for _, c := range cells {
		ratio, ess, evidence := "-", "-", "-"
		if c.Ratio != nil {
			ratio = fmt.Sprintf("%.2f", *c.Ratio)
		}
		if c.ESS != nil {
			ess = fmt.Sprintf("%.0f %%", 100**c.ESS)
		}
		if c.Errors != nil {
			evidence = fmt.Sprintf("%+.1f se, at most %.1f", *c.Errors, *c.Worst)
		}
		name := c.Method
		if c.Failed > 0 {
			name += fmt.Sprintf(" (%d failed)", c.Failed)
		}
		fmt.Fprintln(w, strings.Join([]string{fmt.Sprint(c.Dim), fmt.Sprint(c.Measured), fmt.Sprint(c.Sigma), name, c.SW1.String(), c.Floor.String(), ratio, ess, evidence, fmt.Sprintf("%.2g", c.Seconds)}, "\t")+"\t")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !a.quiet {
		fmt.Fprintf(a.stdout, "\n%d problems a cell, %d samples, %d steps; sliced 1-Wasserstein distances over %d directions, ± 1.96 standard errors\n", t.Problems, t.Samples, t.Steps, t.Directions)
	}
	return nil
}
