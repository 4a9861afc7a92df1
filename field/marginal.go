package field

import (
	"fmt"

	"gonum.org/v1/gonum/blas"

	"abide/sparse"
)

// marginals are the diagonals of inverses of a sparse symmetric positive definite
// matrix and of its powers, from one factorisation and without a solve,
//
//	dₖ = diag(K⁻¹ (M K⁻¹)ᵏ⁻¹),  M = diag(m),  k = 1 … order,
//
// as (K + tM)⁻¹ = Σₖ (−t)ᵏ⁻¹ K⁻¹ (M K⁻¹)ᵏ⁻¹: block elimination and the entries of the
// inverse on its pattern are computed with Taylor polynomials in t of order − 1 for
// numbers. Columns S of the factor with the same rows B below them form a dense front F;
// with P = F_SS⁻¹ and G = F_BS P, children first,
//
//	F_BB −= G F_SB  passes to the parent,
//
// and, parents first, the inverse Z comes back from Z_BB, which is part of the parent's:
//
//	Z_BS = −Z_BB G,  Z_SS = P − Gᵀ Z_BS.
//
// References: I. S. Duff and J. K. Reid, "The multifrontal solution of indefinite sparse
// symmetric linear equations", ACM TOMS 9 (1983); K. Takahashi, J. Fagan and M.-S. Chin,
// "Formation of a sparse bus impedance matrix and its application to short circuit study"
// (1973); H. Rue and S. Martino, J. Stat. Plan. Inference 137 (2007), section 2.1. Taylor
// polynomials in place of a factor of the denser K M⁻¹ K are ours.
//
// It costs some order²/2 times three factorisations, in products of dense matrices.
func marginals(k *sparse.CSR, m []float64, s *sparse.Symbolic, order int) ([][]float64, error) {
	if order < 1 || len(m) != k.Rows || !s.Matches(k) {
		return nil, fmt.Errorf("field: marginals of order %d of %d rows with %d masses", order, k.Rows, len(m))
	}
	f := &fronts{Symbolic: s, order: order}
	f.partition()
	if err := f.eliminate(k, m); err != nil {
		return nil, err
	}
	out := make([][]float64, order)
	for p := range out {
		out[p] = make([]float64, s.N)
	}
	f.invert(out)
	return out, nil
}

// fronts are the dense parts of a block elimination, a front for each supernode.
type fronts struct {
	*sparse.Symbolic
	order  int
	first  []int32 // [fronts + 1] columns
	parent []int32 // front that takes what is left, −1 at roots
	p, g   []series
}

// partition finds the runs of columns with the same rows below.
func (f *fronts) partition() {
	owner := make([]int32, f.N)
	for j := range f.N {
		if j == 0 || f.Parent[j-1] != int32(j) || f.Col[j]-f.Col[j-1] != f.Col[j+1]-f.Col[j]+1 {
			f.first = append(f.first, int32(j))
		}
		owner[j] = int32(len(f.first) - 1)
	}
	f.first = append(f.first, int32(f.N))
	for c := range len(f.first) - 1 {
		f.parent = append(f.parent, -1)
		if up := f.Parent[f.first[c+1]-1]; up >= 0 {
			f.parent[c] = owner[up]
		}
	}
}

// rows are those of front c: its columns and then those below.
func (f *fronts) rows(c int) []int32 { return f.Row[f.Col[f.first[c]]:f.Col[f.first[c]+1]] }

