package ode

import (
	"errors"
	"math"
	"testing"
)

// oscillator is y″ = −y as a system; from (1, 0) it is (cos t, −sin t).
func oscillator(_ float64, y, dy []float64) error {
	for i := 0; i < len(y); i += 2 {
		dy[i], dy[i+1] = y[i+1], -y[i]
	}
	return nil
}

// forced has a time in it: y′ = y cos t, y = e^{sin t}.
func forced(t float64, y, dy []float64) error {
	dy[0] = y[0] * math.Cos(t)
	return nil
}

// Rows of A sum to C, B to 1 and E to 0; the observed orders are those stated.
func TestTableaux(t *testing.T) {
	for _, m := range []Tableau{Euler, Heun, RK4, DormandPrince} {
		near := func(what string, v []float64, want float64) {
			t.Helper()
			sum := -want
			for _, x := range v {
				sum += x
			}
			if !(math.Abs(sum) <= 1e-15*16) {
				t.Errorf("%s: %s sums to %g more than %g", m.Name, what, sum, want)
			}
		}
		near("B", m.B, 1)
		near("E", m.E, 0)
		near("D", m.D, 0)
		for i, row := range m.A {
			near("A", row, m.C[i])
		}
		e := func(n int) float64 {
			y, w := []float64{1}, m.NewWork(1)
			for k := range n {
				if err := m.Step(forced, 2*float64(k)/float64(n), 2/float64(n), y, y, w); err != nil {
					t.Fatal(err)
				}
			}
			return math.Abs(y[0] - math.Exp(math.Sin(2)))
		}
		n := 64
		if m.Order == 1 {
			n = 512
		}
		if order := math.Log2(e(n) / e(2*n)); !(math.Abs(order-float64(m.Order)) <= 0.15) {
			t.Errorf("%s: observed order %.3f, want %d", m.Name, order, m.Order)
		}
	}
}

// The error of the adaptive solver is proportional to its tolerance on the
// harmonic oscillator over ten periods: per step of order 5 the global error
// goes as tol^{1 ± 0.15}, and stays within a factor of it that does not grow.
func TestToleranceProportionality(t *testing.T) {
	const end = 20 * math.Pi
	e := func(tol float64) (float64, Stats) {
		y, c := []float64{1, 0}, Control{}
		st, err := Adaptive{Rtol: tol, Atol: tol}.Solve(oscillator, 0, end, y, &c, nil)
		if err != nil {
			t.Fatal(err)
		}
		return math.Hypot(y[0]-1, y[1]), st
	}
	var logs [][2]float64
	for tol := 1e-4; tol > 5e-11; tol /= 10 {
		err, st := e(tol)
		t.Logf("tolerance %.0e: error %.2e, %+v", tol, err, st)
		logs = append(logs, [2]float64{math.Log(tol), math.Log(err)})
	}
	if slope := fit(logs); !(math.Abs(slope-1) <= 0.15) {
		t.Errorf("error ∝ tolerance^%.3f, want 1", slope)
	}
}

// fit is the slope of a line by least squares.
func fit(p [][2]float64) float64 {
	var n, x, y, xx, xy float64
	for _, q := range p {
		n, x, y, xx, xy = n+1, x+q[0], y+q[1], xx+q[0]*q[0], xy+q[0]*q[1]
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

// Between its steps the solution is that of a method of order 4, whose error in a
// step is of order h⁵ (a cubic through the ends would have h⁴), and the ends are
// met exactly.
func TestDenseOutput(t *testing.T) {
	e := func(n int) float64 {
		h := 2 / float64(n)
		worst, y, w := 0.0, []float64{1}, DormandPrince.NewWork(1)
		for k := range n {
			t0, next, at := float64(k)*h, []float64{0}, []float64{0}
			if err := DormandPrince.Step(forced, t0, h, y, next, w); err != nil {
				t.Fatal(err)
			}
			d := newDense(&DormandPrince, t0, h, y, next, w)
			if d.At(t0, at); at[0] != y[0] {
				t.Errorf("begins at %g, not %g", at[0], y[0])
			}
			if d.At(t0+h, at); !(math.Abs(at[0]-next[0]) <= 1e-14) {
				t.Errorf("ends at %g, not %g", at[0], next[0])
			}
			for j := 1; j < 8; j++ {
				s := t0 + h*float64(j)/8
				d.At(s, at)
				worst = math.Max(worst, math.Abs(at[0]-math.Exp(math.Sin(s))))
			}
			copy(y, next)
		}
		return worst
	}
	if order := math.Log2(e(32) / e(64)); !(math.Abs(order-5) <= 0.15) {
		t.Errorf("observed order %.3f, want 5", order)
	}
}

// Copies of a problem, and easier problems, beside it do not change its steps;
// going back leads to the start; an interval in two parts costs no new guess.
func TestBlocksDirectionsAndParts(t *testing.T) {
	solve := func(y []float64, ends ...float64) Stats {
		t.Helper()
		var all Stats
		c := Control{}
		for i := 1; i < len(ends); i++ {
			st, err := Adaptive{Rtol: 1e-8, Atol: 1e-8, Dim: 2}.Solve(oscillator, ends[i-1], ends[i], y, &c, nil)
			if err != nil {
				t.Fatal(err)
			}
			all.Calls += st.Calls
			all.Taken += st.Taken
		}
		return all
	}
	alone, company := []float64{1, 0}, []float64{1, 0, 1, 0, 0, 0, 1, 0}
	if a, b := solve(alone, 0, 5), solve(company, 0, 5); a != b || alone[0] != company[0] || alone[1] != company[7] {
		t.Errorf("alone %v %v, in company %v %v", a, alone, b, company)
	}
	solve(alone, 5, 0)
	if !(math.Hypot(alone[0]-1, alone[1]) <= 1e-6) {
		t.Errorf("there and back leads from (1, 0) to %v", alone)
	}
	whole, parts := solve([]float64{1, 0}, 0, 20), solve([]float64{1, 0}, 0, 5, 10, 15, 20)
	if parts.Taken > whole.Taken+4 {
		t.Errorf("%d steps in four parts, %d in one", parts.Taken, whole.Taken)
	}
}

func TestAdaptiveErrors(t *testing.T) {
	c := Control{}
	if _, err := (Adaptive{MaxSteps: 5}).Solve(oscillator, 0, 100, []float64{1, 0}, &c, nil); err == nil {
		t.Error("five steps led to 100")
	}
	pole := func(t float64, y, dy []float64) error { dy[0] = y[0] * y[0]; return nil } // 1/(1−t)
	c = Control{}
	if _, err := (Adaptive{}).Solve(pole, 0, 2, []float64{1}, &c, nil); err == nil {
		t.Error("a pole was passed")
	}
	boom := errors.New("boom")
	c = Control{}
	if _, err := (Adaptive{}).Solve(func(t float64, _, dy []float64) error {
		if t > 0.5 {
			return boom
		}
		dy[0] = 1
		return nil
	}, 0, 1, []float64{0}, &c, nil); !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
}
