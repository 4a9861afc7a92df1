// Package train fits the networks of diffusion and flow priors to data.
package train

import (
	"context"
	"fmt"
	"math"
	"time"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/network"
)

// Trainer fits one network to rows in sampler coordinates.
type Trainer struct {
	Settings Settings
	Network  network.Network

	objective  objective
	levels     levels
	data       pool
	rows, held int // training rows come first
	state      *State
	ahead      *ahead
	norm       float64 // of the last gradient
	reported   time.Time
	step       []*engine.Function // more than one where the loss changes over the training
	loss       *engine.Function
}

// New prepares training on rows u (row-major n×d, standardised); y are the
// features of each row's condition (see [Features]), nil where settings have none.
func New(e *engine.Engine, u, y []float64, d int, s Settings) (*Trainer, error) {
	if s.Physics.Loss != "" {
		return nil, fmt.Errorf("train: physics %s without laws: give them, by NewObeying", s.Physics.Loss)
	}
	return prepared(e, u, y, d, s, nil)
}

// prepared is a trainer of the network of settings; law is the residual of the laws in
// sampler coordinates, nil for none.
func prepared(e *engine.Engine, u, y []float64, d int, s Settings, law func(u *Node) *Node) (*Trainer, error) {
	n := len(u) / d
	if err := s.CheckRows(n); err != nil {
		return nil, err
	}
	if err := s.Check(d); err != nil {
		return nil, err
	}
	k := features(s.Condition)
	if len(y) != n*k {
		return nil, fmt.Errorf("train: %d features of %d rows; the conditions have %d each", len(y), n, k)
	}
	net, err := network.New(s.Architecture(d), s.Seed)
	if err != nil {
		return nil, err
	}
	return newTrainer(e, net, shuffled(u, y, d, k, s.Seed), s.held(n), s, law), nil
}

// newTrainer trains any network on rows of which the last are held out.
func newTrainer(e *engine.Engine, net network.Network, data pool, held int, s Settings, law func(u *Node) *Node) *Trainer {
	d := data.dim
	t := &Trainer{Settings: s, Network: net, rows: len(data.u)/d - held, held: held, data: data}
	t.objective, _ = s.objective(d)
	t.levels, _ = s.levels()
	if o, ok := t.objective.(*flow); ok {
		o.prepare(t.data, t.rows, s.Seed)
	}
	t.objective = s.Physics.trained(t.objective, law)
	t.ahead = newAhead(t.batch, s.Steps)
	if s.dtype() == engine.Float64 {
		for _, w := range net.Weights() {
			w.Data64 = engine.Widened(w.Data)
		}
	}
	t.state = newState(net)
	t.compile(e)
	return t
}

// compile declares the graphs of a step and of the held-out loss.
func (t *Trainer) compile(e *engine.Engine) {
	split := func(in []*Node) (rest []*Node, y *Node) {
		if last := len(in) - 1; t.data.features > 0 {
			return in[:last], in[last]
		}
		return in, nil
	}
	loss := func(net network.Network, in []*Node) []*Node {
		in, y := split(in)
		return []*Node{ReduceAllMean(t.objective.loss(t.Settings.denoiser(net, nil), in, y))}
	}
	step := func(losses func(net network.Network, in []*Node) []*Node) *engine.Function {
		return e.NewFunction("training step", t.Settings.dtype(), func(in []*Node) []*Node {
			return withGradients(t.Network, t.objective, func(net network.Network) []*Node { return losses(net, in) })
		})
	}
	if o, ok := t.objective.(*pbfm); ok {
		for n := range o.most {
			t.step = append(t.step, step(func(net network.Network, in []*Node) []*Node {
				in, y := split(in)
				data, law := o.both(t.Settings.denoiser(net, nil), in, y, n+1)
				return []*Node{data, law}
			}))
		}
	} else {
		t.step = append(t.step, step(loss))
	}
	t.loss = e.NewFunction("held-out loss", t.Settings.dtype(), func(in []*Node) []*Node { return loss(t.Network, in) })
}

