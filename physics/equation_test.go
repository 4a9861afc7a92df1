package physics

import (
	"math"
	"testing"

	"abide/equation"
	"abide/internal/keyed"
)

func parsed(t *testing.T, s equation.Spec) *equation.Equation {
	t.Helper()
	e, err := equation.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Equations as text project like laws: an affine one by its factor to 1e-12 of a row's
// unit, another by Gauss–Newton to 1e-9, in one call that a second one does not move; the
// move is orthogonal to the manifold there (u − u₀ = Jᵀ λ).
func TestEquationsProject(t *testing.T) {
	axes := []equation.Axis{{Name: "t", Points: 24, Range: []float64{0, 0.2}}, {Name: "x", Points: 32, Length: 1, Boundary: "periodic"}}
	for _, c := range []struct {
		name   string
		spec   equation.Spec
		within float64
	}{
		{"heat", equation.Spec{Equation: "dt(u) - nu*dxx(u) = 0", Axes: axes, Constants: map[string]float64{"nu": 0.05}, Time: "crank-nicolson"}, 1e-12},
		{"burgers", equation.Spec{Equation: "dt(u) + u*dx(u) - nu*dxx(u) = 0", Axes: axes, Constants: map[string]float64{"nu": 0.05}, Time: "crank-nicolson"}, 1e-9},
	} {
		e := parsed(t, c.spec)
		law, err := FromEquation(e, EquationChoice{})
		if err != nil {
			t.Fatal(err)
		}
		if _, linear := law.(*Linear); linear != (c.name == "heat") || linear != e.Affine() {
			t.Errorf("%s: law %T", c.name, law)
		}
		p, ok := law.(Projector)
		if !ok {
			if p, err = NewNewton(law, NewtonOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		u := make([]float64, e.Dim())
		keyed.New(3, "equation", 0, 0).Normal(u)
		for i := range u {
			u[i] = math.Sin(2*math.Pi*float64(i%32)/32) + 0.1*u[i]
		}
		start := append([]float64(nil), u...)
		if err := p.Project(u); err != nil {
			t.Fatal(c.name, err)
		}
		if v, row, place := Violation(law, u); !(v <= c.within) {
			t.Errorf("%s: %s is off by %g at %d", c.name, law.Rows()[row].Name, v, place)
		}
		again := append([]float64(nil), u...)
		if err := p.Project(again); err != nil {
			t.Fatal(err)
		}
		moved := append([]float64(nil), start...)
		for i := range u {
			moved[i] -= u[i]
			if !(math.Abs(again[i]-u[i]) <= 1e-9) {
				t.Fatalf("%s: a second projection moves number %d by %g", c.name, i, again[i]-u[i])
			}
		}
		tangent := append([]float64(nil), moved...)
		if err := p.(Tangent).Tangent(u, tangent); err != nil {
			t.Fatal(err)
		}
		var along, far float64
		for i := range moved {
			along, far = math.Max(along, math.Abs(tangent[i])), math.Max(far, math.Abs(moved[i]))
		}
		if !(along <= 1e-6*far) {
			t.Errorf("%s: the move has %g along the manifold, %g in all", c.name, along, far)
		}
	}
}
