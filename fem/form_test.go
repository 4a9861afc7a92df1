package fem

import (
	"math"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// formCoefficients are positive numbers without pattern.
func formCoefficients(n int) []float64 {
	c := make([]float64, n)
	for i := range c {
		c[i] = 1.5 + math.Sin(float64(7*i+1))
	}
	return c
}

func formSame(t *testing.T, what string, a, b *sparse.CSR) {
	t.Helper()
	if len(a.Value) != len(b.Value) {
		t.Fatalf("%s: %d entries and %d", what, len(a.Value), len(b.Value))
	}
	for k := range a.Value {
		if d := math.Abs(a.Value[k] - b.Value[k]); d > 1e-13*(1+math.Abs(b.Value[k])) {
			t.Fatalf("%s: entry %d is %g, want %g", what, k, a.Value[k], b.Value[k])
		}
	}
}

// Kernels are the same matrices as forms with the coefficient read per cell, also with
// conditions, and their lifting is the columns that were left out.
func TestKernelsAreForms(t *testing.T) {
	for _, c := range spaceKinds {
		if c.e == P0 {
			continue
		}
		m := probDistorted(t, c.shape, 3)
		V := orderSpace(t, m, c.e)
		coef := formCoefficients(m.Count())
		condition := Dirichlet{Value: func(x Vec) float64 { return 1 + x[0] }}
		if m.Groups != nil {
			condition.Group = "left"
		}
		fixed, err := V.Dirichlet(condition)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []*Fixed{nil, fixed} {
			for name, of := range map[string]Bilinear{
				"diffusion": func(p *Point, u, v *Basis) float64 { return coef[p.Cell] * u.Grad.Dot(v.Grad) },
				"mass":      func(p *Point, u, v *Basis) float64 { return coef[p.Cell] * u.Value * v.Value },
			} {
				form, err := NewForm(V, f)
				if err != nil {
					t.Fatal(err)
				}
				if err := form.Add(of); err != nil {
					t.Fatal(err)
				}
				k, err := form.Diffusion()
				if name == "mass" {
					k, err = form.Mass()
				}
				if err != nil {
					t.Fatal(err)
				}
				want, got := form.Matrix(), form.Matrix()
				b, c := make([]float64, V.N()), make([]float64, V.N())
				if err := form.AssembleLifted(want, b); err != nil {
					t.Fatal(err)
				}
				if err := k.Assemble(got, coef); err != nil {
					t.Fatal(err)
				}
				formSame(t, name, got, want)
				if err := k.Lift(c, coef); err != nil {
					t.Fatal(err)
				}
				if f == nil {
					continue
				}
				full, err := V.Bilinear(of)
				if err != nil {
					t.Fatal(err)
				}
				image := make([]float64, V.N())
				full.Apply(image, f.Value)
				for _, i := range f.Free {
					if math.Abs(b[i]+image[i]) > 1e-13 || math.Abs(c[i]+image[i]) > 1e-13 {
						t.Fatalf("%v %s: lifted %g and %g at %d, want %g", V.Element(), name, b[i], c[i], i, -image[i])
					}
				}
				for p, i := range f.Free {
					for q, j := range f.Free {
						if d := math.Abs(got.At(p, q) - full.At(int(i), int(j))); d > 1e-13 {
							t.Fatalf("%v %s: entry (%d, %d) differs by %g", V.Element(), name, i, j, d)
						}
					}
				}
				// λᵀ A_K u by cells sums to λᵀ A(1) u.
				lambda, u, cells := formCoefficients(V.N()), formCoefficients(V.N()), make([]float64, m.Count())
				u[0] = -4
				if err := k.Derivative(cells, lambda, u); err != nil {
					t.Fatal(err)
				}
				full.Apply(image, u)
				var whole, parts float64
				for i := range lambda {
					whole += lambda[i] * image[i]
				}
				for i := range cells {
					parts += coef[i] * cells[i]
				}
				if math.Abs(whole-parts) > 1e-12*(1+math.Abs(whole)) {
					t.Errorf("%v %s: λᵀAu = %g, by cells %g", V.Element(), name, whole, parts)
				}
			}
		}
	}
}

// The mass matrix sums to the volume, its row sums are the lumped one, and stiffness
// maps constants to zero; volumes of distorted meshes are those of the domain.
func TestMassSumsToVolume(t *testing.T) {
	for _, c := range spaceKinds {
		m := probDistorted(t, c.shape, 3)
		V := orderSpace(t, m, c.e)
		mass, err := V.Bilinear(func(_ *Point, u, v *Basis) float64 { return u.Value * v.Value }, Degree(2*c.e.degree()+2))
		if err != nil {
			t.Fatal(err)
		}
		one, rows := make([]float64, V.N()), make([]float64, V.N())
		for i := range one {
			one[i] = 1
		}
		mass.Apply(rows, one)
		var sum float64
		for _, r := range rows {
			sum += r
		}
		if math.Abs(sum-1) > 1e-13 {
			t.Errorf("%v %v: mass %.16g", c.shape, c.e, sum)
		}
		if c.e.degree() < 2 {
			lumped, err := V.LumpedMass(nil)
			if err != nil {
				t.Fatal(err)
			}
			sum = 0
			for i, l := range lumped {
				sum += l
				if simplex(c.shape) && math.Abs(l-rows[i]) > 1e-14 {
					t.Errorf("%v %v: lumped %g, row sum %g", c.shape, c.e, l, rows[i])
				}
			}
			if math.Abs(sum-1) > 1e-13 {
				t.Errorf("%v %v: lumped mass %.16g", c.shape, c.e, sum)
			}
		}
		if c.e == P0 {
			continue
		}
		k, err := V.Bilinear(Laplace)
		if err != nil {
			t.Fatal(err)
		}
		k.Apply(rows, one)
		for i, r := range rows {
			if math.Abs(r) > 1e-13 {
				t.Errorf("%v %v: row %d of the stiffness sums to %g", c.shape, c.e, i, r)
			}
		}
	}
}

// Divergence theorem on distorted meshes, ∫ ∇·F = ∮ F·n with F = (x², xy, xyz): facets,
// their normals and their quadrature.
func TestDivergenceTheorem(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Interval, mesh.Triangle, mesh.Quadrilateral, mesh.Tetrahedron, mesh.Hexahedron} {
		m := probDistorted(t, shape, 3)
		for i := range m.N() { // and a boundary that is not straight
			x := m.Point(int32(i))
			if m.Dim() > 1 {
				x[0] += 0.2*x[1]*x[1] + 0.1*x[1]
			}
		}
		V := orderSpace(t, m, P0)
		inside, err := V.Integral(func(p *Point) float64 {
			x := p.X
			return []float64{0, 2 * x[0], 3 * x[0], 3*x[0] + x[0]*x[1]}[m.Dim()]
		}, Degree(8))
		if err != nil {
			t.Fatal(err)
		}
		through, err := V.Integral(func(p *Point) float64 {
			x := p.X
			if d := p.Normal.Norm(); math.Abs(d-1) > 1e-14 {
				t.Fatalf("a normal of length %g", d)
			}
			return p.Normal.Dot(Vec{x[0] * x[0], x[0] * x[1], x[0] * x[1] * x[2]})
		}, On(), Degree(8))
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(inside-through) > 1e-13 {
			t.Errorf("%v: %.15g inside, %.15g through the boundary", shape, inside, through)
		}
	}
}

