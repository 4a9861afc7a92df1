package physics

import (
	"fmt"
	"math"
)

// BoundedMass keeps the content of each slice of a field and bounds its numbers,
//
//	wᵀu_s = m_s,  lo ≤ u ≤ hi,   P(u)_i = clip(u_i − λ_s w_i/W_i, lo_i, hi_i),
//
// λ_s the root of a monotone, piecewise linear function of one number: water filling
// (P. Brucker, Oper. Res. Lett. 3 (1984); K. Kiwiel, J. Optim. Theory Appl. 136 (2008)
// compares ways to the root). Here Newton's method from λ = 0 within a bracket, which
// ends when the set of numbers between their bounds stands still: 5 to 10 passes of 5
// FLOPs a number. Nodes with lo = hi are fixed, so that initial values need no other
// law. The tangent projection takes bounds that are met as equations.
type BoundedMass struct {
	*Bounds
	weights, totals []float64
	w               Metric
	rows            []Row
}

var (
	_ Projector = (*BoundedMass)(nil)
	_ Tangent   = (*BoundedMass)(nil)
	_ Weighted  = (*BoundedMass)(nil)
)

// NewBoundedMass makes the law for len(totals) slices of len(weights) numbers; bounds
// are as for [NewBounds].
func NewBoundedMass(weights, totals, lo, hi []float64, w Metric, label Label) (*BoundedMass, error) {
	row, err := label.row("mass", len(totals), "Σ_i w_i u_i − m = 0 of each slice")
	if err != nil {
		return nil, err
	}
	n := len(weights) * len(totals)
	if n == 0 {
		return nil, fmt.Errorf("physics: %s: %d weights and %d totals: want at least one of each", row.Name, len(weights), len(totals))
	}
	for _, c := range []struct {
		what string
		x    []float64
	}{{"weight", weights}, {"total", totals}} {
		if err := checkNumbers(row.Name, c.what, c.x); err != nil {
			return nil, err
		}
	}
	if err := w.Check(n); err != nil {
		return nil, err
	}
	bounds, err := NewBounds(n, lo, hi, Label{Name: "bounds", Unit: label.Unit, Tolerance: label.Tolerance})
	if err != nil {
		return nil, err
	}
	b := &BoundedMass{Bounds: bounds, weights: weights, totals: totals, w: w}
	b.rows = append([]Row{row}, bounds.rows...)
	for s, m := range totals {
		var least, most float64
		slack := math.Abs(m)
		for i, c := range weights {
			if c == 0 {
				continue
			}
			for k, x := range []float64{bounds.lo[s*len(weights)+i], bounds.hi[s*len(weights)+i]} {
				if (c > 0) == (k == 0) {
					least += c * x
				} else {
					most += c * x
				}
				if !math.IsInf(x, 0) {
					slack += math.Abs(c * x)
				}
			}
		}
		if slack = math.Max(1e-14*slack, row.Tolerance*row.Unit); !(m >= least-slack && m <= most+slack) {
			return nil, fmt.Errorf("physics: %s: slice %d is to have %g, its bounds allow %g to %g: %w", row.Name, s, m, least, most, ErrInfeasible)
		}
	}
	return b, nil
}

func (b *BoundedMass) Rows() []Row    { return b.rows }
func (b *BoundedMass) Metric() Metric { return b.w }

// slice are the numbers of one.
func (b *BoundedMass) slice(s int, x []float64) []float64 {
	return x[s*len(b.weights) : (s+1)*len(b.weights)]
}

func (b *BoundedMass) Residual(dst, u []float64) {
	for s, m := range b.totals {
		dst[s] = dot(b.weights, b.slice(s, u)) - m
	}
	b.Bounds.Residual(dst[len(b.totals):], u)
}

func (b *BoundedMass) JVP(dst, u, v []float64) {
	for s := range b.totals {
		dst[s] = dot(b.weights, b.slice(s, v))
	}
	b.Bounds.JVP(dst[len(b.totals):], u, v)
}

