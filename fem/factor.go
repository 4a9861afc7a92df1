package fem

import (
	"math"

	"abide/sparse"
)

// Inverse solves with a matrix and with its transpose; *sparse.LU is one.
type Inverse interface {
	sparse.Solver
	// SolveT is dst = A⁻ᵀ b. dst and b may be the same slice.
	SolveT(dst, b []float64)
}

// Factor is the direct factor of matrices of one pattern, which a form over one space
// has: Cholesky where a matrix is symmetric and positive definite, else LU, ordered by
// dissection of the coordinates. In space, beyond some 10⁵ unknowns, iterate.
type Factor struct {
	perm     []int32
	symbolic *sparse.Symbolic
	cholesky *sparse.Cholesky
	lu       *sparse.LU
	probe    *probe
	definite bool // of the last matrix
}

// NewFactor orders and analyses the pattern of a matrix of the free degrees of freedom,
// and factors it.
func NewFactor(fixed *Fixed, a *sparse.CSR) (*Factor, error) {
	f, err := analyse(fixed, a)
	if err != nil {
		return nil, err
	}
	return f, f.Refactor(a)
}

func analyse(fixed *Fixed, a *sparse.CSR) (*Factor, error) {
	perm, err := fixed.order(a)
	if err != nil {
		return nil, err
	}
	s, err := sparse.Analyse(a, perm)
	return &Factor{perm: perm, symbolic: s, probe: newProbe(a.Rows)}, err
}

// order is the dissection of the free degrees of freedom by their places.
func (f *Fixed) order(a *sparse.CSR) ([]int32, error) {
	d := f.space.mesh.Dim()
	places := make([]float64, 0, d*len(f.Free))
	for _, dof := range f.Free {
		at := f.space.Place(int(dof))
		places = append(places, at[:d]...)
	}
	return sparse.OrderCoordinates(a, places, d)
}

// sibling is a factor of the same pattern with memory of its own.
func (f *Factor) sibling() *Factor {
	return &Factor{perm: f.perm, symbolic: f.symbolic, probe: newProbe(f.symbolic.N)}
}

// Refactor takes another matrix of the pattern. After an error there is no factor.
func (f *Factor) Refactor(a *sparse.CSR) (err error) {
	f.definite = f.probe.symmetric(a)
	if f.definite {
		if f.cholesky == nil {
			f.cholesky, err = sparse.NewCholesky(f.symbolic, a)
		} else {
			err = f.cholesky.Refactor(a)
		}
		if err == nil {
			return nil
		}
		f.definite = false
	}
	if f.lu == nil {
		f.lu, err = sparse.NewLU(a, f.perm)
		return err
	}
	return f.lu.Refactor(a)
}

// Solve is dst = A⁻¹ b.
func (f *Factor) Solve(dst, b []float64) {
	if f.definite {
		f.cholesky.Solve(dst, b)
	} else {
		f.lu.Solve(dst, b)
	}
}

// SolveT is dst = A⁻ᵀ b.
func (f *Factor) SolveT(dst, b []float64) {
	if f.definite {
		f.cholesky.Solve(dst, b)
	} else {
		f.lu.SolveT(dst, b)
	}
}

// probe is two vectors without pattern that tell symmetric matrices from others.
type probe struct{ x, y, ax, ay []float64 }

func newProbe(n int) *probe {
	p := &probe{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
	state := uint64(1)
	next := func() float64 {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>11)/(1<<53) - 0.5
	}
	for i := range n {
		p.x[i], p.y[i] = next(), next()
	}
	return p
}

// symmetric compares xᵀA y and yᵀA x.
func (p *probe) symmetric(a *sparse.CSR) bool {
	a.Apply(p.ax, p.x)
	a.Apply(p.ay, p.y)
	var d, size float64
	for i, x := range p.x {
		y := p.y[i]
		d += x*p.ay[i] - y*p.ax[i]
		size += math.Abs(x*p.ay[i]) + math.Abs(y*p.ax[i])
	}
	return math.Abs(d) <= 1e-11*size
}
