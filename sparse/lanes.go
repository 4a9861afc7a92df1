package sparse

import (
	"fmt"
	"math"
	"strings"
)

// Lanes is the number of matrices that a [Batch] factors at once: entry [k][l] of
// an interleaved array belongs to number k of matrix l.
const Lanes = 8

type lane = [Lanes]float64

// Batch factors eight symmetric positive definite matrices of one pattern at once,
//
//	P Aₗ Pᵀ = Lₗ Lₗᵀ,  l = 0 … 7,
//
// and solves with them. Their numbers are interleaved, eight in a row, so that one
// vector instruction works on all: the loops over indices are paid once.
//
// The method is left-looking Cholesky by panels (E. Ng and B. Peyton, "Block sparse
// Cholesky algorithms on advanced uniprocessor computers", SIAM J. Sci. Comput. 14,
// 1993): a panel of columns collects its entries of A and the products of earlier
// panels, a few rows by two columns of which stay in registers, and is factored as a
// dense block. Cost: 8 Σ cⱼ² operations for columns of cⱼ numbers, 32 operations
// per number of L in a solve.
//
// Not for: one matrix (seven eighths would be lost), indefinite matrices, far more
// than 10⁴ unknowns, where L of eight matrices leaves the caches (64 bytes a number)
// and memory sets the pace of solves.
//
// Products are rounded before they are added, in one order: builds with and without
// vector instructions give factors and solutions of the same bits. Fused operations
// would make a factorisation 3 to 5 % faster (4,096 and 1,024 unknowns, 512-bit
// registers). Lanes do not touch one another: a lane's numbers depend on its matrix
// alone.
//
// A Batch is work space and belongs to one goroutine; nothing is allocated after
// it is made.
type Batch struct {
	plan    *batchPlan
	kernels *laneKernels
	l       []lane // panels, the diagonal places unused
	inverse []lane // 1/Lⱼⱼ
	x       []lane // right-hand sides in the order of L
	failed  LaneError
}

// laneKernels are the loops over numbers, for one set of instructions.
type laneKernels struct {
	name string

	// panel factors a panel of k columns in place; inverse gets 1/Lⱼⱼ.
	panel func(p []lane, k int, inverse []lane)

	// update subtracts from the panel t of ld columns the products of the rows of
	// a (k columns each) with its first cols rows; place is where the rows are in t.
	update func(t, a []lane, k, ld, cols int, place []int32)

	// forward and backward solve with one panel; x begins at its first column and
	// below are the places of its other rows in all.
	forward, backward func(p []lane, k int, inverse, x, all []lane, below []int32)

	// assemble adds unit[e]·a[cell] at scatter[e]; gradient is −λᵀKu per cell.
	assemble func(values []lane, scatter []int32, unit []float64, a []lane)
	gradient func(dst []lane, dofs []int32, unit []float64, lambda, u []lane)
}

// NewBatch makes the work space for matrices of the pattern of s. The order of
// columns may differ from that of s, to one with the same L up to renumbering.
func NewBatch(s *Symbolic) *Batch { return newBatchPlan(s).batch() }

func (p *batchPlan) batch() *Batch {
	n := len(p.order)
	return &Batch{plan: p, kernels: &fastestLanes, l: make([]lane, p.size), inverse: make([]lane, n), x: make([]lane, n)}
}

// N is the number of rows.
func (b *Batch) N() int { return len(b.plan.order) }

// NNZ is the number of entries of A that Factor reads.
func (b *Batch) NNZ() int { return b.plan.values }

// LaneError is the error of a factorisation in which some lanes failed.
type LaneError struct {
	// Row of the matrix at which a lane's pivot was not a positive finite number,
	// the first in the order of elimination; −1 where the lane is good.
	Row [Lanes]int
}

// Unwrap makes it an ErrIndefinite.
func (e *LaneError) Unwrap() error { return ErrIndefinite }

func (e *LaneError) Error() string {
	var s strings.Builder
	for l, row := range e.Row {
		if row >= 0 {
			if s.Len() > 0 {
				s.WriteString(", ")
			}
			fmt.Fprintf(&s, "lane %d at row %d", l, row)
		}
	}
	return "sparse: not positive definite: " + s.String() + "; the other lanes are factored"
}

