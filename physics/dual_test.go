package physics

import (
	"math"
	"math/rand/v2"
	"testing"

	"abide/pde"
)

// dualDescent counts steps of steepest descent with exact steps (φ is quadratic) from zero until
// the error of the pressure is a share of it.
func dualDescent(t *testing.T, n int, norm func() Norm, share float64, limit int) int {
	t.Helper()
	c, _, s := familyMake(t, familyCase{kind: "darcy", arrays: []string{"u"}, rows: []string{"equation"}, values: pde.Values{"grid": n, "contrast": "12/3"}})
	p := NewPenalty(c, norm)
	want := s[1]
	u, d := make([]float64, len(want)), make([]float64, len(want))
	size := math.Sqrt(familyDot(want, want))
	for k := range limit {
		e := familyPlus(u, -1, want)
		if math.Sqrt(familyDot(e, e)) <= share*size {
			return k
		}
		phi := p.Gradient(d, u)
		for i := range n + 1 { // the boundary does not move
			d[i], d[n*(n+1)+i], d[i*(n+1)], d[i*(n+1)+n] = 0, 0, 0, 0
		}
		back, on := p.Value(familyPlus(u, -1, d)), p.Value(familyPlus(u, 1, d))
		u = familyPlus(u, -(on-back)/2/(on+back-2*phi), d)
	}
	return limit
}

// Steps to a thousandth of the error: the same on 32², 64² and 128² cells within a fifth, preconditioned.
// In L² their number grows as h⁻⁴, already to a half of the error; in the dual norm as h⁻².
func TestPenaltyMesh(t *testing.T) {
	reference := func(n int, dual bool) func() Norm {
		norm, err := NewSineReference(n, 6, dual)
		if err != nil {
			t.Fatal(err)
		}
		return norm
	}
	var steps []int
	for _, n := range []int{32, 64, 128} {
		steps = append(steps, dualDescent(t, n, reference(n, false), 1e-3, 1000))
	}
	t.Log("preconditioned:", steps)
	for _, k := range steps {
		if !(math.Abs(float64(k-steps[0])) <= 0.2*float64(steps[0])) || k < 5 {
			t.Errorf("steps %v: want the same within a fifth", steps)
		}
	}
	var plain, dual []int
	for _, n := range []int{4, 8, 16} {
		plain = append(plain, dualDescent(t, n, nil, 0.5, 100000))
		dual = append(dual, dualDescent(t, 2*n, reference(2*n, true), 0.1, 100000))
	}
	t.Log("L²:", plain, "dual:", dual)
	for k := range 2 {
		if order := math.Log2(float64(plain[k+1]) / float64(plain[k])); !(math.Abs(order-4) <= 0.75) {
			t.Errorf("L²: steps %v grow with order %.2f, want 4", plain, order)
		}
		if order := math.Log2(float64(dual[k+1]) / float64(dual[k])); !(math.Abs(order-2) <= 0.5) {
			t.Errorf("dual: steps %v grow with order %.2f, want 2", dual, order)
		}
	}
}

// The gradient of φ is what differences of φ say, in each norm: in that of A₀ as g = A₀ ∇φ.
func TestPenaltyGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	c, _, s := familyMake(t, familyCase{kind: "allen-cahn", values: pde.Values{"grid": 8, "times": 5, "end": 0.5}})
	u := familyPlus(familyField(c, s), 1, familyNoise(r, c.Dim(), 0.3))
	p := NewPenalty(c, nil)
	g, v := make([]float64, len(u)), familyNoise(r, len(u), 1)
	phi := p.Gradient(g, u)
	if got := p.Value(u); got != phi {
		t.Errorf("Value %g and Gradient %g", got, phi)
	}
	const eps = 1e-5
	central := (p.Value(familyPlus(u, eps, v)) - p.Value(familyPlus(u, -eps, v))) / (2 * eps)
	if want := familyDot(g, v); !(math.Abs(central-want) <= 1e-8*math.Abs(want)) {
		t.Errorf("differences %g, gradient %g", central, want)
	}
}

// In L² φ counts residuals in the unit of their row; in the dual norm φ is ½ rᵀ(−aΔ)⁻¹r, and the
// preconditioned step from any u is u − u* where the coefficient is that of the operator.
func TestPenaltyNorms(t *testing.T) {
	const n = 8
	c, _, s := familyMake(t, familyCase{kind: "poisson", arrays: []string{"u"}, values: pde.Values{"grid": n}})
	r := rand.New(rand.NewPCG(23, 24))
	u := append([]float64(nil), s[1]...)
	off := make([]float64, len(u))
	inner(n, func(_, k int) { off[k] = r.NormFloat64() })
	u = familyPlus(u, 1, off)
	res := make([]float64, Size(c))
	c.Residual(res, u)
	want, at := 0., 0
	for _, row := range c.Rows() {
		for _, x := range res[at : at+row.Size] {
			want += x / row.Unit * x / row.Unit / 2
		}
		at += row.Size
	}
	if got := NewPenalty(c, nil).Value(u); !(math.Abs(got-want) <= 1e-12*want) {
		t.Errorf("L²: %g, want %g", got, want)
	}
	// r = Δ(u − u*) = −A₀ off, so that ½ rᵀA₀⁻¹r = −½ offᵀ r: Green's formula.
	want = 0
	inner(n, func(at, k int) { want -= res[at] * off[k] / 2 })
	norm, err := NewSineReference(n, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	p, g := NewPenalty(c, norm), make([]float64, len(u))
	if got := p.Gradient(g, u); !(math.Abs(got-want) <= 1e-11*want) {
		t.Errorf("dual: %g, want %g", got, want)
	}
	residualNear(t, "the preconditioned step", g, off, 1e-11)
}
