package inverse

import (
	"math"

	"abide/sampler"
)

// Walks from one noise level to the data, in clean coordinates u = u₀ + σn, for
// methods that run a diffusion inside each of their steps. The levels are spaced
// as in Karras et al. 2022, equation 5 with ρ = 7, from σ to a tenth of it or to
// lowest, what is less, and then 0: one denoiser call each.

// lowest is the last level before the data, in standard deviations of them: 0.01 of
// images in [−1, 1], whose deviation is about ½, as published with DAPS.
const lowest = 0.02

func levelsFrom(sigma float64, n int) []float64 {
	const rho = 7.0
	hi, lo := math.Pow(sigma, 1/rho), math.Pow(math.Min(lowest, sigma/10), 1/rho)
	s := make([]float64, n+1)
	s[0] = sigma
	for i := 1; i < n; i++ {
		s[i] = math.Pow(hi+float64(i)/float64(n-1)*(lo-hi), rho)
	}
	return s
}

// flow carries rows u of level sigma to the data along the probability flow,
// du/dσ = (u − D)/σ, in n Euler steps. One step is the posterior mean D itself.
func flow(u []float64, sigma float64, n int, mean sampler.Mean) error {
	s := levelsFrom(sigma, n)
	for i := range n {
		x, err := mean(u, 1, s[i])
		if err != nil {
			return err
		}
		r := s[i+1] / s[i]
		for j, v := range x {
			u[j] = v + r*(u[j]-v)
		}
	}
	return nil
}

// draw replaces rows u of level sigma by draws of the clean points given them, by n
// transitions of the reverse diffusion,
//
//	u′ = D + (v′/v)(u − D) + √((1 − v′/v) v′ + (1 − v′/v)² r²) n,   v = σ²,
//
// with the covariance r²I of u₀ given u under N(·, s²I), see [spread]: exact for
// that prior, and where the prior is flat on the scale of σ, at any n. With s² = 0
// they are the ancestral steps of DDPM, too narrow by O(1/n).
func draw(u []float64, sigma float64, n int, dataVariance float64, mean sampler.Mean, noise func([]float64)) error {
	s := levelsFrom(sigma, n)
	e := make([]float64, len(u))
	for i := range n {
		x, err := mean(u, 1, s[i])
		if err != nil {
			return err
		}
		k := s[i+1] * s[i+1] / (s[i] * s[i])
		c := (1 - k) * s[i+1] * s[i+1]
		if dataVariance > 0 {
			r := spread(s[i], dataVariance)
			c += (1 - k) * (1 - k) * r * r
		}
		if c = math.Sqrt(c); c > 0 {
			noise(e)
		}
		for j, v := range x {
			u[j] = v + k*(u[j]-v) + c*e[j]
		}
	}
	return nil
}

// spread is the standard deviation r of a clean point given a noisy one, r² =
// σ²s²/(σ² + s²) for the prior N(·, s²I); σ itself where s² is 0.
func spread(sigma, dataVariance float64) float64 {
	if dataVariance == 0 {
		return sigma
	}
	return sigma / math.Sqrt(1+sigma*sigma/dataVariance)
}
