package fem

import (
	"fmt"

	"abide/sparse"
)

// Flux and VectorFlux are integrands of scalar and vector spaces, written once: from u
// and ∇u they make the flux σ and the source s of
//
//	R(u; v) = ∫ σ(u, ∇u)·∇v + s(u, ∇u) v.
//
// −∇·((1+u²)∇u) = f is
//
//	func(p *fem.Point, u fem.Dual, grad fem.DualVec) (fem.DualVec, fem.Dual) {
//		return grad.Mul(u.Mul(u).Plus(1)), fem.Const(-f(p.X))
//	}
//
// Row c of grad and of the flux of a vector space belongs to component c. Functions
// are read with [Function.At], or with [Function.Dual] where the form is to be
// differentiated by them.
type (
	Flux       func(p *Point, u Dual, grad DualVec) (flux DualVec, source Dual)
	VectorFlux func(p *Point, u *DualVec, grad *DualMat) (flux DualMat, source DualVec)
)

// Nonlinear is a sum of such integrals, its residual R and its tangent K, which is
// exact because integrands compute with dual numbers:
//
//	R_i(u) = ∫ σ·∇φᵢ + s φᵢ,   K_ij = ∂R_i/∂u_j = ∫ ∇φᵢ·(σ_u φⱼ + σ_∇u ∇φⱼ) + φᵢ (s_u φⱼ + s_∇u·∇φⱼ).
//
// Per point the integrand is called once for R and k(1+d) times for K (k components, d
// dimensions). The pattern of K is made once. For linear forms [Form] and [Weighted]
// are faster and need no state.
//
// Vectors are of all degrees of freedom, matrices of the free ones. One goroutine at a
// time.
type Nonlinear struct {
	space *Space
	fixed *Fixed
	form  *Form
	terms []nonlinearTerm
	local []float64 // matrix of a cell
	coef  []float64 // u on a cell, and what else goes in there
	other []float64

	// At the point; here, for what integrands are given pointers to is on the heap.
	state, against sample
	slope          differential

	analysed *Factor // of the tangent's pattern
	inner    [2]*Weighted
	dual     Inverse // of the inner product of H¹, the sum of both
}

type nonlinearTerm struct {
	scalar Flux
	vector VectorFlux
	walk   *walk
}

// NewNonlinear is an empty form on a space with prescribed values; fixed nil: none.
func NewNonlinear(V *Space, fixed *Fixed) (*Nonlinear, error) {
	if V.shape.flux {
		return nil, fmt.Errorf("fem: nonlinear forms on %v: spaces of values at nodes are meant", V.element)
	}
	if fixed == nil {
		var err error
		if fixed, err = V.Dirichlet(); err != nil {
			return nil, err
		}
	}
	form, err := NewForm(V, fixed)
	if err != nil {
		return nil, err
	}
	n := V.perCell
	return &Nonlinear{space: V, fixed: fixed, form: form, local: make([]float64, n*n), coef: make([]float64, n), other: make([]float64, n)}, nil
}

// Add adds an integral of a scalar space. The
// quadrature is exact for twice the degree of the space unless options say otherwise.
func (f *Nonlinear) Add(a Flux, options ...Option) error {
	if f.space.vector {
		return fmt.Errorf("fem: a Flux of one component in a space of %d: use AddVector", f.space.components)
	}
	return f.add(nonlinearTerm{scalar: a}, options)
}

// AddVector is [Nonlinear.Add] of a vector space.
func (f *Nonlinear) AddVector(a VectorFlux, options ...Option) error {
	if !f.space.vector {
		return fmt.Errorf("fem: a VectorFlux in a scalar space: use Add")
	}
	return f.add(nonlinearTerm{vector: a}, options)
}

func (f *Nonlinear) add(t nonlinearTerm, options []Option) error {
	var err error
	if t.walk, err = newWalk(f.space, f.space, options); err == nil {
		f.terms = append(f.terms, t)
	}
	return err
}

// Space is that of solution and tests.
func (f *Nonlinear) Space() *Space { return f.space }

// Fixed is what is prescribed.
func (f *Nonlinear) Fixed() *Fixed { return f.fixed }

// Matrix is a zero matrix of the tangent's pattern. All share the pattern.
func (f *Nonlinear) Matrix() *sparse.CSR { return f.form.Matrix() }

// Residual is R(u). At fixed degrees of freedom it is the reaction: what a load there
// would have to be.
func (f *Nonlinear) Residual(r, u []float64) error { return f.Assemble(r, nil, u) }

// Tangent is K(u).
func (f *Nonlinear) Tangent(k *sparse.CSR, u []float64) error { return f.Assemble(nil, k, u) }

// Assemble computes both, or one where the other is nil.
func (f *Nonlinear) Assemble(r []float64, k *sparse.CSR, u []float64) error {
	return f.assemble(r, k, u, false)
}

// assemble makes the matrix of [Newton.Picard] instead of K where that is asked for.
func (f *Nonlinear) assemble(r []float64, k *sparse.CSR, u []float64, picard bool) error {
	if len(u) != f.space.n || r != nil && len(r) != f.space.n {
		return fmt.Errorf("fem: vectors of %d and %d for a form of %d degrees of freedom", len(u), len(r), f.space.n)
	}
	if k != nil {
		if len(k.Value) != f.form.assembly.Pattern.NNZ() {
			return fmt.Errorf("fem: a matrix of %d entries for a form of %d: make it by Matrix", len(k.Value), f.form.assembly.Pattern.NNZ())
		}
		clear(k.Value)
	}
	clear(r)
	for i := range f.terms {
		t := &f.terms[i]
		w := t.walk
		for w.next() {
			dofs := f.space.Cell(w.p.Cell)
			for j, dof := range dofs {
				f.coef[j] = u[dof]
			}
			if k != nil {
				clear(f.local)
			}
			for w.point() {
				s, d := &f.state, &f.slope
				w.values(f.coef, s)
				if r != nil {
					t.evaluate(&w.p, s)
					w.scatter(r, dofs, s)
				}
				if k != nil {
					d.byState(t, s)
					if picard {
						d.picard(f.space.components, 1+w.geometry.dim, s)
					}
					w.tangent(f.local, d)
				}
			}
			if w.err != nil {
				return w.err
			}
			if k != nil {
				f.form.assembly.Add(k.Value, w.p.Cell, f.local)
			}
		}
	}
	return nil
}