func (b *BoundedMass) VJP(dst, u, w []float64) {
	b.Bounds.VJP(dst, u, w[len(b.totals):])
	for s := range b.totals {
		part := b.slice(s, dst)
		for i, c := range b.weights {
			part[i] += w[s] * c
		}
	}
}

func (b *BoundedMass) Project(u []float64) error {
	if err := checkField(b.rows[0].Name, b.n, u); err != nil {
		return err
	}
	for s, m := range b.totals {
		var w Metric
		if b.w != nil {
			w = Metric(b.slice(s, b.w))
		}
		fill(b.slice(s, u), b.weights, w, b.slice(s, b.lo), b.slice(s, b.hi), m)
	}
	return nil
}

// level is Σ c clip(v − λ c/W) − m and its slope at λ, with the size of its terms.
func level(lambda float64, v, c []float64, w Metric, lo, hi []float64, m float64) (g, slope, scale float64) {
	v, lo, hi = v[:len(c)], lo[:len(c)], hi[:len(c)]
	g, scale = -m, math.Abs(m)
	for i, c := range c {
		q := c
		if w != nil {
			q /= w[i]
		}
		x := v[i] - lambda*q
		switch {
		case x < lo[i]:
			x = lo[i]
		case x > hi[i]:
			x = hi[i]
		default:
			slope -= c * q
		}
		g += c * x
		scale += math.Abs(c * x)
	}
	return g, slope, scale
}

// fill moves a slice to its nearest point of content m within the bounds.
func fill(v, c []float64, w Metric, lo, hi []float64, m float64) {
	from, to := math.Inf(-1), math.Inf(1)
	lambda, last := 0., math.Inf(1)
	for pass := range 200 {
		g, slope, scale := level(lambda, v, c, w, lo, hi, m)
		size := math.Abs(g)
		if size <= 1e-15*scale || size <= 1e-13*scale && size >= 0.5*last {
			break // what is left is rounding
		}
		last = size
		if g > 0 {
			from = lambda
		} else {
			to = lambda
		}
		next := lambda - g/slope
		if slope == 0 || !(next > from && next < to) || pass > 20 && pass%2 == 0 {
			first, end := from, to
			if math.IsInf(from, 0) || math.IsInf(to, 0) {
				low, high := breakpoints(v, c, w, lo, hi)
				first, end = math.Max(first, low), math.Min(end, high)
			}
			if !(first <= end) {
				break // all bounds are met, and the content is beyond them by rounding
			}
			next = 0.5*first + 0.5*end
		}
		if next == lambda || math.IsNaN(next) {
			break
		}
		lambda = next
	}
	for i := range v {
		q := c[i]
		if w != nil {
			q /= w[i]
		}
		v[i] = min(max(v[i]-lambda*q, lo[i]), hi[i])
	}
}

// breakpoints are numbers below and above every λ at which a number meets a bound: there
// the numbers that may move have no bound.
func breakpoints(v, c []float64, w Metric, lo, hi []float64) (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for i, x := range c {
		if x == 0 {
			continue
		}
		q := x * w.Inverse(i)
		for _, bound := range []float64{lo[i], hi[i]} {
			if at := (v[i] - bound) / q; !math.IsInf(at, 0) {
				least, most = math.Min(least, at), math.Max(most, at)
			}
		}
	}
	room := most - least + 1e-6*math.Max(math.Abs(least), math.Abs(most)) + 1e-300
	return least - room, most + room
}

func (b *BoundedMass) Tangent(u, v []float64) error {
	if err := b.Bounds.Tangent(u, v); err != nil {
		return err
	}
	for s := range b.totals {
		var along, square float64
		first := s * len(b.weights)
		for i, c := range b.weights {
			if j := first + i; !b.on(j, u[j]) {
				along += c * v[j]
				square += c * c * b.w.Inverse(j)
			}
		}
		if square == 0 {
			continue
		}
		along /= square
		for i, c := range b.weights {
			if j := first + i; !b.on(j, u[j]) {
				v[j] -= along * c * b.w.Inverse(j)
			}
		}
	}
	return nil
}