// withGradients are losses, and after them the gradients of each by all weights.
func withGradients(n network.Network, o objective, losses func(net network.Network) []*Node) []*Node {
	r, ok := recorded(n, o)
	if ok {
		n = r
	}
	all := losses(n)
	for _, l := range all {
		if ok {
			all = append(all, r.gradient(l)...)
			continue
		}
		var nodes []*Node
		for _, w := range n.Weights() {
			nodes = append(nodes, w.Use(l.Graph()))
		}
		all = append(all, Gradient(l, nodes...)...)
	}
	return all
}

// Run trains until the last step, an early stop or cancellation; report is
// called after each measurement of the held-out loss.
func (t *Trainer) Run(ctx context.Context, report func(Progress, *State) error) error {
	every := t.Settings.every()
	t.reported = time.Now()
	for t.state.Step < t.Settings.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.advance(); err != nil {
			return err
		}
		if s := t.state; s.Step%every == 0 || s.Step == t.Settings.Steps {
			stop, err := t.evaluate(report)
			if err != nil || stop {
				return err
			}
		}
	}
	return nil
}

// advance is one optimiser step.
func (t *Trainer) advance() error {
	s := t.state
	which := 0
	if o, ok := t.objective.(*pbfm); ok {
		which = o.steps(s.Step, t.Settings.Steps) - 1
	}
	out, err := t.step[which].CallNative(t.ahead.take(s.Step)...)
	if err != nil {
		return err
	}
	loss := first(out[0])
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return fmt.Errorf("train: the loss is %g at step %d: lower the learning rate", loss, s.Step)
	}
	s.LossSum += loss
	s.Losses++
	if w := len(s.Weights); len(out) == 1+w {
		t.update(out[1:])
	} else { // two losses, then the gradients of each
		conflictFree(out[2:2+w], out[2+w:])
		t.update(out[2 : 2+w])
	}
	s.Step++
	return nil
}

func first(a engine.Array) float64 {
	if a.F32 != nil {
		return float64(a.F32[0])
	}
	return a.F64[0]
}

// evaluate measures the held-out loss of the averaged weights.
func (t *Trainer) evaluate(report func(Progress, *State) error) (stop bool, err error) {
	s := t.state
	p := Progress{
		Step: s.Step, Steps: t.Settings.Steps, Loss: s.LossSum / float64(s.Losses), Heldout: math.NaN(),
		LearningRate: t.Settings.rate(s.Step - 1), GradientNorm: t.norm,
		Speed: float64(s.Losses*t.Settings.Batch) / time.Since(t.reported).Seconds(),
	}
	s.LossSum, s.Losses = 0, 0
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
	t.reported = time.Now()
	return t.Settings.Patience > 0 && s.Waited >= t.Settings.Patience, nil
}

// heldoutDraws is how many noise levels each held-out row is measured at:
// stratified quantiles of the training law, so that the loss has little noise.
const heldoutDraws = 64

// Heldout is the weighted loss of given weights on the held-out rows, always
// with the same noise.
func (t *Trainer) Heldout(weights []engine.Array) (float64, error) {
	t.load(weights)
	defer t.load(t.state.Weights)
	var sum float64
	for k := range heldoutDraws {
		out, err := t.loss.Call(t.heldout(k)...)
		if err != nil {
			return 0, err
		}
		sum += out[0].F64[0]
	}
	return sum / heldoutDraws, nil
}

// Best loads the best averaged weights into the network.
func (t *Trainer) Best() { t.load(t.state.Best) }

func (t *Trainer) load(values []engine.Array) {
	for i, w := range t.Network.Weights() {
		copy(w.Data, values[i].F32)
		copy(w.Data64, values[i].F64)
		w.Changed()
	}
}
