package physics

import (
	"errors"
	"fmt"
	"math"
)

// Derivative writes dP(u₀) v over v, the derivative of the projection at u₀ along v, for
// u = P(u₀) that Project made. With W (u − u₀) + Jᵀ λ = 0 and c(u) = 0 differentiated,
// t = dP v is the tangent field with
//
//	t + Π W⁻¹ H t = Π v,   H = Σ λᵢ ∇²cᵢ(u),
//
// by conjugate gradients in the inner product of W, in which dP is self-adjoint: without
// curvature it is Π. H t is a central difference of Jᵀ λ along t, exact for quadratic
// constraints and off by about 1e-10 of it for others. Of inequalities those count whose
// multiplier is positive: where a row is just touched there are derivatives on either
// side only. The system is positive where u is a strict nearest point; an error tells
// where it is not, and where steps are Root's, whose end is no nearest point.
//
// A. Fiacco, "Introduction to Sensitivity and Stability Analysis in Nonlinear
// Programming" (1983), theorem 3.2.2; as layers, B. Amos and J. Z. Kolter, "OptNet",
// ICML 2017. Cost: for each iteration a tangent projection and two products with Jᵀ.
func (n *Newton) Derivative(u, u0, v []float64) error {
	if n.o.Root {
		return errors.New("physics: steps by root lead to a field that is not the nearest one and depends on the way: differentiate the nearest projection, without Root")
	}
	w := n.work.Get().(*newtonWork)
	defer n.work.Put(w)
	lambda, err := n.multipliers(w, u, u0)
	if err != nil {
		return err
	}
	if err := n.tangent(w, v); err != nil {
		return err
	}
	return n.curved(w, u, lambda, v)
}

// PullBack writes dP(u₀)ᵀ g over g, the gradient in u₀ of a function whose gradient at
// u = P(u₀) is g: W dP W⁻¹ g, see Derivative.
func (n *Newton) PullBack(u, u0, g []float64) error {
	for i := range g {
		g[i] *= n.o.Metric.Inverse(i)
	}
	if err := n.Derivative(u, u0, g); err != nil {
		return err
	}
	if n.o.Metric != nil {
		for i := range g {
			g[i] *= n.o.Metric[i]
		}
	}
	return nil
}

// multipliers are λ of W (u₀ − u) = Jᵀ λ, for residuals in the constraint's own units.
// Inequalities that do not hold u back are left inactive in w.
func (n *Newton) multipliers(w *newtonWork, u, u0 []float64) ([]float64, error) {
	w.normal.begin()
	n.residual(w.c, u)
	for i, upper := range n.upper {
		w.active[i] = !upper || w.c[i] > -1e-9
	}
	w.normal.at(u)
	for i, x := range u {
		w.trial[i] = u0[i] - x
	}
	for {
		if err := w.normal.activate(w.active); err != nil {
			return nil, fmt.Errorf("physics: J W⁻¹ Jᵀ: %w", err)
		}
		w.normal.apply(w.b, w.trial)
		for i, a := range w.active {
			if !a {
				w.b[i] = 0
			}
		}
		if err := w.normal.solve(w.lambda, w.b); err != nil {
			return nil, err
		}
		dropped := false
		for i, upper := range n.upper {
			if upper && w.active[i] && !(w.lambda[i] > 0) {
				w.active[i], dropped = false, true
			}
		}
		if !dropped {
			break
		}
	}
	lambda := make([]float64, len(w.lambda))
	for i, x := range w.lambda {
		if w.active[i] {
			lambda[i] = x / n.unit[i]
		}
	}
	return lambda, nil
}

// curved solves t + Π W⁻¹ H t = v for tangent v and writes t over v.
func (n *Newton) curved(w *newtonWork, u, lambda, v []float64) error {
	dim := len(v)
	t, r, p, q := make([]float64, dim), make([]float64, dim), make([]float64, dim), make([]float64, dim)
	copy(r, v)
	copy(p, v)
	rr := n.size(r)
	rr *= rr
	end := 1e-26 * rr
	for range 10 * (dim + 1) {
		if rr <= end {
			copy(v, t)
			return nil
		}
		n.bend(q, w.trial, u, lambda, p)
		for i := range q {
			q[i] *= n.o.Metric.Inverse(i)
		}
		if err := n.tangent(w, q); err != nil {
			return err
		}
		for i, x := range p {
			q[i] += x
		}
		curvature := n.inner(p, q)
		if !(curvature > 0) {
			return fmt.Errorf("physics: %w: the manifold bends away from it by more than the distance allows, and the projection has no derivative there", ErrNotNearest)
		}
		alpha := rr / curvature
		for i := range t {
			t[i] += alpha * p[i]
			r[i] -= alpha * q[i]
		}
		next := n.inner(r, r)
		if next >= rr && next <= 1e-16*end/1e-26 { // what differences and cancellation leave
			copy(v, t)
			return nil
		}
		for i := range p {
			p[i] = r[i] + next/rr*p[i]
		}
		rr = next
	}
	return fmt.Errorf("physics: the derivative of the projection: conjugate gradients are at %.2g of the right-hand side after %d steps", math.Sqrt(rr*1e-26/end), 10*(dim+1))
}

// bend writes H t, by differences of Jᵀ λ between u ± ε t.
func (n *Newton) bend(dst, at, u, lambda, t []float64) {
	size, along := 0.0, 0.0
	for i, x := range t {
		along = math.Max(along, math.Abs(x))
		size = math.Max(size, math.Abs(u[i]))
	}
	if along == 0 {
		clear(dst)
		return
	}
	e := 6e-6 * math.Max(size, 1e-8) / along // ε^{1/3}
	for i, x := range t {
		at[i] = u[i] + e*x
	}
	n.VJP(dst, at, lambda)
	low := make([]float64, len(dst))
	for i, x := range t {
		at[i] = u[i] - e*x
	}
	n.VJP(low, at, lambda)
	for i := range dst {
		dst[i] = (dst[i] - low[i]) / (2 * e)
	}
}

// inner is vᵀ W t.
func (n *Newton) inner(v, t []float64) float64 {
	var sum float64
	for i, x := range v {
		sum += x * t[i] / n.o.Metric.Inverse(i)
	}
	return sum
}
