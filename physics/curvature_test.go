package physics

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/pde"
)

// The curvature is the largest eigenvalue of B Jᵀ R⁻¹ J, written out by unit vectors, in
// each norm; it is never above, and with a reference operator it is that of the
// coefficient, whatever the grid.
func TestCurvature(t *testing.T) {
	const n = 8
	c, _, s := familyMake(t, familyCase{kind: "darcy", arrays: []string{"u"}, values: pde.Values{"grid": n, "contrast": "12/3"}})
	for name, norm := range map[string]func() Norm{"l2": nil, "dual": Reference(c, true), "preconditioned": Reference(c, false)} {
		if name != "l2" && norm == nil {
			t.Fatalf("%s: darcy has no reference operator", name)
		}
		p := NewPenalty(c, norm)
		d := c.Dim()
		dense := mat.NewDense(d, d, nil)
		v, g, g0 := make([]float64, d), make([]float64, d), make([]float64, d)
		p.Gradient(g0, v) // the law is affine in u
		for j := range d {
			v[j] = 1
			p.Gradient(g, v)
			v[j] = 0
			for i := range d {
				dense.Set(i, j, g[i]-g0[i])
			}
		}
		var e mat.Eigen
		if !e.Factorize(dense, mat.EigenNone) {
			t.Fatal("no eigenvalues")
		}
		want := 0.0
		for _, l := range e.Values(nil) {
			want = math.Max(want, real(l))
		}
		got := p.Curvature(s[1])
		t.Logf("%s: %.6g, dense %.6g", name, got, want)
		if !(got <= want*(1+1e-9)) || !(got >= 0.9*want) {
			t.Errorf("%s: curvature %.6g, dense %.6g", name, got, want)
		}
		if other := p.Curvature(familyNoise(rand.New(rand.NewPCG(1, 2)), d, 1)); other != got {
			t.Errorf("%s: the curvature of a linear law is %.17g at one field and %.17g at another", name, got, other)
		}
	}
	if Reference(curvatureDropped(t), false) != nil {
		t.Error("a law without an elliptic equation has a reference operator")
	}
}

// curvatureDropped is the equation of darcy without one of its rows.
func curvatureDropped(t *testing.T) Constraint {
	c, _, _ := familyMake(t, familyCase{kind: "darcy", arrays: []string{"u"}, values: pde.Values{"grid": 8}, keep: func(_ string, place int) bool { return place != 3 }})
	return c
}
