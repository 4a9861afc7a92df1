package prior

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
)

// oscillator is a damped oscillator with noise on place and speed, 64 steps of two
// numbers, seen at times.
func oscillator() (StateSpace, map[int]Observation) {
	const n = 64
	s := StateSpace{
		Transition: mat.NewDense(2, 2, []float64{0.98, 0.15, -0.2, 0.93}), Offset: []float64{0.02, -0.05},
		Noise: mat.NewSymDense(2, []float64{0.02, 0.005, 0.005, 0.04}),
		Mean:  []float64{1, -0.5}, Covariance: mat.NewSymDense(2, []float64{0.8, 0.2, 0.2, 0.5}), Steps: n,
	}
	rng := rand.New(keyed.New(3, "observations", 0, 0))
	seen := map[int]Observation{
		// Both numbers at once, with noise that goes together; and single combinations.
		20: {mat.NewDense(2, 2, []float64{1, 0.3, 0, 1}), []float64{0.7, -0.2}, mat.NewSymDense(2, []float64{0.3, 0.1, 0.1, 0.2})},
	}
	for _, k := range []int{0, 3, 17, 40, 41, n} {
		seen[k] = Observation{mat.NewDense(1, 2, []float64{1, 0.2 * rng.NormFloat64()}), []float64{rng.NormFloat64()}, mat.NewSymDense(1, []float64{0.1})}
	}
	return s, seen
}

// stacked are the observations as one measurement of the whole trajectory.
func stacked(s StateSpace, seen map[int]Observation) (h *mat.Dense, y []float64, r *mat.SymDense) {
	n, rows := len(s.Mean), 0
	for _, o := range seen {
		rows += len(o.Y)
	}
	h, r = mat.NewDense(rows, n*(s.Steps+1), nil), mat.NewSymDense(rows, nil)
	for k := range s.Steps + 1 {
		o, ok := seen[k]
		if !ok {
			continue
		}
		for i, v := range o.Y {
			for j := range n {
				h.Set(len(y)+i, k*n+j, o.H.At(i, j))
			}
			for j := range i + 1 {
				r.SetSym(len(y)+i, len(y)+j, o.R.At(i, j))
			}
			_ = v
		}
		y = append(y, o.Y...)
	}
	return h, y, r
}

// The density of a trajectory is the product of those of its start and of its steps.
func TestStateSpaceIsAMarkovChain(t *testing.T) {
	s, _ := oscillator()
	p, err := NewStateSpace(s)
	if err != nil {
		t.Fatal(err)
	}
	x := normals(len(p.Coordinates.Names), 5)
	want := normalLog(s.Covariance, []float64{x[0] - s.Mean[0], x[1] - s.Mean[1]})
	for k := range s.Steps {
		r := make([]float64, 2)
		for i := range r {
			r[i] = x[2*k+2+i] - s.Offset[i]
			for j := range 2 {
				r[i] -= s.Transition.At(i, j) * x[2*k+j]
			}
		}
		want += normalLog(s.Noise, r)
	}
	got, _ := p.LogDensity(x)
	near(t, "log density", []float64{got}, []float64{want}, 1e-9*math.Abs(want))
}

// normalLog is log N(r; 0, c).
func normalLog(c *mat.SymDense, r []float64) float64 {
	var inv mat.Dense
	if err := inv.Inverse(c); err != nil {
		panic(err)
	}
	v := mat.NewVecDense(len(r), r)
	return -0.5 * (mat.Inner(v, &inv, v) + math.Log(mat.Det(c)) + float64(len(r))*math.Log(2*math.Pi))
}

