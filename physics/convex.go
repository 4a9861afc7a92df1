package physics

import (
	"fmt"
	"math"
	"sync"
)

// Convex are profiles that bend upwards (or downwards), slice by slice,
//
//	κ_i(u) = (u_{i+1} − u_i)/(x_{i+1} − x_i) − (u_i − u_{i−1})/(x_i − x_{i−1}) ≥ 0,
//
// nearest in W: convex regression. A convex profile is a line and hinges,
// u = a + b x + Σ_k κ_k (x − x_k)₊ with κ ≥ 0, which is non-negative least squares
// (C. L. Lawson and R. J. Hanson, "Solving Least Squares Problems", 1974, ch. 23; on
// hinges, D. A. S. Fraser and H. Massam, Scand. J. Stat. 16 (1989)): the hinge with the
// steepest descent enters, the fit to all present hinges is made, and where a κ would
// fall below zero the step is cut there and the hinge leaves. A fit is a tridiagonal
// system in the values at the hinges, so that a step costs O(n) and is well conditioned;
// about as many steps as the answer has hinges. The tangent projection is the fit to the
// hinges of u. One-dimensional profiles only.
type Convex struct {
	slices, size int
	sign         float64 // 1 convex, −1 concave
	x            []float64
	w            Metric
	row          []Row
	work         sync.Pool // of *convexWork
}

type convexWork struct {
	v, fit, now                          []float64
	lower, diagonal, upper, right, theta []float64
	knots                                []int
}

var (
	_ Projector = (*Convex)(nil)
	_ Tangent   = (*Convex)(nil)
	_ Weighted  = (*Convex)(nil)
)

// NewConvex makes the law for slices with the coordinates x, ascending.
func NewConvex(slices int, x []float64, concave bool, w Metric, label Label) (*Convex, error) {
	n := len(x)
	c := &Convex{slices: slices, size: n, sign: 1, x: x, w: w}
	doc := "(u_i − u_{i−1})/(x_i − x_{i−1}) − (u_{i+1} − u_i)/(x_{i+1} − x_i) ≤ 0"
	if concave {
		c.sign, doc = -1, "(u_{i+1} − u_i)/(x_{i+1} − x_i) − (u_i − u_{i−1})/(x_i − x_{i−1}) ≤ 0"
	}
	row, err := label.row("convex", slices*(n-2), doc)
	if err != nil {
		return nil, err
	}
	if slices < 1 || n < 3 {
		return nil, fmt.Errorf("physics: %s: %d slices of %d numbers: want at least 1 of at least 3", row.Name, slices, n)
	}
	for i := range n - 1 {
		if !(x[i] < x[i+1]) || math.IsInf(x[i+1]-x[i], 0) {
			return nil, fmt.Errorf("physics: %s: coordinate %d is %g, the next %g: want them finite and ascending", row.Name, i, x[i], x[i+1])
		}
	}
	if err := w.Check(c.Dim()); err != nil {
		return nil, err
	}
	row.Upper = true
	c.row = []Row{row}
	c.work.New = func() any {
		v := func() []float64 { return make([]float64, n) }
		return &convexWork{v: v(), fit: v(), now: v(), lower: v(), diagonal: v(), upper: v(), right: v(), theta: v()}
	}
	return c, nil
}

func (c *Convex) Dim() int       { return c.slices * c.size }
func (c *Convex) Rows() []Row    { return c.row }
func (c *Convex) Metric() Metric { return c.w }

// bend is κ_i of one slice.
func (c *Convex) bend(u []float64, i int) float64 {
	return (u[i+1]-u[i])/(c.x[i+1]-c.x[i]) - (u[i]-u[i-1])/(c.x[i]-c.x[i-1])
}

func (c *Convex) Residual(dst, u []float64) {
	at := 0
	for s := range c.slices {
		part := u[s*c.size : (s+1)*c.size]
		for i := 1; i < c.size-1; i++ {
			dst[at] = -c.sign * c.bend(part, i)
			at++
		}
	}
}

func (c *Convex) JVP(dst, _, v []float64) { c.Residual(dst, v) }

func (c *Convex) VJP(dst, _, w []float64) {
	clear(dst)
	at := 0
	for s := range c.slices {
		part := dst[s*c.size : (s+1)*c.size]
		for i := 1; i < c.size-1; i++ {
			y := -c.sign * w[at]
			before, after := y/(c.x[i]-c.x[i-1]), y/(c.x[i+1]-c.x[i])
			part[i-1] += before
			part[i] -= before + after
			part[i+1] += after
			at++
		}
	}
}

func (c *Convex) Project(u []float64) error {
	if err := checkField(c.row[0].Name, c.Dim(), u); err != nil {
		return err
	}
	work := c.work.Get().(*convexWork)
	defer c.work.Put(work)
	for s := range c.slices {
		part := u[s*c.size : (s+1)*c.size]
		if c.obeys(part) {
			continue
		}
		for i, x := range part {
			work.v[i] = c.sign * x
		}
		if err := c.regress(work, s*c.size); err != nil {
			return fmt.Errorf("physics: %s: slice %d: %w", c.row[0].Name, s, err)
		}
		for i, x := range work.now {
			part[i] = c.sign * x
		}
	}
	return nil
}

// obeys tells whether a slice is convex but for the rounding of its values.
func (c *Convex) obeys(u []float64) bool {
	var largest float64
	for _, x := range u {
		largest = math.Max(largest, math.Abs(x))
	}
	for i := 1; i < c.size-1; i++ {
		if c.sign*c.bend(u, i) < -4e-16*largest*(1/(c.x[i+1]-c.x[i])+1/(c.x[i]-c.x[i-1])) {
			return false
		}
	}
	return true
}

