package fem

import (
	"math"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// aristoff is the inverse problem of D. Aristoff and W. Bangerth: −∇·θ∇u = 10 on 32×32
// Q1 cells, u = 0 on the boundary, θ constant on 8×8 blocks, measured at 13×13 points
// with σ = 0.05.
type aristoff struct {
	fixed  *Fixed
	k      *Weighted
	factor *Factor
	a      *sparse.CSR
	b      []float64 // load of the free degrees of freedom
	blocks *sparse.CSR
	points *sparse.CSR
	state  *Sensitivity // by θ
	c, u   []float64
	x, z   []float64
	misfit []float64
	ju     []float64
}

func newAristoff(t testing.TB) *aristoff {
	V := orderSpace(t, orderMesh(t, mesh.Quadrilateral, 32), Q1)
	fixed, err := V.Dirichlet(Dirichlet{})
	sensitivityFail(t, err)
	form, err := NewForm(V, fixed)
	sensitivityFail(t, err)
	p := &aristoff{fixed: fixed, a: form.Matrix()}
	p.k, err = form.Diffusion()
	sensitivityFail(t, err)
	load, err := V.Linear(Constant(10))
	sensitivityFail(t, err)
	var at []float64
	for i := range 13 {
		for j := range 13 {
			at = append(at, float64(i+1)/14, float64(j+1)/14)
		}
	}
	p.points, err = V.Evaluation(at)
	sensitivityFail(t, err)
	ptr, index, one := make([]int32, 1025), make([]int32, 1024), make([]float64, 1024)
	for c := range index {
		ptr[c+1], index[c], one[c] = int32(c+1), int32(c/32/4*8+c%32/4), 1
	}
	p.blocks, err = sparse.NewCSR(1024, 64, ptr, index, one)
	sensitivityFail(t, err)
	n := fixed.N()
	p.b, p.x, p.c, p.u = make([]float64, n), make([]float64, n), make([]float64, 1024), make([]float64, V.N())
	p.z, p.misfit, p.ju = make([]float64, 169), make([]float64, 169), make([]float64, V.N())
	fixed.Restrict(p.b, load)
	for i := range p.c {
		p.c[i] = 1
	}
	sensitivityFail(t, p.k.Assemble(p.a, p.c))
	p.factor, err = NewFactor(fixed, p.a)
	sensitivityFail(t, err)
	by, err := p.k.By(p.u, nil)
	sensitivityFail(t, err)
	p.state = NewSensitivity(fixed, p.factor, Chain(by, p.blocks, 1024))
	return p
}

// logLikelihood is −|z − ẑ|²/2σ², with its gradient by θ where one is given.
func (p *aristoff) logLikelihood(t testing.TB, theta, gradient []float64) (sum float64) {
	p.blocks.Apply(p.c, theta)
	sensitivityFail(t, p.k.Assemble(p.a, p.c))
	sensitivityFail(t, p.factor.Refactor(p.a))
	p.factor.Solve(p.x, p.b)
	p.fixed.Expand(p.u, p.x)
	p.points.Apply(p.z, p.u)
	for i, z := range p.z {
		d := z - aristoffData[i]
		sum -= d * d / (2 * 0.05 * 0.05)
		p.misfit[i] = -d / (0.05 * 0.05)
	}
	if gradient != nil {
		p.points.ApplyT(p.ju, p.misfit)
		p.state.ApplyT(gradient, p.ju)
	}
	return sum
}

// The published values, to rounding: by number of the observation, and log-likelihoods to
// two units of the last digit that is printed.
func TestAristoffValues(t *testing.T) {
	p := newAristoff(t)
	ones, tens, count := make([]float64, 64), make([]float64, 64), make([]float64, 64)
	for k := range ones {
		ones[k], tens[k], count[k] = 1, 10, float64(k+1)
	}
	for _, c := range []struct {
		name       string
		theta      []float64
		z          map[int]float64
		likelihood float64
	}{
		{"θ = 1", ones, map[int]float64{0: 7.6937775560548108e-02, 84: 7.3728116929368126e-01, 42: 5.2239326422702836e-01}, -228.510844004},
		{"θ = 10", tens, map[int]float64{0: 7.6937775560548108e-03, 84: 7.3728116929368126e-02}, 0},
		{"θ = 1 … 64", count, map[int]float64{0: 2.3014200637710092e-02, 1: 1.7227013822948514e-02, 12: 1.6370398837699063e-03, 13: 2.6708208929557244e-02,
			84: 2.6854252752447457e-02, 156: 6.7802262094511226e-03, 168: 1.4879514379430876e-03}, 0},
		{"random", aristoffTheta, map[int]float64{0: 2.3885809115310776e-02, 12: 2.5146015197135371e-02, 13: 3.7998582871302158e-02, 84: 5.6626697416496641e-01, 168: 3.6487275065823874e-02}, -972.509198444},
	} {
		l := p.logLikelihood(t, c.theta, nil)
		for i, want := range c.z {
			if math.Abs(p.z[i]-want) > 1e-13*want {
				t.Errorf("%s: observation %d is %.16e, want %.16e", c.name, i, p.z[i], want)
			}
		}
		if c.likelihood != 0 && math.Abs(l-c.likelihood) > 2e-9 {
			t.Errorf("%s: log-likelihood %.10f, want %.9f", c.name, l, c.likelihood)
		}
	}
}

// The gradient by all blocks is that of central differences, whose error is of order h⁴.
func TestAristoffGradient(t *testing.T) {
	p := newAristoff(t)
	g, v := make([]float64, 64), make([]float64, 64)
	p.logLikelihood(t, aristoffTheta, g)
	at := func(k int, h float64) float64 {
		copy(v, aristoffTheta)
		v[k] += h * aristoffTheta[k]
		return p.logLikelihood(t, v, nil)
	}
	var most float64
	for k := range g {
		most = max(most, math.Abs(g[k]*aristoffTheta[k]))
	}
	for k := range g {
		const h = 2e-3
		want := (8*(at(k, h)-at(k, -h)) - (at(k, 2*h) - at(k, -2*h))) / (12 * h)
		if got := g[k] * aristoffTheta[k]; math.Abs(got-want) > 1e-9*most {
			t.Errorf("block %d: %.10g by the adjoint, %.10g by differences", k, got, want)
		}
	}
}

// One evaluation of the likelihood and its gradient.
func BenchmarkAristoff(b *testing.B) {
	p := newAristoff(b)
	g := make([]float64, 64)
	b.Run("likelihood", func(b *testing.B) {
		for b.Loop() {
			p.logLikelihood(b, aristoffTheta, nil)
		}
	})
	b.Run("gradient", func(b *testing.B) {
		for b.Loop() {
			p.logLikelihood(b, aristoffTheta, g)
		}
	})
}
