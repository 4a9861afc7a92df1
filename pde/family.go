// Package pde makes data that satisfy themselves: families of solutions of
// differential equations, each with the residual in the discrete form that its
// solutions were computed with. A constraint that guides a generative model is
// only true if the data obey it to rounding, and [Check] says whether they do.
package pde

import (
	"context"
	"fmt"
	"math"
)

// Array is one of the arrays that a sample consists of.
type Array struct {
	Name  string // as in files and formulas: "a", "u", "f"
	Shape []int  // row-major; [] is one number
	Doc   string // what it is, with its unit where it has one
}

// Size is the number of numbers.
func (a Array) Size() int {
	n := 1
	for _, k := range a.Shape {
		n *= k
	}
	return n
}

// Sample is one draw: an array of numbers for each of [Family.Arrays], in order.
type Sample [][]float64

// Row is one kind of equation that samples satisfy: a discrete residual, zero but
// for rounding on the family's own data.
type Row struct {
	Name string  // "equation", "boundary", "mass"
	Size int     // number of residuals
	Unit float64 // size of the terms that cancel: a residual is judged relative to it
	Doc  string  // the stencil, as a formula
}

// Family is a set of solutions, drawn one by one. It is made for one grid and one
// choice of parameters, and safe for use by several goroutines.
type Family interface {
	// Arrays are the arrays of a sample.
	Arrays() []Array
	// Rows are the equations that hold, in the order of Residual.
	Rows() []Row
	// Draw makes sample number index of a seed, whatever was drawn before.
	Draw(ctx context.Context, seed uint64, index int) (Sample, error)
	// Residual writes the residuals of all rows of a sample, one row after the other.
	Residual(dst []float64, s Sample) error
}

// Batched is a Family that is faster when it draws several samples at once. The
// samples are those of Draw, to the last bit.
type Batched interface {
	Family
	// Batch is how many samples one call should ask for.
	Batch() int
	DrawBatch(ctx context.Context, seed uint64, first, n int) ([]Sample, error)
}

// NewSample is a sample of zeros.
func NewSample(f Family) Sample {
	var s Sample
	for _, a := range f.Arrays() {
		s = append(s, make([]float64, a.Size()))
	}
	return s
}

// Violation is the largest residual of a row over the samples it was checked on,
// relative to the row's unit.
type Violation struct {
	Row    Row
	Worst  float64
	Sample int // which sample, in the order they were given
	Place  int // which residual of the row
}

// Check is the largest residual of each row over samples, in the row's unit.
// True data stay below 1e-10.
func Check(f Family, samples ...Sample) ([]Violation, error) {
	var out []Violation
	total := 0
	for _, r := range f.Rows() {
		out = append(out, Violation{Row: r})
		total += r.Size
	}
	dst := make([]float64, total)
	for i, s := range samples {
		if err := fits(f, s); err != nil {
			return nil, fmt.Errorf("pde: sample %d: %w", i, err)
		}
		if err := f.Residual(dst, s); err != nil {
			return nil, fmt.Errorf("pde: sample %d: %w", i, err)
		}
		at := 0
		for k := range out {
			v := &out[k]
			for j, r := range dst[at : at+v.Row.Size] {
				// Not a number is the worst there is, and stays so.
				if r = math.Abs(r) / v.Row.Unit; r > v.Worst || (math.IsNaN(r) && !math.IsNaN(v.Worst)) {
					v.Worst, v.Sample, v.Place = r, i, j
				}
			}
			at += v.Row.Size
		}
	}
	return out, nil
}

// fits tells what is wrong with the arrays of a sample.
func fits(f Family, s Sample) error {
	arrays := f.Arrays()
	if len(s) != len(arrays) {
		return fmt.Errorf("%d arrays, want %d", len(s), len(arrays))
	}
	for k, a := range arrays {
		if len(s[k]) != a.Size() {
			return fmt.Errorf("array %q has %d numbers, want %d (shape %v)", a.Name, len(s[k]), a.Size(), a.Shape)
		}
	}
	return nil
}
