package fem

import (
	"context"
	"fmt"
	"testing"
	"time"

	"abide/mesh"
)

// What a gradient by all cells costs beside the solution it belongs to, P1 on the square:
// assembly, factor and solve for the one, a transposed solve and the products of the cells
// for the other. "ratio" is the time of both against that of the solution.
func BenchmarkGradient(b *testing.B) {
	for _, n := range []int{33, 101, 317} {
		f := benchForm(b, n)
		k, err := f.Diffusion()
		sensitivityFail(b, err)
		cells := f.test.mesh.Count()
		a, c, g := f.Matrix(), make([]float64, cells), make([]float64, cells)
		for i := range c {
			c[i] = 1 + float64(i%7)
		}
		load, err := f.test.Linear(Constant(1))
		sensitivityFail(b, err)
		rhs, x, u, ju := make([]float64, f.fixed.N()), make([]float64, f.fixed.N()), make([]float64, f.test.N()), make([]float64, f.test.N())
		f.fixed.Restrict(rhs, load)
		sensitivityFail(b, k.Assemble(a, c))
		factor, err := NewFactor(f.fixed, a)
		sensitivityFail(b, err)
		by, err := k.By(u, c)
		sensitivityFail(b, err)
		s := NewSensitivity(f.fixed, factor, by)
		b.Run(fmt.Sprint(f.fixed.N()), func(b *testing.B) {
			var forward, gradient time.Duration
			for b.Loop() {
				start := time.Now()
				sensitivityFail(b, k.Assemble(a, c))
				sensitivityFail(b, factor.Refactor(a))
				factor.Solve(x, rhs)
				f.fixed.Expand(u, x)
				middle := time.Now()
				copy(ju, u)
				s.ApplyT(g, ju)
				forward, gradient = forward+middle.Sub(start), gradient+time.Since(middle)
			}
			b.ReportMetric(float64(forward.Microseconds())/float64(b.N)/1e3, "ms/forward")
			b.ReportMetric(float64(gradient.Microseconds())/float64(b.N)/1e3, "ms/gradient")
			b.ReportMetric(1+float64(gradient)/float64(forward), "ratio")
		})
	}
}

// The same for the nonlinear equation −∇·((1 + 0.1 u²) a ∇u) = f by a at the nodes: Newton
// from zero for the one, a tangent at the solution, its factor and a transposed solve for the other.
func BenchmarkGradientNonlinear(b *testing.B) {
	for _, n := range []int{33, 101} {
		V := orderSpace(b, orderMesh(b, mesh.Triangle, n), P1)
		m := V.Zero()
		for i := range m.Coef {
			m.Coef[i] = 1 + V.Place(i)[0]
		}
		f := newtonProblem(b, V, nil, func(p *Point, u Dual, grad DualVec) (DualVec, Dual) {
			a, _ := m.Dual(p)
			return grad.Mul(u.Mul(u).Times(0.1).Plus(1).Mul(a)), Const(-10)
		})
		g := make([]float64, V.N())
		b.Run(fmt.Sprint(f.fixed.N()), func(b *testing.B) {
			var forward, gradient time.Duration
			for b.Loop() {
				start := time.Now()
				u := V.Zero()
				_, err := Newton{}.Solve(context.Background(), f, u)
				sensitivityFail(b, err)
				middle := time.Now()
				inverse, err := f.Linearise(u.Coef)
				sensitivityFail(b, err)
				by, err := f.By(m, u.Coef)
				sensitivityFail(b, err)
				NewSensitivity(f.fixed, inverse, by).ApplyT(g, u.Coef)
				forward, gradient = forward+middle.Sub(start), gradient+time.Since(middle)
			}
			b.ReportMetric(float64(forward.Microseconds())/float64(b.N)/1e3, "ms/forward")
			b.ReportMetric(float64(gradient.Microseconds())/float64(b.N)/1e3, "ms/gradient")
			b.ReportMetric(1+float64(gradient)/float64(forward), "ratio")
		})
	}
}

// What a tangent and a residual cost: cells and calls of the integrand.
func BenchmarkNonlinear(b *testing.B) {
	for _, e := range []Element{P1, P2} {
		V := orderSpace(b, orderMesh(b, mesh.Triangle, 101), e)
		f := newtonProblem(b, V, nil, func(p *Point, u Dual, grad DualVec) (DualVec, Dual) {
			return grad.Mul(u.Mul(u).Times(0.1).Plus(1)), Const(-10)
		})
		u, r, k := nonlinearRandom(V.N(), 1), make([]float64, V.N()), f.Matrix()
		points := float64(V.Mesh().Count() * len(f.terms[0].walk.sets[0].points))
		for what, run := range map[string]func() error{"residual": func() error { return f.Residual(r, u) }, "tangent": func() error { return f.Tangent(k, u) }} {
			b.Run(fmt.Sprint(e, " ", what), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					sensitivityFail(b, run())
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/points, "ns/point")
			})
		}
	}
}
