package fem

import (
	"errors"
	"math"
	"strings"
	"testing"

	"abide/mesh"
)

// What goes in at a side with prescribed values comes out at the others: sources,
// Neumann and Robin fluxes and the reaction sum to zero, on any mesh and element.
func TestReactionBalance(t *testing.T) {
	for _, e := range []Element{P1, P2} {
		m := orderMesh(t, mesh.Triangle, 5)
		V := orderSpace(t, m, e)
		c := make([]float64, m.Count())
		for i := range c {
			c[i] = 1 + float64(i%7)
		}
		f := func(x Vec) float64 { return 3 + x[0]*x[1] }
		g := func(x Vec) float64 { return x[0] - 2 }
		p := Problem{Space: V, Diffusion: c, Source: f,
			Dirichlet: []Dirichlet{{Group: "left", Value: func(x Vec) float64 { return 1 + x[1]*x[1] }}},
			Robin:     []Robin{{Group: "right", Alpha: func(x Vec) float64 { return 2 }, Value: func(x Vec) float64 { return 3 }}},
			Neumann:   []Neumann{{Group: "top", Value: g}},
		}
		u, err := p.Solve()
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Reaction(u, "left")
		if err != nil {
			t.Fatal(err)
		}
		sum := r[0]
		for _, part := range []struct {
			of      func(q *Point) float64
			options []Option
		}{
			{func(q *Point) float64 { return f(q.X) }, nil},
			{func(q *Point) float64 { return g(q.X) }, []Option{On("top")}},
			{func(q *Point) float64 { return 3 - 2*u.At(q).Value }, []Option{On("right")}},
		} {
			v, err := V.Integral(part.of, part.options...)
			if err != nil {
				t.Fatal(err)
			}
			sum += v
		}
		if math.Abs(sum) > 1e-11 {
			t.Errorf("%v: fluxes sum to %g", e, sum)
		}
	}
}

// Between prescribed values at bottom and top the flux out of the top converges with
// twice the order of the gradient.
func TestReactionOrder(t *testing.T) {
	// u = y + cos πx cosh πy/π on (0, ½) × (0, 1), harmonic: no flux at x = 0.
	value := func(x Vec) float64 { return x[1] + math.Cos(math.Pi*x[0])*math.Cosh(math.Pi*x[1])/math.Pi }
	exact := 0.5 + math.Sinh(math.Pi)/math.Pi
	for _, c := range []struct {
		e     Element
		order float64
	}{{P1, 2}, {P2, 4}} {
		var last float64
		for _, n := range []int{8, 16} {
			m, err := mesh.NewRectangle(mesh.Triangle, n, 2*n, 0.5, 1)
			if err != nil {
				t.Fatal(err)
			}
			p := Problem{Space: orderSpace(t, m, c.e), Bilinear: Laplace,
				Dirichlet: []Dirichlet{{Group: "bottom", Value: value}, {Group: "top", Value: value}},
				Neumann:   []Neumann{{Group: "right", Value: func(x Vec) float64 { return -math.Cosh(math.Pi * x[1]) }}},
			}
			u, err := p.Solve()
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Reaction(u, "top")
			if err != nil {
				t.Fatal(err)
			}
			e := math.Abs(r[0] - exact)
			if got := math.Log2(last / e); last > 0 && math.Abs(got-c.order) > 0.1 {
				t.Errorf("%v: order %.2f, want %.0f", c.e, got, c.order)
			}
			last = e
		}
	}
}

// A body that hangs from one side pulls there with its weight.
func TestReactionWeight(t *testing.T) {
	m := orderMesh(t, mesh.Quadrilateral, 4)
	V, err := orderSpace(t, m, Q2).Vector(2)
	if err != nil {
		t.Fatal(err)
	}
	p := Problem{Space: V,
		Bilinear: func(_ *Point, u, v *Basis) float64 {
			a, b := u.Strain(), v.Strain()
			return 2*a.Dot(&b) + 3*u.Div*v.Div
		},
		Force:     func(x Vec) Vec { return Vec{x[1], -9.81} },
		Dirichlet: []Dirichlet{{Group: "top"}},
	}
	u, err := p.Solve()
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Reaction(u, "top")
	if err != nil || math.Abs(r[0]+0.5) > 1e-11 || math.Abs(r[1]-9.81) > 1e-11 {
		t.Errorf("reaction %v, want [−0.5 9.81]: %v", r, err)
	}
	if _, err := p.Reaction(orderSpace(t, m, Q1).Zero(), "top"); err == nil || !strings.Contains(err.Error(), "another space") {
		t.Error(err)
	}
	p.Bilinear = Laplace
	if _, err := p.Solve(); !errors.Is(err, ErrSingular) || !strings.Contains(err.Error(), "vector spaces read Vector") {
		t.Error(err)
	}
}
