package physics

import (
	"fmt"
	"math"
	"sync"

	"abide/sparse"
)

// EnergyForm is the shell of a quadratic form that is not diagonal, a consistent mass or
// a stiffness with a mass,
//
//	½ uᵀ M u = E,   P(u) = u √(2E / uᵀ M u),   Π v = v − u (uᵀMv)/(uᵀMu),
//
// nearest, and self-adjoint, in the inner product of M itself, which is therefore its
// metric. Cost: one product with M. For lumped masses, fixed nodes and other metrics:
// [Energy].
type EnergyForm struct {
	m      *sparse.CSR
	energy float64
	row    []Row
	work   sync.Pool // of *[]float64
}

var (
	_ Projector = (*EnergyForm)(nil)
	_ Tangent   = (*EnergyForm)(nil)
)

// NewEnergyForm makes the shell of a symmetric positive definite matrix.
func NewEnergyForm(m *sparse.CSR, energy float64, label Label) (*EnergyForm, error) {
	row, err := label.row("energy", 1, "½ uᵀ M u − E = 0")
	if err != nil {
		return nil, err
	}
	if m.Rows != m.Cols || m.Rows == 0 {
		return nil, fmt.Errorf("physics: %s: a matrix of %d×%d: want it square", row.Name, m.Rows, m.Cols)
	}
	for i := range m.Rows {
		for k := m.Ptr[i]; k < m.Ptr[i+1]; k++ {
			j := int(m.Index[k])
			if gap := m.Value[k] - m.At(j, i); !(math.Abs(gap) <= 1e-12*math.Abs(m.Value[k])) {
				return nil, fmt.Errorf("physics: %s: entries (%d, %d) and (%d, %d) of the matrix differ by %g: want it symmetric", row.Name, i, j, j, i, gap)
			}
		}
		if !(m.At(i, i) > 0) {
			return nil, fmt.Errorf("physics: %s: the diagonal of row %d is %g: want the matrix positive definite", row.Name, i, m.At(i, i))
		}
	}
	if !(energy > 0) || math.IsInf(energy, 0) {
		return nil, fmt.Errorf("physics: %s: an energy of %g: want a finite number above 0", row.Name, energy)
	}
	e := &EnergyForm{m: m, energy: energy, row: []Row{row}}
	e.work.New = func() any { x := make([]float64, m.Rows); return &x }
	return e, nil
}

func (e *EnergyForm) Dim() int    { return e.m.Rows }
func (e *EnergyForm) Rows() []Row { return e.row }

// form is uᵀ M v.
func (e *EnergyForm) form(u, v []float64) float64 {
	x := e.work.Get().(*[]float64)
	defer e.work.Put(x)
	e.m.Apply(*x, v)
	return dot(u, *x)
}

func (e *EnergyForm) Residual(dst, u []float64) { dst[0] = 0.5*e.form(u, u) - e.energy }
func (e *EnergyForm) JVP(dst, u, v []float64)   { dst[0] = e.form(u, v) }

func (e *EnergyForm) VJP(dst, u, w []float64) {
	e.m.Apply(dst, u)
	for i := range dst {
		dst[i] *= w[0]
	}
}

func (e *EnergyForm) Project(u []float64) error {
	if err := checkField(e.row[0].Name, e.Dim(), u); err != nil {
		return err
	}
	has := e.form(u, u)
	if !(has > 0) {
		return fmt.Errorf("physics: %s: a field with uᵀMu = %g has no nearest one of energy %g", e.row[0].Name, has, e.energy)
	}
	factor := math.Sqrt(2 * e.energy / has)
	for i := range u {
		u[i] *= factor
	}
	return nil
}

func (e *EnergyForm) Tangent(u, v []float64) error {
	if len(u) != e.Dim() || len(v) != e.Dim() {
		return fmt.Errorf("physics: %s: fields of %d and %d numbers where the law has %d", e.row[0].Name, len(u), len(v), e.Dim())
	}
	has := e.form(u, u)
	if !(has > 0) {
		return fmt.Errorf("physics: %s: there is no tangent at a field with uᵀMu = %g", e.row[0].Name, has)
	}
	along := e.form(u, v) / has
	for i, x := range u {
		v[i] -= along * x
	}
	return nil
}
