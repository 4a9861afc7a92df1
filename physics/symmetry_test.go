package physics

import (
	"math"
	"slices"
	"testing"
)

// symmetryApply is ρ(g) u.
func symmetryApply(a Action, u []float64) []float64 {
	v := make([]float64, len(u))
	for i, j := range a.From {
		v[i] = u[j]
		if a.Sign != nil {
			v[i] *= a.Sign[i]
		}
	}
	return v
}

// symmetryGroup is the orbit of a field under words of the generators, whose mean is the
// mean over the group where the field has no symmetry of its own: elements are told
// apart by what they do to it.
func symmetryGroup(actions []Action, u []float64) [][]float64 {
	group := [][]float64{u}
	for at := 0; at < len(group); at++ {
		for _, a := range actions {
			v := symmetryApply(a, group[at])
			if !slices.ContainsFunc(group, func(x []float64) bool { return slices.Equal(x, v) }) {
				group = append(group, v)
			}
		}
	}
	return group
}

// Means over orbits are means over all elements of the group, of as many as theory says,
// and the generators leave them alone.
func TestSymmetryGroupAverage(t *testing.T) {
	action := lawsMust[Action](t)
	square, odd := []int{5, 5}, []int{5, 4}
	turn := action(QuarterTurn(square, 0, 1))
	for _, c := range []struct {
		name    string
		n       int
		actions []Action
		order   int
	}{
		{"reflection", 20, []Action{action(Reflection(odd, 1, false))}, 2},
		{"odd reflection", 20, []Action{action(Reflection(odd, 0, true))}, 2},
		{"quarter turns", 25, []Action{turn}, 4},
		{"D4", 25, []Action{turn, action(Reflection(square, 1, false))}, 8},
		{"odd D4", 25, []Action{turn, action(Reflection(square, 1, true))}, 8},
		{"translations", 25, []Action{action(Translation(square, 0, 1)), action(Translation(square, 1, -2))}, 25},
		{"flow", 40, []Action{Components(action(Reflection(odd, 0, true)), action(Reflection(odd, 0, false)))}, 2},
	} {
		before := lawsRandom(c.n, 3)
		group := symmetryGroup(c.actions, before)
		if len(group) != c.order {
			t.Errorf("%s: %d elements, want %d", c.name, len(group), c.order)
		}
		law := lawsMust[*Symmetry](t)(NewSymmetry(c.n, c.actions, nil, Label{}))
		u := slices.Clone(before)
		if err := law.Project(u); err != nil {
			t.Fatal(err)
		}
		for i := range u {
			var mean float64
			for _, v := range group {
				mean += v[i] / float64(len(group))
			}
			if math.Abs(mean-u[i]) > 1e-14*10 {
				t.Fatalf("%s: number %d is %g, the group's mean %g", c.name, i, u[i], mean)
			}
		}
		for g, a := range c.actions {
			if !slices.Equal(symmetryApply(a, u), u) {
				t.Errorf("%s: generator %d moves the projection", c.name, g)
			}
		}
		// As many rows as the group takes freedom: the trace of I − P.
		e, trace := make([]float64, c.n), 0.
		for i := range e {
			clear(e)
			e[i] = 1
			if err := law.Project(e); err != nil {
				t.Fatal(err)
			}
			trace += 1 - e[i]
		}
		if got := law.Rows()[0].Size; math.Abs(float64(got)-trace) > 1e-12 {
			t.Errorf("%s: %d rows, the trace of I − P is %g", c.name, got, trace)
		}
	}
}

func TestSymmetryPeriodicEnds(t *testing.T) {
	a, err := PeriodicEnds([]int{2, 4}, 1)
	if err != nil {
		t.Fatal(err)
	}
	law := lawsMust[*Symmetry](t)(NewSymmetry(8, []Action{a}, Metric{3, 1, 1, 1, 1, 1, 1, 1}, Label{}))
	u := []float64{4, 1, 2, 8, 0, 5, 6, 1}
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	if want := []float64{5, 1, 2, 5, 0.5, 5, 6, 0.5}; !slices.Equal(u, want) {
		t.Errorf("%v, want %v", u, want)
	}
}

func TestSymmetryRefusesMaps(t *testing.T) {
	for _, a := range []Action{
		{From: []int32{0, 0}}, {From: []int32{0, 2}}, {From: []int32{1}}, {From: []int32{1, 0}, Sign: []float64{1, 0.5}},
		{From: []int32{0, 1}}, // moves nothing
	} {
		if _, err := NewSymmetry(2, []Action{a}, nil, Label{}); err == nil {
			t.Errorf("%v is taken", a)
		}
	}
	if _, err := QuarterTurn([]int{3, 4}, 0, 1); err == nil {
		t.Error("a quarter turn of a rectangle is taken")
	}
}
