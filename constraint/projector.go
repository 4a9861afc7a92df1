package constraint

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// Projector moves points to the nearest point of the intersection of
// constraints,
//
//	argmin Σⱼ ((x′ⱼ − xⱼ)/scaleⱼ)²  such that all rows hold.
//
// Linear rows are handled exactly (a dual active-set method, see program):
// bounds of one column hold to the last bit, other linear rows to 1e-12 of the
// size of their terms. Smooth nonlinear rows are handled by sequential quadratic
// programming with the exact Hessian of the Lagrangian, which finds a
// Karush–Kuhn–Tucker point of the problem: the nearest point if the set is
// convex, else a locally nearest one. Rows with kinks (abs, max, norm at 0) are
// obeyed, but the point may not be the nearest.
//
// A point that obeys its linear rows that well, and its nonlinear rows to their
// tolerance, is not touched. So projecting twice changes nothing.
//
// Cost of d columns, m rows, q of them active: O(md) when feasible, else
// O(q(md + d²)); nonlinear rows multiply this by their 4 to 10 iterations. It is
// safe for concurrent use; one point is never shared by two workers, and what is
// computed for it depends on nothing else.
type Projector struct {
	dim     int
	scale   []float64
	rows    []Row
	linear  []flat
	clamps  bool // all rows are bounds of one column
	smooth  []smooth
	curved  []int // columns that smooth rows depend on
	curves  int   // number of smooth rows
	base    factor
	first   []int // independent linear equalities, active in base
	ignored []bool
	workers sync.Pool
}

// smooth is one nonlinear constraint; its rows start at index of all rows and at
// at of the smooth rows.
type smooth struct {
	Constraint
	index, at, count int
}

// Outcome is what became of one point.
type Outcome struct {
	// Infeasible: no point was found that obeys all rows to their tolerance. If
	// linear rows contradict each other the point was left as it was, else it is
	// the best found, which obeys the linear rows.
	Infeasible bool
	Row        int     // the row that is missed most, relative to its tolerance, of Projector.Rows; −1 if none
	Violation  float64 // of that row, in its unit; +Inf if it is not a number
	// Stationary: the point satisfies the first-order conditions of the nearest
	// point. Always so with linear rows alone; a feasible point that is not
	// stationary obeys all rows but may not be the nearest.
	Stationary bool
	Iterations int // linear rows added or dropped, plus steps of the nonlinear iteration
}

// NewProjector prepares the projection on the intersection of cs in dimension
// len(scale); scale is the standard deviation of each column of the prior. It
// fails if a scale is not a finite number above 0, if dimensions differ, and if
// a tolerance is not above 0. Rows that contradict each other are not looked for:
// see [Check].
func NewProjector(cs []Constraint, scale []float64) (*Projector, error) {
	for j, s := range scale {
		if !(s > 0) || math.IsInf(s, 0) {
			return nil, fmt.Errorf("constraint: projector: scale[%d] is %g: want a finite number above 0", j, s)
		}
	}
	p := &Projector{dim: len(scale), scale: append([]float64(nil), scale...), clamps: true}
	for _, c := range cs {
		if d, ok := dimension(c); ok && d != p.dim {
			return nil, fmt.Errorf("constraint: %q is over %d columns, the prior has %d", c.Name(), d, p.dim)
		}
		if _, ok := c.(Linear); !ok {
			p.curves += len(c.Rows())
		}
		for _, r := range c.Rows() {
			if !(r.Tolerance > 0) || math.IsInf(r.Tolerance, 0) {
				return nil, fmt.Errorf("constraint: %q: tolerance of row %q is %g: want a finite number above 0", c.Name(), r.Name, r.Tolerance)
			}
		}
	}
	at := 0
	for _, c := range cs {
		if l, ok := c.(Linear); ok {
			p.addLinear(l)
		} else {
			p.smooth = append(p.smooth, smooth{Constraint: c, index: len(p.rows), at: at, count: len(c.Rows())})
			at += len(c.Rows())
			p.clamps = false
		}
		p.rows = append(p.rows, c.Rows()...)
	}
	p.reconcile()
	p.curved = curvedColumns(p.smooth, p.dim)
	p.factorEqualities()
	p.workers.New = func() any { return newWorker(p) }
	return p, nil
}

// Rows are the rows of all constraints, in order; Outcome.Row counts in it.
func (p *Projector) Rows() []Row { return p.rows }

// Project moves the point x (length d) in place.
func (p *Projector) Project(x []float64) Outcome {
	w := p.workers.Get().(*worker)
	defer p.workers.Put(w)
	return w.project(x)
}

// ProjectBatch moves n points, x row-major n×d, in place, and returns which of
// them are infeasible. workers ≤ 0 means one per processor; the result does not
// depend on it.
func (p *Projector) ProjectBatch(x []float64, workers int) []bool {
	n := 0
	if p.dim > 0 {
		n = len(x) / p.dim
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	infeasible := make([]bool, n)
	const block = 32
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(workers, (n+block-1)/block) {
		wait.Go(func() {
			w := p.workers.Get().(*worker)
			defer p.workers.Put(w)
			for {
				to := int(next.Add(block))
				for i := to - block; i < min(to, n); i++ {
					infeasible[i] = w.project(x[i*p.dim : (i+1)*p.dim]).Infeasible
				}
				if to >= n {
					return
				}
			}
		})
	}
	wait.Wait()
	return infeasible
}

func (p *Projector) addLinear(l Linear) {
	a, b := l.Matrix()
	for i, row := range l.Rows() {
		f := newFlat(len(p.rows)+i, row, a[i*p.dim:(i+1)*p.dim], b[i], p.scale, p.dim+p.curves)
		p.clamps = p.clamps && f.column >= 0
		p.linear = append(p.linear, f)
	}
}

// factorEqualities makes the linear equalities active once and for all; those
// that depend on others are left out of programs, and judged with the result.
func (p *Projector) factorEqualities() {
	p.base = newFactor(p.dim)
	p.base.reset(p.dim)
	p.ignored = make([]bool, len(p.linear))
	s := make([]float64, 3*p.dim)
	d, z, c := s[:p.dim], s[p.dim:2*p.dim], s[2*p.dim:]
	for i := range p.linear {
		f := &p.linear[i]
		if !f.equality {
			continue
		}
		free, all := p.base.project(f.normal, d, z, c)
		if p.ignored[i] = free <= dependence*all; !p.ignored[i] {
			p.base.add(d, z, free)
			p.first = append(p.first, i)
		}
	}
}

// dimension is the number of columns of c, if c tells.
func dimension(c Constraint) (int, bool) {
	if l, ok := c.(Linear); ok {
		a, b := l.Matrix()
		return len(a) / max(len(b), 1), true
	}
	if w, ok := c.(interface{ unwrap() Constraint }); ok {
		return dimension(w.unwrap())
	}
	if s, ok := c.(interface{ Dim() int }); ok {
		return s.Dim(), true
	}
	return 0, false
}

// curvedColumns lists the columns that nonlinear constraints depend on: all
// columns, unless each of them tells by a method Columns.
func curvedColumns(cs []smooth, dim int) []int {
	used := make([]bool, dim)
	for _, s := range cs {
		c := s.Constraint
		if w, ok := c.(interface{ unwrap() Constraint }); ok {
			c = w.unwrap()
		}
		list, ok := c.(interface{ Columns() []int })
		for j := range used {
			used[j] = used[j] || !ok
		}
		if ok {
			for _, j := range list.Columns() {
				used[j] = true
			}
		}
	}
	var columns []int
	for j, u := range used {
		if u {
			columns = append(columns, j)
		}
	}
	return columns
}
