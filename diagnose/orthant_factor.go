package diagnose

import (
	"fmt"
	"math"
)

// orthant is {z : G z ≤ bound} for independent standard normals z, its rows
// sorted by the last variable each contains.
type orthant struct {
	columns [][]orthantRow // [r] rows whose last variable is k, the one it was made from first
}

// orthantRow is Σ_{j≤k} g[j] z_j ≤ bound.
type orthantRow struct {
	g     []float64
	bound float64
}

// dependent is the share of a row's variance below which it counts as fixed by
// the variables already chosen.
const dependent = 1e-12

// newOrthant whitens A x ≤ b by a Cholesky factorisation of A cov Aᵀ that picks
// as next row the one of smallest conditional probability. empty says that a
// row without variance is violated.
func newOrthant(mean, cov, a, b []float64, m int) (f *orthant, empty bool) {
	d := len(mean)
	if len(cov) != d*d || len(a) != m*d || len(b) != m {
		panic(fmt.Sprintf("diagnose: mean of %d, covariance of %d, matrix of %d and bound of %d numbers do not fit %d rows", d, len(cov), len(a), len(b), m))
	}
	rows, empty := unitRows(mean, cov, a, b, m)
	if empty {
		return nil, true
	}
	f = &orthant{}
	var y []float64 // expected value of each variable given its bounds
	for len(rows) > 0 {
		pivot := likeliestToFail(rows, y)
		first := rows[pivot]
		rows = append(rows[:pivot], rows[pivot+1:]...)

		k := len(f.columns)
		first.g = append(first.g, math.Sqrt(first.left))
		column := []orthantRow{first.orthantRow}
		rest := rows[:0]
		for _, r := range rows {
			c := dot(r.a, first.ca)
			for j := range k {
				c -= r.g[j] * first.g[j]
			}
			r.g = append(r.g, c/first.g[k])
			if r.left -= r.g[k] * r.g[k]; r.left > dependent {
				rest = append(rest, r)
			} else {
				column = append(column, r.orthantRow)
			}
		}
		rows = rest
		f.columns = append(f.columns, column)
		y = append(y, expectedBelow(first.standardBound(y)))
	}
	return f, false
}

// rowToFactor is a row of unit variance on its way into the factor.
type rowToFactor struct {
	orthantRow
	a, ca []float64 // the row and cov times it, scaled
	left  float64   // variance not yet explained by chosen variables
}

// unitRows scales rows to unit variance and settles those without any, or
// without a finite bound.
func unitRows(mean, cov, a, b []float64, m int) (rows []rowToFactor, empty bool) {
	d := len(mean)
	for i := range m {
		row := append([]float64(nil), a[i*d:(i+1)*d]...)
		ca := make([]float64, d)
		size := 0.0 // variance the row would have were all coordinates fully correlated
		for j := range d {
			ca[j] = dot(cov[j*d:(j+1)*d], row)
			size += math.Abs(row[j]) * math.Sqrt(math.Max(0, cov[j*d+j]))
		}
		variance, bound := dot(row, ca), b[i]-dot(row, mean)
		switch {
		case variance <= dependent*size*size:
			empty = empty || bound < 0
			continue
		case math.IsInf(bound, 1):
			continue
		}
		std := math.Sqrt(variance)
		for j := range d {
			row[j] /= std
			ca[j] /= std
		}
		rows = append(rows, rowToFactor{orthantRow: orthantRow{bound: bound / std}, a: row, ca: ca, left: 1})
	}
	return rows, empty
}

// standardBound is the row's bound on its next variable, given those before.
func (r *rowToFactor) standardBound(y []float64) float64 {
	t := r.bound
	for j, v := range y {
		t -= r.g[j] * v
	}
	return t / math.Sqrt(r.left)
}

func likeliestToFail(rows []rowToFactor, y []float64) int {
	pivot, least := 0, math.Inf(1)
	for i := range rows {
		if t := rows[i].standardBound(y); t < least {
			pivot, least = i, t
		}
	}
	return pivot
}

// expectedBelow is E[Z | Z ≤ t] = −φ(t)/Φ(t) of a standard normal; far out in
// the tail, where both vanish, t itself.
func expectedBelow(t float64) float64 {
	if t < -35 {
		return t
	}
	return -math.Exp(-t*t/2) / math.Sqrt(2*math.Pi) / phi(t)
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
