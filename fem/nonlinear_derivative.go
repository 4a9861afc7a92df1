package fem

import "fmt"

// seed is the function by which integrands are being differentiated, and its change at
// the point.
type seed struct {
	function *Function
	value    float64
	grad     Vec
}

// Dual is the function of a scalar space and its gradient at the point of a [Flux], as
// numbers that [Nonlinear.Derivative] and [Nonlinear.DerivativeT] differentiate by.
func (u *Function) Dual(p *Point) (Dual, DualVec) {
	v := u.At(p)
	value := Dual{v.Value, 0}
	grad := DualVec{{v.Grad[0], 0}, {v.Grad[1], 0}, {v.Grad[2], 0}}
	if s := &p.walk.seed; s.function == u {
		value.Slope = s.value
		grad[0].Slope, grad[1].Slope, grad[2].Slope = s.grad[0], s.grad[1], s.grad[2]
	}
	return value, grad
}

func (f *Nonlinear) checkDerivative(m *Function, rows, u, cols []float64) error {
	V := f.space
	if m != nil {
		V = m.Space
		if V.vector {
			return fmt.Errorf("fem: derivative by a function of %d components: take one function for each", V.components)
		}
		if V.mesh != f.space.mesh {
			return fmt.Errorf("fem: derivative by a function of another mesh")
		}
	}
	if len(rows) != f.space.n || len(u) != f.space.n || len(cols) != V.n {
		return fmt.Errorf("fem: vectors of %d, %d and %d where the form has %d degrees of freedom and what it is differentiated by %d",
			len(rows), len(u), len(cols), f.space.n, V.n)
	}
	return nil
}

// Derivative is dst = R_m(u) v, the change of the residual with a function m that the
// integrands read by [Function.Dual]; m nil: with u. One call of the integrand a point.
func (f *Nonlinear) Derivative(dst, u []float64, m *Function, v []float64) error {
	if err := f.checkDerivative(m, dst, u, v); err != nil {
		return err
	}
	clear(dst)
	var change *Function
	if m != nil {
		change = &Function{m.Space, v}
	}
	for i := range f.terms {
		t := &f.terms[i]
		w := t.walk
		for w.next() {
			dofs := f.space.Cell(w.p.Cell)
			for j, dof := range dofs {
				f.coef[j] = u[dof]
				if m == nil {
					f.other[j] = v[dof]
				}
			}
			for w.point() {
				s := &f.state
				w.values(f.coef, s)
				if m == nil {
					w.slopes(f.other, s)
				} else {
					c := change.At(&w.p)
					w.seed = seed{m, c.Value, c.Grad}
				}
				t.evaluate(&w.p, s)
				w.seed = seed{}
				for c := range s.source {
					s.source[c].Value = s.source[c].Slope
					for k := range s.flux[c] {
						s.flux[c][k].Value = s.flux[c][k].Slope
					}
				}
				w.scatter(dst, dofs, s)
			}
		}
		w.forget(change)
		if w.err != nil {
			return w.err
		}
	}
	return nil
}

// DerivativeT is dst = R_m(u)ᵀ λ, with m nil K(u)ᵀ λ: the derivative of λ·R. The
// integrand is called as often as m has value and derivatives at a point.
func (f *Nonlinear) DerivativeT(dst, u []float64, m *Function, lambda []float64) error {
	if err := f.checkDerivative(m, lambda, u, dst); err != nil {
		return err
	}
	clear(dst)
	k := f.space.components
	for i := range f.terms {
		t := &f.terms[i]
		w := t.walk
		slots := 1 + w.geometry.dim
		for w.next() {
			dofs := f.space.Cell(w.p.Cell)
			for j, dof := range dofs {
				f.coef[j], f.other[j] = u[dof], lambda[dof]
			}
			for w.point() {
				s, l, d := &f.state, &f.against, &f.slope
				w.values(f.coef, s)
				w.values(f.other, l)
				if m == nil {
					d.byState(t, s)
					for j := range len(dofs) / k {
						value, grad := w.node(j, k)
						for c := range k {
							dst[dofs[j*k+c]] += w.weight * d.against(l, c*slots, k, slots, value, grad)
						}
					}
					continue
				}
				basis := m.basis(&w.p)
				d.byFunction(t, s, m)
				for j, dof := range m.Space.Cell(w.p.Cell) {
					dst[dof] += w.weight * d.against(l, 0, k, slots, basis[j].Value, &basis[j].Grad)
				}
			}
		}
		if w.err != nil {
			return w.err
		}
	}
	return nil
}

// byFunction takes the derivatives by the value and the gradient of a function.
func (d *differential) byFunction(t *nonlinearTerm, s *sample, m *Function) {
	w := t.walk
	k, slots := w.spaces[0].space.components, 1+w.geometry.dim
	if m.Space.shape.degree == 0 {
		slots = 1 // the gradient is zero and stays so
	}
	w.seed.function = m
	for i := range slots {
		slope := &w.seed.value
		if i > 0 {
			slope = &w.seed.grad[i-1]
		}
		*slope = 1
		t.evaluate(&w.p, s)
		*slope = 0
		d.take(i, k, s)
	}
	w.seed = seed{}
}

// against is λ·(change of source) + ∇λ·(change of flux) with a basis function, whose
// value and derivatives are the inputs from slot at on.
func (d *differential) against(l *sample, at, components, slots int, value float64, grad *Vec) float64 {
	var sum float64
	for t := range slots {
		e, x := &d[at+t], value
		if t > 0 {
			x = grad[t-1]
		}
		var s float64
		for c := range components {
			f, g := &e.flux[c], &l.grad[c]
			s += l.u[c].Value*e.source[c] + g[0].Value*f[0] + g[1].Value*f[1] + g[2].Value*f[2]
		}
		sum += x * s
	}
	return sum
}

// basis is the basis functions of a function's space at the point.
func (u *Function) basis(p *Point) []Basis {
	u.At(p)
	for i := range p.walk.read {
		if r := &p.walk.read[i]; r.function == u {
			return r.fill.basis
		}
	}
	return nil
}

// forget ends the reading of a function.
func (w *walk) forget(u *Function) {
	for i := range w.read {
		if w.read[i].function == u {
			w.read = append(w.read[:i], w.read[i+1:]...)
			return
		}
	}
}