// Factor computes the factors. values are the entries of the analysed pattern, as
// CSR.Value of eight matrices; only those of one triangle are read. The error, if
// any, is a *[LaneError], valid until the next call: lanes that it does
// not name are factored and may be solved with, the named ones give NaN.
func (b *Batch) Factor(values [][8]float64) error {
	p := b.plan
	if len(values) != p.values {
		return fmt.Errorf("sparse: %d values for a pattern of %d entries", len(values), p.values)
	}
	for i := range p.panels {
		f := &p.panels[i]
		k := int(f.cols)
		t := b.l[f.at : f.at+int(f.rows)*k]
		clear(t)
		for _, e := range p.entry[f.entries[0]:f.entries[1]] {
			t[e.to] = values[e.from]
		}
		for j := range f.updates {
			u := &f.updates[j]
			from := &p.panels[u.from]
			cols := int(from.cols)
			a := b.l[from.at+int(u.row)*cols:]
			b.kernels.update(t, a[:len(u.place)*cols], cols, k, int(u.cols), u.place)
		}
		b.kernels.panel(t, k, b.inverse[f.first:f.first+f.cols])
	}
	return b.check()
}

// check looks for pivots that were not positive: the numbers of a failed lane are
// NaN from there to the root.
func (b *Batch) check() error {
	good := true
	for k := range b.inverse {
		for _, v := range b.inverse[k] {
			good = good && v > 0 && v <= math.MaxFloat64
		}
	}
	if good {
		return nil
	}
	for l := range Lanes {
		b.failed.Row[l] = -1
		for k := range b.inverse {
			if v := b.inverse[k][l]; !(v > 0 && v <= math.MaxFloat64) {
				b.failed.Row[l] = int(b.plan.order[k])
				break
			}
		}
		if b.failed.Row[l] >= 0 {
			for k := range b.inverse {
				b.inverse[k][l] = math.NaN()
			}
		}
	}
	return &b.failed
}

// Solve is dst = A⁻¹ rhs in each lane. dst and rhs may be the same slice.
func (b *Batch) Solve(dst, rhs [][8]float64) {
	b.take(rhs)
	b.forward()
	b.backward()
	b.give(dst)
}

// SolveL is dst = L⁻¹ P rhs: dst·dst is rhsᵀ A⁻¹ rhs. dst is in the order of L.
func (b *Batch) SolveL(dst, rhs [][8]float64) {
	b.take(rhs)
	b.forward()
	copy(dst[:b.N()], b.x)
}

// SolveLT is dst = Pᵀ L⁻ᵀ z: with z of independent standard normal numbers, dst is
// normal with covariance A⁻¹. Solve is SolveLT after SolveL.
func (b *Batch) SolveLT(dst, z [][8]float64) {
	copy(b.x, z[:b.N()])
	b.backward()
	b.give(dst)
}

// LogDet is log det A in each lane.
func (b *Batch) LogDet() (sum [8]float64) {
	for k := range b.inverse {
		for l, v := range b.inverse[k] {
			sum[l] -= 2 * math.Log(v)
		}
	}
	return sum
}

func (b *Batch) take(rhs []lane) {
	rhs = rhs[:len(b.x)]
	for k, i := range b.plan.order {
		b.x[k] = rhs[i]
	}
}

func (b *Batch) give(dst []lane) {
	dst = dst[:len(b.x)]
	for k, i := range b.plan.order {
		dst[i] = b.x[k]
	}
}

func (b *Batch) forward() {
	for i := range b.plan.panels {
		f := &b.plan.panels[i]
		first, last := f.first, f.first+f.cols
		b.kernels.forward(b.l[f.at:f.at+int(f.rows*f.cols)], int(f.cols), b.inverse[first:last], b.x[first:last], b.x, f.below)
	}
}

func (b *Batch) backward() {
	for i := len(b.plan.panels) - 1; i >= 0; i-- {
		f := &b.plan.panels[i]
		first, last := f.first, f.first+f.cols
		b.kernels.backward(b.l[f.at:f.at+int(f.rows*f.cols)], int(f.cols), b.inverse[first:last], b.x[first:last], b.x, f.below)
	}
}
