package fem

import "math"

// Norms of a function u, or of its error u − g against an exact g:
//
//	‖e‖_L² = (∫ |e|²)^½,  |e|_H¹ = (∫ |∇e|²)^½.
//
// The quadrature is of degree 6, two above the square of a function of the space of
// degree 2, so that on smooth g it does not show; [Degree] changes it.

// L2 is ‖u‖.
func (u *Function) L2(options ...Option) (float64, error) {
	return u.L2Error(nil, options...)
}

// H1 is |u|, the norm of the gradient.
func (u *Function) H1(options ...Option) (float64, error) {
	return u.H1Error(nil, options...)
}

// L2Error is ‖u − g‖; g nil is 0. A vector function is compared by all components.
func (u *Function) L2Error(g func(x Vec) Vec, options ...Option) (float64, error) {
	return u.norm(func(p *Point) float64 {
		v := u.At(p)
		e := v.Vector
		if !u.Space.vector {
			e = Vec{v.Value}
		}
		if g != nil {
			e = e.Sub(g(p.X))
		}
		return e.Dot(e)
	}, options)
}

// H1Error is |u − g| from the derivatives of g, row c the gradient of component c.
func (u *Function) H1Error(g func(x Vec) Mat, options ...Option) (float64, error) {
	return u.norm(func(p *Point) float64 {
		v := u.At(p)
		e := v.Jacobian
		if !u.Space.vector {
			e = Mat{v.Grad}
		}
		if g != nil {
			exact := g(p.X)
			for i := range e {
				e[i] = e[i].Sub(exact[i])
			}
		}
		return e.Dot(&e)
	}, options)
}

func (u *Function) norm(square func(p *Point) float64, options []Option) (float64, error) {
	options = append([]Option{Degree(6)}, options...)
	sum, err := u.Space.Integral(square, options...)
	return math.Sqrt(sum), err
}
