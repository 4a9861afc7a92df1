// Package train fits the network of a diffusion prior to data.
package train

import (
	"context"
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/prior"
)

// Settings of a training run; they are part of the prior's fingerprint.
type Settings struct {
	Width, Depth, Embedding int     // the network; see network.MLP
	Steps, Batch            int     // optimiser steps, samples per step
	LearningRate            float64 // peak; linear warm-up over 2 % of the steps, then cosine to zero
	EMA                     float64 // decay of the averaged weights, which are the ones used
	WeightDecay             float64 // AdamW
	Holdout                 float64 // fraction of the rows kept to measure the loss
	Patience                int     // stop after so many evaluations without improvement and keep the best weights; 0: train to the end and keep the last
	Every                   int     // steps between measurements of the held-out loss; 0: an eightieth of the steps, at least 50
	Seed                    uint64
}

// Architecture of the network for rows of d columns.
func (s Settings) Architecture(d int) network.Architecture {
	return network.Architecture{Kind: "mlp", Shape: []int{d}, Width: s.Width, Depth: s.Depth, Embedding: s.Embedding}
}

func (s Settings) every() int {
	if s.Every > 0 {
		return s.Every
	}
	return max(50, s.Steps/80)
}

// LogSigma are mean and standard deviation of ln σ during training (Karras et
// al. 2022, table 1).
const (
	LogSigmaMean = -1.2
	LogSigmaStd  = 1.2
)

// Progress is reported after every evaluation of the held-out loss.
type Progress struct {
	Step, Steps      int
	Loss, Heldout    float64 // mean training loss since the last report; held-out loss of the averaged weights
	Best             float64
	BestStep         int
	StepsSinceReport int
}

// State is everything training needs to continue to the identical result.
type State struct {
	Step             int
	Weights, M, V    [][]float32 // parameters and Adam moments
	Average, Best    [][]float32 // averaged weights, and the best of them by held-out loss
	BestLoss         float64
	BestStep, Waited int
	LossSum          float64
}

// Trainer fits one network to rows in sampler coordinates.
type Trainer struct {
	Settings Settings
	Network  network.Network

	dim        int
	rows, held int // training rows come first
	data       []float64
	state      *State
	step       *engine.Function
	loss       *engine.Function
}

// New prepares training on rows u (row-major n×d, standardised).
func New(e *engine.Engine, u []float64, d int, s Settings) (*Trainer, error) {
	n := len(u) / d
	held := int(math.Round(s.Holdout * float64(n)))
	if n-held < 2 || (s.Holdout > 0 && held < 1) {
		return nil, fmt.Errorf("train: %d rows leave %d to train on and %d to measure with: give more rows or a smaller holdout", n, n-held, held)
	}
	net, err := network.New(s.Architecture(d), s.Seed)
	if err != nil {
		return nil, err
	}
	t := &Trainer{Settings: s, Network: net, dim: d, rows: n - held, held: held}
	t.data = shuffled(u, d, s.Seed)
	t.state = newState(t.Network)
	denoiser := prior.EDM{Network: t.Network}
	weights := t.Network.Weights()
	t.step = e.NewFunction("training step", engine.Float32, func(in []*Node) []*Node {
		l := ReduceAllMean(edmLoss(denoiser, in[0], in[1], in[2]))
		var nodes []*Node
		for _, w := range weights {
			nodes = append(nodes, w.Use(l.Graph()))
		}
		return append([]*Node{l}, Gradient(l, nodes...)...)
	})
	t.loss = e.NewFunction("held-out loss", engine.Float32, func(in []*Node) []*Node {
		return []*Node{ReduceAllMean(edmLoss(denoiser, in[0], in[1], in[2]))}
	})
	return t, nil
}

// edmLoss is the weighted denoising loss per coordinate,
// λ(σ)(D(u + σn, σ) − u)² with λ = (σ²+1)/σ² (Karras et al. 2022, equation 8).
func edmLoss(d prior.Denoiser, u, noise, logSigma *Node) *Node {
	sigma := Exp(logSigma) // [N, 1]
	diff := Sub(d.Denoise(Add(u, Mul(sigma, noise)), sigma), u)
	s2 := Mul(sigma, sigma)
	return Mul(Div(AddScalar(s2, 1), s2), Mul(diff, diff))
}

