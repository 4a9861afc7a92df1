package physics

import (
	"math"
	"testing"

	"abide/equation"
	"abide/internal/keyed"
)

// A field is projected to the same bits whatever was projected before it: work space that
// has met dependent rows, for which pivots are replaced, forgets them.
func TestProjectionsHaveNoHistory(t *testing.T) {
	e, err := equation.Parse(equation.Spec{
		Equation: "dt(u) + u*dx(u) = 0", Time: "backward",
		Axes: []equation.Axis{{Name: "t", Points: 4, Range: []float64{0, 0.1}}, {Name: "x", Points: 12, Length: 1, Boundary: "periodic"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	law, err := FromEquation(e, EquationChoice{})
	if err != nil {
		t.Fatal(err)
	}
	twice, err := Join(law, law) // every row depends on another
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float64, e.Dim())
	for i := range w {
		w[i] = 1
	}
	energy, err := NewEnergy(w, []float64{4}, nil, nil, Label{Tolerance: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	some, err := Join(law, energy)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Constraint{twice, some} {
		n, err := NewNewton(c, NewtonOptions{})
		if err != nil {
			t.Fatal(err)
		}
		u := make([]float64, e.Dim())
		keyed.New(8, "history", 0, 0).Normal(u)
		for i := range u {
			u[i] = 0.3 + 0.05*u[i]
		}
		work := n.newWork()
		f := work.normal.(*factored)
		n.work.New = func() any { return work }
		first := append([]float64(nil), u...)
		if _, err := n.Solve(first); err != nil {
			t.Fatal(err)
		}
		f.begin()
		f.at(u)
		for i := range work.active {
			work.active[i] = true
		}
		if err := f.activate(work.active); err != nil {
			t.Fatal(err)
		}
		if err := f.static(); err != nil { // as after a field with dependent rows
			t.Fatal(err)
		}
		n.work.Put(work)
		second := append([]float64(nil), u...)
		if _, err := n.Solve(second); err != nil {
			t.Fatal(err)
		}
		for i := range first {
			if math.Float64bits(first[i]) != math.Float64bits(second[i]) {
				t.Fatalf("number %d is %.17g first and %.17g later", i, first[i], second[i])
			}
		}
	}
}
