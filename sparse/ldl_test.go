package sparse

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// ldlStokes is Stokes' equations on an n×n box of staggered velocities and pressures
// (Harlow and Welch), walls around it, one pressure tied down; its coords are where
// the unknowns sit. Pressures have a zero on the diagonal.
func ldlStokes(t testing.TB, n int) (a *CSR, coords []float64, signs []int8) {
	t.Helper()
	u := func(i, j int) int32 { return int32(j*(n-1) + i - 1) }
	v := func(i, j int) int32 { return int32(n*(n-1) + (j-1)*n + i) }
	p := func(i, j int) int32 { return int32(2*n*(n-1) + j*n + i) }
	var row, col []int32
	var value []float64
	add := func(i, j int32, x float64) { row, col, value = append(row, i), append(col, j), append(value, x) }
	place := func(x, y float64, sign int8) { coords, signs = append(coords, x, y), append(signs, sign) }
	for j := range n {
		for i := 1; i < n; i++ {
			place(float64(i), float64(j)+0.5, 1)
			add(u(i, j), u(i, j), 4)
			if i > 1 {
				add(u(i, j), u(i-1, j), -1)
				add(u(i-1, j), u(i, j), -1)
			}
			if j > 0 {
				add(u(i, j), u(i, j-1), -1)
				add(u(i, j-1), u(i, j), -1)
			}
			if j == 0 || j == n-1 { // the wall is half a cell away
				add(u(i, j), u(i, j), 1)
			}
		}
	}
	for j := 1; j < n; j++ {
		for i := range n {
			place(float64(i)+0.5, float64(j), 1)
			add(v(i, j), v(i, j), 4)
			if j > 1 {
				add(v(i, j), v(i, j-1), -1)
				add(v(i, j-1), v(i, j), -1)
			}
			if i > 0 {
				add(v(i, j), v(i-1, j), -1)
				add(v(i-1, j), v(i, j), -1)
			}
			if i == 0 || i == n-1 {
				add(v(i, j), v(i, j), 1)
			}
		}
	}
	h := 1 / float64(n)
	for j := range n {
		for i := range n {
			place(float64(i)+0.5, float64(j)+0.5, -1)
			add(p(i, j), p(i, j), 0)
			both := func(w int32, x float64) { add(w, p(i, j), x); add(p(i, j), w, x) }
			if i > 0 {
				both(u(i, j), h)
			}
			if i < n-1 {
				both(u(i+1, j), -h)
			}
			if j > 0 {
				both(v(i, j), h)
			}
			if j < n-1 {
				both(v(i, j+1), -h)
			}
		}
	}
	add(p(0, 0), p(0, 0), -1)
	a, err := FromTriplets(len(signs), len(signs), row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a, coords, signs
}

// ldlHelmholtz is the five-point −Δ − k² with k² in units of 1/h². It has a zero
// determinant only where k² is an eigenvalue.
func ldlHelmholtz(t testing.TB, n int, k2 float64) (*CSR, []float64) {
	t.Helper()
	a, coords := choleskyPoisson(t, n, false, 0, 0, 1)
	for i := range a.Rows {
		a.Value[a.Position(i, i)] -= k2
	}
	return a, coords
}

// Sylvester's law: pivots have the signs of the eigenvalues, which are known for the
// stencil on a square, and found by gonum for random matrices.
func TestLDLInertia(t *testing.T) {
	const n = 40
	for _, k2 := range []float64{0.01, 0.1, 0.37, 1.03, 3.9} {
		a, coords := ldlHelmholtz(t, n, k2)
		l, err := NewLDL(choleskyDissected(t, a, coords, 2), a, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for j := 1; j < n; j++ {
			for i := 1; i < n; i++ {
				p, q := math.Sin(math.Pi*float64(i)/(2*n)), math.Sin(math.Pi*float64(j)/(2*n))
				if 4*p*p+4*q*q < k2 {
					want++
				}
			}
		}
		if got, replaced := l.Inertia(); got != want || replaced != 0 {
			t.Errorf("k² = %v: %d negative pivots, %d replaced, want %d and 0", k2, got, replaced, want)
		}
	}
	random := rand.New(rand.NewPCG(11, 12))
	for range 30 {
		a := symbolicRandom(t, random, 1+random.IntN(30), 40)
		full := mat.NewSymDense(a.Rows, nil)
		for i := range a.Rows {
			a.Value[a.Position(i, i)] = random.NormFloat64()
			for j := range i + 1 {
				full.SetSym(i, j, a.At(i, j))
			}
		}
		s, err := Analyse(a, symbolicPermutation(random, a.Rows))
		if err != nil {
			t.Fatal(err)
		}
		l, err := NewLDL(s, a, nil)
		if err != nil {
			t.Fatal(err)
		}
		var eigen mat.EigenSym
		if !eigen.Factorize(full, false) {
			t.Fatal("gonum finds no eigenvalues")
		}
		want := 0
		for _, e := range eigen.Values(nil) {
			if e < 0 {
				want++
			}
		}
		if got, replaced := l.Inertia(); got != want || replaced != 0 {
			t.Errorf("%d negative pivots, %d replaced, want %d and 0", got, replaced, want)
		}
	}
}

// Zero diagonals, and Helmholtz' equation where every leaf of the dissection has zero
// pivots (k²h² = 2): the residual of every solution is that of rounding, and the
// multipliers' pivots are as many negative ones.
func TestLDLRefines(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	check := func(what string, s *Symbolic, a *CSR, signs []int8, negative int) {
		t.Helper()
		l, err := NewLDL(s, a, signs)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := l.Inertia(); negative >= 0 && got != negative {
			t.Errorf("%s: %d negative pivots, want %d", what, got, negative)
		}
		b := directNormal(random, a.Rows)
		x := slices.Clone(b)
		if err := l.SolveChecked(x, x); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if r := directResidual(a, x, b); r > 1e-14 || math.Abs(r-l.Residual()) > 1e-16 {
			t.Errorf("%s: residual %g, reported %g", what, r, l.Residual())
		}
	}
	for _, n := range []int{2, 5, 32} {
		a, coords, signs := ldlStokes(t, n)
		s := choleskyDissected(t, a, coords, 2)
		check(fmt.Sprint("Stokes ", n), s, a, nil, n*n)
		check(fmt.Sprint("Stokes with signs ", n), s, a, signs, n*n)
	}
	for _, k2 := range []float64{0.1, 1, 2, 3.9, 5.3} {
		a, coords := ldlHelmholtz(t, 64, k2)
		check(fmt.Sprint("Helmholtz ", k2), choleskyDissected(t, a, coords, 2), a, nil, -1)
	}
	swap, err := FromTriplets(2, 2, []int32{0, 0, 1, 1}, []int32{0, 1, 0, 1}, []float64{0, 1, 1, 0})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Analyse(swap, nil)
	if err != nil {
		t.Fatal(err)
	}
	check("swap", s, swap, nil, 1)
}

// A singular matrix is an error of the solution exactly where b is not in its range.
func TestLDLErrors(t *testing.T) {
	a, coords := choleskyPoisson(t, 12, true, 0, 0, 1)
	s := choleskyDissected(t, a, coords, 2)
	l, err := NewLDL(s, a, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, x := make([]float64, a.Rows), make([]float64, a.Rows)
	b[3] = 1
	if err := l.SolveChecked(x, b); err == nil || !strings.Contains(err.Error(), "singular") {
		t.Errorf("a load that no solution carries: %v", err)
	}
	b[100] = -1
	if err := l.SolveChecked(x, b); err != nil {
		t.Errorf("a load in balance: %v", err)
	}
	if n := testing.AllocsPerRun(3, func() {
		if err := l.Refactor(a); err != nil {
			t.Error(err)
		}
		l.Solve(x, b)
	}); n != 0 {
		t.Errorf("factor and solve allocate %v times", n)
	}
	wants := func(err error, text string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
	_, err = NewLDL(s, a, make([]int8, 3))
	wants(err, "3 signs of pivots for 169 rows")
	bad := a.Like()
	wants(l.Refactor(bad), "row 0 of the matrix is zero")
	copy(bad.Value, a.Value)
	bad.Value[bad.Position(17, 17)] = math.Inf(1)
	wants(l.Refactor(bad), "row 17 of the matrix is not finite")
	other, _ := choleskyPoisson(t, 13, true, 0, 0, 1)
	wants(l.Refactor(other), "pattern that was analysed")
}

var _ Solver = (*LDL)(nil)
var _ Solver = (*Cholesky)(nil)
