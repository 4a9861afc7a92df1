package sparse

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// luRandom has some entries a row, and a permutation's worth of them that are not
// small, so that it is regular with probability one; its diagonal may be missing.
func luRandom(t testing.TB, random *rand.Rand, n, entries int) *CSR {
	t.Helper()
	var row, col []int32
	var value []float64
	for i, j := range random.Perm(n) {
		row, col, value = append(row, int32(i)), append(col, int32(j)), append(value, 3*random.NormFloat64())
	}
	for range entries {
		row, col, value = append(row, random.Int32N(int32(n))), append(col, random.Int32N(int32(n))), append(value, random.NormFloat64())
	}
	a, err := FromTriplets(n, n, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// luAdvection is upwind advection, rotating, and diffusion on n×n points.
func luAdvection(t testing.TB, n int, diffusion float64) *CSR {
	t.Helper()
	var row, col []int32
	var value []float64
	h := 1 / float64(n+1)
	for j := range n {
		for i := range n {
			x, y := float64(i+1)*h-0.5, float64(j+1)*h-0.5
			for _, s := range []struct {
				di, dj int
				speed  float64 // towards the neighbour
			}{{1, 0, -y}, {-1, 0, y}, {0, 1, x}, {0, -1, -x}} {
				w := diffusion/(h*h) + max(0, -s.speed)/h
				row, col, value = append(row, int32(j*n+i)), append(col, int32(j*n+i)), append(value, w)
				if p, q := i+s.di, j+s.dj; p >= 0 && q >= 0 && p < n && q < n {
					row, col, value = append(row, int32(j*n+i)), append(col, int32(q*n+p)), append(value, -w)
				}
			}
		}
	}
	a, err := FromTriplets(n*n, n*n, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// gonum's dense LU, whose condition number says how near two right solutions are.
func TestLUIsTheDenseOne(t *testing.T) {
	random := rand.New(rand.NewPCG(19, 20))
	for round := range 100 {
		n := 1 + random.IntN(60)
		a := luRandom(t, random, n, []int{0, n, 4 * n}[round%3])
		full := mat.NewDense(n, n, nil)
		for i := range n {
			for j := range n {
				full.Set(i, j, a.At(i, j))
			}
		}
		var dense mat.LU
		dense.Factorize(full)
		if dense.Cond() > 1e8 {
			continue
		}
		f, err := NewLU(a, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, x, want := directNormal(random, n), make([]float64, n), mat.NewVecDense(n, nil)
		for transposed, solve := range map[bool]func(dst, b []float64){false: f.Solve, true: f.SolveT} {
			if err := dense.SolveVecTo(want, transposed, mat.NewVecDense(n, slices.Clone(b))); err != nil {
				t.Fatal(err)
			}
			copy(x, b)
			solve(x, x)
			directNear(t, "the solution", x, want.RawVector().Data, 1e-14*dense.Cond()*float64(n))
		}
	}
}

// The backward error of a matrix whose pivots are not on the diagonal, and of one whose
// are, is rounding; the fill of the latter is that of Cholesky on its symmetric pattern.
func TestLUOfAdvection(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	for _, diffusion := range []float64{0, 1e-3, 1} {
		a := luAdvection(t, 40, diffusion)
		if diffusion == 0 {
			for i := range a.Rows {
				a.Value[a.Position(i, i)] += 0.1
			}
		}
		f, err := NewLU(a, nil)
		if err != nil {
			t.Fatal(err)
		}
		perm, err := Order(symmetrised(a))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Analyse(symmetrised(a), perm)
		if err != nil {
			t.Fatal(err)
		}
		if f.NNZ() > 2*s.NNZ() {
			t.Errorf("diffusion %v: %d entries of L and U, twice Cholesky is %d", diffusion, f.NNZ(), 2*s.NNZ())
		}
		b, x := directNormal(random, a.Rows), make([]float64, a.Rows)
		f.Solve(x, b)
		if r := directResidual(a, x, b); r > 1e-14 {
			t.Errorf("diffusion %v: residual %g", diffusion, r)
		}
		f.SolveT(x, b)
		if r := directResidual(a.Transpose(), x, b); r > 1e-14 {
			t.Errorf("diffusion %v: residual of the transposed %g", diffusion, r)
		}
	}
}

// Diagonal entries of 1e-9 beside ones: as pivots they would cost nine digits.
func TestLUPivots(t *testing.T) {
	const n = 60
	var row, col []int32
	var value []float64
	for i := range int32(n) {
		row, col, value = append(row, i), append(col, i), append(value, 1e-9)
		row, col, value = append(row, i), append(col, (i+1)%n), append(value, 1+float64(i)/n)
	}
	a, err := FromTriplets(n, n, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewLU(a, nil)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(23, 24))
	b, x := directNormal(random, n), make([]float64, n)
	f.Solve(x, b)
	if r := directResidual(a, x, b); r > 1e-15 {
		t.Errorf("residual %g", r)
	}
	before := slices.Clone(x)
	if m := testing.AllocsPerRun(3, func() {
		if err := f.Refactor(a); err != nil {
			t.Error(err)
		}
		f.Solve(x, b)
	}); m != 0 {
		t.Errorf("factoring again allocates %v times", m)
	}
	if !slices.Equal(before, x) {
		t.Error("factoring again differs")
	}
}

func TestLUErrors(t *testing.T) {
	wants := func(err error, text string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
	for _, n := range []int{1, 4, 30, 60} {
		for seed := range uint64(3) {
			a, _ := choleskyPoisson(t, n, true, float64(seed), 0, seed)
			_, err := NewLU(a, nil)
			wants(err, "singular")
			a.Value[a.Position(1, 1)] += 1
			if _, err = NewLU(a, nil); err != nil {
				t.Errorf("n = %d with a pinned value: %v", n, err)
			}
		}
	}
	make2 := func(col []int32, value []float64) *CSR {
		a, err := FromTriplets(2, 2, []int32{0, 1}, col, value)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	_, err := NewLU(make2([]int32{1, 1}, []float64{1, 1}), nil)
	wants(err, "singular: row")
	_, err = NewLU(make2([]int32{1, 0}, []float64{1, 0}), nil)
	wants(err, "singular: row 1")
	_, err = NewLU(make2([]int32{1, 0}, []float64{1, math.NaN()}), nil)
	wants(err, "row 1 of the matrix is not finite")
	_, err = NewLU(make2([]int32{1, 0}, []float64{1, 1}), []int32{0, 0})
	wants(err, "row 0 at place 1")
	_, err = NewLU(&CSR{Rows: 1, Cols: 2, Ptr: []int32{0, 0}}, nil)
	wants(err, "not square")
	f, err := NewLU(make2([]int32{1, 0}, []float64{1, 1}), nil)
	if err != nil {
		t.Fatal(err)
	}
	wants(f.Refactor(&CSR{Rows: 1, Cols: 1, Ptr: []int32{0, 0}}), "1×1 where 2×2")
}

var _ Solver = (*LU)(nil)
