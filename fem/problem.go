package fem

import (
	"fmt"
	"math"
	"slices"

	"abide/sparse"
)

// Neumann prescribes the flux through facets, κ ∂u/∂n = g; of a vector space the
// traction.
type Neumann struct {
	Group  string // "" is all of the boundary
	Value  func(x Vec) float64
	Vector func(x Vec) Vec
}

// Robin is κ ∂u/∂n + α u = g on facets.
type Robin struct {
	Group string              // "" is all of the boundary
	Alpha func(x Vec) float64 // α
	Value func(x Vec) float64 // g; nil: 0
}

// Facets adds any forms on facets: springs under an elastic body, Nitsche's method.
type Facets struct {
	Group    string   // "" is all of the boundary
	Bilinear Bilinear // added to a; nil: nothing
	Linear   Linear   // added to l; nil: nothing
}

// Problem is a linear boundary value problem: find u of the space with u = g on the
// Dirichlet facets and
//
//	a(u, v) + ∫_K c ∇u·∇v + ∫_Robin α u v = l(v) + ∫_Neumann g v + ∫_Robin g v
//
// for all v that vanish there. Facets that are not named have zero flux. Periodic sides
// are a property of the space ([Space.Periodic]). The zero of each field is nothing
// where not said otherwise.
type Problem struct {
	Space     *Space
	Bilinear  Bilinear            // a, over the cells
	Diffusion []float64           // c, per cell: the fast way for −∇·c∇u
	Linear    Linear              // l, over the cells
	Source    func(x Vec) float64 // f of ∫ f v, the fast way to l; of a scalar space
	Force     func(x Vec) Vec     // f of ∫ f·v, of a vector space
	Options   []Option            // quadrature of a and l

	Dirichlet []Dirichlet
	Neumann   []Neumann
	Robin     []Robin
	Facets    []Facets

	// ZeroMean makes the solution of pure Neumann conditions, which is determined up to
	// a constant, the one with ∫u = 0. Without it such a problem is an error.
	ZeroMean bool

	Solver Method        // zero: chosen by size and symmetry
	Krylov sparse.Krylov // of iterative methods; the zero value is sound
}

// Laplace is the integrand ∇u·∇v.
func Laplace(_ *Point, u, v *Basis) float64 { return u.Grad.Dot(v.Grad) }

// Constant is the integrand f v.
func Constant(f float64) Linear { return func(_ *Point, v *Basis) float64 { return f * v.Value } }

// System is a problem as equations A x = b of the free degrees of freedom.
type System struct {
	A     *sparse.CSR
	B     []float64
	Fixed *Fixed

	mean   []float64 // ∫φᵢ, where the mean has to vanish
	method Method
	krylov sparse.Krylov
}

// Solve assembles and solves.
func (p Problem) Solve() (*Function, error) {
	s, err := p.System()
	if err != nil {
		return nil, err
	}
	return s.Solve()
}

// System assembles the equations and finds out whether they have one solution.
func (p Problem) System() (*System, error) {
	V := p.Space
	if V == nil {
		return nil, fmt.Errorf("fem: a problem without a space: make one by NewSpace")
	}
	if p.Bilinear == nil && p.Diffusion == nil {
		return nil, fmt.Errorf("fem: a problem without Bilinear and Diffusion has no equation")
	}
	for cell, c := range p.Diffusion {
		if !(c > 0) || math.IsInf(c, 1) {
			return nil, fmt.Errorf("fem: the diffusion coefficient of cell %d is %g: it is positive and finite", cell, c)
		}
	}
	fixed, err := V.Dirichlet(p.Dirichlet...)
	if err != nil {
		return nil, err
	}
	if fixed.N() == 0 {
		return nil, fmt.Errorf("fem: all %d degrees of freedom have prescribed values: refine the mesh or raise the degree", V.n)
	}
	b, err := p.load()
	if err != nil {
		return nil, err
	}
	a, err := p.matrix(fixed, b)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(a.Value, func(v float64) bool { return v != 0 }) {
		return nil, fmt.Errorf("fem: the system is %w: all entries of the matrix are zero: forms of vector spaces read Vector, Jacobian and Div, forms of scalar spaces Value and Grad", ErrSingular)
	}
	s := &System{A: a, B: make([]float64, fixed.N()), Fixed: fixed, method: p.Solver, krylov: p.Krylov}
	fixed.Restrict(s.B, b)
	for i, v := range fixed.Value {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("fem: the value prescribed at %v is %g: Dirichlet values are finite", V.places[i/V.components][:V.mesh.Dim()], v)
		}
	}
	for k, v := range s.B {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("fem: the load at %v is %g: sources, forces and fluxes are finite at all points of quadrature near it", V.places[int(fixed.Free[k])/V.components][:V.mesh.Dim()], v)
		}
	}
	return s, s.determined(p)
}

