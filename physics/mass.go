package physics

import (
	"fmt"

	"abide/sparse"
)

// NewMass is the content of each of several slices of a field,
//
//	wᵀ u_s = m_s,   P(u)_s = u_s − (wᵀu_s − m_s)/(wᵀ W⁻¹ w) W⁻¹ w,
//
// w the quadrature weights of one slice (trapezium on grids, M·1 on meshes), a slice
// len(w) numbers, len(m) slices: the time levels of a space-time field, or one slice
// that is the whole. With W = diag(w) the projection is a constant shift. Cost: 4 FLOPs
// a number. Zero mean is m = 0. Not for equations whose boundary lets mass through:
// [NewBalance]. With bounds: [NewBoundedMass].
func NewMass(weights, totals []float64, w Metric, label Label) (*Linear, error) {
	row, err := label.row("mass", len(totals), "Σ_i w_i u_i − m = 0 of each slice")
	if err != nil {
		return nil, err
	}
	if len(weights) == 0 || len(totals) == 0 {
		return nil, fmt.Errorf("physics: %s: %d weights and %d totals: want at least one of each", row.Name, len(weights), len(totals))
	}
	return newLinear([]Row{row}, blocks([][]float64{weights}, len(totals)), totals, w)
}

// NewMoments are k weighted sums of each of several slices, momentum or the centre of
// mass say (weights w_i x_i),
//
//	W_q u_s = m_sq,   q = 1 … k,   P by the k×k Gram matrix of each slice;
//
// moments has k rows of weights for one slice, totals k numbers a slice, slice by slice.
// Rows that are nearly dependent (high powers of x) should be made orthogonal before.
func NewMoments(moments [][]float64, totals []float64, w Metric, label Label) (*Linear, error) {
	row, err := label.row("moments", len(totals), "Σ_i w_qi u_i − m_q = 0 of each slice")
	if err != nil {
		return nil, err
	}
	if len(moments) == 0 || len(totals) == 0 || len(totals)%len(moments) != 0 {
		return nil, fmt.Errorf("physics: %s: %d moments and %d totals: want a total for each moment of each slice", row.Name, len(moments), len(totals))
	}
	for q, m := range moments {
		if len(m) == 0 || len(m) != len(moments[0]) {
			return nil, fmt.Errorf("physics: %s: moment %d has %d weights, the first has %d", row.Name, q, len(m), len(moments[0]))
		}
	}
	return newLinear([]Row{row}, blocks(moments, len(totals)/len(moments)), totals, w)
}

// blocks is the block-diagonal matrix of k rows for each slice.
func blocks(rows [][]float64, slices int) *sparse.CSR {
	size := len(rows[0])
	c := &sparse.CSR{Rows: slices * len(rows), Cols: slices * size, Ptr: []int32{0}}
	for s := range slices {
		for _, weights := range rows {
			for i, x := range weights {
				if x != 0 {
					c.Index, c.Value = append(c.Index, int32(s*size+i)), append(c.Value, x)
				}
			}
			c.Ptr = append(c.Ptr, int32(len(c.Index)))
		}
	}
	return c
}

// NewBalance is the content of the time levels of a space-time field where fluxes and
// sources are known,
//
//	wᵀuⁿ⁺¹ − wᵀuⁿ + Δt (F_Rⁿ − F_Lⁿ) − Δt Sⁿ = 0,   n = 0 … N−1,
//
// with the fluxes of the scheme that the data belong to, in the direction of x; gain is
// Δt (F_L − F_R + S) of each step, one fewer than there are levels. R. J. LeVeque,
// "Finite Volume Methods for Hyperbolic Problems" (2002), §4.1. It fixes what is gained,
// not the content itself: for that add the mass of one level. S is tridiagonal. Not for
// fluxes that depend on u: their rows are not linear.
func NewBalance(weights, gain []float64, w Metric, label Label) (*Linear, error) {
	row, err := label.row("balance", len(gain), "wᵀuⁿ⁺¹ − wᵀuⁿ − Δt (F_L − F_R + S) = 0")
	if err != nil {
		return nil, err
	}
	if len(weights) == 0 || len(gain) == 0 {
		return nil, fmt.Errorf("physics: %s: %d weights and %d steps: want at least one of each", row.Name, len(weights), len(gain))
	}
	size := len(weights)
	c := &sparse.CSR{Rows: len(gain), Cols: (len(gain) + 1) * size, Ptr: []int32{0}}
	for n := range gain {
		for level, sign := range []float64{-1, 1} {
			for i, x := range weights {
				if x != 0 {
					c.Index, c.Value = append(c.Index, int32((n+level)*size+i)), append(c.Value, sign*x)
				}
			}
		}
		c.Ptr = append(c.Ptr, int32(len(c.Index)))
	}
	return newLinear([]Row{row}, c, gain, w)
}
