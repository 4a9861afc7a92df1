package problem

import (
	"errors"
	"math"
	"strings"
	"testing"

	"abide/constraint"
	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
)

func lawsOf(t *testing.T) (*Problem, []float64) {
	t.Helper()
	p, err := prior.NewHeat(6, 8, prior.Range{Low: 1, High: 5}, prior.Range{High: math.Pi}, 1)
	if err != nil {
		t.Fatal(err)
	}
	q, err := New(p, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float64, 48)
	for i := range w {
		w[i] = 1. / 48
	}
	return q, w
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Whatever the laws are, there is one projection of all of them, by the means that they
// allow: a stack, Dykstra's method, Gauss and Newton. What it gives obeys every law, and
// the move is shortest: it is orthogonal to every direction in which the laws allow to go.
func TestLawsOfAllKindsGoTogether(t *testing.T) {
	q, w := lawsOf(t)
	mass := must(physics.NewMass(w, []float64{0.1}, nil, physics.Label{Name: "mass"}))(t)
	corner := must(physics.NewFixed(48, []int32{0, 5}, []float64{0.5, -0.25}, physics.Label{Name: "corner"}))(t)
	lo, hi := make([]float64, 48), make([]float64, 48)
	for i := range lo {
		lo[i], hi[i] = -1, 1
	}
	box := must(physics.NewBounds(48, lo, hi, physics.Label{Name: "bounds"}))(t)
	energy := must(physics.NewEnergy(w, []float64{0.3}, nil, nil, physics.Label{Name: "energy", Tolerance: 1e-9}))(t)
	for _, c := range []struct {
		name string
		laws []physics.Constraint
		kind func(physics.Projector) bool
	}{
		{"stack", []physics.Constraint{mass, corner}, func(p physics.Projector) bool { _, ok := p.(*physics.Linear); return ok }},
		{"polyhedron", []physics.Constraint{mass, box, corner}, func(p physics.Projector) bool { _, ok := p.(*physics.Dykstra); return ok }},
		{"manifold", []physics.Constraint{mass, corner, energy}, func(p physics.Projector) bool { _, ok := p.(*physics.Newton); return ok }},
		{"manifold with bounds", []physics.Constraint{mass, box, energy}, func(p physics.Projector) bool { _, ok := p.(*physics.Newton); return ok }},
	} {
		all, err := q.Obeying(c.laws...)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if !c.kind(all.Law) {
			t.Errorf("%s: projected by %T", c.name, all.Law)
		}
		x := make([]float64, 48)
		keyed.New(1, "laws", 0, 0).Normal(x)
		start := append([]float64(nil), x...)
		if err := all.Law.Project(x); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, law := range c.laws {
			if v, row, place := physics.Violation(law, x); !(v <= 1e-9) {
				t.Errorf("%s: %s is off by %g at %d", c.name, law.Rows()[row].Name, v, place)
			}
		}
		tangent, ok := all.Law.(physics.Tangent)
		if !ok {
			continue
		}
		move, size := make([]float64, 48), 0.0
		for i := range x {
			move[i] = start[i] - x[i]
			size += move[i] * move[i]
		}
		if err := tangent.Tangent(x, move); err != nil {
			t.Fatal(err)
		}
		var along float64
		for _, v := range move {
			along += v * v
		}
		if !(along <= 1e-10*size) {
			t.Errorf("%s: %g of the move's %g is along the laws", c.name, math.Sqrt(along), math.Sqrt(size))
		}
	}
}

// Rows of columns stand beside laws of fields: equations go into the stack, bounds of
// columns are a box.
func TestRowsOfColumnsBesideLaws(t *testing.T) {
	q, w := lawsOf(t)
	mass := must(physics.NewMass(w, []float64{0.1}, nil, physics.Label{Name: "mass"}))(t)
	lower := make([]float64, 48)
	for i := range lower {
		lower[i] = -0.5
	}
	box := must(constraint.NewBox("box", lower, nil, nil))(t)
	fixed := must(constraint.NewFixed("edge", 48, []int{3}, []float64{0.25}, nil))(t)
	q, err := New(q.Prior, []constraint.Constraint{fixed, constraint.WithTolerance(box, 1e-9)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := q.Obeying(mass)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 48)
	keyed.New(2, "laws", 0, 0).Normal(x)
	if err := all.Law.Project(x); err != nil {
		t.Fatal(err)
	}
	sum, least := 0.0, math.Inf(1)
	for i, v := range x {
		sum += w[i] * v
		least = min(least, v)
	}
	if !(math.Abs(sum-0.1) <= 1e-9) || !(math.Abs(x[3]-0.25) <= 1e-9) || !(least >= -0.5-1e-9) {
		t.Errorf("mass %.12g, column 3 %.12g, least %.12g: want 0.1, 0.25 and at least −0.5", sum, x[3], least)
	}
}

// Laws that no field obeys together are an error before any run, whatever projects them.
func TestContradictoryLawsAreNamed(t *testing.T) {
	q, w := lawsOf(t)
	mass := must(physics.NewMass(w, []float64{2}, nil, physics.Label{Name: "mass"}))(t)
	other := must(physics.NewMass(w, []float64{1}, nil, physics.Label{Name: "other mass"}))(t)
	energy := must(physics.NewEnergy(w, []float64{0.01}, nil, nil, physics.Label{Name: "energy", Tolerance: 1e-9}))(t)
	lo, hi := make([]float64, 48), make([]float64, 48)
	for i := range lo {
		lo[i], hi[i] = -1, 1
	}
	box := must(physics.NewBounds(48, lo, hi, physics.Label{Name: "bounds"}))(t)
	for _, c := range []struct {
		laws []physics.Constraint
		want string
	}{
		{[]physics.Constraint{mass, other}, "other mass"},
		{[]physics.Constraint{mass, box}, "mass"},    // ⟨w, u⟩ = 2 with |u| ≤ 1 and Σw = 1
		{[]physics.Constraint{mass, energy}, "mass"}, // ½⟨w, u²⟩ ≥ ½⟨w, u⟩² = 2
	} {
		_, err := q.Obeying(c.laws...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one that names %q", c.laws[1].Rows()[0].Name, err, c.want)
		}
		if err != nil && c.want == "mass" && !errors.Is(err, physics.ErrInfeasible) {
			t.Errorf("%v is not ErrInfeasible", err)
		}
	}
}
