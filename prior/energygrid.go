package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// energyGrid is the tensor grid of an energy in the user's units, with what
// drawing from it needs.
type energyGrid struct {
	e          *Energy
	step       []float64 // spacing along each axis
	x          []float64 // [M, d] nodes of not quite no density
	height     []float64 // [M] bound of exp(−E) on the cell of a node, over the largest node
	up         []float64 // [M] cumulated heights
	top        float64   // smallest E
	covariance []float64 // in sampler coordinates
	coarseness float64   // relative difference of the integral from that over every second node
}

// negligible is the log density, below the largest, of nodes that are left out.
const negligible = -200

// nodes evaluates E on the grid, checks that the grid resolves the law and finds
// its moments and its integral.
func (e *Energy) nodes(lower, upper []float64, points int) (*energyGrid, error) {
	d, shape, total := len(lower), []int(nil), 1
	g := &energyGrid{e: e, top: math.Inf(1)}
	for j := range d {
		if !(lower[j] < upper[j]) || math.IsInf(upper[j]-lower[j], 0) {
			return nil, fmt.Errorf("prior: energy: bounds of column %s are %g and %g: must be finite, the lower one below the upper", e.at.Names[j], lower[j], upper[j])
		}
		shape, total = append(shape, points), total*points
		g.step = append(g.step, (upper[j]-lower[j])/float64(points-1))
	}
	place, energy := make([]int, d), make([]float64, total)
	at := func(i int) []float64 {
		unravel(place, i, shape)
		x := make([]float64, d)
		for j, p := range place {
			x[j] = lower[j] + float64(p)*g.step[j]
		}
		return x
	}
	for i := range energy {
		x := at(i)
		energy[i] = e.expr.Value(x)
		if math.IsNaN(energy[i]) || math.IsInf(energy[i], -1) {
			return nil, fmt.Errorf("prior: energy: %s is %g at %v: must be a number or +inf within the bounds", e.expr.Source(), energy[i], x)
		}
		g.top = min(g.top, energy[i])
	}
	if math.IsInf(g.top, 0) {
		return nil, fmt.Errorf("prior: energy: %s is infinite everywhere on the grid", e.expr.Source())
	}
	var sum, even, edge float64
	var logw []float64
	for i, v := range energy {
		x := at(i)
		w := math.Exp(g.top - v)
		sum += w
		if !slices.ContainsFunc(place, func(p int) bool { return p%2 == 1 }) {
			even += w * math.Pow(2, float64(d))
		}
		if slices.ContainsFunc(place, func(p int) bool { return p == 0 || p == points-1 }) {
			edge += w
		}
		if g.top-v > negligible {
			g.x, logw = append(g.x, x...), append(logw, g.top-v)
		}
	}
	if edge > 1e-6*sum {
		return nil, fmt.Errorf("prior: energy: a share of %.1e of the law lies at the bounds: widen them; a hard edge is a constraint", edge/sum)
	}
	if g.coarseness = math.Abs(even/sum - 1); !(g.coarseness <= coarse) {
		return nil, fmt.Errorf("prior: energy: the grid does not resolve the law (its integral differs by %.1e from that over every second node): take more points than %d or narrower bounds", g.coarseness, points)
	}
	g.moments(logw, math.Log(sum))
	for j := range d {
		e.lower = append(e.lower, (lower[j]-e.at.Shift[j])/e.at.Scale[j])
		e.upper = append(e.upper, (upper[j]-e.at.Shift[j])/e.at.Scale[j])
		e.h = max(e.h, g.step[j]/e.at.Scale[j])
	}
	// ∫ exp(−E) du = Σ exp(−E)·Π step/scale.
	e.logZ = math.Log(sum) - g.top
	for j := range d {
		e.logZ += math.Log(g.step[j] / e.at.Scale[j])
	}
	g.envelope()
	return g, nil
}

// moments sets the coordinates, the covariance and the nodes as weighted rows.
func (g *energyGrid) moments(logw []float64, logSum float64) {
	e, d := g.e, len(g.step)
	e.at.Shift, e.at.Scale = make([]float64, d), make([]float64, d)
	for i := range logw {
		logw[i] -= logSum
		for j := range d {
			e.at.Shift[j] += math.Exp(logw[i]) * g.x[i*d+j]
		}
	}
	for i, l := range logw {
		for j := range d {
			r := g.x[i*d+j] - e.at.Shift[j]
			e.at.Scale[j] += math.Exp(l) * r * r
		}
	}
	for j := range d {
		e.at.Scale[j] = math.Sqrt(e.at.Scale[j])
	}
	u := make([]float64, len(g.x))
	e.at.ToU(u, g.x)
	g.covariance = make([]float64, d*d)
	for i, l := range logw {
		for a := range d {
			for b := range d {
				g.covariance[a*d+b] += math.Exp(l) * u[i*d+a] * u[i*d+b]
			}
		}
	}
	e.grid = newEmpirical(u, logw, d)
}

// envelope bounds the density on the cell of every node: the largest value on five
// places along each axis, and a tenth more, as a smooth density rises between
// places an eighth of the spacing away by far less.
func (g *energyGrid) envelope() {
	d := len(g.step)
	x := make([]float64, d)
	var sum float64
	for i := 0; i < len(g.x); i += d {
		least := math.Inf(1)
		for c := range int(math.Pow(5, float64(d))) {
			for j, rest := 0, c; j < d; j, rest = j+1, rest/5 {
				x[j] = g.x[i+j] + g.step[j]*(float64(rest%5)/4-0.5)
			}
			if v := g.e.expr.Value(x); v < least {
				least = v
			}
		}
		h := 1.1 * math.Exp(g.top-least)
		sum += h
		g.height, g.up = append(g.height, h), append(g.up, sum)
	}
}

// draw makes n draws by rejection under the envelope, a step function.
func (g *energyGrid) draw(rng *rand.Rand, n int) []float64 {
	d := len(g.step)
	out, x := make([]float64, 0, n*d), make([]float64, d)
	for len(out) < n*d {
		i := min(sort.SearchFloat64s(g.up, g.up[len(g.up)-1]*rng.Float64()), len(g.up)-1)
		for j := range d {
			x[j] = g.x[i*d+j] + g.step[j]*(rng.Float64()-0.5)
		}
		if rng.Float64()*g.height[i] < math.Exp(g.top-g.e.expr.Value(x)) {
			out = append(out, x...)
		}
	}
	return out
}
