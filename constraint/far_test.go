package constraint

import (
	"math"
	"slices"
	"testing"

	"abide/internal/keyed"
)

// Rounding grows with the way to go, but not in the result: rows hold as well
// after a way of 10⁸ standard units as after a short one.
func TestFarPointsLandExactly(t *testing.T) {
	for k := range 60 {
		s := keyed.New(6, "far", k, 0)
		d := 2 + k%11
		sys := randomSystem(s, d, 2*d, min(k%3, d-1))
		p := sys.projector(t)
		x := make([]float64, d)
		s.Normal(x)
		far := math.Pow(10, 8*s.Uniform())
		for j := range x {
			x[j] *= far * sys.scale[j]
		}
		if out := p.Project(x); out.Infeasible {
			t.Fatalf("set %d, %g away: %+v", k, far, out)
		}
		checkRows(t, sys, x)
		y := slices.Clone(x)
		if p.Project(y); !slices.Equal(x, y) {
			t.Errorf("set %d, %g away: second projection moved by %g", k, far, sys.distance(x, y))
		}
	}
}

// Curved rows leave the linear ones as exact as they were.
func TestFarPointsLandExactlyOnCurves(t *testing.T) {
	const d = 6
	sets := curvedSets(t)
	for _, cs := range sets[:3] {
		p := must(NewProjector(cs, []float64{1, 2, 0.5, 1, 3, 1}))(t)
		s := keyed.New(7, "far", 0, 0)
		for range 20 {
			x := make([]float64, d)
			s.Normal(x)
			far := math.Pow(10, 6*s.Uniform())
			for j := range x {
				x[j] *= far
			}
			if out := p.Project(x); out.Infeasible || !out.Stationary {
				t.Fatalf("%g away: %v, %+v", far, x, out)
			}
			if !newWorker(p).linearMet(x) {
				t.Errorf("%g away: linear rows are not met at %v", far, x)
			}
		}
	}
}
