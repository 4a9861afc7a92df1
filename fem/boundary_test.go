package fem

import (
	"errors"
	"slices"
	"testing"

	"abide/mesh"
)

// The boundary found by hashes is that of the numbered facets, on every shape, and a
// facet of three cells is an error.
func TestBoundaryIsTheSkeletons(t *testing.T) {
	var meshes []*mesh.Mesh
	add := func(m *mesh.Mesh, err error) {
		if err != nil {
			t.Fatal(err)
		}
		meshes = append(meshes, m)
	}
	add(mesh.NewInterval(5, 0, 1))
	for _, s := range []mesh.Shape{mesh.Triangle, mesh.Quadrilateral} {
		add(mesh.NewRectangle(s, 1, 1, 1, 1))
		add(mesh.NewRectangle(s, 6, 3, 1, 1))
		add(mesh.NewLShape(s, 4))
		add(mesh.NewDisc(s, 5, 1))
	}
	for _, s := range []mesh.Shape{mesh.Tetrahedron, mesh.Hexahedron} {
		add(mesh.NewBox(s, 3, 2, 4, 1, 1, 1))
	}
	for _, m := range meshes {
		skeleton, err := m.Skeleton()
		if err != nil {
			t.Fatal(err)
		}
		var want []side
		for _, f := range skeleton.Boundary() {
			want = append(want, side{skeleton.Cell[f][0], int32(skeleton.Local[f][0])})
		}
		got, err := boundary(m)
		if err != nil {
			t.Fatal(err)
		}
		order := func(a, b side) int {
			if a.cell != b.cell {
				return int(a.cell - b.cell)
			}
			return int(a.local - b.local)
		}
		slices.SortFunc(want, order)
		if slices.SortFunc(got, order); !slices.Equal(got, want) {
			t.Errorf("%v of %d cells: boundary %v, want %v", m.Shape, m.Count(), got, want)
		}
	}
	three := &mesh.Mesh{Shape: mesh.Triangle, Points: []float64{0, 0, 1, 0, 0, 1, 1, 1, 0.2, 0.5}, Cells: []int32{0, 1, 2, 0, 1, 3, 0, 1, 4}}
	if _, err := boundary(three); !errors.Is(err, mesh.ErrNonManifold) {
		t.Errorf("three cells at a facet: %v", err)
	}
}