// Run trains until the last step, an early stop or cancellation; report is
// called after each measurement of the held-out loss.
func (t *Trainer) Run(ctx context.Context, report func(Progress, *State) error) error {
	every := t.Settings.every()
	for t.state.Step < t.Settings.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.advance(); err != nil {
			return err
		}
		if s := t.state; s.Step%every == 0 || s.Step == t.Settings.Steps {
			stop, err := t.evaluate(every, report)
			if err != nil || stop {
				return err
			}
		}
	}
	return nil
}

// advance is one optimiser step.
func (t *Trainer) advance() error {
	s, d, b := t.state, t.dim, t.Settings.Batch
	stream := keyed.New(t.Settings.Seed, "training", 0, s.Step)
	u, noise, logSigma := make([]float64, b*d), make([]float64, b*d), make([]float64, b)
	for i := range b {
		r := int(stream.Uint64() % uint64(t.rows))
		copy(u[i*d:(i+1)*d], t.data[r*d:(r+1)*d])
	}
	stream.Normal(noise)
	stream.Normal(logSigma)
	for i := range logSigma {
		logSigma[i] = LogSigmaMean + LogSigmaStd*logSigma[i]
	}
	out, err := t.step.CallNative(engine.Rows(u, d), engine.Rows(noise, d), engine.Rows(logSigma, 1))
	if err != nil {
		return err
	}
	loss := float64(out[0].F32[0])
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return fmt.Errorf("train: the loss is %g at step %d: lower the learning rate", loss, s.Step)
	}
	s.LossSum += loss
	t.update(out[1:])
	s.Step++
	return nil
}

// evaluate measures the held-out loss of the averaged weights.
func (t *Trainer) evaluate(every int, report func(Progress, *State) error) (stop bool, err error) {
	s := t.state
	p := Progress{Step: s.Step, Steps: t.Settings.Steps, Loss: s.LossSum / float64(every), Heldout: math.NaN()}
	s.LossSum = 0
	if t.held > 0 {
		if p.Heldout, err = t.Heldout(s.Average); err != nil {
			return false, err
		}
	}
	if t.Settings.Patience == 0 || t.held == 0 || p.Heldout < s.BestLoss {
		s.BestLoss, s.BestStep, s.Waited = p.Heldout, s.Step, 0
		copyAll(s.Best, s.Average)
	} else {
		s.Waited++
	}
	p.Best, p.BestStep = s.BestLoss, s.BestStep
	if report != nil {
		if err := report(p, s); err != nil {
			return false, err
		}
	}
	return t.Settings.Patience > 0 && s.Waited >= t.Settings.Patience, nil
}

// heldoutDraws is how many noise levels each held-out row is measured at:
// stratified quantiles of the training law, so that the loss has little noise.
const heldoutDraws = 64

// Heldout is the weighted loss of given weights on the held-out rows, always
// with the same noise.
func (t *Trainer) Heldout(weights [][]float32) (float64, error) {
	d := t.dim
	t.load(weights)
	defer t.load(t.state.Weights)
	var sum float64
	u := t.data[t.rows*d:]
	noise, logSigma := make([]float64, len(u)), make([]float64, t.held)
	for k := range heldoutDraws {
		stream := keyed.New(t.Settings.Seed, "held-out", 0, k)
		stream.Normal(noise)
		for i := range logSigma {
			q := (float64(k) + stream.Uniform()) / heldoutDraws
			logSigma[i] = LogSigmaMean + LogSigmaStd*math.Sqrt2*math.Erfinv(2*q-1)
		}
		out, err := t.loss.Call(engine.Rows(u, d), engine.Rows(noise, d), engine.Rows(logSigma, 1))
		if err != nil {
			return 0, err
		}
		sum += out[0].F64[0]
	}
	return sum / heldoutDraws, nil
}

// Best loads the best averaged weights into the network.
func (t *Trainer) Best() { t.load(t.state.Best) }

func (t *Trainer) load(values [][]float32) {
	for i, w := range t.Network.Weights() {
		copy(w.Data, values[i])
		w.Changed()
	}
}

func shuffled(u []float64, d int, seed uint64) []float64 {
	n := len(u) / d
	out := append([]float64(nil), u...)
	stream := keyed.New(seed, "shuffle", 0, 0)
	for i := n - 1; i > 0; i-- {
		j := int(stream.Uint64() % uint64(i+1))
		for k := range d {
			out[i*d+k], out[j*d+k] = out[j*d+k], out[i*d+k]
		}
	}
	return out
}
