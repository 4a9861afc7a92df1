package train

import (
	"abide/internal/engine"
	"abide/internal/keyed"
)

// pool is points with the features of their conditions.
type pool struct {
	dim, features int
	u, y          []float64
}

// shuffled puts rows into an order drawn from seed.
func shuffled(u, y []float64, d, k int, seed uint64) pool {
	n := len(u) / d
	out := pool{d, k, append([]float64(nil), u...), append([]float64(nil), y...)}
	stream := keyed.New(seed, "shuffle", 0, 0)
	swap := func(x []float64, size, i, j int) {
		for k := range size {
			x[i*size+k], x[j*size+k] = x[j*size+k], x[i*size+k]
		}
	}
	for i := n - 1; i > 0; i-- {
		j := int(stream.Uint64() % uint64(i+1))
		swap(out.u, d, i, j)
		swap(out.y, k, i, j)
	}
	return out
}

func (r pool) empty(n int) *batch {
	return &batch{n: n, dim: r.dim, noise: make([]float64, n*r.dim), logSigma: make([]float64, n), rate: make([]float64, n)}
}

// batch draws what step sees and makes the inputs of its graph. It depends on
// seed and step alone, so that batches can be made in any order.
func (t *Trainer) batch(step int) []engine.Array {
	r, b := t.data, t.data.empty(t.Settings.Batch)
	stream := keyed.New(t.Settings.Seed, "training", 0, step)
	b.u, b.y = make([]float64, b.n*r.dim), make([]float64, b.n*r.features)
	for i := range b.n {
		j := int(stream.Uint64() % uint64(t.rows))
		copy(b.u[i*r.dim:(i+1)*r.dim], r.u[j*r.dim:])
		copy(b.y[i*r.features:(i+1)*r.features], r.y[j*r.features:])
	}
	stream.Normal(b.noise)
	t.levels.draw(stream, b.logSigma, b.rate)
	if r.features > 0 {
		for i := range b.n {
			if stream.Uniform() < t.Settings.Drop {
				clear(b.y[i*r.features : (i+1)*r.features])
			}
		}
	}
	return t.inputs(b, stream)
}

// heldout is the k-th look at the held-out rows: levels are stratified, a k-th
// part of the law for each look, and conditions are given.
func (t *Trainer) heldout(k int) []engine.Array {
	r, b := t.data, t.data.empty(t.held)
	stream := keyed.New(t.Settings.Seed, "held-out", 0, k)
	b.u, b.y = r.u[t.rows*r.dim:], r.y[t.rows*r.features:]
	stream.Normal(b.noise)
	for i := range b.logSigma {
		b.logSigma[i], b.rate[i] = t.levels.level((float64(k) + stream.Uniform()) / heldoutDraws)
	}
	return t.inputs(b, stream)
}

func (t *Trainer) inputs(b *batch, stream *keyed.Stream) []engine.Array {
	in := t.objective.inputs(b, stream)
	if t.data.features > 0 {
		in = append(in, engine.Rows(b.y, t.data.features))
	}
	return in
}

// ahead makes the batches of the next steps while the gradient of this one is
// computed. Batches are keyed by their step, so that what it does cannot be seen
// in the results.
type ahead struct {
	make   func(step int) []engine.Array
	last   int
	coming map[int]chan []engine.Array
}

// lookAhead is how many batches are in the making: enough for an optimal
// transport that takes longer than a step on a machine with cores to spare.
const lookAhead = 4

func newAhead(make func(step int) []engine.Array, steps int) *ahead {
	return &ahead{make, steps, map[int]chan []engine.Array{}}
}

// take waits for the batch of a step.
func (a *ahead) take(step int) []engine.Array {
	for k := step; k <= step+lookAhead && (k < a.last || k == step); k++ {
		if a.coming[k] == nil {
			c := make(chan []engine.Array, 1)
			a.coming[k] = c
			go func() { c <- a.make(k) }()
		}
	}
	b := <-a.coming[step]
	delete(a.coming, step)
	return b
}
