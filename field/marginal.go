package field

import (
	"fmt"

	"abide/sparse"
)

// marginals are the diagonals of inverses of a sparse symmetric positive definite
// matrix and of its powers, from one factorisation and without a solve,
//
//	dₖ = diag(K⁻¹ (M K⁻¹)ᵏ⁻¹),  M = diag(m),  k = 1 … order,
//
// as (K + tM)⁻¹ = Σₖ (−t)ᵏ⁻¹ K⁻¹ (M K⁻¹)ᵏ⁻¹: the factor L D Lᵀ and the entries of the
// inverse on its pattern are computed with Taylor polynomials in t of order − 1 for
// numbers.
//
// References: K. Takahashi, J. Fagan and M.-S. Chin, "Formation of a sparse bus
// impedance matrix and its application to short circuit study" (1973), the equations
// Z = D⁻¹L⁻¹ + (I − Lᵀ) Z; H. Rue and S. Martino, "Approximate Bayesian inference for
// hierarchical Gaussian Markov random field models", J. Stat. Plan. Inference 137
// (2007), section 2.1. The Taylor polynomials in place of a factor of the denser
// K M⁻¹ K are ours.
//
// It costs about order²/2 factorisations and as much again; scalar, column by column.
func marginals(k *sparse.CSR, m []float64, s *sparse.Symbolic, order int) ([][]float64, error) {
	if order < 1 || len(m) != k.Rows || !s.Matches(k) {
		return nil, fmt.Errorf("field: marginals of order %d of %d rows with %d masses", order, k.Rows, len(m))
	}
	f := &taylorFactor{Symbolic: s, order: order,
		l: make([]float64, len(s.Row)*order), d: make([]float64, s.N*order), inverse: make([]float64, s.N*order)}
	if err := f.factor(k, m); err != nil {
		return nil, err
	}
	f.invert()
	out := make([][]float64, order)
	sign := 1.0
	for p := range out {
		out[p] = make([]float64, s.N)
		for j := range s.N {
			out[p][s.Perm[j]] = sign * f.l[int(s.Col[j])*order+p]
		}
		sign = -sign
	}
	return out, nil
}

// taylorFactor is L D Lᵀ of P(K + tM)Pᵀ in the pattern of s, all numbers polynomials.
type taylorFactor struct {
	*sparse.Symbolic
	order   int
	l       []float64 // [entries × order] L, the unit diagonal's place for Z later on
	d       []float64 // [n × order]
	inverse []float64 // [n × order] 1/d
}

// minus is y −= a b of polynomials cut to equal length, plus is y += a b.
func minus(y, a, b []float64) {
	switch len(y) {
	case 1:
		y[0] -= a[0] * b[0]
	case 2:
		y[1] -= a[0]*b[1] + a[1]*b[0]
		y[0] -= a[0] * b[0]
	default:
		for i, x := range a {
			for j, z := range b[:len(b)-i] {
				y[i+j] -= x * z
			}
		}
	}
}

// factor goes column by column, each taking from those before it that have its row:
// they wait in lists by the row they reach next.
func (f *taylorFactor) factor(k *sparse.CSR, m []float64) error {
	n, p := f.N, f.order
	y := make([]float64, n*p) // the column, by rows
	scaled := make([]float64, p)
	first, next, at := make([]int32, n), make([]int32, n), make([]int32, n)
	for j := range first {
		first[j] = -1
	}
	scatter := f.columns()
	for j := range n {
		lo, hi := f.Col[j], f.Col[j+1]
		for q := scatter.ptr[j]; q < scatter.ptr[j+1]; q++ {
			y[int(scatter.row[q])*p] = k.Value[scatter.from[q]]
		}
		if p > 1 {
			y[j*p+1] = m[f.Perm[j]]
		}
		for c := first[j]; c >= 0; {
			following, a := next[c], at[c]
			clear(scaled) // −L[j, c] d[c]
			minus(scaled, f.l[int(a)*p:int(a+1)*p], f.d[int(c)*p:int(c+1)*p])
			for q := a; q < f.Col[c+1]; q++ {
				i := int(f.Row[q])
				plus(y[i*p:(i+1)*p], f.l[int(q)*p:int(q+1)*p], scaled)
			}
			if a+1 < f.Col[c+1] {
				i := f.Row[a+1]
				at[c], next[c], first[i] = a+1, first[i], c
			}
			c = following
		}
		d := f.d[j*p : (j+1)*p]
		copy(d, y[j*p:(j+1)*p])
		clear(y[j*p : (j+1)*p])
		if !(d[0] > 0) {
			return fmt.Errorf("field: the operator is not positive definite: pivot %g at row %d", d[0], f.Perm[j])
		}
		r := f.inverse[j*p : (j+1)*p]
		reciprocal(r, d)
		for q := lo + 1; q < hi; q++ {
			i := int(f.Row[q])
			l := f.l[int(q)*p : int(q+1)*p]
			plus(l, y[i*p:(i+1)*p], r)
			clear(y[i*p : (i+1)*p])
		}
		if lo+1 < hi {
			i := f.Row[lo+1]
			at[j], next[j], first[i] = lo+1, first[i], int32(j)
		}
	}
	return nil
}

