package physics

import (
	"fmt"
	"sync"

	"abide/sparse"
)

// NewSensors are exact readings between nodes,
//
//	H u = y,   P(u) = u − W⁻¹ Hᵀ (H W⁻¹ Hᵀ)⁻¹ (H u − y),
//
// H the rows of an interpolation matrix: 2^d weights per point of a grid, 3 barycentric
// ones per point in a triangle. See [Linear]; readings with noise are [NoisySensors].
func NewSensors(h *sparse.CSR, y []float64, w Metric, label Label) (*Linear, error) {
	row, err := label.row("sensors", h.Rows, "Σ_j H_ij u_j − y_i = 0")
	if err != nil {
		return nil, err
	}
	return newLinear([]Row{row}, h, y, w)
}

// NoisySensors are readings y = H u + ε, ε ~ N(0, R), R diagonal. They are not a set to
// project to; their step is the mean of u given y, where u has the precision W,
//
//	u ← u − W⁻¹ Hᵀ (H W⁻¹ Hᵀ + R)⁻¹ (H u − y)
//	  = argmin ½ |u′ − u|²_W + ½ |H u′ − y|²_{R⁻¹}
//
// (R. E. Kalman, J. Basic Eng. 82 (1960); ridge regression in other words). Cost: 4
// FLOPs an entry of H and a solve. Where R → 0 it is the projection of [NewSensors].
type NoisySensors struct {
	h    *sparse.CSR
	y    []float64
	row  []Row
	lift []float64
	work sync.Pool // of *affineWork
}

var _ Constraint = (*NoisySensors)(nil)

// NewNoisySensors makes the step; variance is R, each above 0.
func NewNoisySensors(h *sparse.CSR, y, variance []float64, w Metric, label Label) (*NoisySensors, error) {
	row, err := label.row("noisy sensors", h.Rows, "Σ_j H_ij u_j − y_i, of variance R_i")
	if err != nil {
		return nil, err
	}
	if err := w.Check(h.Cols); err != nil {
		return nil, err
	}
	if len(y) != h.Rows || len(variance) != h.Rows {
		return nil, fmt.Errorf("physics: %s: %d readings and %d variances for %d rows", row.Name, len(y), len(variance), h.Rows)
	}
	if err := checkNumbers(row.Name, "reading", y); err != nil {
		return nil, err
	}
	n := &NoisySensors{h: h, y: y, row: []Row{row}, lift: lifted(h, w)}
	s := gram(h, n.lift)
	for i, r := range variance {
		if !(r > 0) {
			return nil, fmt.Errorf("physics: %s: variance %d is %g: want a number above 0, or NewSensors for exact readings", row.Name, i, r)
		}
		s.Value[s.Position(i, i)] += r
	}
	factor, err := sparse.NewCholesky(nil, s)
	if err != nil {
		return nil, fmt.Errorf("physics: %s: %w", row.Name, err)
	}
	n.work.New = func() any { return &affineWork{make([]float64, h.Rows), factor.Copy()} }
	return n, nil
}

func (n *NoisySensors) Dim() int    { return n.h.Cols }
func (n *NoisySensors) Rows() []Row { return n.row }

func (n *NoisySensors) Residual(dst, u []float64) {
	n.h.Apply(dst, u)
	for i, y := range n.y {
		dst[i] -= y
	}
}

func (n *NoisySensors) JVP(dst, _, v []float64) { n.h.Apply(dst, v) }
func (n *NoisySensors) VJP(dst, _, w []float64) { n.h.ApplyT(dst, w) }

// Update is the step, written over u.
func (n *NoisySensors) Update(u []float64) error {
	if err := checkField(n.row[0].Name, n.Dim(), u); err != nil {
		return err
	}
	work := n.work.Get().(*affineWork)
	defer n.work.Put(work)
	n.Residual(work.r, u)
	work.factor.Solve(work.r, work.r)
	for i, r := range work.r {
		for k := n.h.Ptr[i]; k < n.h.Ptr[i+1]; k++ {
			u[n.h.Index[k]] -= r * n.lift[k]
		}
	}
	return nil
}
