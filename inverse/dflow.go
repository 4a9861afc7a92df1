package inverse

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/potential"
	"abide/sampler"
)

// DFlow optimises the noise that a flow starts from (Ben-Hamu, Puny, Gat, Karrer,
// Singer and Lipman 2024, algorithm 1): for x = Φ(z), the whole probability flow,
//
//	z = argmin E(Φ(z)) + Weight/2 |z|²,
//
// from a draw of N(0, I), E the measurement's energy. With Weight = 1 that is the mode
// of z given the measurement; samples differ by the minimum that their start leads to
// and so are no draws of the posterior: for a Gaussian prior and a linear operator all
// end at its mean. (Other programs take the density of the length of z in place of that
// of z, and a start that is blended with the flow run backwards from Hᵀy.)
//
// The flow is integrated in flow time t = 1/(1 + σ) of the grid's noise levels,
// whatever its process, by the midpoint rule, as published,
//
//	dw/dt = (x̂ − w)/(1 − t),   x̂ = E[u | w = t u + (1 − t) n],
//
// and differentiated step by step, last step first: the points of every level are
// kept, and a step is computed again for its vector–Jacobian product, so that memory
// does not grow with the network. A transition of the bridge is one value and one
// gradient for [lbfgs], after which z is the noise accepted so far (remembered) and
// Z its x. With n steps of the flow: 4n denoiser calls and 2n vector–Jacobian
// products. Any operator.
type DFlow struct {
	Y      *potential.Measurement
	Times  []float64 // of the flow, from near 0 to 1
	Start  float64   // √(a² + b²) of drawn points
	Weight float64

	forward, back *engine.Function
}

var (
	_ sampler.Multistep = (*DFlow)(nil)
	_ sampler.Counted   = (*DFlow)(nil)
)

// pairsKept are the pairs that lbfgs remembers.
const pairsKept = 8

// NewDFlow binds the method to a model; g are the noise levels of the flow.
func NewDFlow(m *Model, g diffusion.Grid, weight float64) *DFlow {
	s := &DFlow{Y: m.Y, Weight: weight, Start: math.Hypot(g.A[0], g.B[0])}
	for k := range g.A {
		s.Times = append(s.Times, 1/(1+g.Sigma(k)))
	}
	velocity := func(w, t *Node) *Node {
		r := graph.OneMinus(t)
		return graph.Div(graph.Sub(m.Prior.Denoiser.Denoise(graph.Div(w, t), graph.Div(r, t)), w), r)
	}
	step := func(w, t, h *Node) *Node {
		half := graph.MulScalar(h, 0.5)
		middle := graph.Add(w, graph.Mul(half, velocity(w, t)))
		return graph.Add(w, graph.Mul(h, velocity(middle, graph.Add(t, half))))
	}
	s.forward = m.engine.NewFunction("step of the flow", m.Prior.DType, func(in []*Node) []*Node {
		return []*Node{step(in[0], in[1], in[2])}
	})
	s.back = m.engine.NewFunction("step of the flow, backwards", m.Prior.DType, func(in []*Node) []*Node {
		return []*Node{engine.VJP(step(in[0], in[1], in[2]), in[0], in[3])}
	})
	return s
}

// Iterations is the grid of a run of n transitions: the first level is that of the
// flow's grid, from which z is drawn, the others are x.
func Iterations(g diffusion.Grid, n int) diffusion.Grid {
	out := diffusion.Grid{A: make([]float64, n+1), B: make([]float64, n+1), Chain: true}
	for k := range out.A {
		out.A[k] = 1
	}
	out.A[0], out.B[0] = g.A[0], g.B[0]
	return out
}

// Memory is the state of the optimisation.
func (s *DFlow) Memory(d int) int { return lbfgs{d, pairsKept}.size() }

// Calls are those of one transition.
func (s *DFlow) Calls(int) (denoiser, vjp int) {
	n := len(s.Times) - 1
	return 4 * n, 2 * n
}

// Step is one value and gradient.
func (s *DFlow) Step(p sampler.Points, _ int, _ sampler.Mean, _ func([]float64)) error {
	d := p.Dim
	l := lbfgs{d, pairsKept}
	row := func(i int) []float64 { return p.Memory[i*l.size() : (i+1)*l.size()] }
	z := make([]float64, len(p.Z))
	for i := range len(z) / d {
		known, _, at, _, _ := l.parts(row(i))
		if *known == 0 {
			for j := range at {
				at[j] = p.Z[i*d+j] / s.Start
			}
		}
		l.trial(z[i*d:(i+1)*d], row(i))
	}
	x, value, gradient, err := s.Evaluate(z, d)
	if err != nil {
		return err
	}
	for i, v := range value {
		if l.told(row(i), v, gradient[i*d:(i+1)*d]) {
			copy(p.Z[i*d:(i+1)*d], x[i*d:(i+1)*d])
		}
	}
	return nil
}

// Evaluate is x = Φ(z) of rows z of d numbers, with the value of what is minimised and
// its gradient by z.
func (s *DFlow) Evaluate(z []float64, d int) (x, value, gradient []float64, err error) {
	n := len(s.Times) - 1
	// Points of the first level have the variance t² + (1−t)² for data of variance 1.
	begin := math.Hypot(s.Times[0], 1-s.Times[0])
	x = make([]float64, len(z))
	for i, v := range z {
		x[i] = begin * v
	}
	levels := make([][]float64, n)
	for k := range n {
		levels[k] = x
		out, err := s.forward.Call(engine.Rows(x, d), engine.Scalar(s.Times[k]), engine.Scalar(s.Times[k+1]-s.Times[k]))
		if err != nil {
			return nil, nil, nil, err
		}
		x = out[0].F64
	}
	value, gradient = make([]float64, len(z)/d), make([]float64, len(z))
	for i := range value {
		value[i] = s.Y.GradientAt(x[i*d:(i+1)*d], gradient[i*d:(i+1)*d])
	}
	for k := n - 1; k >= 0; k-- {
		out, err := s.back.Call(engine.Rows(levels[k], d), engine.Scalar(s.Times[k]), engine.Scalar(s.Times[k+1]-s.Times[k]), engine.Rows(gradient, d))
		if err != nil {
			return nil, nil, nil, err
		}
		gradient = out[0].F64
	}
	for i, v := range z {
		value[i/d] += s.Weight / 2 * v * v
		gradient[i] = begin*gradient[i] + s.Weight*v
	}
	return x, value, gradient, nil
}
