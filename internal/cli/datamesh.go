package cli

import (
	"abide/dataio"
	"abide/pde"
)

// writeDataMesh adds the mesh that all samples of a family share. A file from which
// arrays were left out has none, so that one of a single array stays one.
func writeDataMesh(z *dataio.NPZWriter, family pde.Family, d *dataSummary) error {
	f, ok := family.(pde.Meshed)
	if !ok || len(d.Arrays) < len(family.Arrays()) {
		return nil
	}
	m := f.Mesh()
	points := &dataio.Array{Name: "mesh_points", Shape: []int{m.N(), m.Dim()}, F64: m.Points}
	cells := &dataio.Array{Name: "mesh_cells", Shape: []int{m.Count(), m.Shape.Vertices()}}
	for _, v := range m.Cells {
		cells.I64 = append(cells.I64, int64(v))
	}
	d.Mesh = []dataArray{
		{points.Name, points.Shape, "coordinates of the points of the mesh"},
		{cells.Name, cells.Shape, "points of each cell, a " + m.Shape.String()},
	}
	if err := z.Write(points); err != nil {
		return err
	}
	return z.Write(cells)
}