// eliminate works from the leaves to the roots.
func (f *fronts) eliminate(k *sparse.CSR, m []float64) error {
	n := len(f.first) - 1
	f.p, f.g = make([]series, n), make([]series, n)
	left := make([][]int32, n)  // children of each front
	update := make([]series, n) // what they pass on
	place := make([]int32, f.N) // of a row in the front
	column := f.columns()
	for c := range n {
		rows := f.rows(c)
		size, own := len(rows), int(f.first[c+1]-f.first[c])
		front := newSeries(f.order, size, size)
		for a, i := range rows {
			place[i] = int32(a)
		}
		for a := range own {
			j := int(f.first[c]) + a
			for q := column.ptr[j]; q < column.ptr[j+1]; q++ {
				b := int(place[column.row[q]])
				front[0].Data[b*size+a], front[0].Data[a*size+b] = k.Value[column.from[q]], k.Value[column.from[q]]
			}
			if f.order > 1 {
				front[1].Data[a*size+a] = m[f.Perm[j]]
			}
		}
		for _, child := range left[c] {
			f.receive(front, update[child], f.below(int(child)), place)
			update[child] = nil
		}
		b := size - own
		p, err := inverse(front.part(0, 0, own, own))
		if err != nil {
			return fmt.Errorf("field: the operator is not positive definite near row %d", f.Perm[f.first[c]])
		}
		g := newSeries(f.order, b, own)
		g.add(1, blas.NoTrans, front.part(own, 0, b, own), p)
		f.p[c], f.g[c] = p, g
		if b > 0 {
			rest := front.part(own, own, b, b)
			rest.add(-1, blas.NoTrans, g, front.part(0, own, own, b))
			update[c] = rest
			left[f.parent[c]] = append(left[f.parent[c]], int32(c))
		}
	}
	return nil
}

func (f *fronts) below(c int) []int32 { return f.rows(c)[f.first[c+1]-f.first[c]:] }

// receive adds what a child passes on at the places of its rows.
func (f *fronts) receive(front, update series, rows []int32, place []int32) {
	for k, u := range update {
		for a, i := range rows {
			dst := front[k].Data[int(place[i])*front[k].Stride:]
			for b, v := range u.Data[a*u.Stride : a*u.Stride+len(rows)] {
				dst[place[rows[b]]] += v
			}
		}
	}
}

// invert works from the roots to the leaves and writes the diagonals of the powers.
func (f *fronts) invert(out [][]float64) {
	n := len(f.first) - 1
	z := make([]series, n) // of all rows of a front, until its children have theirs
	waiting := make([]int, n)
	for _, up := range f.parent {
		if up >= 0 {
			waiting[up]++
		}
	}
	place := make([]int32, f.N)
	for c := n - 1; c >= 0; c-- {
		rows, below := f.rows(c), f.below(c)
		size, b := len(rows), len(below)
		own := size - b
		front := newSeries(f.order, size, size)
		if b > 0 {
			up := int(f.parent[c])
			for a, i := range f.rows(up) {
				place[i] = int32(a)
			}
			for k := range front {
				from := z[up][k]
				for a, i := range below {
					src := from.Data[int(place[i])*from.Stride:]
					dst := front[k].Data[(own+a)*size+own : (own+a+1)*size]
					for e, j := range below {
						dst[e] = src[place[j]]
					}
				}
			}
			if waiting[up]--; waiting[up] == 0 {
				z[up] = nil
			}
		}
		low := front.part(own, 0, b, own)
		low.add(-1, blas.NoTrans, front.part(own, own, b, b), f.g[c])
		square := front.part(0, 0, own, own)
		for k, p := range f.p[c] {
			for i := range own {
				copy(square[k].Data[i*size:i*size+own], p.Data[i*own:(i+1)*own])
			}
		}
		square.add(-1, blas.Trans, f.g[c], low)
		sign := 1.0
		for k := range front {
			for a := range own {
				out[k][f.Perm[rows[a]]] = sign * front[k].Data[a*size+a]
				for e := range b {
					front[k].Data[a*size+own+e] = front[k].Data[(own+e)*size+a]
				}
			}
			sign = -sign
		}
		f.p[c], f.g[c] = nil, nil
		if waiting[c] > 0 {
			z[c] = front
		}
	}
}

// byColumn is the lower triangle of P K Pᵀ by columns, as places in the matrix.
type byColumn struct{ ptr, row, from []int32 }

func (f *fronts) columns() byColumn {
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
