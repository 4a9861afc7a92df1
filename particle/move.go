package particle

import (
	"math"

	"abide/internal/keyed"
)

// move draws from the proposal q(z′|z) of one level and weighs it against the
// prior's kernel p(z′|z); see [SMC] for both.
type move struct {
	d              int
	gamma, v       float64
	ddpm           bool
	stream         *keyed.Stream
	hard, soft, pr kernel
	noise          []float64
}

// kernel is N(mean, L Lᵀ).
type kernel struct {
	mean, l []float64
	half    float64 // log det L
	r       []float64
}

func (k *SMC) newMove(level int, stream *keyed.Stream) *move {
	d := k.d
	r := k.sigma[level+1] / k.sigma[level]
	m := &move{d: d, gamma: 1 - r*r, ddpm: k.DDPM, stream: stream, noise: make([]float64, d)}
	m.v = k.sigma[level+1] * k.sigma[level+1] * m.gamma
	for _, q := range []*kernel{&m.hard, &m.soft, &m.pr} {
		*q = kernel{mean: make([]float64, d), l: make([]float64, d*d), r: make([]float64, d)}
	}
	return m
}

// set makes q the kernel from z for the posterior g.
func (m *move) set(q *kernel, z []float64, g gaussian) {
	d := m.d
	for i := range d {
		q.mean[i] = (1-m.gamma)*z[i] + m.gamma*g.m[i]
	}
	if m.ddpm {
		clear(q.l)
		s := math.Sqrt(m.v)
		for i := range d {
			q.l[i*d+i] = s
		}
	} else {
		g2 := m.gamma * m.gamma
		for i, c := range g.s {
			q.l[i] = g2 * c
		}
		for i := range d {
			q.l[i*d+i] += m.v
		}
		// Conditioning leaves negative eigenvalues of the order of rounding.
		for jitter := 1e-12 * m.v; !cholesky(q.l, d); jitter *= 100 {
			for i := range d {
				for j := range i + 1 {
					q.l[i*d+j] = g2 * g.s[i*d+j]
				}
				q.l[i*d+i] += m.v + jitter
			}
		}
	}
	q.half = logDet(q.l, d)
}

// log is log N(z; mean, L Lᵀ) without the constant −(d/2) log 2π.
func (q *kernel) log(z []float64, d int) float64 {
	for i := range d {
		q.r[i] = z[i] - q.mean[i]
	}
	forward(q.l, q.r, d)
	return -0.5*dot(q.r, q.r) - q.half
}

// kernels prepares p and q for a particle at z.
func (m *move) kernels(z []float64, w *look) {
	m.set(&m.pr, z, w.prior)
	m.set(&m.hard, z, w.hard)
	if w.delta > 0 {
		m.set(&m.soft, z, w.soft)
	}
}

// propose draws next from q(·|z) and returns log p(next|z) − log q(next|z).
func (m *move) propose(next, z []float64, w *look) float64 {
	m.kernels(z, w)
	q := &m.hard
	if pick := m.stream.Uniform(); pick < w.delta {
		q = &m.soft
	}
	m.stream.Normal(m.noise)
	d := m.d
	for i := range d {
		next[i] = q.mean[i] + dot(q.l[i*d:i*d+i+1], m.noise[:i+1])
	}
	return m.ratio(next, w)
}

// ratio is log p(next|z) − log q(next|z) for the kernels prepared last.
func (m *move) ratio(next []float64, w *look) float64 {
	logq := m.hard.log(next, m.d)
	if w.delta > 0 {
		logq = logAdd(logq+math.Log1p(-w.delta), m.soft.log(next, m.d)+math.Log(w.delta))
	}
	return m.pr.log(next, m.d) - logq
}

func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	return a + math.Log1p(math.Exp(b-a))
}
