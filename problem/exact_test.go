package problem

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/dataio"
	"abide/expr"
	"abide/internal/testkit"
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

// A smooth field (squared exponential, length 0.2) seen through 16 random rows, from
// few points to many and little noise to less (benchmark G1). The answer here is
// computed for white coordinates z, x = R z with R Rᵀ = K, in which nothing is
// ill-conditioned: cov(z | y) = (I + GᵀG/σ²)⁻¹, G = H R.
func TestExactLawOfARoughlySeenSmoothField(t *testing.T) {
	const m = 16
	for _, n := range []int{8, 64, 256} {
		p, err := prior.NewField(prior.Field{Shape: []int{n}, Extent: []float64{1}, Kernel: "rbf", Length: 0.2, Variance: 1, Nugget: 1e-6})
		if err != nil {
			t.Fatal(err)
		}
		colour, err := p.Colouring(1, 0)
		if err != nil {
			t.Fatal(err)
		}
		root, unit := mat.NewDense(n, n, nil), make([]float64, n)
		for j := range n {
			unit[j] = p.Coordinates.Scale[0]
			column := make([]float64, n)
			colour(column, unit)
			root.SetCol(j, column)
			unit[j] = 0
		}
		rng := rand.New(rand.NewPCG(uint64(n), 1))
		h, y := make([][]float64, m), make([]float64, m)
		for i := range h {
			h[i] = make([]float64, n)
			for j := range h[i] {
				h[i][j] = rng.NormFloat64() / math.Sqrt(float64(n))
			}
			y[i] = rng.NormFloat64()
		}
		for _, sigma := range []float64{0.1, 0.01} {
			seen, err := potential.NewMeasurement("rows", h, y, []float64{sigma})
			if err != nil {
				t.Fatal(err)
			}
			e := exact(t, p, seen)

			g := mat.NewDense(m, n, nil)
			g.Mul(mat.NewDense(m, n, slices.Concat(h...)), root)
			precision := mat.NewSymDense(n, nil)
			precision.SymOuterK(1/(sigma*sigma), g.T())
			for j := range n {
				precision.SetSym(j, j, precision.At(j, j)+1)
			}
			var f mat.Cholesky
			if !f.Factorize(precision) {
				t.Fatal("precision")
			}
			var right, white, mean mat.VecDense
			right.MulVec(g.T(), mat.NewVecDense(m, y))
			right.ScaleVec(1/(sigma*sigma), &right)
			if err := f.SolveVecTo(&white, &right); err != nil {
				t.Fatal(err)
			}
			mean.MulVec(root, &white)
			var spread, back mat.Dense
			if err := f.SolveTo(&back, root.T()); err != nil {
				t.Fatal(err)
			}
			spread.Mul(root, &back)
			// yᵀS⁻¹y = yᵀ(y − H mean)/σ², log det S = m log σ² + log det(I + GᵀG/σ²).
			quadratic := 0.0
			for i := range m {
				r := y[i]
				for j := range n {
					r -= h[i][j] * mean.AtVec(j)
				}
				quadratic += y[i] * r / (sigma * sigma)
			}
			logp := -0.5 * (quadratic + m*math.Log(2*math.Pi*sigma*sigma) + f.LogDet())
			if !(math.Abs(e.LogMarginal-logp) < 1e-8*math.Abs(logp)) {
				t.Errorf("n = %d, σ = %g: log p(y) %.10g, want %.10g", n, sigma, e.LogMarginal, logp)
			}
			for j := range n {
				at := e.Law.Coordinates
				if !(math.Abs(at.Shift[j]-mean.AtVec(j)) < 1e-7) || !(math.Abs(at.Scale[j]*at.Scale[j]-spread.At(j, j)) < 1e-9) {
					t.Fatalf("n = %d, σ = %g, point %d: %.10g ± %.10g, want %.10g ± %.10g", n, sigma, j, at.Shift[j], at.Scale[j], mean.AtVec(j), math.Sqrt(spread.At(j, j)))
				}
			}
		}
	}
}

