package physics

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// The projection onto a sphere of radius ρ is ρ u/|u|, whose derivative is
// (ρ/|u|) (I − û ûᵀ), from outside and from within.
func TestDerivativeOnTheSphere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, far := range []float64{0.6, 0.97, 1.5, 30} {
		ball := newtonBall{5, 1, false}
		n, err := NewNewton(ball, NewtonOptions{Iterations: 5000})
		if err != nil {
			t.Fatal(err)
		}
		u0, v := make([]float64, 5), make([]float64, 5)
		var size float64
		for i := range u0 {
			u0[i], v[i] = r.NormFloat64(), r.NormFloat64()
			size += u0[i] * u0[i]
		}
		var along float64
		u, want := make([]float64, 5), make([]float64, 5)
		for i := range u0 {
			u[i] = u0[i] / math.Sqrt(size)
			u0[i] = far * u[i]
			along += u[i] * v[i]
		}
		for i := range want {
			want[i] = (v[i] - along*u[i]) / far
		}
		if err := n.Derivative(u, u0, v); err != nil {
			t.Fatalf("from %g: %v", far, err)
		}
		residualNear(t, "the derivative", v, want, 1e-9)
	}
}

// From within a ball the projection is the identity, and so is its derivative; from
// outside it is the sphere's. From the far side of a sphere's centre there is no nearest
// point to stay at.
func TestDerivativeOfInequalities(t *testing.T) {
	n, err := NewNewton(newtonBall{2, 1, true}, NewtonOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := []float64{0.3, -0.7}
	if err := n.Derivative([]float64{0.5, 0.1}, []float64{0.5, 0.1}, v); err != nil {
		t.Fatal(err)
	}
	residualNear(t, "inside", v, []float64{0.3, -0.7}, 1e-15)
	if err := n.Derivative([]float64{1, 0}, []float64{2, 0}, v); err != nil {
		t.Fatal(err)
	}
	residualNear(t, "outside", v, []float64{0, -0.35}, 1e-9)
	v = []float64{0.3, -0.7}
	if err := n.Derivative([]float64{1, 0}, []float64{1, 0}, v); err != nil {
		t.Fatal(err)
	}
	residualNear(t, "touched, not held back", v, []float64{0.3, -0.7}, 1e-15)
	sphere, err := NewNewton(newtonBall{2, 1, false}, NewtonOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sphere.Derivative([]float64{1, 0}, []float64{-0.2, 0}, []float64{0, 1}); !errors.Is(err, ErrNotNearest) {
		t.Errorf("from beyond the centre: %v", err)
	}
	root, err := NewNewton(newtonBall{2, 1, false}, NewtonOptions{Root: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := root.Derivative([]float64{1, 0}, []float64{2, 0}, []float64{0, 1}); err == nil {
		t.Error("a derivative by root")
	}
}

// On every family: central differences of the projection itself, dP self-adjoint in W,
// and the pull-back its transpose.
func TestDerivativeOfFamilies(t *testing.T) {
	familyEach(t, func(t *testing.T, c familyCase, p Constraint, u []float64, r *rand.Rand) {
		w := newtonMetric(r, len(u))
		n, err := NewNewton(p, NewtonOptions{Metric: w, Iterations: 500})
		if err != nil {
			t.Fatal(err)
		}
		u0 := familyPlus(u, 1, familyNoise(r, len(u), c.noise/4))
		at := func(e float64, v []float64) []float64 {
			out := familyPlus(u0, e, v)
			if err := n.Project(out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		u = at(0, u0)
		v, g := familyNoise(r, len(u), 1), familyNoise(r, len(u), 1)
		dv, back := append([]float64(nil), v...), append([]float64(nil), g...)
		if err := n.Derivative(u, u0, dv); err != nil {
			t.Fatal(err)
		}
		if err := n.PullBack(u, u0, back); err != nil {
			t.Fatal(err)
		}
		var left, right, size float64
		for i := range v {
			left += g[i] * dv[i]
			right += back[i] * v[i]
			size += math.Abs(g[i] * v[i])
		}
		if math.Abs(left-right) > 1e-9*size {
			t.Errorf("⟨g, dP v⟩ = %g, ⟨dPᵀ g, v⟩ = %g", left, right)
		}
		e := 1e-4 * c.noise
		difference := familyPlus(at(e, v), -1, at(-e, v))
		tangent := append([]float64(nil), v...)
		if err := n.Tangent(u, tangent); err != nil {
			t.Fatal(err)
		}
		var off, flat, all float64
		for i := range difference {
			d := difference[i] / (2 * e)
			off, flat, all = off+(d-dv[i])*(d-dv[i]), flat+(d-tangent[i])*(d-tangent[i]), all+v[i]*v[i]
		}
		t.Logf("off by %.1e of |v|, the tangent alone by %.1e", math.Sqrt(off/all), math.Sqrt(flat/all))
		if !(off <= 1e-15*all) {
			t.Errorf("the derivative is off by %g of |v|", math.Sqrt(off/all))
		}
	})
}
