package constraint

import (
	"math"

	"abide/internal/keyed"
)

// approach moves x, which obeys the linear rows, to the nearest point of all
// rows. It returns true at a feasible Karush–Kuhn–Tucker point. If none is found
// x is a feasible point, and if none of these is found either, the end of the
// search that missed the rows least.
//
// The iteration is tried from x; then from a feasible point near x, which the
// merit function keeps it close to; and as long as no feasible point was found,
// both again from other points, ever farther away: rows that are not convex can
// end a search where no step brings them nearer.
func (c *curve) approach(x []float64, iterations *int) bool {
	const tries = 6
	copy(c.origin, x)
	least := math.Inf(1)
	for try := range tries {
		switch try {
		case 0:
			c.place(c.origin)
		case 1:
			c.nudge(iterations)
		default:
			c.wander(try, iterations)
		}
		copy(c.restart, c.x)
		for _, restored := range [2]bool{false, true} {
			c.place(c.restart)
			stationary := c.attempt(restored, iterations)
			if e := c.excess(c.residual); e < least || stationary {
				least = e
				copy(x, c.x)
			}
			if stationary {
				return c.settle(x, iterations)
			}
		}
		if least <= 1 {
			break
		}
	}
	c.settle(x, iterations)
	return false
}

// wander moves c.x from the origin by 2^try/4 standard units along each column, in
// a direction that is the same for all points.
func (c *curve) wander(try int, iterations *int) {
	normal := c.spare
	keyed.New(0, "constraint: new start", 0, try).Normal(normal)
	for j := range normal {
		c.x[j] = c.origin[j] + math.Ldexp(normal[j]*c.scale[j], try-2)
	}
	c.settle(c.x, iterations)
	c.evaluate(c.x, c.residual)
}

// attempt runs the iteration from c.x, or from the feasible point that
// restoration leads to; if it is lost from there, c.x is that point.
func (c *curve) attempt(restored bool, iterations *int) bool {
	const limit = 60
	if !restored {
		return c.descend(limit, iterations)
	}
	if !c.reach(limit, iterations) {
		return false
	}
	copy(c.feasible, c.x)
	if c.descend(limit, iterations) {
		return true
	}
	if c.excess(c.residual) > 1 {
		c.place(c.feasible)
	}
	return false
}

// place makes x the iterate.
func (c *curve) place(x []float64) {
	copy(c.x, x)
	c.evaluate(c.x, c.residual)
}

// settle moves x back to the linear rows if it left them, be it by rounding.
func (c *curve) settle(x []float64, iterations *int) bool {
	return c.linearMet(x) || c.flatten(x, iterations)
}

// nudge moves c.x to a point beside the origin, where the rows may be impossible
// to linearise: a formula may not be defined there (the logarithm of a negative
// number) or have no slope (the centre of a sphere). Of steps of many lengths
// along each column the rows depend on, and along all of them together, it takes
// the one from which the rows seem nearest; the origin if there is none.
func (c *curve) nudge(iterations *int) {
	nearest := math.Inf(1)
	copy(c.restart, c.origin)
	for h := math.Ldexp(1, -8); h <= 256; h *= 4 {
		for _, signed := range [2]float64{h, -h} {
			for k := -1; k < len(c.curved); k++ {
				copy(c.x, c.origin)
				for i, j := range c.curved {
					if k < 0 || k == i {
						c.x[j] += signed * c.scale[j]
					}
				}
				c.settle(c.x, iterations)
				c.evaluate(c.x, c.residual)
				if far := h + c.linearise(); far < nearest {
					nearest = far
					copy(c.restart, c.x)
				}
			}
		}
	}
	c.place(c.restart)
}