// A rectangular form is the transpose of the one with its spaces swapped, and with one
// space the square one: ∫ p ∇·v of P1 pressures and P2 velocities.
func TestMixedForms(t *testing.T) {
	m := probDistorted(t, mesh.Triangle, 3)
	Q := orderSpace(t, m, P1)
	V, err := orderSpace(t, m, P2).Vector(2)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Mixed(V, Q, func(_ *Point, u, q *Basis) float64 { return q.Value * u.Div })
	if err != nil {
		t.Fatal(err)
	}
	c, err := Mixed(Q, V, func(_ *Point, p, v *Basis) float64 { return p.Value * v.Div })
	if err != nil {
		t.Fatal(err)
	}
	formSame(t, "transpose", b.Transpose(), c)
	// u = (x², y) has ∇·u = 2x + 1; tested with 1 that is 2 on the unit square.
	u, err := V.InterpolateVector(func(x Vec) Vec { return Vec{x[0] * x[0], x[1]} })
	if err != nil {
		t.Fatal(err)
	}
	image := make([]float64, Q.N())
	b.Apply(image, u.Coef)
	var sum float64
	for _, v := range image {
		sum += v
	}
	if math.Abs(sum-2) > 1e-13 {
		t.Errorf("∫∇·u = %.15g", sum)
	}
}

