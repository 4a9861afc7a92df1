package inverse

import (
	"math"

	"abide/diffusion"
	"abide/potential"
	"abide/sampler"
)

// PnPFlow is plug-and-play with the denoiser of a flow (Martin, Gagneux, Hagemann and
// Steidl 2025, algorithm 3), a restoration and not a sampler: at flow time t =
// 1/(1 + σ), σ the noise level of the grid,
//
//	v = x − γ ∇E(x),   γ = Rate (1 − t)^Alpha / L
//	x′ = mean of D(t v + (1 − t) n) over Average draws n,   D = E[u | z] at that level
//
// from x = 0, the mean of the prior. E is the measurement's energy and L the largest
// eigenvalue of its second derivative, which makes Rate the published one, whose
// operators have norm 1 and whose γ is a multiple of the noise's variance: below 2
// steps are stable. For a nonlinear operator L is taken at each point, by eight
// gradients. x′ is near a mean of the posterior early and near a mode late; its
// spread over samples, which falls with Average, is none of the posterior's. Average
// denoiser calls a step. z = a x is carried.
type PnPFlow struct {
	Grid    diffusion.Grid
	Y       *potential.Measurement
	Rate    float64 // 1 as published
	Alpha   float64 // 1 as published; 0.01 to 1
	Average int     // 5 as published

	curvature float64 // L of a linear measurement; 0: of each point by itself
}

var (
	_ sampler.Starter = PnPFlow{}
	_ sampler.Carrier = PnPFlow{}
)

// NewPnPFlow finds L where it is one number.
func NewPnPFlow(y *potential.Measurement, g diffusion.Grid, rate, alpha float64, average int) PnPFlow {
	s := PnPFlow{Grid: g, Y: y, Rate: rate, Alpha: alpha, Average: average}
	if _, _, linear := y.Linear(); linear {
		d, _ := y.Op.Dims()
		s.curvature = curvature(y, make([]float64, d), 50)
	}
	return s
}

// Carries is a x, without noise.
func (s PnPFlow) Carries(k int) (a, b float64) { return s.Grid.A[k], 0 }

// Begin is x = 0.
func (s PnPFlow) Begin(p sampler.Points, _ func([]float64)) error {
	clear(p.Z)
	return nil
}

// Step is one transition; z = a x.
func (s PnPFlow) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	clean(p.Z, s.Grid.A[k])
	t := 1 / (1 + s.Grid.Sigma(k))
	for lo := 0; lo < len(p.Z); lo += p.Dim {
		s.descend(p.Z[lo:lo+p.Dim], s.Rate*math.Pow(1-t, s.Alpha))
	}
	sum, z := make([]float64, len(p.Z)), make([]float64, len(p.Z))
	for range s.Average {
		copy(z, p.Z)
		renoise(z, t, 1-t, noise)
		x, err := mean(z, t, 1-t)
		if err != nil {
			return err
		}
		for i, v := range x {
			sum[i] += v
		}
	}
	for i, v := range sum {
		p.Z[i] = s.Grid.A[k+1] * v / float64(s.Average)
	}
	return nil
}

// descend is x ← x − rate/L ∇E(x).
func (s PnPFlow) descend(x []float64, rate float64) {
	l := s.curvature
	if l == 0 {
		l = curvature(s.Y, x, 8)
	}
	if !(l > 0) || math.IsInf(l, 0) {
		return // flat, or nothing to go by
	}
	g := make([]float64, len(x))
	s.Y.GradientAt(x, g)
	for i, v := range g {
		x[i] -= rate / l * v
	}
}
