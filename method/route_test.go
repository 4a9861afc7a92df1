package method

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// routeHeat is the heat oracle of n×n points with the initial state sin(x + π/4) and no
// mass at any time, and the law of what obeys both: φ = π/4, ν as before.
func routeHeat(t *testing.T, n int) (*problem.Problem, *prior.Prior) {
	t.Helper()
	f, err := problem.NewFields("heat", n)
	if err != nil {
		t.Fatal(err)
	}
	return f.Problem, f.Truth
}

// routeErrors are the mean squared errors of the mean field and of the field of standard
// deviations of samples against the true law, whose moments are in closed form: of
// s e^{−νt} with ν ~ U(1, 5).
func routeErrors(x []float64, n int) (mmse, smse float64) {
	d := n * n
	moment := func(t float64) float64 { // E e^{−νt}
		if t == 0 {
			return 1
		}
		return (math.Exp(-t) - math.Exp(-5*t)) / (4 * t)
	}
	for i := range d {
		t := float64(i/n) / float64(n-1)
		s := math.Sin(2*math.Pi*float64(i%n)/float64(n) + math.Pi/4)
		mean, square, count := 0.0, 0.0, float64(len(x)/d)
		for k := i; k < len(x); k += d {
			mean += x[k] / count
			square += x[k] * x[k] / count
		}
		m1, m2 := moment(t), moment(2*t)
		mmse += math.Pow(mean-s*m1, 2) / float64(d)
		smse += math.Pow(math.Sqrt(max(square-mean*mean, 0))-math.Abs(s)*math.Sqrt(max(m2-m1*m1, 0)), 2) / float64(d)
	}
	return mmse, smse
}

// Whatever the way to the data, fields at the end obey initial values and mass to 1e-10,
// and none is called infeasible. Without a law, the same seed breaks the initial values:
// what is seen is the projection.
func TestRoutesObeyLawsOfFields(t *testing.T) {
	const n, samples = 16, 32
	q, truth := routeHeat(t, n)
	grid, err := diffusion.Uniform(diffusion.Flow{}, 20)
	if err != nil {
		t.Fatal(err)
	}
	exact0, exact1 := routeErrors(truth.Draw(rand.New(keyed.New(1, "truth", 0, 0)), samples), n)
	t.Logf("i.i.d.: MMSE %.2e, SMSE %.2e", exact0, exact1)
	for _, m := range []string{"none", "project", "eci", "pcfm", "ppr", "pdm", "proflow", "tocflow", "hardflow", "cocogen", "diffusionpde", "fundps", "casal"} {
		row, err := Find(m)
		if err != nil {
			t.Fatal(err)
		}
		grid := grid
		if row.Bridge == "Heun" {
			if grid, err = diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}, 20); err != nil {
				t.Fatal(err)
			}
		}
		o := sample(t, m, q, Settings{Samples: samples, Seed: 11, Grid: grid, Bridge: sampler.DDIM{Grid: grid, Eta: 1}, Values: own(row, Values{"langevin_steps": 4, "cg": 3})})
		worst := 0.0
		for i := range samples {
			v, _, _ := physics.Violation(q.Law, o.Samples.X[i*n*n:(i+1)*n*n])
			worst = math.Max(worst, v)
		}
		mmse, smse := routeErrors(o.Samples.X, n)
		t.Logf("%s: constraint error %.1e, MMSE %.2e, SMSE %.2e", m, worst, mmse, smse)
		if m == "none" {
			if worst < 0.1 {
				t.Errorf("unconstrained fields break the law by no more than %g", worst)
			}
			continue
		}
		if !(worst <= 1e-10) || o.Samples.Infeasible != nil {
			t.Errorf("%s: fields break the law by %g, infeasible %v", m, worst, o.Samples.Infeasible)
		}
	}
}

// ECI without resampling and with one round is PCFM without its penalty, number for
// number; PPR without rounds, all noise kept and implied after the correction, is the
// projection at every step along DDIM without noise.
func TestRoutesThatAreOne(t *testing.T) {
	const n = 8
	q, _ := routeHeat(t, n)
	grid, err := diffusion.Uniform(diffusion.Flow{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Samples: 6, Seed: 3, Grid: grid, Chunk: 4, Bridge: sampler.DDIM{Grid: grid}}
	with := func(v Values) Settings { s := s; s.Values = v; return s }
	for _, pair := range [][2][]float64{
		{sample(t, "eci", q, s).Samples.X, sample(t, "pcfm", q, with(Values{"penalty": 0.0})).Samples.X},
		{sample(t, "ppr", q, with(Values{"rounds": 0, "rho": 1.0, "reference": "after"})).Samples.X, sample(t, "project", q, s).Samples.X},
	} {
		for i := range pair[0] {
			if !(math.Abs(pair[0][i]-pair[1][i]) <= 1e-9) {
				t.Fatalf("number %d is %.12g one way, %.12g the other", i, pair[0][i], pair[1][i])
			}
		}
	}
}

// Rows that are Heun's steps in σ say, before any run, that a flow's levels are none of
// theirs, whatever times it begins with, and what to set; they take any with a bound.
func TestHeunRowsRefuseFlows(t *testing.T) {
	q, _ := routeHeat(t, 8)
	whole, err := diffusion.Uniform(diffusion.Flow{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	late, err := diffusion.At(diffusion.Flow{}, []float64{0.9, 0.5, 0.1})
	if err != nil {
		t.Fatal(err)
	}
	far, err := diffusion.Levels([]float64{2e6, 1})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range Table {
		if row.Bridge != "Heun" {
			continue
		}
		for name, g := range map[string]diffusion.Grid{"a flow": whole, "a flow from 0.9 on": late, "no path": far} {
			_, err := row.New(e, q, Settings{Samples: 2, Grid: g, Bridge: sampler.DDIM{Grid: g}})
			var unsupported *problem.UnsupportedError
			if !errors.As(err, &unsupported) || unsupported.Method != row.Name || !strings.Contains(unsupported.Has, "levels") || !strings.Contains(unsupported.Try, `process = { kind = "edm" }`) {
				t.Errorf("%s on %s: %v", row.Name, name, err)
			}
		}
		for name, path := range map[string]diffusion.Path{"vp": diffusion.VP{Min: 0.1, Max: 20}, "cosine": diffusion.Cosine{}, "edm": diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}} {
			g, err := diffusion.Uniform(path, 10)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := row.New(e, q, Settings{Samples: 2, Grid: g, Bridge: sampler.DDIM{Grid: g}}); err != nil {
				t.Errorf("%s on %s: %v", row.Name, name, err)
			}
		}
	}
}

// Laws that cannot be obeyed together are an error before any run, and so are methods
// that would not look at them.
func TestLawsAreCheckedBeforeTheRun(t *testing.T) {
	q, _ := routeHeat(t, 8)
	fixed, err := physics.NewFixed(64, []int32{0}, []float64{9}, physics.Label{Name: "corner"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Obeying(append(q.Laws, fixed)...); err == nil {
		t.Error("two values of one node were taken")
	}
	if small, err := physics.NewFixed(63, []int32{0}, []float64{9}, physics.Label{}); err != nil {
		t.Fatal(err)
	} else if _, err := q.Obeying(small); err == nil {
		t.Error("a law of smaller fields was taken")
	}
	m, err := Find("twisted-smc")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.New(nil, q, Settings{}); err == nil {
		t.Error("twisted-smc took a law that it does not look at")
	}
}
