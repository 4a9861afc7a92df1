package train

import (
	"fmt"
	"maps"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/prior"
)

// objective is a loss to train with.
type objective interface {
	// inputs makes what one batch hands to the graph; it may draw more and reorder
	// the noise.
	inputs(b *batch, s *keyed.Stream) []engine.Array
	// loss is the loss of each coordinate [N, d] or of each sample [N, 1], per
	// coordinate, so that the mean of it is comparable between dimensions. y is nil
	// without a condition.
	loss(d prior.Conditioned, in []*Node, y *Node) *Node
}

// batch is what a step sees: points, noise, levels and conditions.
type batch struct {
	n, dim   int
	u, noise []float64 // n×d
	logSigma []float64 // n
	rate     []float64 // n; see levels
	y        []float64 // n×K; nil without a condition
}

// edm is the weighted denoising loss per coordinate,
// λ(σ)(D(u + σn, σ) − u)² with λ = (σ²+1)/σ² (Karras et al. 2022, equation 8).
type edm struct{}

func (edm) inputs(b *batch, _ *keyed.Stream) []engine.Array {
	return []engine.Array{engine.Rows(b.u, b.dim), engine.Rows(b.noise, b.dim), engine.Rows(b.logSigma, 1)}
}

func (o edm) loss(d prior.Conditioned, in []*Node, y *Node) *Node {
	l, _ := o.estimate(d, in, y)
	return l
}

func (edm) estimate(d prior.Conditioned, in []*Node, y *Node) (*Node, estimate) {
	u, noise, sigma := in[0], in[1], Exp(in[2])
	at := estimated(d, u, noise, sigma, y)
	diff, s2 := Sub(at.mean, u), Mul(sigma, sigma)
	return Mul(Div(AddScalar(s2, 1), s2), Mul(diff, diff)), at
}

func estimated(d prior.Conditioned, u, noise, sigma, y *Node) estimate {
	noisy := Add(u, Mul(sigma, noise))
	return estimate{noisy, sigma, d.DenoiseGiven(noisy, sigma, y)}
}

// objective is the loss the settings ask for, for points of d coordinates.
func (s Settings) objective(d int) (objective, error) {
	weight, err := pick("weighting", weightings, s.Weighting, "edm")
	if err != nil {
		return nil, err
	}
	if _, err := pick("output", outputs, s.Output, "edm"); err != nil {
		return nil, err
	}
	if _, err := s.levels(); err != nil {
		return nil, err
	}
	if s.Coupling == "ot" && len(s.Condition) > 0 {
		return nil, fmt.Errorf("train: optimal transport of a batch mixes its conditions, so that noise is not independent of them: choose coupling independent")
	}
	if _, sde := sdes[s.Levels]; s.Weighting == "likelihood" && !sde {
		return nil, fmt.Errorf("train: likelihood weighting needs the forward equation of a process: choose levels vp or ve")
	}
	newObjective, err := pick("objective", objectives, s.Objective, "edm")
	if err != nil {
		return nil, err
	}
	o := newObjective(s, weight, d)
	return o, s.Physics.check(o)
}

// The tables of choices; an empty name is the first choice.
var (
	objectives = map[string]func(s Settings, w weighting, d int) objective{
		"edm":       func(Settings, weighting, int) objective { return edm{} },
		"denoising": func(_ Settings, w weighting, _ int) objective { return denoising{w} },
		"implicit":  func(_ Settings, w weighting, d int) objective { return implicit{w, d <= exactDivergence, rademacher} },
		"sliced":    func(_ Settings, w weighting, _ int) objective { return implicit{w, false, gaussian} },
		"flow":      func(s Settings, _ weighting, _ int) objective { return &flow{transport: s.Coupling == "ot"} },
	}
	outputs = map[string]func(n network.Network, given []float64) prior.Conditioned{
		"edm":   func(n network.Network, y []float64) prior.Conditioned { return prior.EDM{Network: n, Given: y} },
		"noise": predictor(prior.OutputNoise), "x0": predictor(prior.OutputX0), "v": predictor(prior.OutputV), "score": predictor(prior.OutputScore),
	}
	sdes = map[string]levels{
		"vp": onPath{diffusion.VP{Min: 0.1, Max: 20}, 1e-5}, // Song et al. 2021, appendix C
		"ve": onPath{diffusion.VE{Min: 0.002, Max: 80}, 0},
	}
)

func predictor(o prior.Output) func(network.Network, []float64) prior.Conditioned {
	return func(n network.Network, y []float64) prior.Conditioned {
		return prior.Predictor{Network: n, Output: o, Given: y}
	}
}

// denoiser is the network as the denoiser it stands for, under given features
// (nil: none, or those of each sample).
func (s Settings) denoiser(n network.Network, given []float64) prior.Conditioned {
	if s.Objective == "flow" {
		return prior.Velocity{Network: n, Given: given}
	}
	output, _ := pick("output", outputs, s.Output, "edm")
	return output(n, given)
}

func (s Settings) levels() (levels, error) {
	if s.Objective == "flow" {
		return pick("levels", map[string]levels{"uniform": flowUniform{}, "logit-normal": logNormal{0, 1}}, s.Levels, "uniform")
	}
	all := map[string]levels{"log-normal": logNormal{LogSigmaMean, LogSigmaStd}}
	maps.Copy(all, sdes)
	return pick("levels", all, s.Levels, "log-normal")
}

func pick[T any](what string, table map[string]T, name, first string) (T, error) {
	if name == "" {
		name = first
	}
	v, ok := table[name]
	if !ok {
		return v, fmt.Errorf("train: %s %q: allowed: %v", what, name, slices.Sorted(maps.Keys(table)))
	}
	return v, nil
}

// weighting is w(σ) of the squared error ‖D − u‖² of the denoiser; rate is g²/b².
type weighting func(sigma, rate float64) float64

var weightings = map[string]weighting{
	"edm":        func(s, _ float64) float64 { return (1 + s*s) / (s * s) }, // the squared error of v as well
	"noise":      func(s, _ float64) float64 { return 1 / (s * s) },         // ‖√v s + z‖² of the score s
	"x0":         func(float64, float64) float64 { return 1 },
	"likelihood": func(s, rate float64) float64 { return rate / (s * s) }, // g²‖s + z/√v‖² (Song et al. 2021b)
}

// weights of a batch, as float64, for one level each.
func (b *batch) weights(w weighting) []float64 {
	out := make([]float64, b.n)
	for i, l := range b.logSigma {
		out[i] = w(math.Exp(l), b.rate[i])
	}
	return out
}
