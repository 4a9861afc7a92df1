package cli

import (
	"math"
	"math/rand/v2"
	"slices"

	"abide/diagnose"
	"abide/internal/keyed"
	"abide/problem"
	"abide/report"
	"abide/sampler"
)

// Bounds of what is compared with draws of the exact law: points of a set, pairs of
// exact sets that the floor is the mean of, directions of the sliced distance, and
// numbers that all sets together may hold.
const (
	comparedPoints   = 4000
	slicedDirections = 200
	comparedNumbers  = 1 << 24
)

// refer finds the exact law where [report] reference asks for it; a problem that has
// none in closed form is a fault of that key.
func (st *study) refer() error {
	if !st.spec.Report.Has("reference") {
		return nil
	}
	e, err := st.problem.Exact()
	if err != nil {
		return st.spec.Report.Errorf("reference", "%v", err)
	}
	st.exact = &exactLaw{e}
	return nil
}

// distance compares samples, of weights w, with draws of the exact law; nil where
// none is asked for. Distances are in the unit of the columns where that is one for
// all, to go by their spread: within a factor of four under the prior. Else columns
// are divided by their standard deviation under the prior.
func (st *study) distance(s *sampler.Samples, w []float64) *report.Reference {
	if st.exact == nil {
		return nil
	}
	scale, unit := st.commonUnit()
	every := (s.N + comparedPoints - 1) / comparedPoints
	var x, weights []float64
	for i := 0; i < s.N; i += every {
		x = append(x, s.X[i*s.Dim:(i+1)*s.Dim]...)
		if w != nil {
			weights = append(weights, w[i])
		}
	}
	n, seed := len(x)/s.Dim, uint64(st.spec.Run.Int("seed"))
	set := func(i int) []float64 { return scaled(st.exact.draw(seed, i, n), scale) }
	x = scaled(x, scale)
	sliced := func(x, w, y []float64) float64 {
		return diagnose.SlicedWasserstein1(x, w, y, nil, s.Dim, slicedDirections, seed)
	}
	truth := set(0)
	out := &report.Reference{
		Distance: diagnose.WeightedEnergyDistance(x, weights, truth, nil, s.Dim), Unit: unit, Points: n,
		Sliced: &report.Sliced{Distance: sliced(x, weights, truth)},
	}
	pairs := min(max(comparedNumbers/(2*n*s.Dim), 2), floorPairs)
	for k := range pairs {
		a, b := set(1+2*k), set(2+2*k)
		out.Floor += diagnose.EnergyDistance(a, b, s.Dim) / float64(pairs)
		out.Sliced.Floor += sliced(a, nil, b) / float64(pairs)
	}
	if len(st.problem.Potentials) > 0 || st.problem.Constrained() {
		out.LogEvidence, out.LogMarginal = told(st.exact.LogEvidence), told(st.exact.LogMarginal)
	}
	return out
}

// told is a number that is known.
func told(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

// exactLaw is the law of a problem in closed form, with keyed draws.
type exactLaw struct{ *problem.Exact }

// draw is set i of n points, always the same for a seed.
func (e exactLaw) draw(seed uint64, i, n int) []float64 {
	return e.Law.Draw(rand.New(keyed.New(seed, "exact", i, 0)), n)
}

// commonUnit is what columns are divided by for a distance, and its name.
func (st *study) commonUnit() (scale []float64, unit string) {
	if st.oneUnit() {
		return nil, "unit of the columns"
	}
	return st.problem.Prior.Coordinates.Scale, "standard deviations of the prior"
}

// oneUnit tells whether columns seem to share a unit: their spreads under the prior
// differ by a factor of four at most.
func (st *study) oneUnit() bool {
	scale := st.problem.Prior.Coordinates.Scale
	return slices.Max(scale) <= 4*slices.Min(scale)
}

// scaled divides the columns of x, in place; nil is 1.
func scaled(x, scale []float64) []float64 {
	for i := range x {
		if scale != nil {
			x[i] /= scale[i%len(scale)]
		}
	}
	return x
}
