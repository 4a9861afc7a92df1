package cli

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// pdeCell is a method on a family, over seeds.
type pdeCell struct {
	Family  string  `json:"family"`
	Method  string  `json:"method"`
	Setting setting `json:"setting,omitempty"`
	Tried   int     `json:"settings_tried"` // of which this was best against the truth; 0: defaults
	Failed  int     `json:"failed"`
	Failure string  `json:"failure,omitempty"`

	MMSE       *spread           `json:"mmse"`
	SMSE       *spread           `json:"smse"`
	Floor      pdeFloor          `json:"floor"`
	Errors     map[string]spread `json:"constraint_errors"`
	Violation  float64           `json:"most_violation"`
	Normalised *spread           `json:"residual_per_variation"`
	CRPS       *spread           `json:"crps"`
	Coverage   *spread           `json:"coverage_90"`
	Latents    []pdeLatent       `json:"latents,omitempty"`
	Distinct   int               `json:"least_distinct"`
	ESS        *float64          `json:"least_ess,omitempty"`

	Calls   int64   `json:"denoiser_calls"`
	VJPs    int64   `json:"vjps"`
	Seconds float64 `json:"seconds"`         // of a run, in the mean
	Memory  float64 `json:"peak_heap_bytes"` // the most of all runs

	rows []*pdeRow
}

// spread is mean and standard deviation over seeds.
type spread struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

// pdeLatent is mean and standard deviation over fields, each in the mean over seeds.
type pdeLatent struct {
	Name string `json:"name"`
	Mean spread `json:"mean"`
	SD   spread `json:"sd"`
}

func newSpread(x []float64) *spread {
	if len(x) == 0 {
		return nil
	}
	s := &spread{}
	for _, v := range x {
		s.Mean += v / float64(len(x))
	}
	for _, v := range x {
		s.SD += (v - s.Mean) * (v - s.Mean)
	}
	s.SD = math.Sqrt(s.SD / math.Max(float64(len(x)-1), 1))
	return s
}

func newPDECell(rows []*pdeRow, floor pdeFloor, tried int) *pdeCell {
	c := &pdeCell{Family: rows[0].Family, Method: rows[0].Method, Setting: rows[0].Setting, Tried: tried, Floor: floor, Errors: map[string]spread{}, rows: rows}
	var good []*pdeScore
	for _, r := range rows {
		c.Seconds += r.Seconds / float64(len(rows))
		c.Calls, c.VJPs, c.Memory = max(c.Calls, r.Calls), max(c.VJPs, r.VJPs), math.Max(c.Memory, r.Memory)
		if r.Score == nil {
			c.Failed++
			c.Failure = r.Failure
			continue
		}
		good = append(good, r.Score)
	}
	if len(good) == 0 {
		return c
	}
	over := func(of func(*pdeScore) float64) *spread {
		x := make([]float64, len(good))
		for i, s := range good {
			x[i] = of(s)
		}
		return newSpread(x)
	}
	c.MMSE, c.SMSE = over(func(s *pdeScore) float64 { return s.MMSE }), over(func(s *pdeScore) float64 { return s.SMSE })
	c.CRPS, c.Normalised = over(func(s *pdeScore) float64 { return s.CRPS }), over(func(s *pdeScore) float64 { return s.Normalised })
	if good[0].Coverage != nil {
		c.Coverage = over(func(s *pdeScore) float64 { return *s.Coverage })
	}
	for kind := range good[0].Errors {
		c.Errors[kind] = *over(func(s *pdeScore) float64 { return s.Errors[kind] })
	}
	for k, l := range good[0].Latents {
		c.Latents = append(c.Latents, pdeLatent{l.Name, *over(func(s *pdeScore) float64 { return s.Latents[k].Mean }), *over(func(s *pdeScore) float64 { return s.Latents[k].SD })})
	}
	c.Distinct = good[0].Distinct
	for _, s := range good {
		c.Violation, c.Distinct = math.Max(c.Violation, s.Violation), min(c.Distinct, s.Distinct)
		if s.ESS != nil {
			c.ESS = least(c.ESS, *s.ESS)
		}
	}
	return c
}

// errorOf prints an error as mean ± sd, and as a multiple of its floor.
func errorOf(s *spread, floor float64) string {
	text := fmt.Sprintf("%.2e±%.0e", s.Mean, s.SD)
	if floor > 0 {
		text += fmt.Sprintf(" %.3g×", s.Mean/floor)
	}
	return text
}

// printPDE writes a line for each cell, or everything as one document.
func (a *app) printPDE(t *pdeTable, cells []*pdeCell) error {
	if a.json {
		var rows []*pdeRow
		for _, c := range cells {
			rows = append(rows, c.rows...)
		}
		return a.printJSON(map[string]any{"settings": t, "chosen_on": chosenOn, "cells": cells, "rows": rows, "folder": t.out})
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "family\tmethod\tMMSE\tSMSE\tIC\tBC\tCL\tmost\tR/sd\tCRPS\tin 90 %\tlatents\tdistinct\tcalls+VJPs\tseconds\tMB\t")
	for _, c := range cells {
		name := c.Method
		if c.Tried > 0 {
			name += fmt.Sprintf(" *%d", c.Tried)
		}
		if c.Failed > 0 {
			name += fmt.Sprintf(" (%d failed)", c.Failed)
		}
		line := []string{c.Family, name}
		if c.MMSE == nil {
			fmt.Fprintln(w, strings.Join(line, "\t")+"\t"+c.Failure+"\t")
			continue
		}
		line = append(line, errorOf(c.MMSE, c.Floor.MMSE), errorOf(c.SMSE, c.Floor.SMSE))
		for _, kind := range []string{"IC", "BC", "CL"} {
			if e, ok := c.Errors[kind]; ok {
				line = append(line, fmt.Sprintf("%.1e", e.Mean))
			} else {
				line = append(line, "-")
			}
		}
		line = append(line, fmt.Sprintf("%.0e", c.Violation), fmt.Sprintf("%.0e", c.Normalised.Mean), fmt.Sprintf("%.4f", c.CRPS.Mean))
		coverage := "-"
		if c.Coverage != nil {
			coverage = fmt.Sprintf("%.0f %%", 100*c.Coverage.Mean)
		}
		var latents []string
		for _, l := range c.Latents {
			latents = append(latents, fmt.Sprintf("%s %.2f/%.2f", l.Name, l.Mean.Mean, l.SD.Mean))
		}
		distinct := fmt.Sprint(c.Distinct)
		if c.ESS != nil {
			distinct += fmt.Sprintf(", ESS %.0f", *c.ESS)
		}
		calls := "-"
		if c.Calls > 0 {
			calls = fmt.Sprintf("%d+%d", c.Calls, c.VJPs)
		}
		line = append(line, coverage, strings.Join(append(latents, ""), " "), distinct, calls, fmt.Sprintf("%.2g", c.Seconds), fmt.Sprintf("%.0f", c.Memory/1e6))
		fmt.Fprintln(w, strings.Join(line, "\t")+"\t")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !a.quiet {
		fmt.Fprintf(a.stdout, `
%d fields a run, %d steps, seeds %v: mean ± sd over them; n× is in units of the floor, what as many independent draws have.
*n: of n settings the best on seeds %v, against the truth, which a user does not have; others run with defaults.
most: largest violation in units of its row; latents: mean/sd over fields; MB: heap of the process.
`, t.Samples, t.Steps, t.Seeds, chosenOn)
	}
	return nil
}
