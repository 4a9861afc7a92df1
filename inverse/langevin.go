package inverse

import (
	"math"

	"abide/potential"
)

// Langevin draws from N(x̂, r²I) given any measurement with Gaussian noise, by the
// Metropolis-adjusted Langevin algorithm (Roberts and Tweedie 1996, section 1.4.2) for
//
//	U(x) = |x − x̂|²/(2r²) + E(x)
//	x* = x − h P ∇U(x) + √(2h) P^½ n,   taken with probability min(1, e^{U(x) − U(x*)} q(x|x*)/q(x*|x))
//
// in the metric P = (I/r² + JᵀR⁻¹J)⁻¹ of Gauss and Newton, J the derivative of the
// operator, so that a likelihood much narrower than r in some directions and flat in
// others is walked as fast as a round one. A chain begins at a draw of N(x̂, r²I), which
// falls to modes in their shares of that, and goes down by a few steps of Gauss and
// Newton. P is that of the place it comes to, and of where it is a quarter of the way
// later; h begins at 1, is halved where a proposal is refused and grows by a fifth
// where it is taken (which makes a fifth of refusals). In the second half both stay,
// so that it leaves the law as it is. What is not finite is refused.
//
// Steps gradients of the energy a point and some m more, on the host. Beyond 64
// measured values P is r²I and the chain begins at x̂: walks then are short where the
// likelihood is stiff, and a linear one should be drawn from exactly.
type Langevin struct {
	Y     *potential.Measurement
	Steps int
}

// newtonSteps bounds the steps down to the likelihood.
const newtonSteps = 6

// Draw moves every row x, which holds the centres x̂.
func (c Langevin) Draw(x []float64, dim int, r float64, noise func([]float64)) {
	rows := len(x) / dim
	n, coin := make([]float64, len(x)), make([]float64, rows)
	noise(n)
	chains := make([]chain, rows)
	for i := range chains {
		lo, hi := i*dim, (i+1)*dim
		chains[i] = newChain(c.Y, x[lo:hi], r)
		chains[i].begin(n[lo:hi])
	}
	for step := range c.Steps {
		noise(n)
		noise(coin)
		for i := range chains {
			if step == c.Steps/4 {
				chains[i].metric.turn(c.Y, chains[i].x)
			}
			taken := chains[i].move(n[i*dim:(i+1)*dim], math.Log(0.5*math.Erfc(-coin[i]/math.Sqrt2)))
			switch {
			case step >= c.Steps/2:
			case taken:
				chains[i].h *= 1.2
			default:
				chains[i].h /= 2
			}
		}
	}
}

// chain is the walk of one point.
type chain struct {
	y      *potential.Measurement
	r2, h  float64
	centre []float64
	metric metric

	x, g []float64 // where it is, ∇U there
	u    float64   // U there

	next, nextG, p, q []float64
}

func newChain(y *potential.Measurement, x []float64, r float64) chain {
	d := len(x)
	row := func() []float64 { return make([]float64, d) }
	return chain{y: y, r2: r * r, h: 1, centre: append([]float64(nil), x...), metric: metric{r: r}, x: x,
		g: row(), next: row(), nextG: row(), p: row(), q: row()}
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

// begin goes from the centre, by a draw n, down to the likelihood.
func (c *chain) begin(n []float64) {
	if len(c.y.Y) > metricLimit {
		c.u = c.energy(c.x, c.g)
		return
	}
	for i, v := range n {
		c.x[i] += c.metric.r * v
	}
	c.u = c.energy(c.x, c.g)
	for range newtonSteps {
		c.metric.turn(c.y, c.x)
		c.metric.root(c.p, c.g)
		c.metric.root(c.q, c.p) // P ∇U
		before := c.u
		for by := 1.0; by > 1e-6; by /= 4 {
			for i, v := range c.x {
				c.next[i] = v - by*c.q[i]
			}
			if u := c.energy(c.next, c.nextG); u < c.u {
				copy(c.x, c.next)
				c.g, c.nextG, c.u = c.nextG, c.g, u
				break
			}
		}
		if !(before-c.u > 0.1) { // less than a draw would move it
			return
		}
	}
}

// move is one step with draws n, taken where the logarithm of a uniform number says so.
func (c *chain) move(n []float64, logUniform float64) bool {
	s := math.Sqrt(2 * c.h)
	c.metric.root(c.p, c.g) // P^½ ∇U
	for i := range n {
		c.q[i] = s*n[i] - c.h*c.p[i]
	}
	c.metric.root(c.next, c.q)
	for i, v := range c.x {
		c.next[i] += v
	}
	u := c.energy(c.next, c.nextG)
	// The noise of the step back is P^−½(x − x*) + h P^½ ∇U(x*).
	c.metric.root(c.p, c.nextG)
	var there, back float64
	for i, v := range c.p {
		t := c.h*v - c.q[i]
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
