package fem

import (
	"fmt"

	"abide/sparse"
)

// Point is where an integrand is evaluated.
type Point struct {
	X      Vec   // place
	Cell   int   // number of the cell
	Tag    int32 // and its region
	Normal Vec   // outward unit normal, on facets

	walk *walk
}

// Basis is a function of a space at a point: a basis function, or with [Function.At]
// any other. Scalar spaces set Value and Grad, vector spaces the rest.
type Basis struct {
	Value    float64
	Grad     Vec
	Vector   Vec
	Jacobian Mat // Jacobian[i][j] = ∂uᵢ/∂xⱼ
	Div      float64
}

// Strain is ε(u) = ½(∇u + ∇uᵀ).
func (b *Basis) Strain() Mat { return b.Jacobian.Sym() }

// Curl is ∇×u; in two dimensions its third component is ∂u₁/∂x₀ − ∂u₀/∂x₁.
func (b *Basis) Curl() Vec {
	j := &b.Jacobian
	return Vec{j[2][1] - j[1][2], j[0][2] - j[2][0], j[1][0] - j[0][1]}
}

// Bilinear and Linear are the integrands of forms a(u, v) and l(v): u is of the trial
// space, v of the test space. They may read any [Function] with [Function.At] and must
// not keep what the pointers point to.
type (
	Bilinear func(p *Point, u, v *Basis) float64
	Linear   func(p *Point, v *Basis) float64
)

// Option says where a form is integrated and how.
type Option func(*domain)

// On integrates over facets of named groups instead of the cells; without a name over all of
// the boundary.
func On(groups ...string) Option {
	return func(d *domain) { d.facets, d.groups = true, append(d.groups, groups...) }
}

// In integrates over the cells of named regions only.
func In(regions ...string) Option {
	return func(d *domain) { d.regions = append(d.regions, regions...) }
}

// Degree takes a quadrature that is exact for polynomials of that degree. The default
// is the sum of the degrees of trial and test functions; for l(v) twice that of v.
func Degree(n int) Option { return func(d *domain) { d.degree = n } }

// Rule takes this quadrature, on the reference cell or facet.
func Rule(q Quadrature) Option { return func(d *domain) { d.rule = &q } }

// Form is a bilinear form on a trial and a test space, a sum of integrals. The pattern
// of its matrix is made once; Assemble computes the numbers as often as functions or
// coefficients that the integrands read have changed.
//
//	A[i, j] = Σ_terms ∫ a(φⱼ, ψᵢ),  φ trial (columns), ψ test (rows).
//
// One goroutine at a time.
type Form struct {
	trial, test *Space
	fixed       *Fixed  // of trial and test; nil: no dof is fixed
	numbers     []int32 // [cells × PerCell] rows of the matrix, −1: fixed
	assembly    *sparse.Assembly
	terms       []term
}

type term struct {
	of   Bilinear
	walk *walk
}

// NewForm is an empty form of a square matrix on the free degrees of freedom of V;
// fixed nil: on all.
func NewForm(V *Space, fixed *Fixed) (*Form, error) {
	if fixed == nil {
		V.own.Do(func() {
			V.assembly, V.err = sparse.NewAssembly(V.n, V.n, V.dofs, V.perCell, V.dofs, V.perCell)
		})
		return &Form{trial: V, test: V, numbers: V.dofs, assembly: V.assembly}, V.err
	}
	if fixed.space != V {
		return nil, fmt.Errorf("fem: conditions of another space: make them by the Dirichlet method of the space of the form")
	}
	numbers := make([]int32, len(V.dofs))
	for k, i := range V.dofs {
		numbers[k] = fixed.Number[i]
	}
	n := len(fixed.Free)
	a, err := sparse.NewAssembly(n, n, numbers, V.perCell, numbers, V.perCell)
	return &Form{trial: V, test: V, fixed: fixed, numbers: numbers, assembly: a}, err
}

// NewMixedForm is an empty form of a rectangular matrix: rows of the test space,
// columns of the trial space, over the same mesh.
func NewMixedForm(trial, test *Space) (*Form, error) {
	if trial.mesh != test.mesh {
		return nil, fmt.Errorf("fem: trial and test space are on different meshes")
	}
	a, err := sparse.NewAssembly(test.n, trial.n, test.dofs, test.perCell, trial.dofs, trial.perCell)
	return &Form{trial: trial, test: test, numbers: test.dofs, assembly: a}, err
}

// Add adds an integral to the form.
func (f *Form) Add(a Bilinear, options ...Option) error {
	w, err := newWalk(f.trial, f.test, options)
	if err == nil {
		f.terms = append(f.terms, term{a, w})
	}
	return err
}

// Matrix is a zero matrix of the form's pattern. All share the pattern.
func (f *Form) Matrix() *sparse.CSR { return f.assembly.Pattern.Like() }

// Assembly is the pattern and the places of the cells' numbers in it.
func (f *Form) Assembly() *sparse.Assembly { return f.assembly }

// Rows are the rows of the degrees of freedom of each cell, [cells × PerCell], −1 where
// one is fixed.
func (f *Form) Rows() []int32 { return f.numbers }

// Assemble computes the matrix.
func (f *Form) Assemble(dst *sparse.CSR) error { return f.AssembleLifted(dst, nil) }

