package physics

import (
	"fmt"
	"math"
	"sync"

	"abide/fem"
	"abide/sparse"
)

// Weak is the residual of stationary diffusion on a mesh, in its weak form,
//
//	r_i = Σ_K a_K (A_K u)_i − b_i = ∫ a ∇u·∇φ_i − ∫ f φ_i − ∫_Γ g φ_i,
//
// one coefficient a_K a cell (P0), u in a space of [fem]; rows of fixed degrees of freedom
// say u = g instead. The field is (a, u) with a first, or u alone where a is given. It is
// bilinear: J = [A_K u | A(a)].
//
// A. Ern and J.-L. Guermond, "Finite Elements II" (2021), section 31.1. Cost: k² multiplications a
// cell, k = degrees of freedom of a cell. Not for coefficients that vary within cells.
type Weak struct {
	space   *fem.Space
	fixed   *fem.Fixed
	load    []float64
	given   []float64 // a, or nil where it is unknown
	element []float64
	cells   int
	rows    []Row
	row     []int32 // [dofs] number of its residual
	pattern *sparse.CSR
	byA     []int32 // [cells × k] place in the pattern of row i by a_K, −1: none
	byU     []int32 // [cells × k × k]
	units   []int32 // places of the ones of fixed rows
}

// WeakProblem is what a Weak is made of.
type WeakProblem struct {
	Space *fem.Space
	Fixed *fem.Fixed // nil: no degree of freedom is fixed, and the solution has no mean
	Load  []float64  // b of all degrees of freedom
	Given []float64  // a of each cell, where u alone is unknown
	// Units of violation: of a load and of a value of u; 0 is the largest |b| and 1.
	LoadUnit, ValueUnit float64
	Tolerance           float64 // 0 is 1e-9
}

// NewWeak makes the constraint.
func NewWeak(p WeakProblem) (*Weak, error) {
	w := &Weak{space: p.Space, fixed: p.Fixed, load: p.Load, given: p.Given}
	if w.fixed == nil {
		return nil, fmt.Errorf("physics: weak form without fixed values: the solution has no mean; fix it somewhere")
	}
	n := p.Space.N()
	w.cells = len(p.Space.Cells()) / p.Space.PerCell()
	if len(p.Load) != n {
		return nil, fmt.Errorf("physics: weak form: a load of %d numbers for %d degrees of freedom", len(p.Load), n)
	}
	if p.Given != nil && len(p.Given) != w.cells {
		return nil, fmt.Errorf("physics: weak form: %d coefficients for %d cells", len(p.Given), w.cells)
	}
	if p.LoadUnit == 0 {
		for _, x := range p.Load {
			p.LoadUnit = max(p.LoadUnit, math.Abs(x))
		}
	}
	if p.ValueUnit == 0 {
		p.ValueUnit = 1
	}
	if p.Tolerance == 0 {
		p.Tolerance = 1e-9
	}
	if !(p.LoadUnit > 0) {
		return nil, fmt.Errorf("physics: weak form: the load is zero, so that it gives no unit of violation: set LoadUnit")
	}
	form, err := fem.NewForm(p.Space, nil)
	if err != nil {
		return nil, err
	}
	diffusion, err := form.Diffusion()
	if err != nil {
		return nil, err
	}
	w.element = diffusion.Element
	free := p.Fixed.N()
	w.rows = []Row{{Name: "equation", Size: free, Unit: p.LoadUnit, Tolerance: p.Tolerance, Doc: "Σ_K a_K (A_K u)_i − b_i at free degrees of freedom"}}
	if free < n {
		w.rows = append(w.rows, Row{Name: "boundary", Size: n - free, Unit: p.ValueUnit, Tolerance: p.Tolerance, Doc: "u − g at fixed degrees of freedom"})
	}
	fixed := int32(free)
	for _, k := range p.Fixed.Number {
		if k < 0 {
			k = fixed
			fixed++
		}
		w.row = append(w.row, k)
	}
	return w, w.find()
}

// start is where u begins in a field.
func (w *Weak) start() int {
	if w.given != nil {
		return 0
	}
	return w.cells
}

// find makes the pattern of J and the places in it.
func (w *Weak) find() error {
	var rows, cols []int32
	k := w.space.PerCell()
	for c := range w.cells {
		dofs := w.space.Cell(c)
		for _, i := range dofs {
			if w.fixed.Number[i] < 0 {
				continue
			}
			if w.given == nil {
				rows, cols = append(rows, w.row[i]), append(cols, int32(c))
			}
			for _, j := range dofs {
				rows, cols = append(rows, w.row[i]), append(cols, int32(w.start())+j)
			}
		}
	}
	for i, k := range w.fixed.Number {
		if k < 0 {
			rows, cols = append(rows, w.row[i]), append(cols, int32(w.start()+i))
		}
	}
	var err error
	if w.pattern, err = sparse.FromTriplets(w.space.N(), w.Dim(), rows, cols, make([]float64, len(rows))); err != nil {
		return err
	}
	w.byA, w.byU = make([]int32, w.cells*k), make([]int32, w.cells*k*k)
	for c := range w.cells {
		dofs := w.space.Cell(c)
		for a, i := range dofs {
			w.byA[c*k+a] = int32(w.pattern.Position(int(w.row[i]), c))
			for b, j := range dofs {
				w.byU[(c*k+a)*k+b] = int32(w.pattern.Position(int(w.row[i]), w.start()+int(j)))
			}
			if w.given != nil {
				w.byA[c*k+a] = -1
			}
			if w.fixed.Number[i] < 0 {
				w.byA[c*k+a] = -1
				for b := range dofs {
					w.byU[(c*k+a)*k+b] = -1
				}
			}
		}
	}
	for i, k := range w.fixed.Number {
		if k < 0 {
			w.units = append(w.units, int32(w.pattern.Position(int(w.row[i]), w.start()+i)))
		}
	}
	return nil
}

