package physics

import (
	"errors"
	"fmt"
	"math"
)

// Solve is Project, and tells how it went.
func (n *Newton) Solve(u []float64) (Outcome, error) {
	w := n.work.Get().(*newtonWork)
	defer n.work.Put(w)
	w.normal.begin()
	copy(w.u0, u)
	var out Outcome
	funnel := math.Inf(1)
	for {
		worst, norm := n.residual(w.c, u)
		out.Violation = worst
		out.History = append(out.History, worst)
		if math.IsNaN(norm) || math.IsInf(norm, 0) {
			return out, fmt.Errorf("physics: %w: %s is not a finite number there", ErrInfeasible, n.where(u))
		}
		if math.IsInf(funnel, 1) {
			funnel = norm / 10
		}
		root := n.o.Root
		if root && n.obeys(w.c) {
			return out, nil
		}
		w.normal.at(u)
		if err := n.step(w, u, root); errors.Is(err, errOutside) && n.obeys(w.c) {
			return out, nil // nothing but rounding leads elsewhere
		} else if err != nil {
			return out, err
		}
		out.Dependent = w.normal.dependent()
		moved := 0.0
		for i, x := range u {
			w.trial[i] = x - w.u0[i]
		}
		moved = n.size(w.trial)
		step, scale := n.size(w.v), n.size(u)
		out.Step = step / max(moved, step, 1e-300)
		if n.obeys(w.c) && step <= 1e-9*moved+1e-13*scale {
			return out, n.polish(w, u, &out)
		}
		if out.Iterations == n.o.Iterations {
			break
		}
		out.Iterations++
		reached, ok := n.search(w, u, norm, funnel)
		if !ok && !root { // from here the nearest step does not help: one to the manifold
			if err := n.step(w, u, true); err != nil {
				return out, err
			}
			reached, ok = n.search(w, u, norm, 0)
		}
		if !ok {
			if n.obeys(w.c) {
				return out, n.polish(w, u, &out)
			}
			break
		}
		if reached > 0.9*norm { // it was let pass by the funnel
			funnel /= 4
		}
	}
	if err := n.polish(w, u, &out); err != nil {
		return out, err
	}
	return out, fmt.Errorf("physics: %w after %d steps: the last was %.2g of the way; the point is farther off than its curvature allows, take Root", ErrNotNearest, out.Iterations, out.Step)
}

// step writes the change of u to w.v, for c in w.c.
func (n *Newton) step(w *newtonWork, u []float64, root bool) error {
	copy(w.b, w.c)
	if !root {
		for i, x := range u {
			w.v[i] = w.u0[i] - x
		}
		w.normal.apply(w.slope, w.v)
		for i, x := range w.slope {
			w.b[i] += x
		}
	}
	for i, upper := range n.upper {
		w.active[i] = !upper || w.b[i] > 0 || w.c[i] > 0
	}
	for range 30 {
		if err := w.normal.activate(w.active); err != nil {
			return fmt.Errorf("physics: J W⁻¹ Jᵀ: %w", err)
		}
		for i, a := range w.active {
			w.next[i] = 0
			if a {
				w.next[i] = w.b[i]
			}
		}
		if err := w.normal.solve(w.lambda, w.next); err != nil {
			return err
		}
		w.normal.applyT(w.v, w.lambda)
		for i := range w.v {
			w.v[i] *= -n.o.Metric.Inverse(i)
		}
		if n.settled(w) {
			break
		}
	}
	if !root {
		for i, x := range u {
			w.v[i] += w.u0[i] - x
		}
	}
	return nil
}

// settled makes inequalities active by the sign of their multiplier, or of the row that
// the step leads to, and tells whether none has changed.
func (n *Newton) settled(w *newtonWork) bool {
	same, asked := true, false
	for i, upper := range n.upper {
		if !upper {
			continue
		}
		if !asked {
			w.normal.apply(w.slope, w.v)
			asked = true
		}
		active := w.lambda[i] > 0
		if !w.active[i] {
			active = w.b[i]+w.slope[i] > 1e-13
		}
		same = same && active == w.active[i]
		w.active[i] = active
	}
	return same
}

// search halves the step w.v until the violation has fallen from norm, or is within the
// funnel, moves u and writes the residual there.
func (n *Newton) search(w *newtonWork, u []float64, norm, funnel float64) (reached float64, ok bool) {
	for t := 1.0; t > 1e-6; t /= 2 {
		for i, x := range u {
			w.trial[i] = x + t*w.v[i]
		}
		_, reached = n.residual(w.next, w.trial)
		if reached <= (1-1e-4*t)*norm || reached <= funnel || n.obeys(w.next) {
			copy(u, w.trial)
			return reached, true
		}
	}
	return norm, false
}

// polish makes root steps while they help, at most three: violations are at rounding
// then. What does not obey after them is an error that names its row.
func (n *Newton) polish(w *newtonWork, u []float64, out *Outcome) error {
	worst, norm := n.residual(w.c, u)
	for range 3 {
		if worst <= 1e-14 {
			break
		}
		w.normal.at(u)
		if err := n.step(w, u, true); errors.Is(err, errOutside) {
			break
		} else if err != nil {
			return err
		}
		for i, x := range u {
			w.trial[i] = x + w.v[i]
		}
		next, reached := n.residual(w.next, w.trial)
		if !(reached < norm) {
			break
		}
		copy(u, w.trial)
		copy(w.c, w.next)
		worst, norm = next, reached
	}
	out.Violation = worst
	if !n.obeys(w.c) {
		return fmt.Errorf("physics: %w within %d steps: %s", ErrInfeasible, out.Iterations, n.where(u))
	}
	return nil
}

func (n *Newton) where(u []float64) string {
	worst, row, place := Violation(n.Constraint, u)
	r := n.Rows()[row]
	return fmt.Sprintf("row %q is violated by %.3g of its unit at %d of %d", r.Name, worst, place, r.Size)
}

// Tangent projects v onto the tangent of the rows at u. Of inequalities those count that
// are at their bound or beyond.
func (n *Newton) Tangent(u, v []float64) error {
	w := n.work.Get().(*newtonWork)
	defer n.work.Put(w)
	w.normal.begin()
	n.residual(w.c, u)
	for i, upper := range n.upper {
		w.active[i] = !upper || w.c[i] > -1e-9
	}
	w.normal.at(u)
	if err := w.normal.activate(w.active); err != nil {
		return fmt.Errorf("physics: J W⁻¹ Jᵀ: %w", err)
	}
	return n.tangent(w, v)
}

// tangent is Tangent for rows that are active in w and factored there.
func (n *Newton) tangent(w *newtonWork, v []float64) error {
	for range 2 { // twice is enough for what cancellation leaves
		w.normal.apply(w.b, v)
		for i, a := range w.active {
			if !a {
				w.b[i] = 0
			}
		}
		if err := w.normal.solve(w.lambda, w.b); errors.Is(err, errOutside) {
			break // J v is in the range of S: rounding is all that there is of it
		} else if err != nil {
			return err
		}
		w.normal.applyT(w.v, w.lambda)
		for i, x := range w.v {
			v[i] -= n.o.Metric.Inverse(i) * x
		}
	}
	return nil
}