func plus(y, a, b []float64) {
	switch len(y) {
	case 1:
		y[0] += a[0] * b[0]
	case 2:
		y[1] += a[0]*b[1] + a[1]*b[0]
		y[0] += a[0] * b[0]
	default:
		for i, x := range a {
			for j, z := range b[:len(b)-i] {
				y[i+j] += x * z
			}
		}
	}
}

// reciprocal is r = 1/d: r₀ = 1/d₀, rₖ = −(Σ_{j≥1} dⱼ rₖ₋ⱼ)/d₀.
func reciprocal(r, d []float64) {
	r[0] = 1 / d[0]
	for k := 1; k < len(d); k++ {
		s := 0.0
		for j := 1; j <= k; j++ {
			s += d[j] * r[k-j]
		}
		r[k] = -s * r[0]
	}
}

// byColumn is the lower triangle of P K Pᵀ by columns, as places in the matrix.
type byColumn struct{ ptr, row, from []int32 }

func (f *taylorFactor) columns() byColumn {
	c := byColumn{ptr: make([]int32, f.N+1), row: make([]int32, len(f.LowerIndex)), from: make([]int32, len(f.LowerIndex))}
	for _, j := range f.LowerIndex {
		c.ptr[j+1]++
	}
	for j := range f.N {
		c.ptr[j+1] += c.ptr[j]
	}
	next := append([]int32(nil), c.ptr[:f.N]...)
	for i := range f.N {
		for q := f.LowerPtr[i]; q < f.LowerPtr[i+1]; q++ {
			j := f.LowerIndex[q]
			c.row[next[j]], c.from[next[j]] = int32(i), f.LowerFrom[q]
			next[j]++
		}
	}
	return c
}

// invert replaces L by Z = (P(K + tM)Pᵀ)⁻¹ on its pattern, last column first:
//
//	Z[i, j] = −Σ_{k in column j} Z[i, k] L[k, j],  Z[j, j] = 1/d[j] − Σ Z[k, j] L[k, j].
//
// All Z[i, k] for i, k in column j are on the pattern.
func (f *taylorFactor) invert() {
	n, p := f.N, f.order
	place := make([]int32, n) // of a row in the column, 1-based
	var z, l []float64
	for j := n - 1; j >= 0; j-- {
		lo, hi := int(f.Col[j]), int(f.Col[j+1])
		rows := f.Row[lo+1 : hi]
		count := len(rows)
		z, l = z[:0], append(l[:0], f.l[(lo+1)*p:hi*p]...)
		for range count * p {
			z = append(z, 0)
		}
		for a, i := range rows {
			place[i] = int32(a + 1)
		}
		for a, k := range rows {
			from := int(f.Col[k])
			la, za := l[a*p:(a+1)*p], z[a*p:(a+1)*p]
			minus(za, f.l[from*p:(from+1)*p], la)
			for q := from + 1; q < int(f.Col[k+1]); q++ {
				b := int(place[f.Row[q]]) - 1
				if b < 0 {
					continue
				}
				v := f.l[q*p : (q+1)*p]
				minus(z[b*p:(b+1)*p], v, la)
				minus(za, v, l[b*p:(b+1)*p])
			}
		}
		diagonal := f.l[lo*p : (lo+1)*p]
		copy(diagonal, f.inverse[j*p:(j+1)*p])
		for a, i := range rows {
			minus(diagonal, z[a*p:(a+1)*p], l[a*p:(a+1)*p])
			place[i] = 0
		}
		copy(f.l[(lo+1)*p:hi*p], z)
	}
}