// Equations, one of them from another: the law is the prior's
// given H x = y, and with a measurement besides the posterior's.
func TestExactLawGivenEquations(t *testing.T) {
	plane, err := constraint.NewLinearEquality("plane", [][]float64{{1, 1, 0}, {2, 2, 0}}, []float64{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	seen := measured(t, [][]float64{{0, 1, 0}}, []float64{1}, [][]float64{{0.3}})
	h, y := mat.NewDense(1, 3, []float64{1, 1, 0}), []float64{1}
	for name, p := range known(t) {
		if name == "empirical" {
			continue
		}
		for _, ps := range [][]potential.Potential{nil, {seen}} {
			q := &Problem{Prior: p, Constraints: []constraint.Constraint{plane}, Potentials: ps}
			got, err := q.Exact()
			if err != nil {
				t.Fatal(name, err)
			}
			free, err := (&Problem{Prior: p, Potentials: ps}).Exact()
			if err != nil {
				t.Fatal(name, err)
			}
			want, err := free.Law.Given(h, y)
			if err != nil {
				t.Fatal(name, err)
			}
			a, b := got.Law.Draw(rand.New(rand.NewPCG(1, 1)), 20), want.Draw(rand.New(rand.NewPCG(1, 1)), 20)
			for i := range a {
				if !(math.Abs(a[i]-b[i]) <= 1e-10*(1+math.Abs(b[i]))) {
					t.Fatalf("%s, %d measurements: number %d is %g, want %g", name, len(ps), i, a[i], b[i])
				}
			}
		}
	}
}

// Of a data set the law is known under anything: rows that obey a curved inequality,
// weighed by a cost, against sums over the rows by hand.
func TestExactLawOfRows(t *testing.T) {
	p := known(t)["empirical"]
	r, err := expr.ParseRelation("x[0]**2 + x[1] <= 1.5", nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	curved, err := constraint.NewFormula("curved", r, 3)
	if err != nil {
		t.Fatal(err)
	}
	price, err := expr.Parse("0.5*x[2] + x[0]", nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	cost, err := potential.NewCost("price", price, 2)
	if err != nil {
		t.Fatal(err)
	}
	e, err := (&Problem{Prior: p, Constraints: []constraint.Constraint{curved}, Potentials: []potential.Potential{cost}}).Exact()
	if err != nil {
		t.Fatal(err)
	}
	const n = 30000
	want, total := map[[3]float64]float64{}, 0.0
	for i := range p.Data.Rows {
		x := [3]float64(p.Data.Data[3*i : 3*i+3])
		if x[0]*x[0]+x[1] <= 1.5 {
			want[x] = math.Exp(-2 * (0.5*x[2] + x[0]))
			total += want[x]
		}
	}
	if len(want) < 2 || len(want) == p.Data.Rows {
		t.Fatalf("%d rows obey, the test needs some that do not", len(want))
	}
	if z := math.Log(total / float64(p.Data.Rows)); !(math.Abs(e.LogEvidence-z) <= 1e-12) {
		t.Errorf("log evidence %.15g, want %.15g", e.LogEvidence, z)
	}
	got, x := map[[3]float64]float64{}, e.Law.Draw(rand.New(rand.NewPCG(4, 4)), n)
	for i := range n {
		row := [3]float64(x[3*i : 3*i+3])
		found := false
		for w := range want {
			if math.Abs(w[0]-row[0])+math.Abs(w[1]-row[1])+math.Abs(w[2]-row[2]) < 1e-12 {
				got[w]++
				found = true
			}
		}
		if !found {
			t.Fatalf("draw %v is no row that obeys", row)
		}
	}
	for w, v := range want {
		share := v / total
		testkit.WithinSigma(t, fmt.Sprintf("share of %v", w), got[w]/n, share, math.Sqrt(share*(1-share)/n), 0)
	}
}

// Inequalities beside an equation: x₀ given x₀ + x₁ = 1 is N(m, s²) by the formula for two
// numbers, and beyond a bound c its mean is m + s φ(α)/(1 − Φ(α)), α = (c − m)/s.
func TestExactLawOfInequalities(t *testing.T) {
	p := known(t)["gaussian"] // N((1, −2, ½), ((2, ½, …), (½, 1, …), …))
	plane, err := constraint.NewLinearEquality("plane", [][]float64{{1, 1, 0}}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	const c = 2.5
	half, err := constraint.NewHalfSpace("half", []float64{-1, 0, 0}, -c)
	if err != nil {
		t.Fatal(err)
	}
	e, err := (&Problem{Prior: p, Constraints: []constraint.Constraint{plane, half}}).Exact()
	if err != nil {
		t.Fatal(err)
	}
	variance, along := 2+1+2*0.5, 2+0.5 // of the sum, and its covariance with x₀
	m, s := 1+along/variance*(1-(1-2.0)), math.Sqrt(2-along*along/variance)
	alpha := (c - m) / s
	want := m + s*math.Exp(-alpha*alpha/2)/math.Sqrt(2*math.Pi)/(0.5*math.Erfc(alpha/math.Sqrt2))
	const n = 20000
	x := e.Law.Draw(rand.New(rand.NewPCG(8, 8)), n)
	first := make([]float64, n)
	for i := range first {
		first[i] = x[3*i]
		if !(x[3*i] >= c-1e-9 && math.Abs(x[3*i]+x[3*i+1]-1) <= 1e-12) {
			t.Fatalf("draw %v does not obey", x[3*i:3*i+3])
		}
	}
	testkit.MeanWithin(t, "mean beyond a bound", first, want, 0)
	if !math.IsNaN(e.LogEvidence) {
		t.Errorf("log evidence %g under an equation", e.LogEvidence)
	}
}

func TestExactLawSaysWhatItLacks(t *testing.T) {
	p := known(t)["product"]
	half, err := constraint.NewHalfSpace("half", []float64{1, 0, 0}, -50)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := constraint.NewLinearEquality("plane", [][]float64{{1, 1, 0}}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := expr.ParseRelation("x[0]**2 + x[1]**2 == 1", nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	curved, err := constraint.NewFormula("curved", r, 3)
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
		"constraint":      {&Problem{Prior: p, Constraints: []constraint.Constraint{half}}, "at least 20 of 4000 draws obey, has 0"},
		"curved":          {&Problem{Prior: p, Constraints: []constraint.Constraint{curved}}, `x[1]**2 == 1", which is not linear`},
		"one row obeys":   {&Problem{Prior: known(t)["empirical"], Constraints: []constraint.Constraint{plane}}, "two rows of the prior that obey, has 1"},
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
