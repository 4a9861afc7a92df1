package mesh_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"abide/mesh"
)

// A mesh from Gmsh, checked; the tag of a group, and what a misspelt name says.
func ExampleReadMSH() {
	file, err := os.Open(filepath.Join("testdata", "channel-41-binary.msh"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	m, err := mesh.ReadMSH(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Count(), "cells,", m.Check())
	g, _ := m.Group("inflow")
	fmt.Println("tag", g.Tag)
	_, err = m.Group("wall")
	fmt.Println(err)
	// Output:
	// 142 cells, <nil>
	// tag 21
	// mesh: no group "wall": there are "out flow" (facets), "walls" (facets), "cylinder" (facets), "inflow" (facets), "fluid" (cells); did you mean "walls"?
}

func ExampleNewStar() {
	m, err := mesh.NewStar(mesh.Triangle, 40, func(t float64) float64 { return 1 + 0.2*math.Cos(4*t) + 0.1*math.Cos(8*t) })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d triangles, area %.3f of %.3f\n", m.Count(), m.Volume(), math.Pi*(1+0.05/2))
	// Output: 9600 triangles, area 3.219 of 3.220
}

func ExampleLocator() {
	m, _ := mesh.NewDisc(mesh.Triangle, 10, 1)
	l, err := mesh.NewLocator(m)
	if err != nil {
		fmt.Println(err)
		return
	}
	cells, at, err := l.Locate([]float64{0.3, 0.2})
	fmt.Printf("cell %d at %.2f, %v\n", cells[0], at, err)
	_, _, err = l.Locate([]float64{0.3, 0.2, 1.5, 0})
	fmt.Println(err)
	// Output:
	// cell 58 at [0.59 0.03], <nil>
	// mesh: locator: point 1 at [1.5 0] is outside the mesh, 0.5 from its nearest cell 599; the tolerance is 2e-10
}

// Fields at points and on cells, for ParaView.
func ExampleWriteVTU() {
	m, _ := mesh.NewInterval(2, 0, 1)
	var file strings.Builder
	err := mesh.WriteVTU(&file, m, mesh.Field{Name: "u", Values: []float64{0, 0.5, 1}}, mesh.Field{Name: "flux", Values: []float64{1, 1}, OnCells: true})
	fmt.Println(strings.Count(file.String(), "<DataArray"), "arrays,", err)
	// Output: 6 arrays, <nil>
}