// load is the right-hand side for all degrees of freedom.
func (p Problem) load() ([]float64, error) {
	V := p.Space
	b := make([]float64, V.n)
	if p.Linear != nil {
		if err := V.AddLinear(b, p.Linear, p.Options...); err != nil {
			return nil, err
		}
	}
	if p.Source != nil {
		if err := V.AddSource(b, p.Source, p.Options...); err != nil {
			return nil, err
		}
	}
	if p.Force != nil {
		if err := V.AddForce(b, p.Force, p.Options...); err != nil {
			return nil, err
		}
	}
	for _, c := range p.Neumann {
		if (c.Vector != nil) != V.vector || (c.Value != nil) == V.vector {
			return nil, fmt.Errorf("fem: Neumann condition on %q: Value is for scalar spaces, Vector for vector spaces", c.Group)
		}
		flux := func(q *Point, v *Basis) float64 { return c.Value(q.X) * v.Value }
		if V.vector {
			flux = func(q *Point, v *Basis) float64 { return c.Vector(q.X).Dot(v.Vector) }
		}
		if err := V.AddLinear(b, flux, on(c.Group)); err != nil {
			return nil, err
		}
	}
	for _, c := range p.Robin {
		if c.Alpha == nil || V.vector {
			return nil, fmt.Errorf("fem: Robin condition on %q: it has Alpha and is for scalar spaces; for vector spaces use Facets", c.Group)
		}
		if c.Value != nil {
			if err := V.AddLinear(b, func(q *Point, v *Basis) float64 { return c.Value(q.X) * v.Value }, on(c.Group)); err != nil {
				return nil, err
			}
		}
	}
	for _, c := range p.Facets {
		if c.Linear != nil {
			if err := V.AddLinear(b, c.Linear, on(c.Group)); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// matrix assembles A on the free degrees of freedom and lifts the fixed ones into b.
func (p Problem) matrix(fixed *Fixed, b []float64) (*sparse.CSR, error) {
	form, err := NewForm(p.Space, fixed)
	if err != nil {
		return nil, err
	}
	if p.Bilinear != nil {
		if err := form.Add(p.Bilinear, p.Options...); err != nil {
			return nil, err
		}
	}
	for _, c := range p.Robin {
		if err := form.Add(func(q *Point, u, v *Basis) float64 { return c.Alpha(q.X) * u.Value * v.Value }, on(c.Group)); err != nil {
			return nil, err
		}
	}
	for _, c := range p.Facets {
		if c.Bilinear != nil {
			if err := form.Add(c.Bilinear, on(c.Group)); err != nil {
				return nil, err
			}
		}
	}
	a := form.Matrix()
	if len(form.terms) > 0 {
		if err := form.AssembleLifted(a, b); err != nil {
			return nil, err
		}
	}
	if p.Diffusion != nil {
		k, err := form.Diffusion()
		if err != nil {
			return nil, err
		}
		if err := k.Add(a, p.Diffusion); err != nil {
			return nil, err
		}
		if err := k.Lift(b, p.Diffusion); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// on is On without a name for the whole boundary.
func on(group string) Option {
	if group == "" {
		return On()
	}
	return On(group)
}