func (w *Weak) Dim() int    { return w.start() + w.space.N() }
func (w *Weak) Rows() []Row { return w.rows }

// split takes a field apart into the coefficient and the solution.
func (w *Weak) split(field []float64) (a, u []float64) {
	if w.given != nil {
		return w.given, field
	}
	return field[:w.cells], field[w.cells:]
}

func (w *Weak) Residual(dst, field []float64) {
	a, u := w.split(field)
	for i, r := range w.row {
		if w.fixed.Number[i] < 0 {
			dst[r] = u[i] - w.fixed.Value[i]
		} else {
			dst[r] = -w.load[i]
		}
	}
	w.add(dst, a, u)
}

// add adds Σ a_K A_K u to the rows that are equations.
func (w *Weak) add(dst, a, u []float64) {
	k := w.space.PerCell()
	for c, coefficient := range a {
		dofs, local := w.space.Cell(c), w.element[c*k*k:(c+1)*k*k]
		for p, i := range dofs {
			if w.fixed.Number[i] < 0 {
				continue
			}
			var sum float64
			for q, j := range dofs {
				sum += local[p*k+q] * u[j]
			}
			dst[w.row[i]] += coefficient * sum
		}
	}
}

func (w *Weak) JVP(dst, field, v []float64) {
	a, u := w.split(field)
	clear(dst)
	du := v[w.start():]
	for i, r := range w.row {
		if w.fixed.Number[i] < 0 {
			dst[r] = du[i]
		}
	}
	w.add(dst, a, du)
	if w.given == nil {
		w.add(dst, v[:w.cells], u)
	}
}

func (w *Weak) VJP(dst, field, q []float64) {
	a, u := w.split(field)
	clear(dst)
	du := dst[w.start():]
	k := w.space.PerCell()
	for c, coefficient := range a {
		dofs, local := w.space.Cell(c), w.element[c*k*k:(c+1)*k*k]
		for p, i := range dofs {
			if w.fixed.Number[i] < 0 {
				continue
			}
			weight := q[w.row[i]]
			var sum float64
			for r, j := range dofs {
				sum += local[p*k+r] * u[j]
				du[j] += weight * coefficient * local[p*k+r]
			}
			if w.given == nil {
				dst[c] += weight * sum
			}
		}
	}
	for i, r := range w.row {
		if w.fixed.Number[i] < 0 {
			du[i] += q[r]
		}
	}
}

func (w *Weak) Pattern() *sparse.CSR { return w.pattern }

func (w *Weak) Jacobian(dst *sparse.CSR, field []float64) {
	a, u := w.split(field)
	clear(dst.Value)
	k := w.space.PerCell()
	for c, coefficient := range a {
		dofs, local := w.space.Cell(c), w.element[c*k*k:(c+1)*k*k]
		for p := range dofs {
			var sum float64
			for r, j := range dofs {
				sum += local[p*k+r] * u[j]
				if at := w.byU[(c*k+p)*k+r]; at >= 0 {
					dst.Value[at] += coefficient * local[p*k+r]
				}
			}
			if at := w.byA[c*k+p]; at >= 0 {
				dst.Value[at] += sum
			}
		}
	}
	for _, at := range w.units {
		dst.Value[at] = 1
	}
}

// WeakSolve keeps the coefficient and solves for u: as [SolveProjection], by a sparse factor
// whose analysis is made once.
type WeakSolve struct {
	*Weak
	diffusion *fem.Weighted
	form      *fem.Form
	symbolic  *sparse.Symbolic
	work      sync.Pool
}

type weakWork struct {
	a        *sparse.CSR
	cholesky *sparse.Cholesky
	b, free  []float64
}

// NewWeakSolve makes the projection.
func NewWeakSolve(w *Weak) (*WeakSolve, error) {
	s := &WeakSolve{Weak: w}
	var err error
	if s.form, err = fem.NewForm(w.space, w.fixed); err != nil {
		return nil, err
	}
	if s.diffusion, err = s.form.Diffusion(); err != nil {
		return nil, err
	}
	a := s.form.Matrix()
	order, err := sparse.Order(a)
	if err != nil {
		return nil, err
	}
	if s.symbolic, err = sparse.Analyse(a, order); err != nil {
		return nil, err
	}
	s.work.New = func() any {
		return &weakWork{a: s.form.Matrix(), b: make([]float64, w.space.N()), free: make([]float64, w.fixed.N())}
	}
	return s, nil
}

// Project computes u of a field (a, u), or u alone, anew.
func (s *WeakSolve) Project(field []float64) error {
	if len(field) != s.Dim() {
		return fmt.Errorf("physics: a field of %d numbers for a constraint on %d", len(field), s.Dim())
	}
	w := s.work.Get().(*weakWork)
	defer s.work.Put(w)
	a, u := s.split(field)
	if err := s.diffusion.Assemble(w.a, a); err != nil {
		return err
	}
	copy(w.b, s.load)
	if err := s.diffusion.Lift(w.b, a); err != nil {
		return err
	}
	var err error
	if w.cholesky == nil {
		w.cholesky, err = sparse.NewCholesky(s.symbolic, w.a)
	} else {
		err = w.cholesky.Refactor(w.a)
	}
	if err != nil {
		w.cholesky = nil
		return fmt.Errorf("physics: weak form: a coefficient is not positive: %w", err)
	}
	s.fixed.Restrict(w.free, w.b)
	w.cholesky.Solve(w.free, w.free)
	s.fixed.Expand(u, w.free)
	return nil
}
