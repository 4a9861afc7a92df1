package sparse

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// lanesProblem is −∇·(a ∇u) on the unit square, n × n squares split along a
// diagonal, P1, zero on the boundary: (n−1)² unknowns, 2n² cells.
type lanesProblem struct {
	pattern       *CSR
	symbolic      *Symbolic
	scatter, dofs []int32
	unit          []float64
	cells         int
}

func lanesDarcy(n int) *lanesProblem {
	free := func(i, j int) int32 {
		if i <= 0 || j <= 0 || i >= n || j >= n {
			return -1
		}
		return int32((i-1)*(n-1) + j - 1)
	}
	q := &lanesProblem{cells: 2 * n * n}
	// Both halves of a square have their right angle at vertex 0.
	k := []float64{1, -.5, -.5, -.5, .5, 0, -.5, 0, .5}
	for i := range n {
		for j := range n {
			q.dofs = append(q.dofs, free(i, j), free(i+1, j), free(i, j+1), free(i+1, j+1), free(i, j+1), free(i+1, j))
			q.unit = append(append(q.unit, k...), k...)
		}
	}
	size := (n - 1) * (n - 1)
	q.pattern = lanesPattern(size, 3, q.dofs)
	for c := range q.cells {
		for _, r := range q.dofs[3*c : 3*c+3] {
			for _, s := range q.dofs[3*c : 3*c+3] {
				at := -1
				if r >= 0 && s >= 0 {
					at = q.pattern.Position(int(r), int(s))
				}
				q.scatter = append(q.scatter, int32(at))
			}
		}
	}
	x, y := make([]int, size), make([]int, size)
	for i := range size {
		x[i], y[i] = i/(n-1), i%(n-1)
	}
	s, err := Analyse(q.pattern, lanesDissection(x, y))
	if err != nil {
		panic(err)
	}
	q.symbolic = s
	return q
}

// lanesPattern is the pattern that cells of k unknowns couple.
func lanesPattern(n, k int, dofs []int32) *CSR {
	rows := make([][]int32, n)
	for c := 0; c < len(dofs); c += k {
		for _, r := range dofs[c : c+k] {
			for _, s := range dofs[c : c+k] {
				if r >= 0 && s >= 0 {
					rows[r] = append(rows[r], s)
				}
			}
		}
	}
	ptr, index := []int32{0}, []int32(nil)
	for _, row := range rows {
		slices.Sort(row)
		index = append(index, slices.Compact(row)...)
		ptr = append(ptr, int32(len(index)))
	}
	a, err := NewCSR(n, n, ptr, index, nil)
	if err != nil {
		panic(err)
	}
	return a
}

// lanesDissection orders the points of a grid by halves and the line between them.
func lanesDissection(x, y []int) []int32 {
	var order []int32
	var cut func(list []int32)
	cut = func(list []int32) {
		if len(list) <= 6 {
			order = append(order, list...)
			return
		}
		span := func(v []int) int {
			lo, hi := math.MaxInt, math.MinInt
			for _, i := range list {
				lo, hi = min(lo, v[i]), max(hi, v[i])
			}
			return hi - lo
		}
		v := x
		if span(y) > span(x) {
			v = y
		}
		slices.SortStableFunc(list, func(a, b int32) int { return v[a] - v[b] })
		middle := v[list[len(list)/2]]
		var low, line, high []int32
		for _, i := range list {
			switch {
			case v[i] < middle:
				low = append(low, i)
			case v[i] > middle:
				high = append(high, i)
			default:
				line = append(line, i)
			}
		}
		if len(low) == 0 && len(high) == 0 {
			order = append(order, list...)
			return
		}
		cut(low)
		cut(high)
		order = append(order, line...)
	}
	list := make([]int32, len(x))
	for i := range list {
		list[i] = int32(i)
	}
	cut(list)
	return order
}

// lanesField is log-normal cell coefficients.
func lanesField(cells int, seed uint64) []lane {
	rng := rand.New(rand.NewPCG(seed, 1))
	a := make([]lane, cells)
	for c := range a {
		for l := range a[c] {
			a[c][l] = math.Exp(.5 * rng.NormFloat64())
		}
	}
	return a
}