// Four ways to one law, 64 steps: the minimiser of the cost of weak-constraint 4D-Var
//
//	J = ½‖x₀ − m‖²_P⁻¹ + ½ Σ ‖xₖ₊₁ − M xₖ − c‖²_Q⁻¹ + ½ Σ ‖yₖ − Hₖ xₖ‖²_R⁻¹,
//
// here a least-squares problem solved by orthogonal transformations, is the mean of
// the Kalman smoother and of the conditioned Gaussian; the inverse of its Hessian is
// their covariance; and filter and conditioning agree on log p(y).
func TestWeakConstraint4DVarIsTheSmootherIsConditioning(t *testing.T) {
	s, seen := oscillator()
	p, err := NewStateSpace(s)
	if err != nil {
		t.Fatal(err)
	}
	h, y, r := stacked(s, seen)
	posterior, logp, err := p.Bayes(h, y, r)
	if err != nil {
		t.Fatal(err)
	}
	smooth, err := s.Smooth(seen)
	if err != nil {
		t.Fatal(err)
	}

	d, m := 2*(s.Steps+1), len(y)
	a, b := mat.NewDense(d+m, d, nil), mat.NewVecDense(d+m, nil) // J = ½‖A x − b‖²
	whiten := func(row int, c *mat.SymDense, of *mat.Dense, value []float64) {
		var f mat.Cholesky
		var l mat.TriDense
		if !f.Factorize(c) {
			t.Fatal("not positive definite")
		}
		f.LTo(&l)
		var white, right mat.Dense
		if err := white.Solve(&l, of); err != nil {
			t.Fatal(err)
		}
		if err := right.Solve(&l, mat.NewDense(len(value), 1, value)); err != nil {
			t.Fatal(err)
		}
		rows, _ := of.Dims()
		for i := range rows {
			a.SetRow(row+i, white.RawRowView(i))
			b.SetVec(row+i, right.At(i, 0))
		}
	}
	start := mat.NewDense(2, d, nil)
	start.Set(0, 0, 1)
	start.Set(1, 1, 1)
	whiten(0, s.Covariance, start, s.Mean)
	for k := range s.Steps {
		step := mat.NewDense(2, d, nil)
		for i := range 2 {
			step.Set(i, 2*k+2+i, 1)
			for j := range 2 {
				step.Set(i, 2*k+j, -s.Transition.At(i, j))
			}
		}
		whiten(2*k+2, s.Noise, step, s.Offset)
	}
	whiten(d, r, h, y)
	var qr mat.QR
	qr.Factorize(a)
	var x mat.VecDense
	if err := qr.SolveVecTo(&x, false, b); err != nil {
		t.Fatal(err)
	}
	var hessian, inverse mat.Dense
	hessian.Mul(a.T(), a)
	if err := inverse.Inverse(&hessian); err != nil {
		t.Fatal(err)
	}

	at := posterior.Coordinates
	near(t, "minimiser", x.RawVector().Data, at.Shift, 1e-10)
	for k := range s.Steps + 1 {
		near(t, "smoother's mean", smooth.Mean[k], at.Shift[2*k:2*k+2], 1e-10)
		for i := range 2 {
			for j := range 2 {
				u, v := 2*k+i, 2*k+j
				near(t, "smoother's covariance", []float64{smooth.Covariance[k].At(i, j)}, []float64{inverse.At(u, v)}, 1e-10)
			}
		}
	}
	for i := range d {
		for j := range d {
			near(t, "inverse Hessian", []float64{inverse.At(i, j)}, []float64{posterior.Covariance[i*d+j] * at.Scale[i] * at.Scale[j]}, 1e-10)
		}
	}
	near(t, "log p(y)", []float64{smooth.LogMarginal}, []float64{logp}, 1e-9)
}

func TestStateSpaceErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*StateSpace)
		want   string
	}{
		"size":     {func(s *StateSpace) { s.Mean = []float64{1} }, "all need the size of the state"},
		"steps":    {func(s *StateSpace) { s.Steps = 0 }, "0 steps"},
		"too many": {func(s *StateSpace) { s.Steps = 2000 }, "more than 2048 columns"},
		"noise":    {func(s *StateSpace) { s.Noise = mat.NewSymDense(2, nil) }, "noise is not positive definite"},
		"NaN":      {func(s *StateSpace) { s.Offset = []float64{0, math.NaN()} }, "NaN: must be finite"},
	} {
		s, _ := oscillator()
		c.change(&s)
		p, err := NewStateSpace(s)
		wantError(t, name, p, err, c.want)
	}
	s, seen := oscillator()
	seen[65] = seen[64]
	if _, err := s.Smooth(seen); err == nil {
		t.Error("an observation after the end is accepted")
	}
}
