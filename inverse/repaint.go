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
// y is taken for exact. Denoiser calls: about Travel.Repeat at each step. For exact
// data and in the limit of many steps, and then of many repetitions, this is the
// posterior: at the last levels the rest follows p(rest | y). At a fixed number of
// repetitions it is biased towards Replacement, and with few steps too narrow, the
// more so the more repetitions: those add up the error of a DDIM step. Linear H.
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
