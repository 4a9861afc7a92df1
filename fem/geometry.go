package fem

import (
	"fmt"
	"math"

	"abide/mesh"
)

// geometry is the map from the reference cell to one cell, affine on simplices and
// of Q1 on tensor cells:
//
//	x(ξ) = Σ_v N_v(ξ) x_v,  J = ∂x/∂ξ,  ∇ = J⁻ᵀ ∇_ξ.
type geometry struct {
	mesh   *mesh.Mesh
	dim    int
	affine bool
	corner [8]Vec  // vertices of the cell
	jac    Mat     // jac[i][r] = ∂x_i/∂ξ_r
	inv    Mat     // inv[r][i] = ∂ξ_r/∂x_i
	det    float64 // of jac
}

func newGeometry(m *mesh.Mesh) *geometry {
	return &geometry{mesh: m, dim: m.Dim(), affine: simplex(m.Shape)}
}

// cell takes the vertices of a cell; on simplices J is then known.
func (g *geometry) cell(c int) {
	for k, v := range g.mesh.Cell(c) {
		copy(g.corner[k][:], g.mesh.Point(v))
	}
	if g.affine {
		g.jac = Mat{}
		for r := range g.dim {
			for i := range g.dim {
				g.jac[i][r] = g.corner[r+1][i] - g.corner[0][i]
			}
		}
		g.invert()
	}
}

// at is the place of a reference point from the values of the vertex functions there;
// on tensor cells J is taken there too, from their gradients.
func (g *geometry) at(value []float64, grad []Vec) Vec {
	var x Vec
	for k, n := range value {
		for i := range g.dim {
			x[i] += n * g.corner[k][i]
		}
	}
	if !g.affine {
		g.jac = Mat{}
		for k := range grad {
			for i := range g.dim {
				for r := range g.dim {
					g.jac[i][r] += g.corner[k][i] * grad[k][r]
				}
			}
		}
		g.invert()
	}
	return x
}

func (g *geometry) invert() {
	a := &g.jac
	switch g.dim {
	case 1:
		g.det = a[0][0]
		g.inv[0][0] = 1 / g.det
	case 2:
		g.det = a[0][0]*a[1][1] - a[0][1]*a[1][0]
		d := 1 / g.det
		g.inv[0] = Vec{a[1][1] * d, -a[0][1] * d}
		g.inv[1] = Vec{-a[1][0] * d, a[0][0] * d}
	default:
		// Rows of the inverse are cross products of the columns.
		x, y, z := Vec{a[0][0], a[1][0], a[2][0]}, Vec{a[0][1], a[1][1], a[2][1]}, Vec{a[0][2], a[1][2], a[2][2]}
		yz := y.Cross(z)
		g.det = x.Dot(yz)
		d := 1 / g.det
		g.inv = Mat{yz.Times(d), z.Cross(x).Times(d), x.Cross(y).Times(d)}
	}
}

// gradient is J⁻ᵀ g.
func (g *geometry) gradient(ref Vec) Vec {
	switch g.dim {
	case 1:
		return Vec{ref[0] * g.inv[0][0]}
	case 2:
		return Vec{ref[0]*g.inv[0][0] + ref[1]*g.inv[1][0], ref[0]*g.inv[0][1] + ref[1]*g.inv[1][1]}
	}
	return g.inv[0].Times(ref[0]).Add(g.inv[1].Times(ref[1])).Add(g.inv[2].Times(ref[2]))
}

// checkCells refuses meshes whose map is not invertible with positive orientation at
// the vertices of every cell, and points that do not exist.
func checkCells(m *mesh.Mesh) error {
	if m.Count() == 0 {
		return fmt.Errorf("fem: the mesh has no cells")
	}
	for k, v := range m.Cells {
		if v < 0 || int(v) >= m.N() {
			return fmt.Errorf("fem: cell %d has point %d, but there are %d points", k/m.Shape.Vertices(), v, m.N())
		}
	}
	g := newGeometry(m)
	places := corners[m.Shape]
	if g.affine {
		places = places[:1]
	}
	vertex, _ := newLagrange(m.Shape, vertexElement(m.Shape))
	n := m.Shape.Vertices()
	value, grad := make([]float64, n*len(places)), make([]Vec, n*len(places))
	for q, p := range places {
		vertex.tabulate(p, value[q*n:(q+1)*n], grad[q*n:(q+1)*n])
	}
	for c := range m.Count() {
		g.cell(c)
		for q := range places {
			x := g.at(value[q*n:(q+1)*n], grad[q*n:(q+1)*n])
			if !(g.det > 0) || math.IsInf(g.det, 1) {
				return fmt.Errorf("fem: cell %d is inverted or flat near %v: its map has the determinant %.3g: order its points %v to be positively oriented, or mend the mesh",
					c, x[:m.Dim()], g.det, m.Cell(c))
			}
		}
	}
	return nil
}

// vertexElement is the element of the geometry.
func vertexElement(s mesh.Shape) Element {
	if simplex(s) {
		return P1
	}
	return Q1
}
