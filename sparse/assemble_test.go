package sparse

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// assembleGrid is the triangles of an n×n square of unit squares, cut along a
// diagonal; the points of the boundary are dropped unless all is set.
func assembleGrid(n int, all bool) (dofs int, cells []int32) {
	at := func(i, j int) int32 {
		if all {
			return int32(j*(n+1) + i)
		}
		if i == 0 || j == 0 || i == n || j == n {
			return -1
		}
		return int32((j-1)*(n-1) + i - 1)
	}
	cells = make([]int32, 0, 6*n*n)
	for j := range n {
		for i := range n {
			a, b, c, d := at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)
			cells = append(cells, a, b, c, a, c, d)
		}
	}
	if all {
		return (n + 1) * (n + 1), cells
	}
	return (n - 1) * (n - 1), cells
}

// The sum over cells in a dense matrix is an independent implementation. Values are
// whole numbers, so that the order of the sums does not matter.
func TestAssemblyIsTheDenseSum(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		rows, cols := 1+random.IntN(60), 1+random.IntN(60)
		kr, kc, cells := 1+random.IntN(5), 1+random.IntN(60), random.IntN(30)
		draw := func(count, n int) []int32 {
			d := make([]int32, count)
			for i := range d {
				d[i] = int32(random.IntN(n+2)) - 2 // some are dropped, some repeat
			}
			return d
		}
		r, c := draw(cells*kr, rows), draw(cells*kc, cols)
		s, err := NewAssembly(rows, cols, r, kr, c, kc)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Pattern.check(); err != nil {
			t.Fatal(err)
		}
		want, touched := make([]float64, rows*cols), make([]bool, rows*cols)
		a, b := s.Pattern.Like(), s.Pattern.Like()
		var values []float64
		for cell := range cells {
			local := make([]float64, kr*kc)
			for k := range local {
				local[k] = float64(random.IntN(2000) - 1000)
				if i, j := int(r[cell*kr+k/kc]), int(c[cell*kc+k%kc]); i >= 0 && j >= 0 {
					want[i*cols+j] += local[k]
					touched[i*cols+j] = true
				}
			}
			s.Add(a.Value, cell, local)
			values = append(values, local...)
		}
		s.AddAll(b.Value, values)
		if !slices.Equal(a.Value, b.Value) {
			t.Error("AddAll differs from Add over the cells")
		}
		for k := range want {
			i, j := k/cols, k%cols
			if a.At(i, j) != want[k] || (a.Position(i, j) >= 0) != touched[k] {
				t.Fatalf("(%d, %d): got %v, want %v, stored %v", i, j, a.At(i, j), want[k], a.Position(i, j) >= 0)
			}
		}
	}
}

// Euler's formula: a grid of n×n cut squares has 3n²+2n edges, and P1 stores each of
// them twice beside the diagonal.
func TestAssemblyOfTrianglesStoresEdges(t *testing.T) {
	for _, n := range []int{1, 2, 17} {
		dofs, cells := assembleGrid(n, true)
		s, err := NewAssembly(dofs, dofs, cells, 3, cells, 3)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := s.Pattern.NNZ(), dofs+2*(3*n*n+2*n); got != want {
			t.Errorf("n = %d: %d entries, want %d", n, got, want)
		}
	}
}

func TestFromTripletsIsTheDenseSum(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		rows, cols, n := 1+random.IntN(20), 1+random.IntN(20), random.IntN(200)
		want, count := make([]float64, rows*cols), map[int]bool{}
		var row, col []int32
		var value []float64
		for range n {
			i, j, v := random.IntN(rows), random.IntN(cols), random.NormFloat64()
			row, col, value = append(row, int32(i)), append(col, int32(j)), append(value, v)
			want[i*cols+j] += v // the same order: equal to the last bit
			count[i*cols+j] = true
		}
		a, err := FromTriplets(rows, cols, row, col, value)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.check(); err != nil {
			t.Fatal(err)
		}
		if a.NNZ() != len(count) {
			t.Fatalf("%d entries for %d places", a.NNZ(), len(count))
		}
		for k := range want {
			if a.At(k/cols, k%cols) != want[k] {
				t.Fatalf("(%d, %d): got %v, want %v", k/cols, k%cols, a.At(k/cols, k%cols), want[k])
			}
		}
	}
}

func TestAssemblyErrorsNameThePlace(t *testing.T) {
	wants := func(err error, text string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
	_, err := NewAssembly(3, 3, []int32{0, 1, 1, 3}, 2, []int32{0, 1, 1, 2}, 2)
	wants(err, "cell 1 has row 3, but there are 3")
	_, err = NewAssembly(3, 3, []int32{0, 1, 1, 2}, 2, []int32{0, 9, 1, 2}, 2)
	wants(err, "cell 0 has column 9, but there are 3")
	_, err = NewAssembly(3, 3, []int32{0, 1, 1}, 2, []int32{0, 1, 1, 2}, 2)
	wants(err, "whole cells")
	_, err = NewAssembly(3, 3, []int32{0, 1}, 2, []int32{0, 1, 1, 2}, 2)
	wants(err, "whole cells")
	_, err = NewAssembly(-1, 3, nil, 2, nil, 2)
	wants(err, "sizes")
	_, err = FromTriplets(2, 2, []int32{0, 2}, []int32{0, 0}, []float64{1, 1})
	wants(err, "triplet 1 is at (2, 0)")
	_, err = FromTriplets(2, 2, []int32{0}, []int32{0, 0}, []float64{1, 1})
	wants(err, "as many of each")
}
