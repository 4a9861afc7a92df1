package problem_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"abide/internal/keyed"
	"abide/physics"
	. "abide/problem"
)

// Draws of the conditional law obey the laws, have its moments, and the mean of N of them
// is off by the variance over N in mean square: the floor that methods are measured by.
func TestFieldsKnowTheirConditionalLaw(t *testing.T) {
	const n, samples, sets = 8, 32, 400
	for _, name := range FieldKinds {
		f, err := NewFields(name, n)
		if err != nil {
			t.Fatal(err)
		}
		d := f.Dim()
		if len(f.Rows) != len(f.Laws) || f.Shape[0]*f.Shape[1] != d || len(f.Mean) != d {
			t.Fatalf("%s: %d names of %d laws, shape %v of %d columns", name, len(f.Rows), len(f.Laws), f.Shape, d)
		}
		for i, law := range f.Laws {
			if want := map[string]string{"IC": "initial", "BC": "wall", "CL": "mass"}[f.Rows[i]]; law.Rows()[0].Name != want {
				t.Errorf("%s: %s is the law %s", name, f.Rows[i], law.Rows()[0].Name)
			}
		}
		var floor float64
		for _, s := range f.SD {
			floor += s * s / float64(samples*d)
		}
		var mean, square float64
		for set := range sets {
			x := f.Draw(rand.New(keyed.New(3, "fields", set, 0)), samples)
			if v, _, _ := physics.Violation(f.Law, x[:d]); !(v <= 1e-12) {
				t.Fatalf("%s: a true field breaks the law by %g", name, v)
			}
			var e float64
			for j := range d {
				m := -f.Mean[j]
				for i := j; i < len(x); i += d {
					m += x[i] / samples
				}
				e += m * m / float64(d)
			}
			mean += e / sets
			square += e * e / sets
		}
		se := math.Sqrt(max(square-mean*mean, 0) / sets)
		t.Logf("%-14s %3d columns, floor %.3e, seen %.3e ± %.1e", name, d, floor, mean, se)
		if !(math.Abs(mean-floor) <= 4*se+1e-28) {
			t.Errorf("%s: the mean of %d draws is off by %g in mean square, the floor is %g", name, samples, mean, floor)
		}
		if f.Estimate == nil {
			continue
		}
		x := f.Draw(rand.New(keyed.New(4, "fields", 0, 0)), 1)
		if got := f.Estimate(x); len(got) != len(f.Latents) {
			t.Errorf("%s: %d numbers for %v", name, len(got), f.Latents)
		}
	}
	if _, err := NewFields("wave", n); err == nil {
		t.Error("an unknown name was taken")
	}
	if _, err := NewFields("heat", 2); err == nil {
		t.Error("a grid of 2 points was taken")
	}
}

// The numbers of heat's conditional law: ν is drawn, φ is π/4.
func TestFieldsReadTheirNumbersBack(t *testing.T) {
	f, err := NewFields("heat", 16)
	if err != nil {
		t.Fatal(err)
	}
	const n = 2000
	x := f.Draw(rand.New(keyed.New(5, "fields", 0, 0)), n)
	var mean float64
	for i := range n {
		got := f.Estimate(x[i*256 : (i+1)*256])
		mean += got[0] / n
		if math.Abs(got[1]-math.Pi/4) > 0.02 { // the lattice of the search
			t.Fatalf("phase %g", got[1])
		}
	}
	if math.Abs(mean-3) > 4*1.155/math.Sqrt(n)+0.02 {
		t.Errorf("mean of ν %g, want 3", mean)
	}
}