func lanesNormal(n int, seed uint64) []lane {
	rng := rand.New(rand.NewPCG(seed, 2))
	a := make([]lane, n)
	for c := range a {
		for l := range a[c] {
			a[c][l] = rng.NormFloat64()
		}
	}
	return a
}

func (q *lanesProblem) assemble(a []lane) []lane {
	values := make([]lane, q.pattern.NNZ())
	if err := AssembleBatch(values, q.scatter, q.unit, a); err != nil {
		panic(err)
	}
	return values
}

// lanesRandom is a diagonally dominant matrix of random pattern in a random order,
// which the elimination tree must cope with; components, dense rows and lone rows
// occur.
func lanesRandom(n int, seed uint64) (*Symbolic, *CSR, []lane) {
	rng := rand.New(rand.NewPCG(seed, 3))
	var pairs []int32
	for i := range n {
		pairs = append(pairs, int32(i), int32(i))
	}
	for range rng.IntN(3 * n) {
		pairs = append(pairs, int32(rng.IntN(n)), int32(rng.IntN(n)))
	}
	a := lanesPattern(n, 2, pairs)
	values := make([]lane, a.NNZ())
	for i := range n {
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			j := int(a.Index[k])
			for l := range Lanes {
				switch {
				case i < j:
					values[k][l] = rng.NormFloat64()
					values[a.Position(j, i)][l] = values[k][l]
				case i == j:
					values[k][l] = 1
				}
			}
		}
	}
	for i := range n {
		d := a.Position(i, i)
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			if int(k) != d {
				for l := range Lanes {
					values[d][l] += math.Abs(values[k][l])
				}
			}
		}
	}
	perm := make([]int32, n)
	for k, i := range rng.Perm(n) {
		perm[k] = int32(i)
	}
	s, err := Analyse(a, perm)
	if err != nil {
		panic(err)
	}
	return s, a, values
}

func lanesDense(a *CSR, values []lane, l int) *mat.SymDense {
	d := mat.NewSymDense(a.Rows, nil)
	for i := range a.Rows {
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			if j := int(a.Index[k]); j >= i {
				d.SetSym(i, j, values[k][l])
			}
		}
	}
	return d
}

// lanesEach runs a test with every set of kernels that this build and processor have.
func lanesEach(t *testing.T, s *Symbolic, f func(t *testing.T, b *Batch)) {
	for i := range laneSets {
		t.Run(laneSets[i].name, func(t *testing.T) {
			b := NewBatch(s)
			b.kernels = &laneSets[i]
			f(t, b)
		})
	}
}

// Solutions, halves of solutions and determinants are those of a dense Cholesky
// factorisation, for matrices of many patterns.
func TestBatchAgainstDense(t *testing.T) {
	check := func(t *testing.T, s *Symbolic, a *CSR, values []lane) {
		lanesEach(t, s, func(t *testing.T, b *Batch) {
			if err := b.Factor(values); err != nil {
				t.Fatal(err)
			}
			rhs := lanesNormal(a.Rows, 4)
			x, half, back := slices.Clone(rhs), make([]lane, a.Rows), make([]lane, a.Rows)
			b.Solve(x, x)
			b.SolveL(half, rhs)
			b.SolveLT(back, half)
			logDet := b.LogDet()
			for l := range Lanes {
				var c mat.Cholesky
				if !c.Factorize(lanesDense(a, values, l)) {
					t.Fatal("dense factorisation fails")
				}
				want, r := mat.NewVecDense(a.Rows, nil), mat.NewVecDense(a.Rows, nil)
				for i := range rhs {
					r.SetVec(i, rhs[i][l])
				}
				if err := c.SolveVecTo(want, r); err != nil {
					t.Fatal(err)
				}
				scale := mat.Norm(want, math.Inf(1))
				var square float64
				for i := range x {
					if d := math.Abs(x[i][l] - want.AtVec(i)); !(d <= 1e-11*scale) {
						t.Fatalf("n=%d lane %d row %d: %g, dense %g", a.Rows, l, i, x[i][l], want.AtVec(i))
					}
					if back[i][l] != x[i][l] {
						t.Fatalf("SolveLT after SolveL is not Solve: %g, %g", back[i][l], x[i][l])
					}
					square += half[i][l] * half[i][l]
				}
				if d := mat.Dot(r, want); math.Abs(square-d) > 1e-11*d {
					t.Fatalf("|L⁻¹b|² = %g, bᵀA⁻¹b = %g", square, d)
				}
				if d := c.LogDet(); math.Abs(logDet[l]-d) > 1e-11*(1+math.Abs(d)) {
					t.Fatalf("log det %g, dense %g", logDet[l], d)
				}
			}
		})
	}
	for _, n := range []int{2, 3, 4, 9, 17} {
		q := lanesDarcy(n)
		check(t, q.symbolic, q.pattern, q.assemble(lanesField(q.cells, 5)))
	}
	for seed := range uint64(40) {
		s, a, values := lanesRandom(1+int(seed)*3, seed)
		check(t, s, a, values)
	}
}

