package ode

import (
	"fmt"
	"math"
)

// Adaptive chooses the steps of the method of Dormand and Prince so that the error of each,
// measured block by block, is about the tolerance. A block of Dim numbers is one
// of many problems solved side by side; its error is
//
//	err = √( mean over the block of (eᵢ / (Atol + Rtol max(|yᵢ|, |yᵢ′|)))² )
//
// and a step is taken when the largest err of all blocks is at most 1: no problem
// is less accurate than it would be alone, and copies of one change nothing.
// The next step follows the PI controller h ← h · 0.9 err^{−0.17} err₋₁^{0.04}
// (Gustafsson 1991; Hairer, Nørsett and Wanner 1993, section IV.2 of volume II),
// between a fifth and ten times the last.
type Adaptive struct {
	Rtol, Atol float64 // default: 1e-6 each
	Dim        int     // numbers in a block; default: all
	MaxSteps   int     // tries between two ends; default: 100,000
}

// Control is what the choice of steps carries from one interval to the next. The
// zero value knows nothing.
type Control struct {
	Step  float64 // size of the next step, > 0
	Error float64 // error of the last step taken
}

// Stats counts what a solution cost.
type Stats struct{ Calls, Taken, Refused int }

// Solve advances y from t0 to t1 in place; t1 may be below t0. After each step it
// calls dense, where that is not nil, with the interpolant of the step. c is read
// and updated.
func (s Adaptive) Solve(f System, t0, t1 float64, y []float64, c *Control, dense func(Dense)) (st Stats, err error) {
	s = s.defaults(len(y))
	counted := func(t float64, y, dy []float64) error { st.Calls++; return f(t, y, dy) }
	m, next := &DormandPrince, make([]float64, len(y))
	w := m.NewWork(len(y))
	if err := counted(t0, y, w.k[0]); err != nil {
		return st, err
	}
	w.fresh = true
	if !(c.Step > 0) {
		if *c, err = s.first(counted, t0, t1, y, w); err != nil {
			return st, err
		}
	}
	direction := math.Copysign(1, t1-t0)
	refused := false
	for t := t0; t != t1; {
		if st.Taken+st.Refused == s.MaxSteps {
			return st, fmt.Errorf("ode: %d steps did not lead from %g to %g, but to %g: loosen the tolerance", s.MaxSteps, t0, t1, t)
		}
		left := math.Abs(t1 - t)
		h, cut := c.Step, c.Step >= left*(1-1e-10)
		if cut {
			h = left
		}
		if h < 1e-14*math.Max(math.Abs(t), math.Abs(t1-t0)) {
			return st, fmt.Errorf("ode: the step fell to %g at %g: the solution is not smooth there, or rounding is above the tolerance: loosen it", h, t)
		}
		if err := m.Step(counted, t, direction*h, y, next, w); err != nil {
			return st, err
		}
		e := s.error(h, y, next, w)
		grow := math.Pow(e, -0.17) * math.Pow(c.Error, 0.04) * 0.9
		if !(e <= 1) { // also when it is not a number
			st.Refused++
			c.Step = h * math.Max(0.2, min(0.9, math.Pow(e, -0.2)*0.9))
			if math.IsNaN(e) {
				c.Step = h / 5
			}
			refused = true
			continue
		}
		st.Taken++
		grow = math.Min(10, math.Max(0.2, grow))
		if refused {
			grow = math.Min(1, grow)
		}
		end := t + direction*h
		if cut {
			end = t1
		}
		if dense != nil {
			dense(newDense(m, t, direction*h, y, next, w))
		}
		copy(y, next)
		w.k[0], w.k[len(w.k)-1] = w.k[len(w.k)-1], w.k[0] // the last stage is the next first
		if suggested := h * grow; !cut || suggested > c.Step || grow < 1 {
			c.Step = suggested // a step cut short to end at t1 says little about the next
		}
		c.Error, refused, t = math.Max(e, 1e-4), false, end
	}
	return st, nil
}

func (s Adaptive) defaults(n int) Adaptive {
	if s.Rtol == 0 {
		s.Rtol = 1e-6
	}
	if s.Atol == 0 {
		s.Atol = 1e-6
	}
	if s.Dim == 0 {
		s.Dim = n
	}
	if s.MaxSteps == 0 {
		s.MaxSteps = 100000
	}
	return s
}

// error is the largest error of a block.
func (s Adaptive) error(h float64, y, next []float64, w *Work) float64 {
	e := w.stage // free after the step
	clear(e)
	for i, b := range DormandPrince.E {
		add(e, h*b, w.k[i])
	}
	return s.norm(e, func(i int) float64 { return math.Max(math.Abs(y[i]), math.Abs(next[i])) })
}

// norm is the largest root mean square of a block, in units of the tolerance.
func (s Adaptive) norm(e []float64, size func(i int) float64) float64 {
	worst := 0.0
	for lo := 0; lo < len(e); lo += s.Dim {
		sum := 0.0
		for i := lo; i < lo+s.Dim; i++ {
			r := e[i] / (s.Atol + s.Rtol*size(i))
			sum += r * r
		}
		if r := math.Sqrt(sum / float64(s.Dim)); !(r <= worst) {
			worst = r
		}
	}
	return worst
}

// first guesses the first step from the sizes of y, y′ and y″ (Hairer, Nørsett
// and Wanner 1993, section II.4), with one call. w.k[0] is f(t0, y).
func (s Adaptive) first(f System, t0, t1 float64, y []float64, w *Work) (Control, error) {
	size := func(i int) float64 { return math.Abs(y[i]) }
	d0, d1 := s.norm(y, size), s.norm(w.k[0], size)
	h := 1e-6
	if d0 > 1e-5 && d1 > 1e-5 {
		h = 0.01 * d0 / d1
	}
	h = math.Min(h, math.Abs(t1-t0))
	copy(w.stage, y)
	add(w.stage, math.Copysign(h, t1-t0), w.k[0])
	if err := f(t0+math.Copysign(h, t1-t0), w.stage, w.k[1]); err != nil {
		return Control{}, err
	}
	for i := range w.stage {
		w.stage[i] = (w.k[1][i] - w.k[0][i]) / h
	}
	h1 := math.Max(1e-6, h*1e-3)
	if d := math.Max(d1, s.norm(w.stage, size)); d > 1e-15 {
		h1 = math.Pow(0.01/d, 1/float64(DormandPrince.Order))
	}
	return Control{Step: math.Min(math.Min(100*h, h1), math.Abs(t1-t0)), Error: 1e-4}, nil
}
