package report

import (
	"fmt"

	"abide/dataio"
)

// MaxPoints is how many points of one kind a figure draws, unless Input says otherwise.
const MaxPoints = 3000

// CopyDistance is the standardised distance to a real row below which a sample counts as a copy of it.
const CopyDistance = 1e-6

// Input is what the page and the figure are made of: a report and the points behind it.
// N samples of d columns.
type Input struct {
	Report *Report

	Names []string      // d column names
	X     []float64     // N×d, row-major, the user's units
	LogW  []float64     // N log-weights; nil means equal
	Data  *dataio.Table // real rows; nil where there are none

	Against      string                  // what the axes' Data are; empty: "real rows"
	XAxis, YAxis Axis                    // the scatter; no figure where both have no points
	Region       func(x, y float64) bool // the feasible region in the axes' coordinates; nil = not drawn
	Feasible     []bool                  // N: obeys every row; nil = not known, all drawn alike

	Recovered []Images // of an inverse problem: what was measured, and what it tells; nil where rows are no images
	Fields    bool     // Recovered shows fields that obey laws, nothing was measured
	Band      *Band    // the same where columns are a curve; nil where they are none

	Images []Images // samples and real rows as images, drawn instead of tables of their columns; nil where they are none

	Rank      []float64 // N; smallest is best; nil = no ranking
	RankLabel string
	Top       int // rows in the table of the best; 0 means 10

	Neighbours *Neighbours // for the histogram; nil = none
	ESSTrace   []float64   // ESS of the population at each step; nil = none

	Panels     []Panel // a comparison of methods, drawn instead of the scatter
	Comparison []DemoRow
	Floor      float64 // distance between two exact sets, for Comparison

	References []string // of the method, as text
	Facts      []Fact   // reproducibility: seed, spec hash, versions, …

	MaxPoints int // 0 means MaxPoints
}

// Axis is one axis of the scatter.
type Axis struct {
	Label   string
	Samples []float64 // N, or empty
	Data    []float64 // one per real row, or empty
}

// Neighbours are distances to the nearest real row, standardised.
type Neighbours struct {
	Samples []float64
	Data    []float64 // real rows to their nearest other row

	Names [2]string // what the two are called; empty: proposals and real rows
}

// Fact is a key and a value shown as they are.
type Fact struct{ Key, Value string }

// samples is N.
func (in *Input) samples() int {
	if len(in.Names) == 0 {
		return len(in.XAxis.Samples)
	}
	return len(in.X) / len(in.Names)
}

// against is Against with its default.
func (in *Input) against() string {
	if in.Against == "" {
		return "real rows"
	}
	return in.Against
}

// limit is MaxPoints with its default.
func (in *Input) limit() int {
	if in.MaxPoints <= 0 {
		return MaxPoints
	}
	return in.MaxPoints
}

// check finds lengths that do not fit each other before anything is written.
func (in *Input) check() error {
	if in.Report == nil {
		return fmt.Errorf("report: input: Report is nil")
	}
	n, d := in.samples(), len(in.Names)
	if len(in.X) != n*d {
		return fmt.Errorf("report: input: X has %d numbers, which is not a multiple of %d columns", len(in.X), d)
	}
	for _, part := range []struct {
		name string
		have int
	}{
		{"LogW", len(in.LogW)},
		{"Rank", len(in.Rank)},
		{"Feasible", len(in.Feasible)},
		{"XAxis.Samples", len(in.XAxis.Samples)},
		{"YAxis.Samples", len(in.YAxis.Samples)},
	} {
		if part.have != 0 && part.have != n {
			return fmt.Errorf("report: input: %s has %d entries for %d samples", part.name, part.have, n)
		}
	}
	if len(in.XAxis.Samples) != len(in.YAxis.Samples) {
		return fmt.Errorf("report: input: %d samples on the x axis, %d on the y axis", len(in.XAxis.Samples), len(in.YAxis.Samples))
	}
	if len(in.XAxis.Data) != len(in.YAxis.Data) {
		return fmt.Errorf("report: input: %d real rows on the x axis, %d on the y axis", len(in.XAxis.Data), len(in.YAxis.Data))
	}
	if in.Data != nil && len(in.Data.Data) != in.Data.Rows*len(in.Data.Names) {
		return fmt.Errorf("report: input: Data has %d numbers for %d rows of %d columns", len(in.Data.Data), in.Data.Rows, len(in.Data.Names))
	}
	all := append(append([]Images(nil), in.Recovered...), in.Images...)
	for i := range all {
		if err := all[i].check(); err != nil {
			return err
		}
	}
	if err := in.Band.check(); err != nil {
		return err
	}
	return checkPanels(in.Panels)
}

func checkPanels(panels []Panel) error {
	for _, p := range panels {
		if len(p.X) != len(p.Y) || (p.Feasible != nil && len(p.Feasible) != len(p.X)) {
			return fmt.Errorf("report: panel %q: %d x, %d y, %d feasible: lengths differ", p.Title, len(p.X), len(p.Y), len(p.Feasible))
		}
	}
	return nil
}
