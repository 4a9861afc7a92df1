package constraint

import "math"

// factor is the orthogonal factorisation of the active rows of a quadratic
// program with Hessian H = L Lᵀ: a matrix J = L⁻ᵀQ, so that J Jᵀ = H⁻¹, with
//
//	Jᵀ [a₁ … a_q] = [R; 0],  R upper triangular, q×q.
//
// The last n−q columns of J span, in the metric of H, the directions that leave
// all active rows as they are. Adding a row is one Householder reflection,
// dropping one is a sweep of Givens rotations: O(n²) each.
//
// Reference: D. Goldfarb and A. Idnani, "A numerically stable dual method for
// solving strictly convex quadratic programs", Mathematical Programming 27
// (1983), section 4 (there with Givens rotations throughout).
type factor struct {
	n      int       // variables
	q      int       // active rows
	stride int       // largest n
	jt     []float64 // row k is column k of J
	r      []float64 // column k of R is r[k*stride : k*stride+k+1]
}

func newFactor(n int) factor {
	return factor{stride: n, jt: make([]float64, n*n), r: make([]float64, n*n)}
}

// column is column k of J.
func (f *factor) column(k int) []float64 { return f.jt[k*f.stride : k*f.stride+f.n] }

// reset makes J the identity (H = I) in n variables, with no active row.
func (f *factor) reset(n int) {
	f.n, f.q = n, 0
	for k := range n {
		column := f.column(k)
		clear(column)
		column[k] = 1
	}
}

// copyFrom makes f equal to g.
func (f *factor) copyFrom(g *factor) {
	f.n, f.q = g.n, g.q
	for k := range g.n {
		copy(f.column(k), g.column(k))
	}
	for k := range g.q {
		copy(f.r[k*f.stride:k*f.stride+k+1], g.r[k*g.stride:k*g.stride+k+1])
	}
}

// project writes d = Jᵀa, the step z = J₂ J₂ᵀ a that changes a but no active row,
// and the coefficients c = R⁻¹ J₁ᵀ a of a's best match by the active rows. It
// returns ‖J₂ᵀa‖² = a·z and ‖Jᵀa‖².
func (f *factor) project(a normal, d, z, c []float64) (free, all float64) {
	n, q := f.n, f.q
	for k := range n {
		d[k] = a.dot(f.column(k))
	}
	clear(z[:n])
	for k := q; k < n; k++ {
		if d[k] != 0 {
			free += d[k] * d[k]
			axpy(d[k], f.column(k), z)
		}
	}
	all = free
	for k := range q {
		all += d[k] * d[k]
	}
	copy(c, d[:q])
	f.solve(c)
	return free, all
}

// solve replaces c (length ≥ q) by R⁻¹c.
func (f *factor) solve(c []float64) {
	for k := f.q - 1; k >= 0; k-- {
		column := f.r[k*f.stride : k*f.stride+k+1]
		c[k] /= column[k]
		axpy(-c[k], column[:k], c)
	}
}

// solveTransposed replaces c (length ≥ q) by R⁻ᵀc.
func (f *factor) solveTransposed(c []float64) {
	for k := range f.q {
		column := f.r[k*f.stride : k*f.stride+k+1]
		c[k] = (c[k] - dot(column[:k], c)) / column[k]
	}
}

// add appends the row whose d, z and free came from project; free must not be 0.
// The reflection I − 2vvᵀ/vᵀv with v = d₂ + sign(d_q)‖d₂‖e₁ turns d₂ into a
// multiple of e₁; z is used up.
func (f *factor) add(d, z []float64, free float64) {
	q, length := f.q, math.Copysign(math.Sqrt(free), d[f.q])
	first := d[q]
	v := d[q:f.n]
	v[0] += length
	axpy(length, f.column(q), z) // z = J₂v
	scale := 1 / (length * v[0]) // 2/vᵀv
	for k, vk := range v {
		if vk != 0 {
			axpy(-scale*vk, z[:f.n], f.column(q+k))
		}
	}
	v[0] = first
	column := f.r[q*f.stride : q*f.stride+q+1]
	copy(column, d[:q])
	column[q] = -length
	f.q++
}

// drop removes active row number l.
func (f *factor) drop(l int) {
	for k := l; k < f.q-1; k++ {
		copy(f.r[k*f.stride:k*f.stride+k+2], f.r[(k+1)*f.stride:(k+1)*f.stride+k+2])
	}
	f.q--
	for i := l; i < f.q; i++ {
		column := f.r[i*f.stride:]
		length := math.Hypot(column[i], column[i+1])
		cos, sin := column[i]/length, column[i+1]/length
		for k := i; k < f.q; k++ {
			column := f.r[k*f.stride:]
			column[i], column[i+1] = cos*column[i]+sin*column[i+1], cos*column[i+1]-sin*column[i]
		}
		upper, lower := f.column(i), f.column(i+1)
		for j, u := range upper {
			upper[j], lower[j] = cos*u+sin*lower[j], cos*lower[j]-sin*u
		}
	}
}

// axpy is y ← y + s x over the length of x.
func axpy(s float64, x, y []float64) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += s * v
	}
}
