package prior

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// DiscreteProcess is the variance-preserving chain of Ho et al. (2020): a² = ᾱ_i = Π (1 − β_j),
// with the index i = 0 … n−1 as its time. Between the noise levels of two indices
// the time is interpolated in ln σ.
type DiscreteProcess struct {
	logSigma []float64 // increasing
}

// NewDiscreteProcess makes the chain of one of three schedules: "linear" β between
// first and last (Ho et al. 2020, section 4), "scaled-linear" √β linear (Rombach et al. 2022),
// "cosine" ᾱ = cos² without first and last (Nichol and Dhariwal 2021, equation 17).
func NewDiscreteProcess(schedule string, steps int, first, last float64) (DiscreteProcess, error) {
	if steps < 2 {
		return DiscreteProcess{}, fmt.Errorf("prior: a discrete process of %d steps: need at least 2", steps)
	}
	p := DiscreteProcess{make([]float64, steps)}
	alpha := 1.0
	for i := range p.logSigma {
		share := float64(i) / float64(steps-1)
		var beta float64
		switch schedule {
		case "linear":
			beta = first + share*(last-first)
		case "scaled-linear":
			root := math.Sqrt(first) + share*(math.Sqrt(last)-math.Sqrt(first))
			beta = root * root
		case "cosine":
			bar := func(i int) float64 {
				c := math.Cos((float64(i)/float64(steps) + 0.008) / 1.008 * math.Pi / 2)
				return c * c
			}
			beta = math.Min(1-bar(i+1)/bar(i), 0.999)
		default:
			return p, fmt.Errorf("prior: schedule %q is unknown: allowed are linear, scaled-linear and cosine", schedule)
		}
		if !(beta > 0 && beta < 1) {
			return p, fmt.Errorf("prior: β = %g at index %d: must be between 0 and 1", beta, i)
		}
		alpha *= 1 - beta
		p.logSigma[i] = 0.5 * math.Log(1/alpha-1)
	}
	return p, nil
}

// At is the moment of a noise level; the chain has no velocity.
func (p DiscreteProcess) At(sigma *Node) Moment {
	n := len(p.logSigma) - 1
	low, width := make([]float64, n), make([]float64, n)
	for i := range low {
		low[i], width[i] = p.logSigma[i], 1/(p.logSigma[i+1]-p.logSigma[i])
	}
	row := func(v []float64) *Node { return Reshape(ConstAs(sigma, v), 1, n) }
	// How far each interval between two indices is passed, 0 to 1.
	passed := Mul(Sub(Log(sigma), row(low)), row(width))
	zero, one := ScalarZero(sigma.Graph(), sigma.DType()), ScalarOne(sigma.Graph(), sigma.DType())
	t := ReduceAndKeep(Min(Max(passed, zero), one), ReduceSum, 1)
	a := preserving(Mul(sigma, sigma))
	return Moment{T: t, A: a, B: Mul(sigma, a)}
}

// Range is the noise levels of the first and the last index.
func (p DiscreteProcess) Range() (min, max float64) {
	return math.Exp(p.logSigma[0]), math.Exp(p.logSigma[len(p.logSigma)-1])
}