// AssembleLifted computes the matrix of the free degrees of freedom and takes from b,
// of all degrees of freedom, what the fixed ones contribute: b −= A g.
func (f *Form) AssembleLifted(dst *sparse.CSR, b []float64) error {
	if len(dst.Value) != f.assembly.Pattern.NNZ() || (b != nil && len(b) != f.test.n) {
		return fmt.Errorf("fem: a matrix of %d entries and a load of %d for a form of %d entries and %d rows: make them by Matrix and Linear",
			len(dst.Value), len(b), f.assembly.Pattern.NNZ(), f.test.n)
	}
	clear(dst.Value)
	local := make([]float64, f.trial.perCell*f.test.perCell)
	for _, t := range f.terms {
		w := t.walk
		for w.next() {
			clear(local)
			w.matrix(t.of, local)
			if w.err != nil {
				return w.err
			}
			c := w.p.Cell
			f.assembly.Add(dst.Value, c, local)
			if b != nil && f.fixed != nil {
				f.fixed.lift(b, c, local, 1)
			}
		}
	}
	return nil
}

// matrix adds the integral over the cell or facet at hand to its matrix.
func (w *walk) matrix(a Bilinear, local []float64) {
	p, test, trial := &w.p, w.test, w.trial
	for w.point() {
		weight, row := w.weight, local
		for i := range test {
			for j := range trial {
				row[j] += weight * a(p, &trial[j], &test[i])
			}
			row = row[len(trial):]
		}
	}
}

// Bilinear is the matrix of one integral over the space. Matrices of one space share
// their pattern, so that their values may be added up.
func (s *Space) Bilinear(a Bilinear, options ...Option) (*sparse.CSR, error) {
	f, err := NewForm(s, nil)
	if err != nil {
		return nil, err
	}
	return f.one(a, options)
}

// Mixed is the matrix of one integral with u of the trial space and v of the test space.
func Mixed(trial, test *Space, a Bilinear, options ...Option) (*sparse.CSR, error) {
	f, err := NewMixedForm(trial, test)
	if err != nil {
		return nil, err
	}
	return f.one(a, options)
}

func (f *Form) one(a Bilinear, options []Option) (*sparse.CSR, error) {
	if err := f.Add(a, options...); err != nil {
		return nil, err
	}
	m := f.Matrix()
	return m, f.Assemble(m)
}

// Linear is the vector b[i] = ∫ l(ψᵢ).
func (s *Space) Linear(l Linear, options ...Option) ([]float64, error) {
	b := make([]float64, s.n)
	return b, s.AddLinear(b, l, options...)
}

// AddLinear adds ∫ l(ψᵢ) to b.
func (s *Space) AddLinear(b []float64, l Linear, options ...Option) error {
	w, err := newWalk(s, s, options)
	if err != nil {
		return err
	}
	for w.next() {
		dofs := s.Cell(w.p.Cell)
		for w.point() {
			for i := range w.test {
				b[dofs[i]] += w.weight * l(&w.p, &w.test[i])
			}
		}
	}
	return w.err
}

// AddSource adds ∫ f ψᵢ to b, of a scalar space. f is called once for each quadrature
// point, where the integrand of AddLinear is called for each basis function.
func (s *Space) AddSource(b []float64, f func(x Vec) float64, options ...Option) error {
	if s.vector {
		return fmt.Errorf("fem: a source of one component in a space of %d: use AddForce, in a Problem Force", s.components)
	}
	return s.addLoad(b, func(x Vec) Vec { return Vec{f(x)} }, options)
}

// AddForce adds ∫ f·ψᵢ to b, of a vector space, as AddSource does.
func (s *Space) AddForce(b []float64, f func(x Vec) Vec, options ...Option) error {
	if !s.vector {
		return fmt.Errorf("fem: a force in a scalar space: use AddSource, in a Problem Source")
	}
	return s.addLoad(b, f, options)
}

// addLoad needs values of basis functions alone, no gradients.
func (s *Space) addLoad(b []float64, f func(x Vec) Vec, options []Option) error {
	if s.shape.flux {
		return s.AddLinear(b, func(p *Point, v *Basis) float64 { return f(p.X).Dot(v.Vector) }, options...)
	}
	w, err := newWalk(s, s, options)
	if err != nil {
		return err
	}
	k := s.components
	if g := w.geometry; g.affine && w.sides == nil && k == 1 {
		set, values := &w.sets[0], w.spaces[0].tables[0]
		for item := range w.count {
			c := item
			if w.cells != nil {
				c = int(w.cells[item])
			}
			size := g.place(c)
			dofs := s.Cell(c)
			for q, weight := range set.weights {
				l := weight * size * f(g.at(set.shape.at(q)))[0]
				value, _ := values.at(q)
				for i, v := range value {
					b[dofs[i]] += l * v
				}
			}
		}
		return nil
	}
	for w.next() {
		dofs := s.Cell(w.p.Cell)
		set := 0
		if w.sides != nil {
			set = int(w.sides[w.item].local)
		}
		for w.place() {
			value, _ := w.spaces[0].tables[set].at(w.q)
			load := f(w.p.X)
			for c := range k {
				l := w.weight * load[c]
				for i, v := range value {
					b[dofs[i*k+c]] += l * v
				}
			}
		}
	}
	return w.err
}

// Integral is ∫ f over the mesh of the space.
func (s *Space) Integral(f func(p *Point) float64, options ...Option) (float64, error) {
	w, err := newWalk(s, s, options)
	if err != nil {
		return 0, err
	}
	var sum float64
	for w.next() {
		for w.point() {
			sum += w.weight * f(&w.p)
		}
	}
	return sum, w.err
}
