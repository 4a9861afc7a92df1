package physics

import (
	"fmt"
	"math"
	"slices"

	"abide/sparse"
)

// Dependent is the squared sine of the angle, in the metric, below which a row counts
// as a combination of others: the largest pivot that is left of S, its diagonal scaled
// to 1. Rounding leaves about the number of rows times 1e-16.
const Dependent = 1e-12

// densest is the largest number of rows, linked by nodes that they share, among which
// dependent ones are sought.
const densest = 2000

// gram is S = C W⁻¹ Cᵀ, with lift the entries of C W⁻¹. A row that is empty has a zero
// on the diagonal.
func gram(c *sparse.CSR, lift []float64) *sparse.CSR {
	t := c.Transpose()
	s := &sparse.CSR{Rows: c.Rows, Cols: c.Rows, Ptr: make([]int32, c.Rows+1)}
	sum, mark := make([]float64, c.Rows), make([]int32, c.Rows)
	var touched []int32
	for i := range int32(c.Rows) {
		touched = append(touched[:0], i)
		mark[i], sum[i] = i+1, 0
		for k := c.Ptr[i]; k < c.Ptr[i+1]; k++ {
			j := c.Index[k]
			for q := t.Ptr[j]; q < t.Ptr[j+1]; q++ {
				l := t.Index[q]
				if mark[l] != i+1 {
					mark[l], sum[l] = i+1, 0
					touched = append(touched, l)
				}
				sum[l] += lift[k] * t.Value[q]
			}
		}
		slices.Sort(touched)
		for _, l := range touched {
			s.Index, s.Value = append(s.Index, l), append(s.Value, sum[l])
		}
		s.Ptr[i+1] = int32(len(s.Index))
	}
	return s
}

// disjoint tells whether a matrix is diagonal.
func disjoint(s *sparse.CSR) bool { return len(s.Index) == s.Rows }

// independent sorts the rows behind S into those to keep, ascending, and those that
// depend on them, with the remaining pivot: Cholesky's factor with the largest diagonal
// first of each set of rows that are linked (N. J. Higham, "Accuracy and Stability of
// Numerical Algorithms", 2nd ed. 2002, algorithm 10.2 with complete pivoting and
// §10.3.2 for when to stop). Cost: k r² for k linked rows of rank r. set numbers the
// linked sets.
func independent(s *sparse.CSR) (keep, drop []int32, pivot []float64, set []int32) {
	set = make([]int32, s.Rows)
	place := make([]int32, s.Rows)
	sets := int32(0)
	var rows []int32
	for i := range int32(s.Rows) {
		if set[i] != 0 {
			continue
		}
		sets++
		rows = append(rows[:0], i)
		set[i] = sets
		for at := 0; at < len(rows); at++ {
			place[rows[at]] = int32(at)
			for _, j := range s.Index[s.Ptr[rows[at]]:s.Ptr[rows[at]+1]] {
				if set[j] == 0 {
					set[j] = sets
					rows = append(rows, j)
				}
			}
		}
		if len(rows) > densest {
			keep = append(keep, rows...)
			continue
		}
		first, rest, left := pivoted(s, rows, place)
		keep = append(keep, first...)
		for _, r := range rest {
			drop, pivot = append(drop, r), append(pivot, left)
		}
	}
	slices.Sort(keep)
	return keep, drop, pivot, set
}

// pivoted does one set: the rows in the order of their pivots, those without one, and
// the largest diagonal that is left of these.
func pivoted(s *sparse.CSR, rows, place []int32) (first, rest []int32, left float64) {
	n := len(rows)
	if n == 1 {
		if s.At(int(rows[0]), int(rows[0])) > 0 {
			return rows, nil, 0
		}
		return nil, rows, 0
	}
	scale := make([]float64, n)
	for a, r := range rows {
		scale[a] = 1 / math.Sqrt(s.At(int(r), int(r)))
	}
	l := make([]float64, n*n) // row a is what is known of L's row
	diagonal, order := make([]float64, n), make([]int, n)
	for a := range n {
		diagonal[a], order[a] = 1, a
	}
	row := make([]float64, n)
	for step := range n {
		best := step
		for q := step + 1; q < n; q++ {
			if diagonal[order[q]] > diagonal[order[best]] {
				best = q
			}
		}
		order[step], order[best] = order[best], order[step]
		p := order[step]
		if diagonal[p] <= Dependent {
			left = math.Max(diagonal[p], 0)
			for _, a := range order[step:] {
				rest = append(rest, rows[a])
			}
			break
		}
		first = append(first, rows[p])
		root := math.Sqrt(diagonal[p])
		clear(row)
		for k := s.Ptr[rows[p]]; k < s.Ptr[rows[p]+1]; k++ {
			a := place[s.Index[k]]
			row[a] = s.Value[k] * scale[p] * scale[a]
		}
		for _, a := range order[step+1:] {
			x := (row[a] - dot(l[a*n:a*n+step], l[p*n:p*n+step])) / root
			l[a*n+step] = x
			diagonal[a] -= x * x
		}
		l[p*n+step] = root
	}
	return first, rest, left
}

// selectRows is the matrix of some rows.
func selectRows(c *sparse.CSR, rows []int32) *sparse.CSR {
	out := &sparse.CSR{Rows: len(rows), Cols: c.Cols, Ptr: make([]int32, len(rows)+1)}
	for i, r := range rows {
		out.Index = append(out.Index, c.Index[c.Ptr[r]:c.Ptr[r+1]]...)
		out.Value = append(out.Value, c.Value[c.Ptr[r]:c.Ptr[r+1]]...)
		out.Ptr[i+1] = int32(len(out.Index))
	}
	return out
}

// stacked is one matrix over the other.
func stacked(cols int, parts ...*sparse.CSR) (*sparse.CSR, error) {
	out := &sparse.CSR{Cols: cols, Ptr: []int32{0}}
	for _, p := range parts {
		if p.Cols != cols {
			return nil, fmt.Errorf("physics: a matrix of %d columns among matrices of %d", p.Cols, cols)
		}
		shift := int32(len(out.Index))
		out.Index, out.Value = append(out.Index, p.Index...), append(out.Value, p.Value...)
		for _, end := range p.Ptr[1:] {
			out.Ptr = append(out.Ptr, shift+end)
		}
		out.Rows += p.Rows
	}
	return out, nil
}
