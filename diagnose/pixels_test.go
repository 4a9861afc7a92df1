package diagnose

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Pixels is CRPS and Coverage over all draws and columns, weighted or not.
func TestPixelsAreCRPSAndCoverage(t *testing.T) {
	const n, k, d = 23, 7, 5
	rng := rand.New(rand.NewPCG(1, 2))
	x, truth, w := make([]float64, n*d), make([]float64, k*d), make([]float64, n)
	for i := range x {
		x[i] = 3 + rng.NormFloat64()
	}
	for i := range truth {
		truth[i] = 3 + rng.NormFloat64()
	}
	for i := range w {
		w[i] = rng.Float64()
	}
	x[0] = truth[0] // a tie
	for _, w := range [][]float64{nil, w} {
		var crps, coverage float64
		column := make([]float64, n)
		for i := range k {
			coverage += Coverage(x, w, truth[i*d:(i+1)*d], 0.9) / k
			for j := range d {
				for r := range column {
					column[r] = x[r*d+j]
				}
				crps += CRPS(column, w, truth[i*d+j]) / (k * d)
			}
		}
		gotCRPS, gotCoverage := Pixels(x, w, truth, d, 0.9)
		if !(math.Abs(gotCRPS-crps) <= 1e-13) || w == nil && !(math.Abs(gotCoverage-coverage) <= 1e-13) || math.Abs(gotCoverage-coverage) > 1e-13 {
			t.Errorf("CRPS %g and coverage %g, want %g and %g", gotCRPS, gotCoverage, crps, coverage)
		}
	}
}

// Of one normal law, against itself: CRPS is 1/√π for the law, more by half of E|X − X′|
// over N for N rows; 90 % of draws lie inside but for the ends of N rows. Columns that do
// not vary do not count.
func TestPixelsOfTheTrueLaw(t *testing.T) {
	const n, k, d = 400, 50, 200
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func(n int) []float64 {
		x := make([]float64, n*d)
		for i := range x {
			if i%d > 0 {
				x[i] = rng.NormFloat64()
			}
		}
		return x
	}
	crps, coverage := Pixels(draw(n), nil, draw(k), d, 0.9)
	want := (1 + 1.0/n) / math.Sqrt(math.Pi) * (d - 1) / d
	// Over 9,950 draws the score of one, sd 0.45, has error 0.0045; the coverage 0.0030
	// by counting and 0.0013 by the quantiles.
	if math.Abs(crps-want) > 4*0.0045 {
		t.Errorf("CRPS %g, want %g", crps, want)
	}
	if math.Abs(coverage-0.9) > 4*0.0033+2.0/n {
		t.Errorf("coverage %g", coverage)
	}
	if _, none := Pixels([]float64{1, 2}, nil, []float64{3, 3}, 1, 0.9); !math.IsNaN(none) {
		t.Errorf("coverage %g of a column that does not vary", none)
	}
}
