package train

import (
	"math"

	"abide/internal/engine"
	"abide/network"
)

func newState(m network.Network) *State {
	s := &State{BestLoss: math.Inf(1)}
	for _, w := range m.Weights() {
		s.Weights = append(s.Weights, append([]float32(nil), w.Data...))
		s.M = append(s.M, make([]float32, len(w.Data)))
		s.V = append(s.V, make([]float32, len(w.Data)))
		s.Average = append(s.Average, append([]float32(nil), w.Data...))
		s.Best = append(s.Best, append([]float32(nil), w.Data...))
	}
	return s
}

func copyAll(dst, src [][]float32) {
	for i := range dst {
		copy(dst[i], src[i])
	}
}

// rate is the learning rate of a step: linear warm-up, then a cosine to zero.
func (t *Trainer) rate(step int) float64 {
	total := float64(t.Settings.Steps)
	warm := math.Ceil(0.02 * total)
	k := float64(step)
	if k < warm {
		return t.Settings.LearningRate * (k + 1) / warm
	}
	return t.Settings.LearningRate * 0.5 * (1 + math.Cos(math.Pi*(k-warm)/(total-warm)))
}

// update is one AdamW step (Kingma & Ba 2015, algorithm 1; decoupled weight
// decay: Loshchilov & Hutter 2019) and one step of the averaged weights,
//
//	θ ← θ − η(m̂/(√v̂+ε) + λθ),   θ̄ ← γθ̄ + (1−γ)θ.
//
// It runs on the host in one pass over the parameters: on the pure-Go backend
// the same arithmetic as graph operations costs more than the gradient.
func (t *Trainer) update(grad []engine.Array) {
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	s := t.state
	k := float64(s.Step + 1)
	rate := t.rate(s.Step)
	c1 := float32(rate / (1 - math.Pow(beta1, k)))
	c2 := float32(1 / math.Sqrt(1-math.Pow(beta2, k)))
	decay := float32(1 - rate*t.Settings.WeightDecay)
	// The average warms up, so that it does not remember the initial weights.
	ema := float32(math.Min(t.Settings.EMA, (1+k)/(10+k)))
	for i, w := range t.Network.Weights() {
		g, m, v, p, a := grad[i].F32, s.M[i], s.V[i], s.Weights[i], s.Average[i]
		for j, gj := range g {
			m[j] = beta1*m[j] + (1-beta1)*gj
			v[j] = beta2*v[j] + (1-beta2)*gj*gj
			p[j] = decay*p[j] - c1*m[j]/(float32(math.Sqrt(float64(v[j])))*c2+eps)
			a[j] = ema*a[j] + (1-ema)*p[j]
		}
		copy(w.Data, p)
		w.Changed()
	}
}
