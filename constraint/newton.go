package constraint

import "math"

// descend runs the iteration from c.x, where c.residual is known. It returns true
// at a feasible Karush–Kuhn–Tucker point; else c.x is the last iterate.
func (c *curve) descend(limit int, iterations *int) bool {
	clear(c.lambda)
	clear(c.weight)
	start := c.start[:c.dim]
	for range limit {
		*iterations++
		if math.IsInf(c.linearise(), 1) {
			return false
		}
		c.curvature()
		length := math.Sqrt(c.displacement(c.x, c.y))
		c.newtonStart(start)
		if !c.program.solve(&c.metric, nil, start) {
			if !c.restore() {
				return false
			}
			continue
		}
		copy(c.step, c.program.p)
		c.multipliers()
		step := norm(c.step) / (1 + length)
		if step <= 1e-9 {
			feasible, balanced := c.finish(), c.imbalance() <= 1e-7*(1+length)
			if balanced || step <= 1e-14 {
				return feasible && balanced
			}
			continue
		}
		if !c.search() {
			// At a solution rounding hides what is left to gain.
			return c.excess(c.residual) <= 1 && c.imbalance() <= 1e-7*(1+length)
		}
	}
	return false
}

// finish takes the last, tiny step if it does not harm.
func (c *curve) finish() bool {
	before := c.excess(c.residual)
	if c.advance(1, c.step); c.excess(c.next) <= before {
		c.accept()
	}
	return c.excess(c.residual) <= 1
}

// imbalance is ‖y + Σ dualᵢ aᵢ‖ at the x of the last program, the gradient of the
// Lagrangian: a step can be small because the metric is stiff, too.
func (c *curve) imbalance() float64 {
	for n, i := range c.program.active {
		axpy(c.program.dual[n], c.program.rows[i].dense[:c.dim], c.y)
	}
	return norm(c.y)
}

// multipliers reads the multipliers of the nonlinear rows off the program, and
// keeps the penalty weights above them, which makes the merit function exact.
// Weights may shrink again (M. Powell 1978), so that wild multipliers of early
// steps do not make the merit function a narrow valley for ever.
func (c *curve) multipliers() {
	clear(c.lambda)
	for n, i := range c.program.active {
		if k := i - len(c.linear); k >= 0 {
			c.lambda[k] = c.program.dual[n] / c.size[k]
		}
	}
	for k, l := range c.lambda {
		l = 1.5 * math.Abs(l)
		c.weight[k] = max(l, (l+c.weight[k])/2)
	}
}

// merit is the exact penalty function φ = ½‖y‖² + Σ weightₖ violationₖ; residuals
// that are not numbers make it infinite.
func (c *curve) merit(x, residual []float64) float64 {
	var square float64
	for j, s := range c.scale {
		y := (x[j] - c.anchor[j]) / s
		square += y * y
	}
	return square/2 + c.penalty(residual)
}

func (c *curve) penalty(residual []float64) float64 {
	var s float64
	for k := range residual {
		if v := c.violation(k, residual); v > 0 {
			if math.IsInf(v, 1) {
				return v
			}
			s += c.weight[k] * v
		}
	}
	return s
}

// search moves along c.step to where the merit function has fallen enough
// (Armijo). It returns false if no step helps.
func (c *curve) search() bool {
	before := c.merit(c.x, c.residual)
	slope := dot(c.y, c.step) - c.penalty(c.residual)
	if slope >= 0 {
		return false
	}
	for alpha := 1.0; alpha > 1e-9; alpha /= 2 {
		if c.advance(alpha, c.step); c.merit(c.trial, c.next) <= before+1e-4*alpha*slope+1e-15*before {
			c.accept()
			return true
		}
	}
	return false
}
