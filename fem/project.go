package fem

import "fmt"

// Project is the function u of a scalar space with ∫ u v = ∫ f v for all v, the nearest
// to f in L²: a derivative of a function, a coefficient with jumps. Of P0 it is the mean
// of f in each cell. ProjectVector is that of a vector space.
//
//	flux, err := W.ProjectVector(func(p *fem.Point) fem.Vec { return u.At(p).Grad.Times(-k[p.Tag]) })
//
// Values may leave the range of f: where f jumps, P1 and P2 overshoot, P0 does not.
func (s *Space) Project(f func(p *Point) float64, options ...Option) (*Function, error) {
	if s.vector {
		return nil, fmt.Errorf("fem: a projection of one component in a space of %d: use ProjectVector", s.components)
	}
	return Problem{
		Space:    s,
		Bilinear: func(_ *Point, u, v *Basis) float64 { return u.Value * v.Value },
		Linear:   func(p *Point, v *Basis) float64 { return f(p) * v.Value },
		Options:  options,
	}.Solve()
}

// ProjectVector is Project in a vector space.
func (s *Space) ProjectVector(f func(p *Point) Vec, options ...Option) (*Function, error) {
	if !s.vector {
		return nil, fmt.Errorf("fem: a projection of vectors in a scalar space: use Project")
	}
	return Problem{
		Space:    s,
		Bilinear: func(_ *Point, u, v *Basis) float64 { return u.Vector.Dot(v.Vector) },
		Linear:   func(p *Point, v *Basis) float64 { return f(p).Dot(v.Vector) },
		Options:  options,
	}.Solve()
}
