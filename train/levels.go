package train

import (
	"math"

	"abide/diffusion"
	"abide/internal/keyed"
)

// levels is the law that training draws noise levels from.
type levels interface {
	// level is the q-quantile of the law, 0 < q < 1: ln σ, and the rate g²/b² of
	// the forward equation there, which likelihood weighting needs (NaN where the
	// law belongs to no equation).
	level(q float64) (logSigma, rate float64)
	// draw fills logSigma and rate with draws.
	draw(s *keyed.Stream, logSigma, rate []float64)
}

// LogSigma are mean and standard deviation of ln σ during training (Karras et
// al. 2022, table 1).
const (
	LogSigmaMean = -1.2
	LogSigmaStd  = 1.2
)

// logNormal is ln σ ~ N(mean, std²).
type logNormal struct{ mean, std float64 }

func (l logNormal) level(q float64) (float64, float64) {
	return l.mean + l.std*math.Sqrt2*math.Erfinv(2*q-1), math.NaN()
}

func (l logNormal) draw(s *keyed.Stream, logSigma, rate []float64) {
	s.Normal(logSigma)
	for i, z := range logSigma {
		logSigma[i], rate[i] = l.mean+l.std*z, math.NaN()
	}
}

// onPath is t uniform in (first, 1) on a diffusion's path.
type onPath struct {
	path  diffusion.Process
	first float64
}

func (l onPath) level(q float64) (logSigma, rate float64) {
	t := l.first + (1-l.first)*q
	a, b := l.path.At(t)
	_, g := l.path.Drift(t)
	return math.Log(b / a), g * g / (b * b)
}

func (l onPath) draw(s *keyed.Stream, logSigma, rate []float64) { drawQuantiles(l, s, logSigma, rate) }

// flowUniform is the time t of a flow uniform in (0, 1): ln σ = ln((1−t)/t).
type flowUniform struct{}

func (flowUniform) level(q float64) (float64, float64) { return math.Log(q / (1 - q)), math.NaN() }

func (l flowUniform) draw(s *keyed.Stream, logSigma, rate []float64) {
	drawQuantiles(l, s, logSigma, rate)
}

func drawQuantiles(l levels, s *keyed.Stream, logSigma, rate []float64) {
	for i := range logSigma {
		logSigma[i], rate[i] = l.level(s.Uniform())
	}
}
