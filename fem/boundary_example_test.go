package fem_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"abide/fem"
	"abide/mesh"
)

// Heat that is made everywhere in a plate and leaves it on the left, which is held at 0,
// and on the right by a draught; the other sides let nothing through: u = (3x − 2x²)/4.
func ExampleProblem_boundary() {
	m, _ := mesh.NewRectangle(mesh.Triangle, 32, 32, 1, 1) // or mesh.ReadMSH(file), with the names that the groups have in Gmsh
	V, _ := fem.NewSpace(m, fem.P2)
	u, err := fem.Problem{
		Space:     V,
		Bilinear:  func(p *fem.Point, u, v *fem.Basis) float64 { return u.Grad.Dot(v.Grad) },
		Linear:    func(p *fem.Point, v *fem.Basis) float64 { return v.Value },
		Dirichlet: []fem.Dirichlet{{Group: "left"}},
		Robin:     []fem.Robin{{Group: "right", Alpha: func(x fem.Vec) float64 { return 1 }}},
	}.Solve()
	if err != nil {
		fmt.Println(err)
		return
	}
	at, _ := V.Evaluation([]float64{0.5, 0.5, 1, 0.3})
	values := make([]float64, 2)
	at.Apply(values, u.Coef)
	fmt.Printf("%.6f in the middle, %.6f on the right\n", values[0], values[1])
	// Output: 0.250000 in the middle, 0.250000 on the right
}

// Flow without rotation through a channel around a cylinder: a mesh from Gmsh with its
// groups as boundaries, the potential as a file for ParaView. What flows in flows out.
func ExampleProblem_gmsh() {
	in, err := os.Open(filepath.Join("..", "mesh", "testdata", "channel-41-ascii.msh"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer in.Close()
	m, err := mesh.ReadMSH(in)
	if err != nil {
		fmt.Println(err)
		return
	}
	V, _ := fem.NewSpace(m, fem.P1)
	u, err := fem.Problem{
		Space:     V,
		Bilinear:  fem.Laplace,
		Dirichlet: []fem.Dirichlet{{Group: "out flow"}},
		Neumann:   []fem.Neumann{{Group: "inflow", Value: func(x fem.Vec) float64 { return 2 }}},
	}.Solve()
	if err != nil {
		fmt.Println(err)
		return
	}
	var out bytes.Buffer
	err = mesh.WriteVTU(&out, m, mesh.Field{Name: "potential", Values: u.Coef})
	if err != nil {
		fmt.Println(err)
		return
	}
	k, _ := V.Bilinear(fem.Laplace)
	residual := make([]float64, len(u.Coef))
	k.Apply(residual, u.Coef)
	end, _ := V.Dirichlet(fem.Dirichlet{Group: "out flow"})
	flow := 0.0
	for i, free := range end.Number {
		if free < 0 {
			flow -= residual[i]
		}
	}
	fmt.Printf("%d cells, %.6f leaves at the end\n", m.Count(), flow)
	// Output: 142 cells, 2.000000 leaves at the end
}
