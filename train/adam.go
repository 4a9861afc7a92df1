package train

import (
	"math"
	"slices"
	"sync"

	"abide/internal/engine"
	"abide/network"
)

func newState(m network.Network) *State {
	s := &State{BestLoss: math.Inf(1)}
	for _, w := range m.Weights() {
		s.Weights = append(s.Weights, cloned(w.Values()))
		s.M = append(s.M, zeros(w.Values()))
		s.V = append(s.V, zeros(w.Values()))
		s.Average = append(s.Average, cloned(w.Values()))
		s.Best = append(s.Best, cloned(w.Values()))
	}
	return s
}

func cloned(a engine.Array) engine.Array {
	return engine.Array{Shape: a.Shape, F32: slices.Clone(a.F32), F64: slices.Clone(a.F64)}
}

func zeros(a engine.Array) engine.Array {
	a = cloned(a)
	clear(a.F32)
	clear(a.F64)
	return a
}

func copyAll(dst, src []engine.Array) {
	for i := range dst {
		copy(dst[i].F32, src[i].F32)
		copy(dst[i].F64, src[i].F64)
	}
}

// update is one AdamW step (Kingma & Ba 2015, algorithm 1; decoupled weight
// decay: Loshchilov & Hutter 2019) on gradients clipped by their global norm
// (Pascanu, Mikolov and Bengio 2013), and one step of the averaged weights,
//
//	θ ← θ − η(m̂/(√v̂+ε) + λθ),   θ̄ ← γθ̄ + (1−γ)θ.
//
// It runs on the host in one pass over the parameters: on the pure-Go backend
// the same arithmetic as graph operations costs more than the gradient.
func (t *Trainer) update(grad []engine.Array) {
	s := t.state
	k := float64(s.Step + 1)
	rate := t.Settings.rate(s.Step)
	a := adam{
		scale: 1,
		rate:  rate / (1 - math.Pow(beta1, k)),
		root:  1 / math.Sqrt(1-math.Pow(beta2, k)),
		decay: 1 - rate*t.Settings.WeightDecay,
		// The average warms up, so that it does not remember the initial weights.
		ema: math.Min(t.Settings.EMA, (1+k)/(10+k)),
	}
	t.norm = norm(grad)
	if c := t.Settings.Clip; c > 0 && t.norm > c {
		a.scale = c / t.norm
	}
	var wait sync.WaitGroup
	for i, w := range t.Network.Weights() {
		one := func() {
			if g := grad[i]; g.F32 != nil {
				adamStep(a, g.F32, s.M[i].F32, s.V[i].F32, s.Weights[i].F32, s.Average[i].F32)
			} else {
				adamStep(a, g.F64, s.M[i].F64, s.V[i].F64, s.Weights[i].F64, s.Average[i].F64)
			}
			copy(w.Data, s.Weights[i].F32)
			copy(w.Data64, s.Weights[i].F64)
			w.Changed()
		}
		if len(w.Data) < apart {
			one()
		} else {
			wait.Go(one)
		}
	}
	wait.Wait()
}

// apart is from how many weights on an array is worth a goroutine of its own.
const apart = 1 << 13

const beta1, beta2, epsilon = 0.9, 0.999, 1e-8

// adam are the numbers of one step.
type adam struct{ scale, rate, root, decay, ema float64 }

func adamStep[T float32 | float64](a adam, g, m, v, p, average []T) {
	scale, rate, root, decay, ema := T(a.scale), T(a.rate), T(a.root), T(a.decay), T(a.ema)
	for j, gj := range g {
		gj *= scale
		m[j] = beta1*m[j] + (1-beta1)*gj
		v[j] = beta2*v[j] + (1-beta2)*gj*gj
		p[j] = decay*p[j] - rate*m[j]/(T(math.Sqrt(float64(v[j])))*root+epsilon)
		average[j] = ema*average[j] + (1-ema)*p[j]
	}
}

// norm is the Euclidean norm of all gradients as one vector.
func norm(grad []engine.Array) float64 {
	var s float64
	for _, g := range grad {
		for _, v := range g.F32 {
			s += float64(v) * float64(v)
		}
		for _, v := range g.F64 {
			s += v * v
		}
	}
	return math.Sqrt(s)
}