// A lane's numbers are the same bits whatever stands in the other lanes, and a lane
// that is not positive definite is named with its row and leaves the others alone.
func TestBatchLanesAreIndependent(t *testing.T) {
	q := lanesDarcy(12)
	values, rhs := q.assemble(lanesField(q.cells, 6)), lanesNormal(q.pattern.Rows, 7)
	lanesEach(t, q.symbolic, func(t *testing.T, b *Batch) {
		solve := func(values, rhs []lane) ([]lane, lane, error) {
			x := make([]lane, len(rhs))
			err := b.Factor(values)
			b.Solve(x, rhs)
			return x, b.LogDet(), err
		}
		want, wantDet, err := solve(values, rhs)
		if err != nil {
			t.Fatal(err)
		}
		for keep := range Lanes {
			other, r := q.assemble(lanesField(q.cells, 8)), lanesNormal(q.pattern.Rows, 9)
			for k := range other {
				other[k][keep] = values[k][keep]
			}
			for i := range r {
				r[i][keep] = rhs[i][keep]
			}
			bad := (keep + 3) % Lanes
			row := 5*keep + keep%5*16
			if keep%5 == 1 {
				row = int(b.plan.order[0]) // a leaf: its pivot is the zero itself
			}
			other[q.pattern.Position(row, row)][bad] = []float64{-1, 0, math.NaN(), math.Inf(1), math.Inf(-1)}[keep%5]
			x, det, err := solve(other, r)
			var named *LaneError
			if !errors.As(err, &named) {
				t.Fatalf("error %v", err)
			}
			for l := range Lanes {
				if (named.Row[l] >= 0) != (l == bad) {
					t.Fatalf("lane %d is bad, error %v", bad, err)
				}
			}
			if named.Row[bad] != row {
				t.Fatalf("row %d is bad, error %v", row, err)
			}
			if !math.IsNaN(det[bad]) || !math.IsNaN(x[0][bad]) {
				t.Fatal("a failed lane has numbers")
			}
			for i := range x {
				if x[i][keep] != want[i][keep] || det[keep] != wantDet[keep] {
					t.Fatalf("lane %d row %d changes with its neighbours", keep, i)
				}
			}
		}
		if x, _, err := solve(values, rhs); err != nil || !slices.Equal(x, want) {
			t.Fatal("a failed factorisation leaves something behind")
		}
	})
}

// All sets of kernels give the same bits.
func TestBatchKernelsAgree(t *testing.T) {
	for seed := range uint64(20) {
		s, a, values := lanesRandom(5+int(seed)*5, 100+seed)
		rhs := lanesNormal(a.Rows, 10)
		var want []lane
		lanesEach(t, s, func(t *testing.T, b *Batch) {
			if err := b.Factor(values); err != nil {
				t.Fatal(err)
			}
			x := make([]lane, a.Rows)
			b.Solve(x, rhs)
			if want == nil {
				want = x
			}
			for i := range x {
				if x[i] != want[i] {
					t.Fatalf("row %d: %v, plain %v", i, x[i], want[i])
				}
			}
		})
	}
}

// Nothing is allocated after a Batch is made, failed factorisations included.
func TestBatchAllocatesNothing(t *testing.T) {
	q := lanesDarcy(8)
	b, x := NewBatch(q.symbolic), lanesNormal(q.pattern.Rows, 1)
	good := q.assemble(lanesField(q.cells, 2))
	bad := q.assemble(lanesNormal(q.cells, 3))
	if n := testing.AllocsPerRun(10, func() {
		_ = b.Factor(bad)
		_ = b.Factor(good)
		b.Solve(x, x)
		_ = b.LogDet()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
