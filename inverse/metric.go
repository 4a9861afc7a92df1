package inverse

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"abide/potential"
)

// metric is P = (I/r² + JᵀR⁻¹J)⁻¹ at a place, by the eigenvectors of r²L⁻¹JJᵀL⁻ᵀ,
// R = L Lᵀ: with the right singular vectors vᵢ of L⁻¹J,
//
//	P^½ = r (I − Σᵢ shrink[i] vᵢvᵢᵀ),   shrink = 1 − 1/√(1 + λ),   λ = r²s².
//
// The zero value but for r is r²I.
type metric struct {
	r      float64
	v      [][]float64
	shrink []float64
}

// metricLimit is the largest number of measured values that a metric looks at: it
// takes as many products with Jᵀ and the eigenvectors of a matrix of that size.
const metricLimit = 64

// turn makes it the metric at x; nothing changes where the operator's derivative is not finite.
func (p *metric) turn(y *potential.Measurement, x []float64) {
	d, m := y.Op.Dims()
	noise, _ := y.Gaussian()
	if m > metricLimit {
		return
	}
	rows, unit := make([]float64, m*d), make([]float64, m)
	for i := range m {
		unit[i] = 1
		y.Op.VJPAt(rows[i*d:(i+1)*d], x, unit)
		unit[i] = 0
	}
	noise.WhitenRows(rows, d)
	j := mat.NewDense(m, d, rows) // L⁻¹J
	var gram mat.SymDense
	gram.SymOuterK(p.r*p.r, j)
	if v := mat.Trace(&gram); math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	var f mat.EigenSym
	if !f.Factorize(&gram, true) {
		return
	}
	var q, w mat.Dense
	f.VectorsTo(&q)
	w.Mul(q.T(), j) // row i is sᵢvᵢ
	lambda := f.Values(nil)
	p.v, p.shrink = p.v[:0], p.shrink[:0]
	for i, l := range lambda {
		row := w.RawRowView(i)
		size := norm(row)
		if !(l > 1e-12*lambda[m-1]) || size == 0 {
			continue // a direction of rounding
		}
		for k := range row {
			row[k] /= size
		}
		p.v, p.shrink = append(p.v, row), append(p.shrink, 1-1/math.Sqrt(1+l))
	}
}

// root is dst = P^½ x.
func (p *metric) root(dst, x []float64) {
	copy(dst, x)
	for i, v := range p.v {
		by := p.shrink[i] * inner(v, x)
		for k, w := range v {
			dst[k] -= by * w
		}
	}
	for k := range dst {
		dst[k] *= p.r
	}
}
