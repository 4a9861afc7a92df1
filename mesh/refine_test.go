package mesh

import (
	"math"
	"slices"
	"testing"
)

// TestRefineTetrahedron refines a tetrahedron with its points listed in all twelve ways
// that keep its orientation, so that each of the three diagonals is the shortest in its
// turn: eight parts of one volume, the same eight corners and twelve edges.
func TestRefineTetrahedron(t *testing.T) {
	points := [4][3]float64{{0, 0, 0}, {2, 0.1, 0}, {0.3, 1, -0.2}, {0.4, 0.5, 0.7}}
	var want []float64 // lengths of all edges, sorted
	var taken [3]int
	for a := range 4 {
		for b := range 4 {
			for c := range 4 {
				d := 6 - a - b - c
				if a == b || a == c || b == c {
					continue
				}
				m := &Mesh{Shape: Tetrahedron, Cells: []int32{0, 1, 2, 3}}
				for _, p := range []int{a, b, c, d} {
					m.Points = append(m.Points, points[p][:]...)
				}
				if m.CellVolume(0) < 0 {
					continue
				}
				fine, err := m.Refine()
				if err != nil {
					t.Fatal(err)
				}
				for part := range 8 {
					if v := fine.CellVolume(part); math.Abs(v-m.Volume()/8) > 1e-15 {
						t.Errorf("points %d %d %d %d: part %d has volume %v, not an eighth of %v", a, b, c, d, part, v, m.Volume())
					}
				}
				if err := fine.Check(); err != nil {
					t.Error(err)
				}
				edges, _ := fine.Edges()
				var lengths []float64
				for e := range len(edges) / 2 {
					lengths = append(lengths, distance(fine.Point(edges[2*e]), fine.Point(edges[2*e+1])))
					for i, pair := range [...][2]int32{{4, 9}, {5, 8}, {6, 7}} { // middles of 01, 02, 03, 12, 13, 23
						if edges[2*e] == pair[0] && edges[2*e+1] == pair[1] {
							taken[i]++
						}
					}
				}
				slices.Sort(lengths)
				if want == nil {
					want = lengths
				}
				if !slices.EqualFunc(want, lengths, func(x, y float64) bool { return math.Abs(x-y) < 1e-14 }) {
					t.Errorf("points %d %d %d %d: edges %v, not %v", a, b, c, d, lengths, want)
				}
			}
		}
	}
	if taken != [3]int{4, 4, 4} {
		t.Errorf("diagonals are taken %d times, not each four times", taken)
	}
	if len(want) != 25 {
		t.Errorf("%d edges, not 12 halves, 12 on the faces and 1 inside", len(want))
	}
}

// TestJitter: points of the boundary and of named facets stay, the others move by at
// most the amount and by 0 in the mean, the same for the same seed.
func TestJitter(t *testing.T) {
	m, err := NewRectangle(Quadrilateral, 50, 50, 50, 50)
	if err != nil {
		t.Fatal(err)
	}
	for i := range int32(50) { // a named line in the middle, from side to side
		m.Facets, m.FacetTag = append(m.Facets, 25*51+i, 25*51+i+1), append(m.FacetTag, 9)
	}
	a, err := m.Jitter(0.2, 5)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := m.Jitter(0.2, 5)
	c, _ := m.Jitter(0.2, 6)
	if !slices.Equal(a.Points, b.Points) || slices.Equal(a.Points, c.Points) {
		t.Error("a seed is not one mesh")
	}
	sum, square, n := 0.0, 0.0, 0.0
	for i := range m.N() {
		x, y := i%51, i/51
		fixed := x%50 == 0 || y%50 == 0 || y == 25
		for k := range 2 {
			move := a.Points[2*i+k] - m.Points[2*i+k]
			if fixed && move != 0 || math.Abs(move) > 0.2+1e-12 {
				t.Fatalf("point %d moves by %v", i, move)
			}
			if !fixed {
				sum, square, n = sum+move, square+move*move, n+1
			}
		}
	}
	// Uniform on ±0.2: six standard errors of the mean and of the mean square.
	if s := math.Abs(sum / n); s > 6*0.2/math.Sqrt(3*n) {
		t.Errorf("the mean of the moves is %v", s)
	}
	if s := square / n; math.Abs(s-0.04/3) > 6*0.04*math.Sqrt(4.0/45/n) {
		t.Errorf("the mean square of the moves is %v, not %v", s, 0.04/3)
	}
	if whole, err := m.Jitter(1.5, 1); err != nil || whole.Check() != nil {
		t.Error("moves of more than an edge: ", err, whole.Check())
	}
}

// TestLDiagonals: the diagonals of the L at its inner corner all end there.
func TestLDiagonals(t *testing.T) {
	m, err := NewLShape(Triangle, 3)
	if err != nil {
		t.Fatal(err)
	}
	edges, _ := m.Edges()
	n := 0
	for e := range len(edges) / 2 {
		a, b := m.Point(edges[2*e]), m.Point(edges[2*e+1])
		if (math.Hypot(a[0], a[1]) == 0 || math.Hypot(b[0], b[1]) == 0) && math.Abs(distance(a, b)-math.Sqrt2/3) < 1e-12 {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d diagonals end in the inner corner, not 3", n)
	}
}
