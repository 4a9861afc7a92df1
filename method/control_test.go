package method

import (
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/diffusion"
	"abide/expr"
	"abide/internal/engine"
	"abide/physics"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// shellProblem is a Matérn field of 8×8 points with no mass and a given energy.
func shellProblem(t *testing.T) *problem.Problem {
	t.Helper()
	const n = 64
	q, _ := fieldProblem(t, []int{8, 8}, []int{0})
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1. / n
	}
	mass, err := physics.NewMass(weights, []float64{0}, nil, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	energy, err := physics.NewEnergy(weights, []float64{0.8}, nil, nil, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(q.Prior, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Obeying(mass, energy); err != nil {
		t.Fatal(err)
	}
	return p
}

// ellipseProblem is a Gaussian outside of an ellipse that it has to be on, as a row of
// columns, whose projection is another program than that of laws.
func ellipseProblem(t *testing.T) *problem.Problem {
	t.Helper()
	p, err := prior.NewGaussian([]float64{2, 1}, mat.NewSymDense(2, []float64{0.2, 0.03, 0.03, 0.05}), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := expr.ParseRelation("x[0]**2 + 2*x[1]**2 == 3", nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	c, err := constraint.NewFormula("ellipse", r, 2)
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(p, []constraint.Constraint{constraint.WithTolerance(c, 1e-12)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

var controlRuns = []struct {
	name   string
	values Values
}{
	{"pcfm", nil}, {"pcfm", Values{"mode": "nearest", "iterations": 3}}, {"pcfm", Values{"iterations": 0}}, {"proflow", nil},
	{"proflow", Values{"reference": "frozen", "width": 0.1}}, {"tocflow", nil}, {"hardflow", nil}, {"hardflow", Values{"rounds": 2, "cg": 3}},
}

// A field under a linear law and one that is not obeys both to 1e-10 at the end of every
// row that acts on the predicted end.
func TestControlsObeyNonlinearLaws(t *testing.T) {
	p := shellProblem(t)
	grid, err := diffusion.Uniform(diffusion.Flow{}, 15)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range controlRuns {
		o := sample(t, row.name, p, Settings{Samples: 16, Seed: 2, Grid: grid, Bridge: sampler.DDIM{Grid: grid}, Values: row.values})
		worst := 0.0
		for i := range 16 {
			v, _, _ := physics.Violation(p.Law, o.Samples.X[i*64:(i+1)*64])
			worst = math.Max(worst, v)
		}
		if !(worst <= 1e-10) || o.Samples.Infeasible != nil {
			t.Errorf("%s %v: violated by %g, infeasible %v", row.name, row.values, worst, o.Samples.Infeasible)
		}
	}
}

// Many steps towards the nearest field are the projection; without a penalty and with the
// projection on the way pcfm is eci with one round, and for linear laws whatever its steps,
// to the bit.
func TestPCFMIsTheProjectionWithManySteps(t *testing.T) {
	grid, err := diffusion.Uniform(diffusion.Flow{}, 8)
	if err != nil {
		t.Fatal(err)
	}
	heat, _ := routeHeat(t, 8)
	for name, c := range map[string]struct {
		p      *problem.Problem
		values Values
		within float64
	}{
		"nearest":          {ellipseProblem(t), Values{"mode": "nearest", "iterations": 60, "penalty": 0.0}, 1e-8},
		"all the way":      {shellProblem(t), Values{"iterations": 0, "penalty": 0.0}, 1e-12},
		"no penalty steps": {shellProblem(t), Values{"iterations": 0, "penalty_steps": 0}, 1e-12},
		"linear":           {heat, Values{"penalty": 0.0}, 0},
	} {
		s := Settings{Samples: 5, Seed: 4, Grid: grid}
		want := sample(t, "eci", c.p, s).Samples.X
		s.Values = c.values
		for i, x := range sample(t, "pcfm", c.p, s).Samples.X {
			if !(math.Abs(x-want[i]) <= c.within) {
				t.Fatalf("%s: number %d is %.17g, projected at every level %.17g", name, i, x, want[i])
			}
		}
	}
}

// On a flow these rows give what they give on the same law's denoiser, whose Jacobian they
// go through.
func TestControlsRunOnFlows(t *testing.T) {
	g, err := diffusion.Uniform(diffusion.Flow{}, 12)
	if err != nil {
		t.Fatal(err)
	}
	row, err := constraint.NewLinearEquality("row", [][]float64{{2}}, []float64{0.6})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range controlRuns {
		var got [2][]float64
		for i := range got {
			p := measuredGaussian(t).Prior
			if i == 1 {
				p.Denoiser = prior.Velocity{Network: standardFlow{}}
			}
			q, err := problem.New(p, []constraint.Constraint{row}, nil)
			if err != nil {
				t.Fatal(err)
			}
			e, err := engine.Open("go")
			if err != nil {
				t.Fatal(err)
			}
			m, err := Find(c.name)
			if err != nil {
				t.Fatal(err)
			}
			k, err := m.New(e, q, Settings{Samples: 20, Seed: 1, Grid: g, Bridge: sampler.DDIM{Grid: g}, Values: c.values})
			if err != nil {
				t.Fatal(err)
			}
			s, err := k.Start(t.Context())
			for n := 0; n < g.Steps() && err == nil; n++ {
				err = k.Step(t.Context(), s)
			}
			if err != nil {
				t.Fatal(err)
			}
			got[i] = s.Z
		}
		for i, z := range got[0] {
			if !(math.Abs(z-got[1][i]) <= 1e-7) {
				t.Fatalf("%s: point %d ends at %.10g by the denoiser, %.10g by the flow", c.name, i, z, got[1][i])
			}
		}
	}
}

// What a row cannot do is an error before the run that says what to do instead.
func TestControlsRefuse(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	heat, _ := routeHeat(t, 8)
	free, err := problem.New(heat.Prior, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	grid, err := diffusion.Uniform(diffusion.Flow{}, 8)
	if err != nil {
		t.Fatal(err)
	}
	chain := grid
	chain.Chain = true
	for _, c := range []struct {
		name string
		p    *problem.Problem
		g    diffusion.Grid
		want string
	}{
		{"pcfm", free, grid, "a constraint"}, {"proflow", free, grid, "a constraint"}, {"tocflow", free, grid, "a constraint"}, {"hardflow", free, grid, "a constraint"},
		{"tocflow", heat, chain, "from noise to data"}, {"hardflow", heat, chain, "from noise to data"},
	} {
		m, err := Find(c.name)
		if err != nil {
			t.Fatal(err)
		}
		var unsupported *problem.UnsupportedError
		if _, err := m.New(e, c.p, Settings{Samples: 1, Grid: c.g, Bridge: sampler.DDIM{Grid: c.g}}); !errors.As(err, &unsupported) || !strings.Contains(unsupported.Needs, c.want) || unsupported.Try == "" {
			t.Errorf("%s: %v, want an error about %q", c.name, err, c.want)
		}
	}
}
