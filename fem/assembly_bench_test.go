package fem

import (
	"fmt"
	"testing"
	"time"

	"abide/mesh"
	"abide/sparse"
)

// P1 on the unit square, zero boundary values eliminated: n cells a side are (n−1)²
// unknowns.
var benchSizes = []int{101, 317, 1001}

func benchForm(b *testing.B, n int) *Form {
	V := orderSpace(b, orderMesh(b, mesh.Triangle, n), P1)
	fixed, err := V.Dirichlet(Dirichlet{})
	if err != nil {
		b.Fatal(err)
	}
	f, err := NewForm(V, fixed)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func benchCells(b *testing.B, f *Form) {
	cells := float64(f.test.mesh.Count())
	b.ReportMetric(cells*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
	b.ReportMetric(float64(f.Assembly().Pattern.Rows), "unknowns")
}

// Pattern, element matrices and the first values: what a single Poisson problem pays.
func BenchmarkAssembleFirst(b *testing.B) {
	for _, n := range benchSizes {
		f := benchForm(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				f, err := NewForm(f.test, f.fixed)
				if err != nil {
					b.Fatal(err)
				}
				k, err := f.Diffusion()
				if err != nil {
					b.Fatal(err)
				}
				if err := k.Assemble(f.Matrix(), nil); err != nil {
					b.Fatal(err)
				}
			}
			benchCells(b, f)
		})
	}
}

// New coefficients into a known pattern.
func BenchmarkAssembleAgain(b *testing.B) {
	for _, n := range benchSizes {
		f := benchForm(b, n)
		k, err := f.Diffusion()
		if err != nil {
			b.Fatal(err)
		}
		a, c := f.Matrix(), make([]float64, f.test.mesh.Count())
		for i := range c {
			c[i] = 1 + float64(i%7)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if err := k.Assemble(a, c); err != nil {
					b.Fatal(err)
				}
			}
			benchCells(b, f)
			// Matrices and places of cells and coefficients are read once, values
			// written once by the clearing and read and written once more.
			bytes := float64(len(c))*(9*12+8) + 24*float64(len(a.Value))
			b.ReportMetric(bytes*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
	}
}

// Element matrices of the other elements, on about 10⁵ cells.
func BenchmarkDiffusionKernel(b *testing.B) {
	for _, c := range []struct {
		shape mesh.Shape
		e     Element
		n     int
	}{{mesh.Triangle, P1, 224}, {mesh.Triangle, P2, 224}, {mesh.Quadrilateral, Q1, 317}, {mesh.Quadrilateral, Q2, 317}, {mesh.Tetrahedron, P1, 25}, {mesh.Hexahedron, Q1, 46}} {
		V := orderSpace(b, orderMesh(b, c.shape, c.n), c.e)
		f, err := NewForm(V, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(c.shape, " ", c.e), func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Diffusion(); err != nil {
					b.Fatal(err)
				}
			}
			benchCells(b, f)
		})
	}
}

// The same by a callback at quadrature points.
func BenchmarkAssembleCallback(b *testing.B) {
	for _, e := range []Element{P1, P2, Q1, Q2} {
		shape := mesh.Triangle
		if e >= Q1 {
			shape = mesh.Quadrilateral
		}
		V := orderSpace(b, orderMesh(b, shape, 101), e)
		f, err := NewForm(V, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Add(func(p *Point, u, v *Basis) float64 { return (1 + p.X[0]) * u.Grad.Dot(v.Grad) }); err != nil {
			b.Fatal(err)
		}
		a := f.Matrix()
		b.Run(e.String(), func(b *testing.B) {
			for b.Loop() {
				if err := f.Assemble(a); err != nil {
					b.Fatal(err)
				}
			}
			benchCells(b, f)
			calls := float64(f.test.mesh.Count() * V.perCell * V.perCell * len(f.terms[0].walk.sets[0].points))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/calls, "ns/call")
		})
	}
}

// All of a Poisson problem from the mesh to the solution, stage by stage in ms.
func BenchmarkPoisson(b *testing.B) {
	for _, n := range benchSizes {
		m := orderMesh(b, mesh.Triangle, n)
		c := make([]float64, m.Count())
		for i := range c {
			c[i] = 1
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var space, system, solve time.Duration
			for b.Loop() {
				start := time.Now()
				V := orderSpace(b, m, P1)
				space += time.Since(start)
				start = time.Now()
				s, err := Problem{Space: V, Diffusion: c, Linear: Constant(1), Dirichlet: []Dirichlet{{Group: "left"}, {Group: "right"}, {Group: "bottom"}, {Group: "top"}},
					Krylov: sparse.Krylov{Tolerance: 1e-8}}.System()
				if err != nil {
					b.Fatal(err)
				}
				system += time.Since(start)
				start = time.Now()
				if _, err := s.Solve(); err != nil {
					b.Fatal(err)
				}
				solve += time.Since(start)
			}
			for name, d := range map[string]time.Duration{"space-ms": space, "system-ms": system, "solve-ms": solve} {
				b.ReportMetric(float64(d.Microseconds())/1e3/float64(b.N), name)
			}
		})
	}
}
