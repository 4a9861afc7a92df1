package physics

import (
	"sync"

	"abide/sparse"
)

// Penalty is guidance towards a constraint, its value and its gradient in u,
//
//	φ = ½ cᵀ R⁻¹ c,   ∇φ = B Jᵀ R⁻¹ c,
//
// in one of three norms, which for residuals r = A u − b of elliptic equations differ by
// powers of h (A₀ a definite reference operator near A):
//
//	L²               R = I,   B = I     Hessian A A,            condition h⁻⁴
//	dual, H⁻¹        R = A₀,  B = I     Hessian A A₀⁻¹ A,       condition h⁻²
//	preconditioned   R = A₀,  B = A₀⁻¹  Hessian A₀⁻¹ A A₀⁻¹ A,  that of A₀⁻¹A squared, whatever h
//
// Noise of size ε on u makes residuals of size ε h⁻²: L² sees nothing else. The last is the
// gradient in the inner product of A₀ and the default for guidance.
//
// R. C. Kirby, SIAM Review 52 (2010), on Riesz maps as preconditioners, sections 3 and 4. Cost:
// c, one product with Jᵀ, and up to two solves with A₀: by sine transforms
// ([NewSineReference]), multigrid ([sparse.AMG]) or a factor. They own work space:
// each goroutine has its own.
type Penalty struct {
	Constraint
	rows  int
	norms sync.Pool
}

// Norm is R⁻¹ on residuals and B on fields; nil is the identity, residuals being in units.
type Norm struct {
	Rows, Field sparse.Solver
}

type penaltyWork struct {
	norm    Norm
	c, dual []float64
}

// NewPenalty takes what makes a Norm, once for each goroutine; nil is L² in units.
func NewPenalty(c Constraint, norm func() Norm) *Penalty {
	p := &Penalty{Constraint: c, rows: Size(c)}
	p.norms.New = func() any {
		w := &penaltyWork{c: make([]float64, p.rows), dual: make([]float64, p.rows)}
		if norm != nil {
			w.norm = norm()
		}
		return w
	}
	return p
}

// evaluate writes c and R⁻¹c and returns φ. Inequalities that hold count as zero.
func (p *Penalty) evaluate(w *penaltyWork, u []float64) (phi float64) {
	p.Residual(w.c, u)
	at := 0
	for _, r := range p.Rows() {
		for i := at; i < at+r.Size; i++ {
			if r.Upper {
				w.c[i] = max(w.c[i], 0)
			}
		}
		at += r.Size
	}
	p.riesz(w)
	for i, x := range w.c {
		phi += x * w.dual[i]
	}
	return phi / 2
}

// riesz writes R⁻¹c.
func (p *Penalty) riesz(w *penaltyWork) {
	if w.norm.Rows != nil {
		w.norm.Rows.Solve(w.dual, w.c)
		return
	}
	at := 0
	for _, r := range p.Rows() {
		for i := at; i < at+r.Size; i++ {
			w.dual[i] = w.c[i] / (r.Unit * r.Unit)
		}
		at += r.Size
	}
}

// Value is φ.
func (p *Penalty) Value(u []float64) float64 {
	w := p.norms.Get().(*penaltyWork)
	defer p.norms.Put(w)
	return p.evaluate(w, u)
}

// Gradient writes B Jᵀ R⁻¹ c and returns φ.
func (p *Penalty) Gradient(dst, u []float64) float64 {
	w := p.norms.Get().(*penaltyWork)
	defer p.norms.Put(w)
	phi := p.evaluate(w, u)
	p.VJP(dst, u, w.dual)
	if w.norm.Field != nil {
		w.norm.Field.Solve(dst, dst)
	}
	return phi
}

// Within is a Solver on some numbers of a longer array; what is not among them becomes zero.
type Within struct {
	solver sparse.Solver
	index  []int32
	part   []float64
}

// NewWithin takes the places of the numbers, in the order of the solver.
func NewWithin(s sparse.Solver, index []int32) *Within {
	return &Within{s, index, make([]float64, len(index))}
}

func (w *Within) Solve(dst, b []float64) {
	for k, i := range w.index {
		w.part[k] = b[i]
	}
	w.solver.Solve(w.part, w.part)
	clear(dst)
	for k, i := range w.index {
		dst[i] = w.part[k]
	}
}

// scaled is a Solver times a number.
type scaled struct {
	sparse.Solver
	by float64
}

func (s scaled) Solve(dst, b []float64) {
	s.Solver.Solve(dst, b)
	for i := range dst {
		dst[i] *= s.by
	}
}
