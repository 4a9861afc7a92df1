package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"abide/dataio"
	"abide/internal/keyed"
)

// sampleOf is a table of n draws of a law.
func sampleOf(t *testing.T, l law, n int, seed uint64) *dataio.Table {
	t.Helper()
	p, err := NewMixture(l.weight, l.mean, l.cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &dataio.Table{Names: p.Coordinates.Names, Rows: n, Data: p.Draw(rand.New(keyed.New(seed, "sample", 0, 0)), n)}
}

// climbed is one climb on a table, with the standardised rows.
func climbed(t *testing.T, tab *dataio.Table, s FitSettings) *em {
	t.Helper()
	s.defaults()
	at, err := Standardise(tab)
	if err != nil {
		t.Fatal(err)
	}
	u := mat.NewDense(tab.Rows, at.Dim(), nil)
	at.ToU(u.RawMatrix().Data, tab.Data)
	e := newEM(u, s)
	e.start(rand.New(keyed.New(s.Seed, "climb", 0, 0)))
	if err := e.climb(s); err != nil {
		t.Fatal(err)
	}
	return e
}

// What is climbed never falls, whatever the form and the start; a large floor
// makes the penalty as visible as the likelihood.
func TestExpectationMaximisationNeverDescends(t *testing.T) {
	tab := sampleOf(t, randomLaw(3, 3, 3, false), 300, 1)
	for _, form := range Covariances {
		for _, floor := range []float64{1e-6, 0.05} {
			for seed := range uint64(4) {
				e := climbed(t, tab, FitSettings{Components: 4, Covariance: form, Floor: floor, Tolerance: 1e-10, Seed: seed})
				for i := 1; i < len(e.trace); i++ {
					// Each value is a mean of 300 logarithms: rounding.
					if e.trace[i] < e.trace[i-1]-1e-13*math.Abs(e.trace[i]) {
						t.Fatalf("%s, floor %g, seed %d: from %.15g to %.15g in iteration %d", form, floor, seed, e.trace[i-1], e.trace[i], i)
					}
				}
			}
		}
	}
}

// Where it stops, the objective, computed by textbook formulas, has no slope in
// any mean, any entry of a covariance that the form leaves free, or any weight.
func TestFitIsAStationaryPoint(t *testing.T) {
	tab := sampleOf(t, randomLaw(4, 2, 2, false), 200, 2)
	for _, form := range Covariances {
		s := FitSettings{Components: 2, Covariance: form, Floor: 0.02, Tolerance: 1e-15, Iterations: 20000}
		e := climbed(t, tab, s)
		n, d := e.u.Dims()
		objective := func() (f float64) {
			l := law{weight: e.weight, mean: e.mean, cov: e.cov}
			for i := range n {
				_, _, logp := l.posterior(e.u.RawRowView(i), same(d, 0))
				f += logp / float64(n)
			}
			for _, c := range e.cov {
				var inv mat.Dense
				if err := inv.Inverse(c); err != nil {
					t.Fatal(err)
				}
				f -= 0.5 * 0.02 / 2 * mat.Trace(&inv)
			}
			return f
		}
		near(t, form+": objective", []float64{e.trace[len(e.trace)-1]}, []float64{objective()}, 1e-12)
		// A gain below 1e-15 leaves slopes of about its root, 3e-8.
		flat := func(what string, move func(dx float64)) {
			t.Helper()
			slope := difference(func(dx float64) float64 {
				move(dx)
				f := objective()
				move(-dx)
				return f
			})
			if !(math.Abs(slope) <= 1e-6) {
				t.Errorf("%s, %s: slope %g", form, what, slope)
			}
		}
		for k := range e.mean {
			for i := range d {
				flat(fmt.Sprintf("mean %d[%d]", k, i), func(dx float64) { e.mean[k][i] += dx })
				for j := range i + 1 {
					add := func(i, j int, dx float64) { e.cov[k].SetSym(i, j, e.cov[k].At(i, j)+dx) }
					switch {
					case form == "full", form == "diagonal" && i == j:
						flat(fmt.Sprintf("covariance %d[%d][%d]", k, i, j), func(dx float64) { add(i, j, dx/10) })
					case form == "spherical" && i == 0:
						flat("variance", func(dx float64) {
							for q := range d {
								add(q, q, dx/10)
							}
						})
					}
				}
			}
		}
		flat("weights", func(dx float64) { e.weight[0] += dx; e.weight[1] -= dx })
	}
}

// With full covariances the fitted mixture has the mean of the rows and their
// covariance plus the floor, after any number of iterations.
func TestFittedMomentsAreTheDatas(t *testing.T) {
	tab := sampleOf(t, randomLaw(6, 3, 3, false), 150, 3)
	at, err := Standardise(tab)
	if err != nil {
		t.Fatal(err)
	}
	u := make([]float64, len(tab.Data))
	at.ToU(u, tab.Data)
	want := Covariance(u, 3)
	for _, k := range []int{1, 3} {
		f, err := FitMixture(tab, FitSettings{Components: k, Restarts: 2, Floor: 1e-3, Iterations: 7, Tolerance: 1e-30})
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Prior(tab)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "mean", p.Coordinates.Shift, at.Shift, 1e-12)
		for i := range 3 {
			for j := range 3 {
				got := p.Covariance[3*i+j] * p.Coordinates.Scale[i] * p.Coordinates.Scale[j] / (at.Scale[i] * at.Scale[j])
				w := want[3*i+j]
				if i == j {
					w += 1e-3
				}
				near(t, fmt.Sprintf("%d components: covariance %d,%d", k, i, j), []float64{got}, []float64{w}, 1e-12)
			}
		}
	}
}

