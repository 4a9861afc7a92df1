package testkit

import (
	"math"
	"slices"
	"testing"
)

// Euler–Maruyama and the probability-flow ODE of a VP process (β from 0.1 to
// 20) guided to the posterior N(0.5, 0.125), whose noisy score is exact. The
// output laws were computed independently, to six digits.
func TestAffineRecursionOfGuidedVP(t *testing.T) {
	for _, c := range []struct {
		steps                                   int
		sdeMean, sdeVar, flowMean, flowVariance float64
	}{
		{20, .512198, .142798, .507947, .112972},
		{100, .502506, .127044, .500686, .122211},
		{1000, .500251, .125179, .499024, .124716},
	} {
		sde := Gaussian{Mean: []float64{0}, Cov: []float64{1}}
		flow := sde
		dt := 1 / float64(c.steps)
		for k := c.steps; k > 0; k-- {
			now := float64(k) * dt
			β := 0.1 + 19.9*now
			m := math.Exp(-0.5 * (0.1*now + 19.9/2*now*now))
			v := m*m*0.125 + 1 - m*m // the noisy posterior is N(m/2, v)
			sde = sde.Step([]float64{1 + dt*(β/2-β/v)}, []float64{dt * β * m / 2 / v}, []float64{β * dt})
			flow = flow.Step([]float64{1 + dt*(β/2-β/2/v)}, []float64{dt * β / 2 * m / 2 / v}, nil)
		}
		got := []float64{sde.Mean[0], sde.Cov[0], flow.Mean[0], flow.Cov[0]}
		for i, want := range []float64{c.sdeMean, c.sdeVar, c.flowMean, c.flowVariance} {
			if math.Abs(got[i]-want) > 5e-7 {
				t.Errorf("%d steps: number %d is %.7f, want %.6f", c.steps, i, got[i], want)
			}
		}
	}
}

// Law: two steps are one, with A = A₂A₁, b = A₂b₁ + b₂, Q = A₂Q₁A₂ᵀ + Q₂. The
// numbers are small integers, so that both sides are exact.
func TestAffineStepsCompose(t *testing.T) {
	g := Gaussian{Mean: []float64{1, -2}, Cov: []float64{2, 1, 1, 3}}
	a1, b1, q1 := []float64{1, 2, 0, -1}, []float64{3, 1}, []float64{1, 0, 0, 2}
	a2, b2, q2 := []float64{0, 1, 4, 1}, []float64{-1, 5}, []float64{2, 1, 1, 1}
	two := g.Step(a1, b1, q1).Step(a2, b2, q2)

	a := []float64{0, -1, 4, 7}                           // A₂A₁
	noise := Gaussian{Mean: b1, Cov: q1}.Step(a2, b2, q2) // b and Q
	one := g.Step(a, noise.Mean, noise.Cov)
	if !slices.Equal(two.Mean, one.Mean) || !slices.Equal(two.Cov, one.Cov) {
		t.Errorf("two steps give %+v, one %+v", two, one)
	}
	// by hand: A₁m + b₁ = (0, 3) and A₁VA₁ᵀ + Q₁ = [19 −7; −7 5]
	if !slices.Equal(two.Mean, []float64{2, 8}) || !slices.Equal(two.Cov, []float64{7, -22, -22, 254}) {
		t.Errorf("two steps give %+v, want [2 8], [7 -22 -22 254]", two)
	}
}
