package physics

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"

	"abide/sparse"
)

// ErrNotNearest is a field that obeys but that is not shown to be the nearest one: the
// steps along the manifold have not died away.
var ErrNotNearest = errors.New("a field that obeys, not the nearest one")

// Newton projects onto any constraint by the method of Gauss and Newton, with c in the
// units of its rows and S = J W⁻¹ Jᵀ,
//
//	nearest:  u_{k+1} = u₀ − W⁻¹ J_kᵀ S_k⁻¹ (c(u_k) + J_k (u₀ − u_k))
//	root:     u_{k+1} = u_k − W⁻¹ J_kᵀ S_k⁻¹ c(u_k)
//
// The first is sequential quadratic programming with the Hessian of the distance alone:
// violations fall quadratically, the distance to the nearest point by a factor of distance
// times curvature a step. The second is feasible, not nearest, and quadratic.
//
// J. Nocedal and S. Wright, "Numerical Optimization" (2nd ed. 2006), algorithm 18.1 and
// section 10.3. Steps are halved until |c| falls or is within a bound that tightens, as in
// M. Ulbrich and S. Ulbrich, Math. Program. 95 (2003) for funnels. Inequalities are active
// by the sign of multiplier and row, M. Hintermüller, K. Ito and K. Kunisch, SIAM J. Optim.
// 13 (2003), algorithm 2.1, for each quadratic program.
//
// S of a [Linearised] constraint is a sparse Cholesky factor, ordered and analysed once;
// rows that depend on one another get static pivots (Outcome.Dependent counts them).
// Else, or with Free, S is never made: conjugate gradients on J and Jᵀ. A step costs a
// factor and two solves, or 2 products with J each CG iteration. Not for linear constraints with
// closed forms, which need one solve; not for curvature above one over the distance,
// where the nearest point is not unique: then Root.
type Newton struct {
	Constraint
	o       NewtonOptions
	unit    []float64 // of each residual
	upper   []bool
	pattern *normalPattern
	work    sync.Pool
}

// NewtonOptions are choices of a projection; the zero value is the nearest point in
// the Euclidean metric.
type NewtonOptions struct {
	Metric     Metric
	Root       bool
	Iterations int // at most; 0 is 50
	Free       bool
	// Preconditioner makes a Solver near S⁻¹, rows in their units, for Free; nil: none.
	Preconditioner func() sparse.Solver
	CG             int // iterations of CG for one S, at most; 0 is 10 000
}

// Outcome tells how a projection went.
type Outcome struct {
	Iterations int
	Violation  float64   // largest, in the unit of its row
	Step       float64   // |last step|_W over |u − u₀|_W: how near the nearest point
	Dependent  int       // pivots of S that were replaced: rows that follow from others
	History    []float64 // violation before each step
}

// NewNewton prepares the projection.
func NewNewton(c Constraint, o NewtonOptions) (*Newton, error) {
	if err := o.Metric.Check(c.Dim()); err != nil {
		return nil, err
	}
	if o.Iterations == 0 {
		o.Iterations = 50
	}
	n := &Newton{Constraint: c, o: o}
	for _, r := range c.Rows() {
		if !(r.Unit > 0) || !(r.Tolerance > 0) {
			return nil, fmt.Errorf("physics: row %q has unit %g and tolerance %g: both are positive", r.Name, r.Unit, r.Tolerance)
		}
		for range r.Size {
			n.unit, n.upper = append(n.unit, r.Unit), append(n.upper, r.Upper)
		}
	}
	if s, ok := c.(Linearised); ok && !o.Free {
		var err error
		if n.pattern, err = newNormalPattern(s.Pattern()); err != nil {
			return nil, err
		}
	}
	n.work.New = func() any { return n.newWork() }
	return n, nil
}

type newtonWork struct {
	normal                    normal
	u0, v, trial              []float64 // fields
	c, b, lambda, slope, next []float64 // rows
	active                    []bool
}

func (n *Newton) newWork() *newtonWork {
	w := &newtonWork{active: make([]bool, len(n.unit))}
	for _, p := range []*[]float64{&w.u0, &w.v, &w.trial} {
		*p = make([]float64, n.Dim())
	}
	for _, p := range []*[]float64{&w.c, &w.b, &w.lambda, &w.slope, &w.next} {
		*p = make([]float64, len(n.unit))
	}
	if n.pattern != nil {
		w.normal = newFactored(n.Constraint.(Linearised), n.unit, n.o.Metric, n.pattern)
	} else {
		var m sparse.Solver
		if n.o.Preconditioner != nil {
			m = n.o.Preconditioner()
		}
		w.normal = newFree(n.Constraint, n.unit, n.o.Metric, n.o.CG, m)
	}
	return w
}

// Project moves u to the nearest field that obeys, or with Root to one that does.
func (n *Newton) Project(u []float64) error {
	_, err := n.Solve(u)
	return err
}

// ProjectBatch projects fields, one after the other in batch, in all processors. Of several
// errors that of the first field is returned.
func (n *Newton) ProjectBatch(batch []float64) error {
	dim := n.Dim()
	if len(batch)%dim != 0 {
		return fmt.Errorf("physics: %d numbers are no batch of fields of %d", len(batch), dim)
	}
	count := len(batch) / dim
	errs := make([]error, count)
	jobs := make(chan int)
	var wait sync.WaitGroup
	for range min(count, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range jobs {
				errs[i] = n.Project(batch[i*dim : (i+1)*dim])
			}
		})
	}
	for i := range count {
		jobs <- i
	}
	close(jobs)
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("physics: field %d: %w", i, err)
		}
	}
	return nil
}

// size is |v|_W.
func (n *Newton) size(v []float64) float64 {
	var sum float64
	for i, x := range v {
		if n.o.Metric != nil {
			sum += n.o.Metric[i] * x * x
		} else {
			sum += x * x
		}
	}
	return math.Sqrt(sum)
}

// residual is c in units; violation its largest and its root of squares, inequalities that
// hold being zero.
func (n *Newton) residual(dst, u []float64) (worst, norm float64) {
	n.Residual(dst, u)
	for i, x := range n.unit {
		dst[i] /= x
		v := math.Abs(dst[i])
		if n.upper[i] {
			v = max(dst[i], 0)
		}
		worst = max(worst, v)
		norm += v * v
	}
	return worst, math.Sqrt(norm)
}

// obeys tells whether a residual in units is within the tolerances.
func (n *Newton) obeys(c []float64) bool {
	at := 0
	for _, r := range n.Rows() {
		for _, x := range c[at : at+r.Size] {
			if !r.Upper {
				x = math.Abs(x)
			}
			if !(x <= r.Tolerance) {
				return false
			}
		}
		at += r.Size
	}
	return true
}
