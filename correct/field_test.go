package correct

import (
	"math"
	"testing"

	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
)

// fieldMass is the content 0.7 of four numbers whose columns have other scales.
func fieldMass(t *testing.T, w physics.Metric) *Field {
	t.Helper()
	c := prior.Coordinates{Names: make([]string, 4), Shift: []float64{1, -2, 0, 3}, Scale: []float64{1, 2, 0.5, 4}}
	law, err := physics.NewMass([]float64{1, 2, 2, 1}, []float64{0.7}, w, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewField(c, law)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// In the metric 1/scale² the move in sampler coordinates is along the gradient there,
// scale ⊙ w, so that it is the nearest point; the law holds in the user's units, also of
// the last of many points, and a second time nothing moves.
func TestFieldIsNearestInSamplerCoordinates(t *testing.T) {
	f := fieldMass(t, physics.Metric{1, 1. / 4, 4, 1. / 16})
	if !f.Nearest() || fieldMass(t, nil).Nearest() {
		t.Error("the metric 1/scale² is nearest and the identity is not")
	}
	u := make([]float64, 4*33)
	keyed.New(1, "field", 0, 0).Normal(u)
	before := append([]float64(nil), u...)
	if f.Correct(u) != nil {
		t.Fatal("fields that can obey were marked")
	}
	gradient := []float64{1, 4, 1, 4} // scale ⊙ w
	x := make([]float64, 4)
	for i := range 33 {
		p, q := u[4*i:4*i+4], before[4*i:4*i+4]
		for j, g := range gradient {
			if !(math.Abs((p[j]-q[j])/g-(p[0]-q[0])) <= 1e-13) {
				t.Fatalf("point %d moves by %g along %d, by %g along 0", i, p[j]-q[j], j, p[0]-q[0])
			}
		}
		f.coordinates.ToX(x, p)
		if v, _, _ := physics.Violation(f.law, x); !(v <= 1e-13) {
			t.Fatalf("point %d breaks the law by %g", i, v)
		}
	}
	again := append([]float64(nil), u...)
	f.Correct(again)
	for i := range u {
		if !(math.Abs(again[i]-u[i]) <= 1e-13) {
			t.Fatalf("number %d moves by %g a second time", i, again[i]-u[i])
		}
	}
}

// A point that cannot be made to obey is marked, the others are not.
func TestFieldMarksWhatDoesNotObey(t *testing.T) {
	f := fieldMass(t, nil)
	x := make([]float64, 12)
	x[5] = math.NaN()
	bad := f.Finish(x, 2)
	if len(bad) != 3 || bad[0] || !bad[1] || bad[2] {
		t.Errorf("marked %v, want the second of three", bad)
	}
}
