// Plate computes the stress around a hole in a plate under tension, from a mesh of
// Gmsh's to a file for ParaView.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"abide/fem"
	"abide/mesh"
)

func main() {
	in := flag.String("mesh", "plate.msh", "mesh with the facets left, right, bottom")
	out := flag.String("out", "plate.vtu", "where displacements and stresses go")
	flag.Parse()
	if err := run(os.Stdout, *in, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(w io.Writer, in, out string) error {
	m, err := read(in)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: %d triangles, %d points\n", in, m.Count(), m.N())

	// Displacements: both components in continuous polynomials of degree 2.
	scalar, err := fem.NewSpace(m, fem.P2)
	if err != nil {
		return err
	}
	V, err := scalar.Vector(2)
	if err != nil {
		return err
	}
	steel, err := fem.NewElastic(210e3, 0.3) // MPa
	if err != nil {
		return err
	}
	steel = steel.PlaneStress() // a thin plate

	// A quarter of the plate: left and bottom are lines of symmetry. What is not named,
	// top and hole, is free.
	const tension = 100 // MPa
	u, err := fem.Problem{
		Space:    V,
		Bilinear: steel.Form,
		Dirichlet: []fem.Dirichlet{
			{Group: "left", Only: []int{0}},
			{Group: "bottom", Only: []int{1}},
		},
		Neumann: []fem.Neumann{
			{Group: "right", Vector: func(fem.Vec) fem.Vec { return fem.Vec{tension} }},
		},
	}.Solve()
	if err != nil {
		return err
	}

	// Stresses jump between cells; those of a continuous function that is nearest to
	// them in the mean square do not.
	smooth := func(stress func(s *fem.Mat) float64) (*fem.Function, error) {
		return fem.Problem{
			Space:    scalar,
			Bilinear: func(_ *fem.Point, s, v *fem.Basis) float64 { return s.Value * v.Value },
			Linear: func(p *fem.Point, v *fem.Basis) float64 {
				s := steel.Stress(u.At(p))
				return stress(&s) * v.Value
			},
		}.Solve()
	}
	along, err := smooth(func(s *fem.Mat) float64 { return s[0][0] })
	if err != nil {
		return err
	}
	mises, err := smooth(fem.Mises)
	if err != nil {
		return err
	}

	// The top of the hole is at (0, 1); the plate is 20 wide.
	at, err := scalar.Evaluation([]float64{0, 1})
	if err != nil {
		return err
	}
	var top [1]float64
	at.Apply(top[:], along.Coef)
	const share = 2. / 20 // hole of width
	heywood := (2 + (1-share)*(1-share)*(1-share)) / (1 - share)
	fmt.Fprintf(w, "stress at the top of the hole: %.2f times the tension\n", top[0]/tension)
	fmt.Fprintf(w, "Heywood (1952), strip of this width: %.2f; Kirsch (1898), plate without end: 3\n", heywood)
	return write(out, m, u, mises)
}

func read(path string) (*mesh.Mesh, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, err := mesh.ReadMSH(file)
	if err != nil {
		return nil, err
	}
	return m, m.Check()
}

// write keeps the values at the corners of cells, which come first in a space.
func write(path string, m *mesh.Mesh, u, mises *fem.Function) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	err = mesh.WriteVTU(file, m,
		mesh.Field{Name: "displacement (mm)", Values: u.Coef[:2*m.N()], Components: 2},
		mesh.Field{Name: "von Mises stress (MPa)", Values: mises.Coef[:m.N()]})
	if err != nil {
		return err
	}
	return file.Close()
}