// A mixture of known size is found again. By Wilks' theorem twice the gain of the
// fit over the truth in log-likelihood is χ² with as many degrees of freedom as
// there are parameters: not negative, and beyond its 1−1e-7 quantile by chance
// once in 10⁷ suites. BIC finds the number of components.
func TestKnownMixtureIsRecovered(t *testing.T) {
	cov := func(a, b, c float64) *mat.SymDense { return mat.NewSymDense(2, []float64{a, b, b, c}) }
	truth := law{
		weight: []float64{0.5, 0.3, 0.2}, mean: [][]float64{{0, 0}, {60, 1}, {20, 8}},
		cov: []*mat.SymDense{cov(100, 8, 1), cov(64, -4, 2), cov(150, 0, 0.5)},
	}
	tab := sampleOf(t, truth, 2000, 4)
	f, err := FitMixtures(tab, []int{2, 3, 4}, FitSettings{Restarts: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Weight) != 3 || !f.Converged || f.Parameters != 17 {
		t.Fatalf("%d components with %d parameters, converged %v; want 3 with 17", len(f.Weight), f.Parameters, f.Converged)
	}
	var atTruth, atFit float64
	p, err := f.Prior(tab)
	if err != nil {
		t.Fatal(err)
	}
	for i := range tab.Rows {
		_, _, l := truth.posterior(tab.Data[2*i:2*i+2], []float64{0, 0})
		atTruth += l
		m, _ := p.LogDensity(tab.Data[2*i : 2*i+2])
		atFit += m
	}
	near(t, "log-likelihood", []float64{f.LogLikelihood}, []float64{atFit}, 1e-10)
	near(t, "BIC", []float64{f.BIC}, []float64{-2*atFit + 17*math.Log(2000)}, 1e-10)
	gain := 2 * (atFit - atTruth)
	if limit := (distuv.ChiSquared{K: 17}).Quantile(1 - 1e-7); !(gain > 0 && gain < limit) {
		t.Errorf("twice the gain in log-likelihood is %.2f, want from 0 to %.1f", gain, limit)
	}
	again, err := FitMixtures(tab, []int{2, 3, 4}, FitSettings{Restarts: 2})
	if err != nil || !slices.Equal(again.Trace, f.Trace) {
		t.Errorf("the same seed gives another fit (%v)", err)
	}
}

func TestFitErrors(t *testing.T) {
	tab := table(20, 2)
	copied := &dataio.Table{Names: tab.Names, Rows: tab.Rows, Data: slices.Clone(tab.Data)}
	for name, c := range map[string]struct {
		table *dataio.Table
		s     FitSettings
		want  string
	}{
		"none":      {tab, FitSettings{}, "0 components for 20 rows"},
		"too many":  {tab, FitSettings{Components: 11}, "from 1 to half the rows"},
		"form":      {tab, FitSettings{Components: 1, Covariance: "tied"}, `covariance "tied": must be one of [full diagonal spherical]`},
		"floor":     {tab, FitSettings{Components: 1, Floor: -1}, "floor -1"},
		"tolerance": {tab, FitSettings{Components: 1, Tolerance: math.NaN()}, "tolerance NaN"},
		"constant":  {&dataio.Table{Names: []string{"a"}, Rows: 4, Data: []float64{1, 1, 1, 1}}, FitSettings{Components: 1}, "constant"},
	} {
		f, err := FitMixture(c.table, c.s)
		if f != nil {
			t.Errorf("%s: a fit", name)
		}
		wantError(t, name, nil, err, c.want)
	}
	_, err := FitMixtures(tab, nil, FitSettings{})
	wantError(t, "no sizes", nil, err, "no number of components")
	// Two equal columns: the floor keeps the covariance definite.
	for i := range copied.Rows {
		copied.Data[2*i+1] = copied.Data[2*i]
	}
	if _, err := FitMixture(copied, FitSettings{Components: 2}); err != nil {
		t.Errorf("equal columns: %v", err)
	}
}
