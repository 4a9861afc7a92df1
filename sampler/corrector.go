package sampler

import (
	"math"

	"abide/diffusion"
)

// PredictorCorrector runs Steps of annealed Langevin dynamics at the new level
// after each step of a predictor (Song et al. 2021, algorithms 3 to 5),
//
//	δ = 2 a² (SNR ‖n‖/‖s‖)²,   z ← z + δ s + √(2δ) n,   s = (a x̂ − z)/b²,
//
// with the norms of each point by itself, so that points do not interact. With
// no steps it is the predictor, to the bit. Steps more calls a step, but none at
// the data. δ depends on the point, so a level's law is kept only as SNR falls
// and the dimension d grows: one step multiplies the variance of N(0, I) by
// 1 + 4 SNR² ((1 + SNR²)(d+2)/(d−2) − 1). Not for one or two columns.
type PredictorCorrector struct {
	Predictor Bridge
	Grid      diffusion.Grid
	Steps     int
	SNR       float64
}

var _ Multistep = PredictorCorrector{}

// Memory is the predictor's.
func (s PredictorCorrector) Memory(d int) int { return memoryOf(s.Predictor, d) }

// Step is one transition.
func (s PredictorCorrector) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	if err := s.Predictor.Step(p, k, mean, noise); err != nil {
		return err
	}
	a, b := s.Grid.A[k+1], s.Grid.B[k+1]
	if b == 0 {
		return nil
	}
	for range s.Steps {
		if err := correctLangevin(p, a, b, s.SNR, mean, noise); err != nil {
			return err
		}
	}
	return nil
}

// correctLangevin is one step of annealed Langevin dynamics at a level.
func correctLangevin(p Points, a, b, snr float64, mean Mean, noise func([]float64)) error {
	x, err := mean(p.Z, a, b)
	if err != nil {
		return err
	}
	n := make([]float64, len(p.Z))
	noise(n)
	for lo := 0; lo < len(p.Z); lo += p.Dim {
		hi := lo + p.Dim
		var nn, ss float64
		for i := lo; i < hi; i++ {
			x[i] = (a*x[i] - p.Z[i]) / (b * b) // the score
			nn += n[i] * n[i]
			ss += x[i] * x[i]
		}
		if ss == 0 {
			continue // no direction, and no scale for the noise
		}
		delta := 2 * a * a * snr * snr * nn / ss
		c := math.Sqrt(2 * delta)
		for i := lo; i < hi; i++ {
			p.Z[i] += delta*x[i] + c*n[i]
		}
	}
	return nil
}
