package constraint

import "math"

// restore takes one step that brings the nonlinear rows nearer to feasible
// without regard to the distance: the Levenberg–Marquardt step
//
//	min ‖p‖² + Σₖ tₖ²/ν  such that  aₖ·p − tₖ ≤ bₖ  (or =),
//
// with the linear rows as they are, which always has a solution. ν starts small,
// where the step is Gauss and Newton's, and grows until Σₖ (violationₖ/sizeₖ)²
// falls by a tenth of what the linearised rows promise. It is used where the
// linearised rows contradict each other. c.linearise must have been called at
// c.x. It returns false if the rows can not be brought nearer: x is a stationary
// point of the infeasibility.
func (c *curve) restore() bool {
	for k, size := range c.size {
		if size > 0 {
			c.program.rows[len(c.linear)+k].bound = -c.residual[k] / size
		}
	}
	before := c.shortfall(c.residual)
	for root := 1e-3; root <= 1e4; root *= 3 {
		c.slacken(root)
		clear(c.start)
		if !c.program.solve(&c.identity, nil, c.start) {
			return false
		}
		promised := before - c.foreseen(c.program.p[:c.dim])
		if !(promised > 1e-10*before) {
			return false
		}
		c.advance(1, c.program.p)
		if before-c.shortfall(c.next) >= 0.1*promised {
			c.accept()
			return true
		}
	}
	return false
}

// slacken gives nonlinear row k the extra variable tₖ/root, root = √ν.
func (c *curve) slacken(root float64) {
	for k := range c.size {
		extra := c.program.rows[len(c.linear)+k].dense[c.dim:]
		clear(extra)
		extra[k] = -root
	}
}

// shortfall is Σₖ (violationₖ/sizeₖ)² over the rows that can be linearised.
func (c *curve) shortfall(residual []float64) float64 {
	var s float64
	for k, size := range c.size {
		if size > 0 {
			v := c.violation(k, residual) / size
			s += v * v
		}
	}
	return s
}

// foreseen is the shortfall that the linearised rows have after step.
func (c *curve) foreseen(step []float64) float64 {
	var s float64
	for k, size := range c.size {
		if size > 0 {
			row := &c.program.rows[len(c.linear)+k]
			v := row.dot(step) - row.bound
			if v > 0 || row.equality {
				s += v * v
			}
		}
	}
	return s
}

// reach restores until the nonlinear rows are far within their tolerance.
func (c *curve) reach(limit int, iterations *int) bool {
	const within = 1e-3
	for range limit {
		if c.excess(c.residual) <= within {
			return true
		}
		*iterations++
		if math.IsInf(c.linearise(), 1) {
			break
		}
		if !c.kick(iterations) {
			// The kick has used the program for the linear rows alone.
			if c.linearise(); !c.restore() {
				break
			}
		}
	}
	return c.excess(c.residual) <= 1
}

// kick tries to meet a violated row by one column alone, which helps where
// gradients mislead: at a kink such as that of |x₀| + |x₁| at x₀ = 0. It takes the
// best of all violated rows and columns, if that is better by a tenth.
// c.linearise must have been called at c.x.
func (c *curve) kick(iterations *int) bool {
	best := 0.9 * c.excess(c.residual)
	found := false
	for k := range c.index {
		if c.violation(k, c.residual) == 0 {
			continue
		}
		for _, j := range c.curved {
			copy(c.trial, c.x)
			c.trial[j] -= c.residual[k] / c.jacobian[k][j]
			if math.IsNaN(c.trial[j]) || math.IsInf(c.trial[j], 0) || !c.linearMet(c.trial) && !c.flatten(c.trial, iterations) {
				continue
			}
			c.evaluate(c.trial, c.next)
			if e := c.excess(c.next); e < best {
				best, found = e, true
				copy(c.spare, c.trial)
			}
		}
	}
	if found {
		c.place(c.spare)
	}
	return found
}
