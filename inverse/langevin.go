package inverse

import (
	"math"

	"abide/potential"
)

// Langevin draws from N(x̂, r²I) given any measurement by Steps of the
// Metropolis-adjusted Langevin algorithm (Roberts and Tweedie 1996, section 1.4.2)
// for U(x) = |x − x̂|²/(2r²) + E(x), from x̂,
//
//	x* = x − h ∇U(x) + √(2h) n,   taken with probability min(1, e^{U(x) − U(x*)} q(x|x*)/q(x*|x)).
//
// The step h is each point's own: it begins at r² and is halved where a proposal is
// refused and grows by a fifth where it is taken, which takes a fifth of refusals,
// in the first half of the steps; then it stays, so that the second half leaves the
// law as it is, however stiff the likelihood. What is not finite is refused.
// Steps + 1 gradients of the energy a point, on the host.
//
// A hundred steps see √200 h of the way: not for likelihoods much narrower than r in
// some directions and flat in others, if a linear one can be drawn from exactly.
type Langevin struct {
	Y     *potential.Measurement
	Steps int
}

// Draw moves every row x, which holds the centres x̂.
func (c Langevin) Draw(x []float64, dim int, r float64, noise func([]float64)) {
	rows := len(x) / dim
	chains := make([]chain, rows)
	for i := range chains {
		row := x[i*dim : (i+1)*dim]
		chains[i] = chain{y: c.Y, r2: r * r, h: r * r, centre: append([]float64(nil), row...), x: row,
			g: make([]float64, dim), next: make([]float64, dim), nextG: make([]float64, dim)}
		chains[i].u = chains[i].energy(row, chains[i].g)
	}
	n, coin := make([]float64, len(x)), make([]float64, rows)
	for step := range c.Steps {
		noise(n)
		noise(coin)
		for i := range chains {
			taken := chains[i].move(n[i*dim:(i+1)*dim], math.Log(0.5*math.Erfc(-coin[i]/math.Sqrt2)))
			if step < c.Steps/2 {
				if taken {
					chains[i].h *= 1.2
				} else {
					chains[i].h /= 2
				}
			}
		}
	}
}

// chain is the walk of one point.
type chain struct {
	y           *potential.Measurement
	r2, h       float64
	centre      []float64
	x, g        []float64 // where it is, ∇U there
	u           float64   // U there
	next, nextG []float64
}

// energy is U at x; its gradient goes to g.
func (c *chain) energy(x, g []float64) float64 {
	e := c.y.GradientAt(x, g)
	for i, v := range x {
		t := v - c.centre[i]
		e += t * t / (2 * c.r2)
		g[i] += t / c.r2
	}
	return e
}

// move is one step with draws n, taken where the logarithm of a uniform number says so.
func (c *chain) move(n []float64, logUniform float64) bool {
	s := math.Sqrt(2 * c.h)
	for i, v := range c.x {
		c.next[i] = v - c.h*c.g[i] + s*n[i]
	}
	u := c.energy(c.next, c.nextG)
	var there, back float64 // squares of the noise of the step, and of the step back
	for i, v := range c.next {
		t := c.x[i] - v + c.h*c.nextG[i]
		back += t * t
		there += n[i] * n[i]
	}
	if !(logUniform <= c.u-u+there/2-back/(4*c.h)) {
		return false
	}
	copy(c.x, c.next)
	c.g, c.nextG = c.nextG, c.g
	c.u = u
	return true
}
