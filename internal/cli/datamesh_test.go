package cli

import (
	"path/filepath"
	"slices"
	"testing"

	"abide/dataio"
)

// The file of a family on a mesh has what its samples need: the triangles of the disc
// have positive areas with the points of each sample. They are left out with --keep.
func TestDataMesh(t *testing.T) {
	folder := t.TempDir()
	must(t, folder, "data", "nonlinear-poisson", "--grid", "4", "--n", "3", "--out", "whole.npz", "-q")
	must(t, folder, "data", "nonlinear-poisson", "--grid", "4", "--verify", "whole.npz", "--strict", "-q")
	arrays, err := dataio.ReadNPZ(filepath.Join(folder, "whole.npz"))
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]*dataio.Array{}
	for _, a := range arrays {
		of[a.Name] = a
	}
	x, points, cells := of["x"], of["mesh_points"], of["mesh_cells"]
	if points == nil || cells == nil || !slices.Equal(points.Shape, []int{61, 2}) || !slices.Equal(cells.Shape, []int{96, 3}) {
		t.Fatalf("mesh_points %+v, mesh_cells %+v", points, cells)
	}
	for s := range 3 {
		at := x.F64[s*2*61:]
		for c := range 96 {
			p, q, r := 2*cells.I64[3*c], 2*cells.I64[3*c+1], 2*cells.I64[3*c+2]
			if area := (at[q]-at[p])*(at[r+1]-at[p+1]) - (at[q+1]-at[p+1])*(at[r]-at[p]); !(area > 0) {
				t.Errorf("sample %d, triangle %d: area %g", s, c, area/2)
			}
		}
	}
	must(t, folder, "data", "nonlinear-poisson", "--grid", "4", "--keep", "u", "--out", "kept.npz", "-q")
	if arrays, err = dataio.ReadNPZ(filepath.Join(folder, "kept.npz")); err != nil || len(arrays) != 1 {
		t.Errorf("%d arrays with --keep u (%v)", len(arrays), err)
	}
}
