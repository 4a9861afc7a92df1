package train

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/network"
	"abide/prior"
)

// Physics says how a network is trained to obey laws as well as to fit its data; the
// zero value is not at all.
type Physics struct {
	Loss   string   // pidm, pidm-sample or pbfm
	Weight float64  `json:",omitempty"` // c of pidm; 0: [DefaultWeight]
	Unroll int      `json:",omitempty"` // pbfm: the most Euler steps; 0: 4
	Laws   []string `json:",omitempty"` // the laws in words that tell them apart: part of the fingerprint
}

// DefaultWeight is c of PIDM, that of its authors for Darcy's flow.
const DefaultWeight = 1e-3

func (p Physics) weight() float64 {
	if p.Weight == 0 {
		return DefaultWeight
	}
	return p.Weight
}

func (p Physics) unroll() int {
	if p.Unroll == 0 {
		return 4
	}
	return p.Unroll
}

// estimator is a loss that has the mean of the clean point in hand.
type estimator interface {
	objective
	// estimate is the loss, and the denoiser's mean at u = u₀ + σ n that it is made of.
	estimate(d prior.Conditioned, in []*Node, y *Node) (loss *Node, at estimate)
}

type estimate struct{ u, sigma, mean *Node }

// check says what is wrong with the losses together.
func (p Physics) check(o objective) error {
	if _, err := pick("physics", map[string]bool{"": true, "pidm": true, "pidm-sample": true, "pbfm": true}, p.Loss, ""); err != nil {
		return err
	}
	_, estimates := o.(estimator)
	_, flows := o.(*flow)
	switch {
	case p.Loss == "pbfm" && !flows:
		return fmt.Errorf("train: pbfm unrolls a flow: choose objective flow, or physics pidm")
	case p.Loss != "" && !estimates:
		return fmt.Errorf("train: physics needs a loss with a denoised point: choose objective edm, denoising or flow")
	case !(p.Weight >= 0) || p.Unroll < 0:
		return fmt.Errorf("train: physics with weight %g and %d steps: want numbers from 0 on", p.Weight, p.Unroll)
	}
	return nil
}

// trained is an objective with its laws, r [N, d] → [N, m] in sampler coordinates.
func (p Physics) trained(o objective, r func(u *Node) *Node) objective {
	switch p.Loss {
	case "":
		return o
	case "pbfm":
		return &pbfm{flow: o.(*flow), residual: r, most: p.unroll()}
	}
	return pidm{o.(estimator), p.weight(), p.Loss == "pidm-sample", r}
}

// NewObeying is [New] with laws that s.Physics trains for; at are the coordinates of u.
func NewObeying(e *engine.Engine, u, y []float64, at prior.Coordinates, s Settings, laws Residual) (*Trainer, error) {
	if s.Physics.Loss == "" {
		return nil, fmt.Errorf("train: laws without a loss that trains for them: choose physics pidm, pidm-sample or pbfm")
	}
	return prepared(e, u, y, at.Dim(), s, inSampler(laws, at))
}

// recorder is a network that keeps its calls in a loss, and builds its own gradient.
type recorder struct {
	network.Trainable
	f        []*Node
	backward []func(df *Node) []*Node
}

// recorded says no for losses that differentiate the network themselves: the
// gradient of those is no function of ∂L/∂F alone.
func recorded(n network.Network, o objective) (*recorder, bool) {
	t, ok := n.(network.Trainable)
	if _, twice := o.(implicit); twice || !ok {
		return nil, false
	}
	return &recorder{Trainable: t}, true
}

// Apply is F.
func (r *recorder) Apply(u, c, y *Node) *Node {
	f, backward := r.ApplyBackward(u, c, y)
	r.f, r.backward = append(r.f, f), append(r.backward, backward)
	return f
}

// gradient of l by all weights: the sum over calls of ∂F_i/∂w at fixed input, times the
// whole derivative ∂l/∂F_i, which runs through later calls as well.
func (r *recorder) gradient(l *Node) []*Node {
	var all []*Node
	for i, df := range Gradient(l, r.f...) {
		for k, g := range r.backward[i](df) {
			if i == 0 {
				all = append(all, g)
			} else {
				all[k] = Add(all[k], g)
			}
		}
	}
	return all
}
