package physics

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// Joined laws are those of the parts one after the other, as products and as a matrix;
// whole steps of Newton's method are those of dense matrices, in both modes, with a matrix
// and without, where some rows are linear and others are not.
func TestJoinedLawsStepAsDenseMatrices(t *testing.T) {
	c := familyCases["burgers"]
	p, _, s := familyMake(t, c)
	r := rand.New(rand.NewPCG(3, 4))
	u0 := familyPlus(familyField(p, s), 1, familyNoise(r, p.Dim(), c.noise))
	n := p.Dim()
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1 / float64(n)
	}
	mass, err := NewMass(weights, []float64{0.3}, nil, Label{Unit: 2})
	if err != nil {
		t.Fatal(err)
	}
	energy, err := NewEnergy(weights, []float64{0.4}, nil, nil, Label{})
	if err != nil {
		t.Fatal(err)
	}
	w := newtonMetric(r, n)
	for name, laws := range map[string][]Constraint{"with a matrix": {p, mass}, "without": {mass, struct{ Constraint }{energy}}} {
		all, err := Join(laws...)
		if err != nil {
			t.Fatal(err)
		}
		_, matrix := all.(Linearised)
		if matrix != (name == "with a matrix") {
			t.Fatalf("%s: linearised %v", name, matrix)
		}
		m := Size(all)
		v, got, want := familyNoise(r, n, 1), make([]float64, m), make([]float64, m)
		all.JVP(got, u0, v)
		at := 0
		for _, law := range laws {
			law.JVP(want[at:at+Size(law)], u0, v)
			at += Size(law)
		}
		residualNear(t, name+": J v", got, want, 1e-15)
		y := familyNoise(r, m, 1)
		back := make([]float64, n)
		all.VJP(back, u0, y)
		var a, b float64
		for i := range y {
			a += y[i] * got[i]
		}
		for i := range v {
			b += v[i] * back[i]
		}
		if !(math.Abs(a-b) <= 1e-12*(1+math.Abs(a))) {
			t.Errorf("%s: ⟨w, J v⟩ = %.15g, ⟨Jᵀ w, v⟩ = %.15g", name, a, b)
		}
		if matrix {
			j := all.(Linearised).Pattern().Like()
			all.(Linearised).Jacobian(j, u0)
			j.Apply(want, v)
			residualNear(t, name+": the matrix times v", want, got, 1e-12)
		}
		for _, steps := range []int{1, 3} {
			newton, err := NewNewton(all, NewtonOptions{Metric: w})
			if err != nil {
				t.Fatal(err)
			}
			u := append([]float64(nil), u0...)
			if err := newton.Steps(u, steps); err != nil {
				t.Fatal(err)
			}
			residualNear(t, name, u, newtonDense(t, all, w, u0, steps), 1e-8)
			root, err := NewNewton(all, NewtonOptions{Metric: w, Root: true})
			if err != nil {
				t.Fatal(err)
			}
			u = append(u[:0], u0...)
			if err := root.Steps(u, steps); err != nil {
				t.Fatal(err)
			}
			dense := u0
			for range steps {
				dense = newtonDense(t, all, w, dense, 1) // each from where it is
			}
			residualNear(t, name+", root", u, dense, 1e-8)
		}
	}
	short, err := NewMass([]float64{1, 1}, []float64{0}, nil, Label{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Join(p, short); err == nil {
		t.Error("laws of fields of two sizes were joined")
	}
	newton, err := NewNewton(energy, NewtonOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u0[1] = math.NaN()
	if err := newton.Steps(u0, 1); !errors.Is(err, ErrInfeasible) {
		t.Errorf("a step from a field that is not finite: %v", err)
	}
}
