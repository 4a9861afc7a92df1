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
	index  int     // of the cell
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
	g.index = c
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

// place takes the vertices of a simplex and returns |det J|, for integrands without
// gradients: J itself is not inverted.
func (g *geometry) place(c int) float64 {
	g.index = c
	for k, v := range g.mesh.Cell(c) {
		copy(g.corner[k][:], g.mesh.Point(v))
	}
	o, a, b := &g.corner[0], &g.corner[1], &g.corner[2]
	switch g.dim {
	case 1:
		return math.Abs(a[0] - o[0])
	case 2:
		return math.Abs((a[0]-o[0])*(b[1]-o[1]) - (a[1]-o[1])*(b[0]-o[0]))
	}
	return math.Abs(a.Sub(*o).Cross(b.Sub(*o)).Dot(g.corner[3].Sub(*o)))
}

// at is the place of a reference point from the values of the vertex functions there;
// on tensor cells J is taken there too, from their gradients.
func (g *geometry) at(value []float64, grad []Vec) Vec {
	var x, y, z float64
	for k, n := range value {
		c := &g.corner[k]
		x += n * c[0]
		y += n * c[1]
		z += n * c[2]
	}
	if g.affine {
		return Vec{x, y, z}
	}
	var xr, xs, xt, yr, ys, yt, zr, zs, zt float64
	for k := range grad {
		c, h := &g.corner[k], &grad[k]
		r, s := h[0], h[1]
		xr += c[0] * r
		xs += c[0] * s
		yr += c[1] * r
		ys += c[1] * s
		if g.dim == 3 {
			t := h[2]
			xt += c[0] * t
			yt += c[1] * t
			zr += c[2] * r
			zs += c[2] * s
			zt += c[2] * t
		}
	}
	g.jac = Mat{{xr, xs, xt}, {yr, ys, yt}, {zr, zs, zt}}
	g.invert()
	return Vec{x, y, z}
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

// fill writes values and J⁻ᵀ times the gradients of a scalar space: what a form spends
// most of its time with beside its integrand.
func (g *geometry) fill(dst []Basis, value []float64, grad []Vec) {
	value, grad = value[:len(dst)], grad[:len(dst)]
	switch m := &g.inv; g.dim {
	case 1:
		for i := range dst {
			dst[i].Value, dst[i].Grad[0] = value[i], grad[i][0]*m[0][0]
		}
	case 2:
		a, b, c, d := m[0][0], m[0][1], m[1][0], m[1][1]
		for i := range dst {
			f, r := &dst[i], &grad[i]
			x, y := r[0], r[1]
			f.Value = value[i]
			f.Grad[0], f.Grad[1] = x*a+y*c, x*b+y*d // the third is 0 and stays so
		}
	default:
		a0, a1, a2, b0, b1, b2, c0, c1, c2 := m[0][0], m[0][1], m[0][2], m[1][0], m[1][1], m[1][2], m[2][0], m[2][1], m[2][2]
		for i := range dst {
			f, r := &dst[i], &grad[i]
			x, y, z := r[0], r[1], r[2]
			f.Value = value[i]
			f.Grad[0], f.Grad[1], f.Grad[2] = x*a0+y*b0+z*c0, x*a1+y*b1+z*c1, x*a2+y*b2+z*c2
		}
	}
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
			if !g.affine {
				g.at(value[q*n:(q+1)*n], grad[q*n:(q+1)*n])
			}
			if !(g.det > 0) || math.IsInf(g.det, 1) {
				return fmt.Errorf("fem: %w: cell %d at %v has the determinant %.3g: order its points %v to be positively oriented, or mend the mesh (Check finds all)",
					mesh.ErrInverted, c, g.corner[q][:m.Dim()], g.det, m.Cell(c))
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
