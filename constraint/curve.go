package constraint

import "math"

// curve is the nonlinear part of a worker: sequential quadratic programming for
//
//	min f(y) = ½‖y‖²,  y = (x − anchor)/scale,
//
// subject to the linear rows, gₖ(x) ≤ 0 and hₖ(x) = 0. Each iteration linearises
// the nonlinear rows at x and takes the quadratic program with the Hessian of
// the Lagrangian, so it converges quadratically (Newton's method on the
// Karush–Kuhn–Tucker conditions). The linear rows hold at every iterate.
//
// Reference: J. Nocedal and S. J. Wright, Numerical Optimization, 2nd ed. (2006),
// algorithm 18.3 and section 18.3 (merit function).
type curve struct {
	*worker
	index    []int // row among all rows of each nonlinear row
	x        []float64
	trial    []float64
	origin   []float64 // the nearest point of the linear rows alone
	restart  []float64 // where an attempt starts
	feasible []float64 // a point of all rows
	y        []float64 // (x − anchor)/scale
	step     []float64 // the current step, standard units
	spare    []float64
	residual []float64   // at x
	next     []float64   // at trial
	jacobian [][]float64 // at x, raw; k rows of d
	shifted  []float64   // Jacobian at a shifted point
	size     []float64   // ‖∇gₖ∘scale‖, 0 for a row that is left out of the program
	lambda   []float64   // multipliers of gₖ
	weight   []float64   // penalty weights of the merit function
	hessian  []float64   // of the rows, Σₖ λₖ scale∘∇²gₖ∘scale, d×d
	convex   []float64   // a copy while it is made convex
	metric   factor      // L⁻ᵀ of the Hessian
	identity factor      // for steps of restoration
	start    []float64   // of a program
}

// newCurve makes the nonlinear part and hangs its rows into the program.
func newCurve(w *worker) *curve {
	d, k := w.dim, w.curves
	c := &curve{worker: w, hessian: make([]float64, d*d), convex: make([]float64, d*d), shifted: make([]float64, k*d), metric: newFactor(d), identity: newFactor(d + k)}
	c.identity.reset(d + k)
	for _, v := range []*[]float64{&c.x, &c.trial, &c.origin, &c.restart, &c.feasible, &c.y, &c.step, &c.spare} {
		*v = make([]float64, d)
	}
	c.start = make([]float64, d+k)
	for _, v := range []*[]float64{&c.residual, &c.next, &c.size, &c.lambda, &c.weight} {
		*v = make([]float64, k)
	}
	for _, s := range w.smooth {
		jacobian := make([]float64, s.count*d)
		for i := range s.count {
			c.index = append(c.index, s.index+i)
			c.jacobian = append(c.jacobian, jacobian[i*d:(i+1)*d:len(jacobian)])
			row := &w.program.rows[len(w.linear)+s.at+i]
			row.normal = normal{dense: make([]float64, d+k), column: -1}
			row.equality = w.rows[s.index+i].Kind == Equality
		}
	}
	return c
}

// evaluate writes all nonlinear residuals at x.
func (c *curve) evaluate(x, residual []float64) {
	for _, s := range c.smooth {
		s.ResidualAt(x, residual[s.at:s.at+s.count])
	}
}

// met says whether all nonlinear rows hold to their tolerance.
func (c *curve) met(x []float64) bool {
	c.evaluate(x, c.residual)
	return c.excess(c.residual) <= 1
}

// excess is the largest violation in units of its row's tolerance.
func (c *curve) excess(residual []float64) float64 {
	var worst float64
	for k, i := range c.index {
		row := c.rows[i]
		worst = max(worst, row.Violation(residual[k])/row.Tolerance)
	}
	return worst
}

// violation is that of nonlinear row k.
func (c *curve) violation(k int, residual []float64) float64 {
	return c.rows[c.index[k]].Violation(residual[k])
}

// linearise fills the rows of the program at c.x, where c.residual is known. It
// returns the length of the step, in standard units, that the linearised rows
// ask for if each is met alone, √Σ(violationₖ/sizeₖ)²: +Inf if a violated row has
// no finite, nonzero gradient, so that nothing can be done about it from here.
func (c *curve) linearise() float64 {
	c.aim(c.x)
	for _, s := range c.smooth {
		s.JacobianAt(c.x, c.jacobian[s.at][:s.count*c.dim])
	}
	var reach float64
	for k, g := range c.jacobian {
		row := &c.program.rows[len(c.linear)+k]
		for j := range c.dim {
			row.dense[j] = g[j] * c.scale[j]
		}
		size := norm(row.dense[:c.dim])
		r := c.residual[k]
		row.ignored = !(size > 0) || math.IsInf(size, 1) || math.IsInf(r, 0) || math.IsNaN(r)
		if c.size[k] = size; row.ignored {
			c.size[k] = 0
			if c.violation(k, c.residual) > 0 {
				reach = math.Inf(1)
			}
			continue
		}
		for j := range c.dim {
			row.dense[j] /= size
		}
		reach = math.Hypot(reach, c.violation(k, c.residual)/size)
		row.bound = -r / size
		row.tolerance = 1e-13 * math.Abs(row.bound)
		row.give = c.rows[c.index[k]].Tolerance / size
	}
	return reach
}

// advance writes x + α·scale∘p, p of the last program, into c.trial and its
// residuals into c.next. After a full step active bounds hold to the last bit.
func (c *curve) advance(alpha float64, p []float64) {
	for j, s := range c.scale {
		c.trial[j] = c.x[j] + alpha*s*p[j]
	}
	if alpha == 1 {
		c.attach(c.trial)
	}
	c.evaluate(c.trial, c.next)
}

// accept makes the trial the iterate.
func (c *curve) accept() {
	c.x, c.trial = c.trial, c.x
	c.residual, c.next = c.next, c.residual
}

// displacement writes y = (x − anchor)/scale and returns ‖y‖².
func (c *curve) displacement(x, y []float64) float64 {
	var s float64
	for j := range y {
		y[j] = (x[j] - c.anchor[j]) / c.scale[j]
		s += y[j] * y[j]
	}
	return s
}
