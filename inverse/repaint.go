package inverse

import (
	"abide/diffusion"
	"abide/sampler"
)

// RePaint is [Replacement] at full share after DDIM steps, with time travel
// (Lugmayr, Danelljan, Romero, Yu, Timofte and Van Gool 2022, algorithm 1): points
// go back and down again, so that the part that was generated can follow the part
// that was replaced. One repetition is Replacement itself.
//
// y is taken for exact. Denoiser calls: about Travel.Repeat at each step. Better
// than Replacement and still not the posterior: in the limit of many repetitions at
// a level, what is not measured there follows a noised measurement, not the one
// that all levels share. Linear H.
type RePaint struct {
	Grid     diffusion.Grid
	Spectrum *Spectrum
	Eta      float64 // of the DDIM steps
	Travel   Travel
}

var _ sampler.Bridge = RePaint{}

// Step is one transition, with the repetitions that end at its level.
func (s RePaint) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	r := Replacement{Bridge: sampler.DDIM{Grid: s.Grid, Eta: s.Eta}, Grid: s.Grid, Spectrum: s.Spectrum, Coefficient: 1}
	return s.Travel.walk(p, k, s.Grid, noise, func(k int) error { return r.Step(p, k, mean, noise) })
}
