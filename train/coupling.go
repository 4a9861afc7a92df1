package train

import (
	"sync"

	"gonum.org/v1/gonum/blas/blas64"

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
	noise, f []float64
	spare    sync.Pool // assignments that are done, for their memory
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
		q = &pilot{noise: b.noise, f: make([]float64, n)}
		for i, j := range a.column {
			q.f[i] = a.cost[i*n+j] - a.v[j]
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
	for j := range a.v {
		a.v[j] = 0
	}
	// The pilot's costs, some of its noise at a time, where the batch's own will be.
	for lo := 0; lo < len(q.f); lo += b.n {
		hi := min(lo+b.n, len(q.f))
		inner(a.cost[:(hi-lo)*b.n], q.noise[lo*b.dim:hi*b.dim], b.u, b.dim)
		for i, f := range q.f[lo:hi] {
			for j, cost := range a.cost[i*b.n : (i+1)*b.n] {
				if v := cost - f; v < a.v[j] || lo+i == 0 {
					a.v[j] = v
				}
			}
		}
	}
	inner(a.cost, b.noise, b.u, b.dim)
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

// inner fills costs with −⟨nᵢ, uⱼ⟩: half the squared distance but for terms that
// all assignments share.
func inner(cost, noise, u []float64, d int) {
	m, n := len(noise)/d, len(u)/d
	t := make([]float64, len(u)) // d×n: the product then runs along rows
	for j := range n {
		for k := range d {
			t[k*n+j] = u[j*d+k]
		}
	}
	// One product at a time: batches are made side by side, each on a goroutine.
	for i := range m {
		row := blas64.Vector{N: n, Inc: 1, Data: cost[i*n : (i+1)*n]}
		clear(row.Data)
		for k := range d {
			blas64.Axpy(-noise[i*d+k], blas64.Vector{N: n, Inc: 1, Data: t[k*n : (k+1)*n]}, row)
		}
	}
}
