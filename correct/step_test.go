package correct

import (
	"math"
	"testing"

	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
)

// One step towards linear laws is the projection
// in sampler coordinates, some steps towards a law that is not are nearer to it, and the
// end is that of the projection given for it.
func TestStepsTowardsLaws(t *testing.T) {
	w := physics.Metric{1, 1. / 4, 4, 1. / 16}
	f := fieldMass(t, w)
	energy, err := physics.NewEnergy([]float64{1, 2, 2, 1}, []float64{3}, nil, nil, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	u := make([]float64, 4*9)
	keyed.New(1, "field", 0, 0).Normal(u)
	want := append([]float64(nil), u...)
	f.Correct(want)
	got := append([]float64(nil), u...)
	one, err := NewStep(f.coordinates, w, f, true, 1, f.law)
	if err != nil {
		t.Fatal(err)
	}
	if one.Correct(got) != nil {
		t.Fatal("points that can obey were marked")
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-12) {
			t.Fatalf("number %d is %.14g after a step, %.14g projected", i, got[i], want[i])
		}
	}
	worst := func(u []float64) (v float64) {
		x := make([]float64, 4)
		for i := range 9 {
			f.coordinates.ToX(x, u[4*i:4*i+4])
			for _, law := range []physics.Constraint{f.law, energy} {
				one, _, _ := physics.Violation(law, x)
				v = math.Max(v, one)
			}
		}
		return v
	}
	after := func(root bool, steps int) []float64 {
		s, err := NewStep(f.coordinates, w, f, root, steps, f.law, energy)
		if err != nil {
			t.Fatal(err)
		}
		at := append([]float64(nil), u...)
		s.Correct(at)
		return at
	}
	first, second := after(true, 1), after(false, 1)
	for i := range first {
		if !(math.Abs(first[i]-second[i]) <= 1e-11*(1+math.Abs(first[i]))) {
			t.Fatalf("number %d is %.14g after one step of mode root, %.14g of nearest", i, first[i], second[i])
		}
	}
	root, nearest := after(true, 20), after(false, 80)
	if v := worst(root); !(v <= 1e-11) {
		t.Errorf("20 steps of mode root leave a violation of %g of %g", v, worst(u))
	}
	// At the nearest point what was moved is normal to the laws.
	newton, err := physics.NewNewton(joinedLaws(t, f.law, energy), physics.NewtonOptions{Metric: w})
	if err != nil {
		t.Fatal(err)
	}
	if v := worst(nearest); !(v <= 1e-9) {
		t.Errorf("80 steps of mode nearest leave a violation of %g of %g", v, worst(u))
	}
	at, moved := make([]float64, 4), make([]float64, 4)
	for i := range 9 {
		f.coordinates.ToX(at, nearest[4*i:4*i+4])
		f.coordinates.ToX(moved, u[4*i:4*i+4])
		for j := range moved {
			moved[j] -= at[j]
		}
		if err := newton.Tangent(at, moved); err != nil {
			t.Fatal(err)
		}
		for j, x := range moved {
			if !(math.Abs(x) <= 1e-8*f.coordinates.Scale[j]) {
				t.Errorf("point %d: %g of the way of number %d is along the manifold", i, x, j)
			}
		}
	}
	x := []float64{0, 0, 0, math.NaN()}
	if bad := one.Finish(x, 1); len(bad) != 1 || !bad[0] {
		t.Errorf("a field that is not a number ended as %v", bad)
	}
	if _, err := NewStep(prior.Coordinates{Names: make([]string, 3), Shift: make([]float64, 3), Scale: []float64{1, 1, 1}}, nil, f, true, 1, energy); err == nil {
		t.Error("a law of other fields was taken")
	}
}

func joinedLaws(t *testing.T, laws ...physics.Constraint) physics.Constraint {
	t.Helper()
	all, err := physics.Join(laws...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
