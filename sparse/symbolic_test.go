package sparse

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// symbolicRandom is a symmetric positive definite matrix: random edges, or a graph
// that needs long paths of the tree, with a dominant diagonal.
func symbolicRandom(t testing.TB, random *rand.Rand, n, edges int) *CSR {
	t.Helper()
	var row, col []int32
	var value []float64
	for i := range int32(n) {
		row, col, value = append(row, i), append(col, i), append(value, float64(2*edges)+random.Float64())
	}
	for range edges {
		i, j, v := random.Int32N(int32(n)), random.Int32N(int32(n)), 2*random.Float64()-1
		if i != j {
			row, col, value = append(row, i, j), append(col, j, i), append(value, v, v)
		}
	}
	a, err := FromTriplets(n, n, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func symbolicPermutation(random *rand.Rand, n int) []int32 {
	perm := make([]int32, n)
	for i, k := range random.Perm(n) {
		perm[i] = int32(k)
	}
	return perm
}

// denseCholesky is the textbook's: L with L Lᵀ = P A Pᵀ.
func denseCholesky(a *CSR, perm []int32) [][]float64 {
	l := make([][]float64, a.Rows)
	for i := range l {
		l[i] = make([]float64, a.Rows)
		for j := range i + 1 {
			s := a.At(int(perm[i]), int(perm[j]))
			for k := range j {
				s -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(s)
			} else {
				l[i][j] = s / l[j][j]
			}
		}
	}
	return l
}

// Random numbers do not cancel, and 0·x is 0: the pattern of L is where a dense
// Cholesky factor is not exactly zero, a column's parent its first entry below the
// diagonal, and supernodes are the longest runs of equal columns.
func TestSymbolicIsThePatternOfDenseCholesky(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		n := random.IntN(50)
		a := symbolicRandom(t, random, max(n, 1), random.IntN(3*n+1))
		n = a.Rows
		perm := symbolicPermutation(random, n)
		s, err := Analyse(a, perm)
		if err != nil {
			t.Fatal(err)
		}
		l := denseCholesky(a, perm)
		var touched [][]int32
		for j := range n {
			want := []int32{}
			for i := j; i < n; i++ {
				if l[i][j] != 0 {
					want = append(want, int32(i))
				}
			}
			if got := s.Row[s.Col[j]:s.Col[j+1]]; !slices.Equal(got, want) {
				t.Fatalf("column %d: rows %v, want %v", j, got, want)
			}
			parent := int32(-1)
			if len(want) > 1 {
				parent = want[1]
			}
			if s.Parent[j] != parent {
				t.Fatalf("parent of %d is %d, want %d", j, s.Parent[j], parent)
			}
			touched = append(touched, want)
		}
		for k := range n {
			var want []int32
			for j := range k + 1 {
				if a.Position(int(perm[k]), int(perm[j])) >= 0 {
					want = append(want, int32(j))
				}
			}
			lo, hi := s.LowerPtr[k], s.LowerPtr[k+1]
			if !slices.Equal(s.LowerIndex[lo:hi], want) {
				t.Fatalf("row %d of the lower triangle is %v, want %v", k, s.LowerIndex[lo:hi], want)
			}
			for p, j := range want {
				if got := int(s.LowerFrom[int(lo)+p]); got != a.Position(int(perm[k]), int(perm[j])) {
					t.Fatalf("(%d, %d) is read from place %d", k, j, got)
				}
			}
		}
		for c := range len(s.super) - 1 {
			for j := s.super[c]; j < s.super[c+1]-1; j++ {
				if !slices.Equal(touched[j][1:], touched[j+1]) {
					t.Fatalf("columns %d and %d are no supernode", j, j+1)
				}
			}
			if last := s.super[c+1]; int(last) < n && slices.Equal(touched[last-1][1:], touched[last]) {
				t.Fatalf("the supernode that ends at %d goes on", last)
			}
		}
	}
}

// A tridiagonal matrix has no fill; an arrow has none with its tip last and is full
// with its tip first.
func TestSymbolicOfKnownGraphs(t *testing.T) {
	const n = 40
	var row, col []int32
	for i := range int32(n) {
		row, col = append(row, i, i, 0), append(col, i, 0, i)
	}
	arrow, _ := FromTriplets(n, n, row, col, make([]float64, len(row)))
	last := make([]int32, n)
	for i := range last {
		last[i] = int32((i + 1) % n)
	}
	for _, c := range []struct {
		perm []int32
		want int
	}{{nil, n * (n + 1) / 2}, {last, 2*n - 1}} {
		s, err := Analyse(arrow, c.perm)
		if err != nil || s.NNZ() != c.want {
			t.Errorf("arrow: %d entries, want %d (%v)", s.NNZ(), c.want, err)
		}
	}
	if s, err := Analyse(&CSR{Ptr: []int32{0}}, nil); err != nil || s.NNZ() != 0 {
		t.Errorf("an empty matrix: %v", err)
	}
}

func TestAnalyseErrorsNameThePlace(t *testing.T) {
	make3 := func(row, col []int32) *CSR {
		a, err := FromTriplets(3, 3, row, col, make([]float64, len(row)))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	diagonal := make3([]int32{0, 1, 2}, []int32{0, 1, 2})
	for _, c := range []struct {
		a    *CSR
		perm []int32
		want string
	}{
		{&CSR{Rows: 2, Cols: 3, Ptr: make([]int32, 3)}, nil, "2×3 cannot be factored"},
		{diagonal, []int32{0, 1}, "an ordering of 2 for 3 rows"},
		{diagonal, []int32{0, 2, 2}, "row 2 at place 2"},
		{diagonal, []int32{0, 3, 1}, "row 3 at place 1"},
		{make3([]int32{0, 2}, []int32{0, 2}), nil, "row 1 has no diagonal"},
		{make3([]int32{0, 1, 2, 0}, []int32{0, 1, 2, 2}), nil, "(0, 2) is stored and (2, 0) is not"},
		{make3([]int32{0, 1, 2, 2}, []int32{0, 1, 2, 1}), nil, "(2, 1) is stored and (1, 2) is not"},
		{make3([]int32{0, 1, 2, 2, 0}, []int32{0, 1, 2, 1, 1}), nil, "(0, 1) is stored and (1, 0) is not"},
	} {
		if _, err := Analyse(c.a, c.perm); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