// regress writes the convex fit of work.v to work.now; first is the slice's place in W.
func (c *Convex) regress(work *convexWork, first int) error {
	last := c.size - 1
	work.knots = append(work.knots[:0], 0, last)
	c.fit(work, first)
	copy(work.now, work.fit)
	for range 10 * c.size {
		enter := c.steepest(work, first)
		if enter < 0 {
			return nil
		}
		at := 1
		for work.knots[at] < enter {
			at++
		}
		work.knots = append(work.knots, 0)
		copy(work.knots[at+1:], work.knots[at:])
		work.knots[at] = enter
		if c.fit(work, first); c.bend(work.fit, enter) <= 0 {
			return nil // descent that is rounding
		}
		for c.cut(work) {
			c.fit(work, first)
		}
		copy(work.now, work.fit)
	}
	return fmt.Errorf("%d steps of the active set without an end", 10*c.size)
}

// cut goes from now towards fit as far as all hinges bend upwards, drops those that end
// there, and tells whether there were any.
func (c *Convex) cut(work *convexWork) bool {
	step := 1.
	for _, k := range work.knots[1 : len(work.knots)-1] {
		if to := c.bend(work.fit, k); to < 0 {
			from := math.Max(c.bend(work.now, k), 0)
			step = math.Min(step, from/(from-to))
		}
	}
	if step == 1 {
		return false
	}
	kept := work.knots[:1]
	for _, k := range work.knots[1 : len(work.knots)-1] {
		from, to := math.Max(c.bend(work.now, k), 0), c.bend(work.fit, k)
		if to >= 0 || from/(from-to) > step*(1+1e-12) {
			kept = append(kept, k)
		}
	}
	work.knots = append(kept, c.size-1)
	for i, x := range work.fit {
		work.now[i] += step * (x - work.now[i])
	}
	return true
}

// steepest is the place at which a hinge would bring the sum of squares down most, −1
// where none does: the multipliers Σ_{i>k} W_i (u_i − v_i)(x_i − x_k) are all ≥ 0.
func (c *Convex) steepest(work *convexWork, first int) int {
	last := c.size - 1
	var force, torque, size, reach float64
	for i := range c.size {
		size += math.Abs(work.now[i]-work.v[i]) / c.w.Inverse(first+i)
		reach += math.Abs(work.v[i]) / c.w.Inverse(first+i)
	}
	least, at := -(1e-14*size+1e-16*reach)*(c.x[last]-c.x[0]), -1
	for k := last - 1; k > 0; k-- {
		force += (work.now[k+1] - work.v[k+1]) / c.w.Inverse(first+k+1)
		torque += force * (c.x[k+1] - c.x[k])
		if torque < least {
			least, at = torque, k
		}
	}
	return at
}

// fit writes the W-nearest profile to v that is linear between the knots to work.fit.
func (c *Convex) fit(work *convexWork, first int) {
	n := len(work.knots)
	lower, diagonal, upper, right, theta := work.lower[:n], work.diagonal[:n], work.upper[:n], work.right[:n], work.theta[:n]
	clear(diagonal)
	clear(upper)
	clear(right)
	for a := range n - 1 {
		i0, i1 := work.knots[a], work.knots[a+1]
		for i := i0; i < i1; i++ {
			t, w := (c.x[i]-c.x[i0])/(c.x[i1]-c.x[i0]), 1/c.w.Inverse(first+i)
			diagonal[a] += w * (1 - t) * (1 - t)
			upper[a] += w * t * (1 - t)
			diagonal[a+1] += w * t * t
			right[a] += w * (1 - t) * work.v[i]
			right[a+1] += w * t * work.v[i]
		}
	}
	w := 1 / c.w.Inverse(first+c.size-1)
	diagonal[n-1] += w
	right[n-1] += w * work.v[c.size-1]
	// Symmetric elimination without pivots: the matrix is positive definite.
	for a := 1; a < n; a++ {
		lower[a] = upper[a-1] / diagonal[a-1]
		diagonal[a] -= lower[a] * upper[a-1]
		right[a] -= lower[a] * right[a-1]
	}
	theta[n-1] = right[n-1] / diagonal[n-1]
	for a := n - 2; a >= 0; a-- {
		theta[a] = (right[a] - upper[a]*theta[a+1]) / diagonal[a]
	}
	for a := range n - 1 {
		i0, i1 := work.knots[a], work.knots[a+1]
		slope := (theta[a+1] - theta[a]) / (c.x[i1] - c.x[i0])
		for i := i0; i < i1; i++ {
			work.fit[i] = theta[a] + slope*(c.x[i]-c.x[i0])
		}
	}
	work.fit[c.size-1] = theta[n-1]
}

func (c *Convex) Tangent(u, v []float64) error {
	if len(u) != c.Dim() || len(v) != c.Dim() {
		return fmt.Errorf("physics: %s: fields of %d and %d numbers where the law has %d", c.row[0].Name, len(u), len(v), c.Dim())
	}
	near := c.row[0].Tolerance * c.row[0].Unit
	work := c.work.Get().(*convexWork)
	defer c.work.Put(work)
	for s := range c.slices {
		part := u[s*c.size : (s+1)*c.size]
		work.knots = append(work.knots[:0], 0)
		for i := 1; i < c.size-1; i++ {
			if c.sign*c.bend(part, i) > near {
				work.knots = append(work.knots, i)
			}
		}
		work.knots = append(work.knots, c.size-1)
		copy(work.v, v[s*c.size:])
		c.fit(work, s*c.size)
		copy(v[s*c.size:], work.fit)
	}
	return nil
}
