package problem

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/dataio"
	"abide/operator"
	"abide/potential"
	"abide/prior"
)

// known are small priors of every kind that has a posterior, of three columns with
// scales that differ.
func known(t *testing.T) map[string]*prior.Prior {
	t.Helper()
	ok := func(p *prior.Prior, err error) *prior.Prior {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a := mat.NewSymDense(3, []float64{2, 0.5, -0.3, 0.5, 1, 0.2, -0.3, 0.2, 0.6})
	b := mat.NewSymDense(3, []float64{0.5, 0, 0.1, 0, 3, 0, 0.1, 0, 1.2})
	rows := &dataio.Table{Names: []string{"a", "b", "c"}, Rows: 6, Data: []float64{1, 2, 0, -1, 0.5, 1, 0.3, 0.1, -2, 2, -1, 0.4, 0, 0, 0, 1.5, 1, 3}}
	line := ok(prior.NewMixture([]float64{1, 2}, [][]float64{{-1}, {2}}, []*mat.SymDense{mat.NewSymDense(1, []float64{1}), mat.NewSymDense(1, []float64{0.3})}, nil))
	field := ok(prior.NewField(prior.Field{Shape: []int{2}, Extent: []float64{1}, Kernel: "matern32", Length: 1, Variance: 2, Nugget: 0.1, Mean: -1}))
	return map[string]*prior.Prior{
		"gaussian":  ok(prior.NewGaussian([]float64{1, -2, 0.5}, a, nil)),
		"mixture":   ok(prior.NewMixture([]float64{0.3, 0.7}, [][]float64{{1, -2, 0.5}, {-1, 1, 2}}, []*mat.SymDense{a, b}, nil)),
		"empirical": ok(prior.NewEmpirical(rows)),
		"product":   ok(prior.NewProduct([]*prior.Prior{line, field})),
	}
}

func measured(t *testing.T, a [][]float64, y []float64, cov [][]float64) potential.Potential {
	t.Helper()
	op, err := operator.NewMatrix(a)
	if err != nil {
		t.Fatal(err)
	}
	noise, err := potential.NewCorrelated(cov)
	if err != nil {
		t.Fatal(err)
	}
	m, err := potential.NewMeasured(fmt.Sprint(a), op, y, noise)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func exact(t *testing.T, p *prior.Prior, ps ...potential.Potential) *Exact {
	t.Helper()
	q, err := New(p, nil, ps)
	if err != nil {
		t.Fatal(err)
	}
	e, err := q.Exact()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Bayes' rule in two steps: p(y₁, y₂) = p(y₁) p(y₂ | y₁), and the posterior of both
// is that of the second given the first's. Noise is correlated, operators are
// stacked, and the energies' evidences add up as the densities do.
func TestExactLawFollowsTheChainRule(t *testing.T) {
	for name, p := range known(t) {
		first := measured(t, [][]float64{{0, 1, 0.4}, {0, 0.3, -1}}, []float64{0.2, -0.7}, [][]float64{{0.5, 0.2}, {0.2, 0.4}})
		second := measured(t, [][]float64{{2, 0, 0}}, []float64{1}, [][]float64{{0.7}})
		both, one := exact(t, p, first, second), exact(t, p, first)
		two := exact(t, one.Law, second)
		for _, c := range []struct {
			what      string
			got, want float64
		}{
			{"log p(y₁, y₂)", both.LogMarginal, one.LogMarginal + two.LogMarginal},
			{"log evidence", both.LogEvidence, one.LogEvidence + two.LogEvidence},
			// The constants that energies leave out: ½ log det 2πR.
			{"constants", both.LogEvidence - both.LogMarginal, 0.5*math.Log(0.5*0.4-0.2*0.2) + 0.5*math.Log(0.7) + 1.5*math.Log(2*math.Pi)},
		} {
			if !(math.Abs(c.got-c.want) < 1e-10) {
				t.Errorf("%s: %s is %.12g, want %.12g", name, c.what, c.got, c.want)
			}
		}
		for j := range 3 {
			if a, b := both.Law.Coordinates, two.Law.Coordinates; !(math.Abs(a.Shift[j]-b.Shift[j]) < 1e-10 && math.Abs(a.Scale[j]-b.Scale[j]) < 1e-10) {
				t.Errorf("%s: column %d is %g ± %g in one step, %g ± %g in two", name, j, a.Shift[j], a.Scale[j], b.Shift[j], b.Scale[j])
			}
		}
	}
}

// p(y) is a density: it integrates to 1 over y, by the trapezoidal rule, which is
// spectrally accurate for laws this smooth.
func TestMarginalDensityIntegratesToOne(t *testing.T) {
	for name, p := range known(t) {
		var sum float64
		const step = 0.25
		for y := -30.0; y <= 30; y += step {
			sum += step * math.Exp(exact(t, p, measured(t, [][]float64{{0, 1.5, -0.4}}, []float64{y}, [][]float64{{3}})).LogMarginal)
		}
		if !(math.Abs(sum-1) < 1e-9) {
			t.Errorf("%s: ∫ p(y) dy = %.12g", name, sum)
		}
	}
}

// exp(LogEvidence) is ∫ p(x) exp(−E(x)) dx with the problem's own energy, on a grid.
func TestExactEvidenceIsTheIntegralOfTheEnergy(t *testing.T) {
	cov := []*mat.SymDense{mat.NewSymDense(2, []float64{1, 0.4, 0.4, 0.8}), mat.NewSymDense(2, []float64{0.6, -0.2, -0.2, 1.5})}
	p, err := prior.NewMixture([]float64{1, 3}, [][]float64{{2, 1}, {-1, 3}}, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	y := measured(t, [][]float64{{1, -0.7}, {0.5, 1}}, []float64{0.4, 2}, [][]float64{{0.4, 0.1}, {0.1, 0.3}})
	e := exact(t, p, y)
	var sum float64
	const step = 0.1
	for a := -12.0; a <= 12; a += step {
		for b := -12.0; b <= 12; b += step {
			x := []float64{a, b}
			logp, _ := p.LogDensity(x)
			sum += step * step * math.Exp(logp-y.EnergyAt(x))
		}
	}
	if got := math.Exp(e.LogEvidence); !(math.Abs(got/sum-1) < 1e-9) {
		t.Errorf("evidence %.12g, the integral is %.12g", got, sum)
	}
}

func TestExactLawSaysWhatItLacks(t *testing.T) {
	p := known(t)["product"]
	half, err := constraint.NewHalfSpace("half", []float64{1, 0, 0}, 1)
	if err != nil {
		t.Fatal(err)
	}
	network := &prior.Prior{Kind: "diffusion", Coordinates: p.Coordinates}
	seen := measured(t, [][]float64{{0, 1, 0}}, []float64{1}, [][]float64{{1}})
	poisson, err := potential.NewMeasured("counts", seen.(*potential.Measurement).Op, []float64{1}, flat{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		p    *Problem
		want string
	}{
		"constraint":      {&Problem{Prior: p, Constraints: []constraint.Constraint{half}}, `without constraints, has "half"`},
		"network":         {&Problem{Prior: network, Potentials: []potential.Potential{seen}}, "measured apart), has diffusion"},
		"network, no y":   {&Problem{Prior: network}, "drawn from exactly, has kind diffusion"},
		"other noise":     {&Problem{Prior: p, Potentials: []potential.Potential{poisson}}, `another of measurement "counts"`},
		"parts together":  {&Problem{Prior: p, Potentials: []potential.Potential{measured(t, [][]float64{{1, 1, 0}}, []float64{1}, [][]float64{{1}})}}, "parts 0 and 1 of a product together"},
		"other potential": {&Problem{Prior: p, Potentials: []potential.Potential{energy{}}}, `no other potential, has "energy"`},
	} {
		_, err := c.p.Exact()
		var u *UnsupportedError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an UnsupportedError with %q", name, err, c.want)
		}
	}
	if e, err := (&Problem{Prior: p}).Exact(); err != nil || e.Law != p || e.LogEvidence != 0 {
		t.Errorf("nothing measured: %+v, %v: want the prior and evidence 1", e, err)
	}
}

// flat is a noise that is not Gaussian.
type flat struct{ potential.Noise }

// energy is a potential that is no measurement.
type energy struct{ potential.Potential }

func (energy) Name() string { return "energy" }
