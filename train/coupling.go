package train

import (
	"sync"

	"abide/internal/keyed"
)

// pilot is the dual solution of one batch's transport, from which every other
// starts: its potential f of the noise extends to any point x,
//
//	v(x) = min_i c(n_i, x) − f_i,
//
// and is within sampling error of the potential another batch ends with. The
// assignment does not depend on where the search starts, so that batches stay
// keyed by their step alone.
type pilot struct {
	noise []float32
	f     []float64
	spare sync.Pool // assignments that are done, for their memory
}

// pilotSize is how many points the pilot is made of.
const pilotSize = 512

// newPilot solves for draws of the rows, a small problem first, then a larger one
// from its potentials.
func newPilot(p pool, rows int, seed uint64) *pilot {
	q := &pilot{}
	for step, n := range []int{pilotSize / 4, pilotSize} {
		b := p.empty(n)
		b.u = make([]float64, n*p.dim)
		s := keyed.New(seed, "transport pilot", 0, step)
		for i := range n {
			copy(b.u[i*p.dim:(i+1)*p.dim], p.u[int(s.Uint64()%uint64(rows))*p.dim:])
		}
		s.Normal(b.noise)
		a := q.assign(b)
		q = &pilot{noise: a.cost.noise32, f: make([]float64, n)}
		for i, j := range a.column {
			q.f[i] = a.cost.at(i, j) - a.v[j]
		}
	}
	return q
}

// assign gives each noise of the batch, the rows, one of its points, the columns.
func (q *pilot) assign(b *batch) *assignment {
	a, _ := q.spare.Get().(*assignment)
	if a == nil || a.n != b.n {
		a = newAssignment(b.n)
	}
	a.cost.set(b.n, b.dim, b.noise, b.u)
	for j := range a.w {
		a.w[j] = 0
		if len(q.f) > 0 {
			a.w[j] = inf32
		}
	}
	for i, f := range q.f {
		inner32(a.cost.line32, q.noise[i*b.dim:(i+1)*b.dim], a.cost.t32)
		lower(a.w, a.cost.line32, float32(f/a.cost.scale))
	}
	a.solve()
	return a
}

// couple reorders the noise of a batch so that Σ‖u − n‖² is least.
func (q *pilot) couple(b *batch) {
	a := q.assign(b)
	noise := make([]float64, len(b.noise))
	for j, i := range a.row {
		copy(noise[j*b.dim:(j+1)*b.dim], b.noise[i*b.dim:])
	}
	b.noise = noise
	q.spare.Put(a)
}
