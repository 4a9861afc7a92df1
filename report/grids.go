package report

import (
	"fmt"
	"math"
	"strconv"
)

// columnGrid sets the samples' summaries against the data's: one line per
// column, cells "samples / data" side by side.
func columnGrid(r *Report) *grid {
	if len(r.Columns) == 0 {
		return nil
	}
	g := &grid{Head: []string{"column", "", "mean", "std", "min", "5 %", "median", "95 %", "max"}}
	for _, c := range r.Columns {
		places := decimals(c.Samples.values()...)
		if c.Data != nil {
			places = decimals(append(c.Samples.values(), c.Data.values()...)...)
		}
		g.Rows = append(g.Rows, statCells(c.Name, "proposals", c.Samples, places))
		if c.Data != nil {
			g.Rows = append(g.Rows, statCells("", "real rows", *c.Data, places))
		}
	}
	return g
}

func statCells(name, whose string, s Stats, places int) []string {
	cells := []string{name, whose}
	for _, v := range s.values() {
		cells = append(cells, fixed(v, places))
	}
	return cells
}

// values are the summaries in the order of the table.
func (s Stats) values() []float64 {
	if s.Std < 1e-12*max(math.Abs(s.Min), math.Abs(s.Max)) {
		s.Std = 0 // a constant column, but for rounding
	}
	return []float64{s.Mean, s.Std, s.Min, s.Q05, s.Q50, s.Q95, s.Max}
}

// bestGrid is the table of the best rows with the value they are ranked by.
func bestGrid(in *Input) *grid {
	best := in.best()
	if len(best) == 0 || len(in.Names) == 0 {
		return nil
	}
	d := len(in.Names)
	g := &grid{Caption: bestCaption(in, len(best)), Head: []string{"#"}}
	columns := [][]float64{}
	if in.Rank != nil {
		g.Head = append(g.Head, in.RankLabel)
		columns = append(columns, gather(best, func(i int) float64 { return in.Rank[i] }))
	}
	for j, name := range in.Names {
		g.Head = append(g.Head, name)
		columns = append(columns, gather(best, func(i int) float64 { return in.X[i*d+j] }))
	}
	for k := range best {
		row := []string{strconv.Itoa(k + 1)}
		for _, c := range columns {
			row = append(row, fixed(c[k], decimals(c...)))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func gather(indices []int, value func(int) float64) []float64 {
	out := make([]float64, len(indices))
	for k, i := range indices {
		out[k] = value(i)
	}
	return out
}

func bestCaption(in *Input, n int) string {
	if in.Rank == nil {
		if relative(in.LogW) != nil {
			return fmt.Sprintf("The %s of largest weight", countOf(n, "proposal"))
		}
		return fmt.Sprintf("The first %s", countOf(n, "proposal"))
	}
	if n == 1 {
		return "The best proposal by " + in.RankLabel
	}
	return fmt.Sprintf("The %d best proposals by %s (smallest first)", n, in.RankLabel)
}
