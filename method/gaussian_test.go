package method

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// One coordinate N(0, s²) measured as y = x + τ n: the smallest problem in which
// every part of a guided sampler is known in closed form.
const (
	priorVar = 0.25
	noiseVar = 0.25
	measured = 1.0
)

func measuredGaussian(t *testing.T) *problem.Problem {
	t.Helper()
	pr, err := prior.NewGaussian([]float64{0}, mat.NewSymDense(1, []float64{priorVar}), nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := potential.NewMeasurement("y", [][]float64{{1}}, []float64{measured}, []float64{math.Sqrt(noiseVar)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(pr, nil, []potential.Potential{m})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// guidedLaw is the law of `guided` with DDPM steps on a grid, exactly: with
// u = x/s the guided estimate D′ = D − w σ² ∂D/∂z · (s/τ²)(sD − y), D = z/(1+σ²),
// is affine in z, so mean and variance obey a recursion. (Independent of the
// implementation: no graph, no gradient.)
func guidedLaw(g diffusion.Grid, w float64) (mean, variance float64) {
	s := math.Sqrt(priorVar)
	m, v := 0.0, g.A[0]*g.A[0]+g.B[0]*g.B[0]
	for k := range g.Steps() {
		a, b, a1, b1 := g.A[k], g.B[k], g.A[k+1], g.B[k+1]
		s2 := g.Sigma(k) * g.Sigma(k)
		j := 1 / (1 + s2)
		slope := j - w*s2*j*s*s*j/noiseVar
		offset := w * s2 * j * s * measured / noiseVar
		r := a * b1 / (a1 * b)
		c := b1 * math.Sqrt(1-r*r)
		keep := math.Sqrt(b1*b1 - c*c)
		// z/a enters the denoiser; z' = a1 D' + keep (z − a D')/b + c n
		alpha := a1*slope/a + keep*(1-slope)/b
		m = alpha*m + (a1-keep*a/b)*offset
		v = alpha*alpha*v + c*c
	}
	return s * m, priorVar * v
}

func meanAndVariance(x []float64) (m, v float64) {
	n := float64(len(x))
	for _, a := range x {
		m += a / n
	}
	for _, a := range x {
		v += (a - m) * (a - m) / n
	}
	return m, v
}

// `guided` follows its closed-form law, which is not the posterior N(0.5, 0.125):
// the bias stays as steps grow.
func TestGuidedFollowsItsClosedFormLaw(t *testing.T) {
	const n = 20000
	p := measuredGaussian(t)
	for _, c := range []struct {
		steps   int
		process diffusion.Process
	}{{32, diffusion.VP{Min: 0.1, Max: 20}}, {100, diffusion.VP{Min: 0.1, Max: 20}}, {64, diffusion.Flow{}}} {
		steps := c.steps
		g, err := diffusion.Uniform(c.process, steps)
		if err != nil {
			t.Fatal(err)
		}
		o := sample(t, "guided", p, Settings{Samples: n, Seed: 1, Grid: g, Bridge: sampler.DDIM{Grid: g, Eta: 1}})
		mean, variance := guidedLaw(g, 1)
		gotM, gotV := meanAndVariance(o.Samples.X)
		t.Logf("%d steps: mean %.4f (law %.4f, posterior 0.5), variance %.4f (law %.4f, posterior 0.125)", steps, gotM, mean, gotV, variance)
		// 4.9σ bands: a false alarm once in 10⁶ each.
		if !(math.Abs(gotM-mean) <= 4.9*math.Sqrt(variance/n)) {
			t.Errorf("%d steps: mean %.5f, closed form %.5f", steps, gotM, mean)
		}
		if !(math.Abs(gotV/variance-1) <= 4.9*math.Sqrt(2./n)) {
			t.Errorf("%d steps: variance %.5f, closed form %.5f", steps, gotV, variance)
		}
	}
	// The limit of many steps is biased towards the measurement and too narrow.
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 20000)
	if err != nil {
		t.Fatal(err)
	}
	mean, variance := guidedLaw(g, 1)
	t.Logf("limit: mean %.4f, variance %.4f", mean, variance)
	if !(mean > 0.6 && variance < 0.12) {
		t.Errorf("limit mean %.4f, variance %.4f: the documented bias (mean 0.632, variance 0.108) is gone", mean, variance)
	}
}

// twisted-smc samples the posterior itself, on the levels of a flow as on those of
// Karras et al.: nothing but the grid is another.
func TestTwistedSMCSamplesTheGaussianPosterior(t *testing.T) {
	const n = 20000
	p := measuredGaussian(t)
	flow, err := diffusion.Uniform(diffusion.Flow{}, 64)
	if err != nil {
		t.Fatal(err)
	}
	for name, grid := range map[string]diffusion.Grid{"karras": {}, "flow": flow} {
		o := sample(t, "twisted-smc", p, Settings{Samples: n, Values: Values{"particles": n}, Seed: 1, Grid: grid})
		gotM, gotV := meanAndVariance(o.Samples.X)
		if !(math.Abs(gotM-0.5) <= 4.9*math.Sqrt(0.125/n)) || !(math.Abs(gotV/0.125-1) <= 4.9*math.Sqrt(2./n)) {
			t.Errorf("%s: mean %.4f, variance %.4f; want 0.5, 0.125", name, gotM, gotV)
		}
		want := -0.5*measured*measured/(priorVar+noiseVar) - 0.5*math.Log((priorVar+noiseVar)/noiseVar)
		// The energy of a measurement is normalised as exp(−r²/2v), so the evidence is
		// the density of y times √(2πv).
		if got := o.Samples.LogEvidence; !(math.Abs(got-want) <= 2e-3) {
			t.Errorf("%s: log evidence %.5f, want %.5f", name, got, want)
		}
	}
}