// A form that reads functions follows their coefficients, in every point once.
func TestFormReadsFunctions(t *testing.T) {
	m := probDistorted(t, mesh.Triangle, 4)
	V, Z := orderSpace(t, m, P2), orderSpace(t, m, P0)
	w, err := V.Interpolate(func(x Vec) float64 { return 1 + x[0]*x[1] })
	if err != nil {
		t.Fatal(err)
	}
	z, _ := Z.Function(formCoefficients(Z.N()))
	form, err := NewForm(V, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := form.Add(func(p *Point, u, v *Basis) float64 {
		return z.At(p).Value * (w.At(p).Value*u.Grad.Dot(v.Grad) + w.At(p).Grad.Dot(u.Grad)*v.Value)
	}, Degree(6)); err != nil {
		t.Fatal(err)
	}
	got := form.Matrix()
	for round := range 2 {
		scale := float64(1 + round)
		want, err := V.Bilinear(func(p *Point, u, v *Basis) float64 {
			x := p.X
			return scale * z.Coef[p.Cell] * ((1+x[0]*x[1])*u.Grad.Dot(v.Grad) + (Vec{x[1], x[0]}).Dot(u.Grad)*v.Value)
		}, Degree(6))
		if err != nil {
			t.Fatal(err)
		}
		if err := form.Assemble(got); err != nil {
			t.Fatal(err)
		}
		formSame(t, "reading", got, want)
		for i := range w.Coef {
			w.Coef[i] *= 2
		}
	}
}

// Rows of identity give the solution that elimination gives.
func TestIdentityRows(t *testing.T) {
	o := orderProblem{2, orderUnit}
	V := orderSpace(t, orderMesh(t, mesh.Triangle, 6), P2)
	g := func(x Vec) float64 { return x[0] - x[1] }
	p := Problem{Space: V, Bilinear: Laplace, Linear: func(p *Point, v *Basis) float64 { return o.f(p.X) * v.Value }, Dirichlet: []Dirichlet{{Value: g}}}
	want, err := p.Solve()
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := V.Dirichlet(p.Dirichlet...)
	if err != nil {
		t.Fatal(err)
	}
	a, err := V.Bilinear(Laplace)
	if err != nil {
		t.Fatal(err)
	}
	b, err := V.Linear(p.Linear)
	if err != nil {
		t.Fatal(err)
	}
	if err := fixed.Identity(a, b); err != nil {
		t.Fatal(err)
	}
	for i, x := range orderDense(t, a, b) {
		if math.Abs(x-want.Coef[i]) > 1e-12 {
			t.Fatalf("u[%d] = %g, want %g", i, x, want.Coef[i])
		}
	}
}

// Regions: a form in parts is the form on the whole, and on facets inside the domain
// the integral of the facet's cells is taken once.
func TestRegions(t *testing.T) {
	m := orderMesh(t, mesh.Quadrilateral, 4)
	m.CellTag = make([]int32, m.Count())
	for c := range m.CellTag {
		m.CellTag[c] = int32(c % 4 / 2)
	}
	m.Groups = append(m.Groups, mesh.Group{Name: "west", Dim: 2, Tag: 0}, mesh.Group{Name: "east", Dim: 2, Tag: 1})
	m.Groups = append(m.Groups, mesh.Group{Name: "middle", Dim: 1, Tag: 9})
	for j := range int32(4) {
		m.Facets, m.FacetTag = append(m.Facets, 5*j+2, 5*j+7), append(m.FacetTag, 9)
	}
	V := orderSpace(t, m, Q1)
	x := func(p *Point) float64 { return p.X[0] }
	west, err := V.Integral(x, In("west"))
	if err != nil || math.Abs(west-0.125) > 1e-15 {
		t.Errorf("west %g, %v", west, err)
	}
	both, err := V.Integral(x, In("west", "east"))
	if err != nil || math.Abs(both-0.5) > 1e-15 {
		t.Errorf("both %g, %v", both, err)
	}
	middle, err := V.Integral(x, On("middle"))
	if err != nil || math.Abs(middle-0.5) > 1e-15 {
		t.Errorf("middle %g, %v", middle, err)
	}
	tags, err := V.Integral(func(p *Point) float64 { return float64(p.Tag) })
	if err != nil || math.Abs(tags-0.5) > 1e-15 {
		t.Errorf("tags %g, %v", tags, err)
	}
}
