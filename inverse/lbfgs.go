package inverse

import "math"

// lbfgs is the limited-memory BFGS method (Nocedal and Wright 2006, algorithms 7.4 and
// 7.5) of one point, as a state that is told one value and gradient at a time: where
// they are wanted is trial, told takes them. A trial that does not lower the value
// enough (Armijo's rule) is cut back towards the minimum of the parabola through it;
// pairs without curvature are left out. Points of a batch so share every evaluation
// and nothing else.
//
// The state is a row of numbers, zero for nothing known, apart from z.
type lbfgs struct{ dim, pairs int }

// size is the length of a row.
func (l lbfgs) size() int { return 2 + (3+2*l.pairs)*l.dim }

// parts are those of a row: how many pairs it has, plus one, and its value; the point
// accepted last, the gradient there, and the step under trial.
func (l lbfgs) parts(row []float64) (known, value *float64, z, g, p []float64) {
	d := l.dim
	return &row[0], &row[1], row[2 : 2+d], row[2+d : 2+2*d], row[2+2*d : 2+3*d]
}

// pair is the i-th newest step and change of the gradient.
func (l lbfgs) pair(row []float64, i int) (s, y []float64) {
	d, at := l.dim, 2+(3+2*i)*l.dim
	return row[at : at+d], row[at+d : at+2*d]
}

// trial writes where value and gradient are wanted.
func (l lbfgs) trial(dst, row []float64) {
	_, _, z, _, p := l.parts(row)
	for i := range dst {
		dst[i] = z[i] + p[i]
	}
}

// told takes value and gradient at the trial, says whether it is accepted, and chooses
// the next.
func (l lbfgs) told(row []float64, value float64, gradient []float64) bool {
	known, old, z, g, p := l.parts(row)
	if *known > 0 {
		if slope := inner(g, p); !(value <= *old+1e-4*slope) {
			l.cut(row, value, slope)
			return false
		}
		l.remember(row, gradient)
		for i := range z {
			z[i] += p[i]
		}
	} else {
		*known = 1
	}
	*old = value
	copy(g, gradient)
	l.direct(row)
	return true
}

// cut shortens a refused step; where nothing is left of it, the pairs are forgotten,
// and without pairs the point stays.
func (l lbfgs) cut(row []float64, value, slope float64) {
	known, old, z, _, p := l.parts(row)
	by := 0.1
	if t := -slope / (2 * (value - *old - slope)); t > by { // not where value is no number
		by = math.Min(t, 0.5)
	}
	for i := range p {
		p[i] *= by
	}
	if norm(p) > 1e-14*(1+norm(z)) {
		return
	}
	if *known == 1 {
		clear(p)
		return
	}
	*known = 1
	l.direct(row)
}

// remember keeps the accepted step and the change of the gradient.
func (l lbfgs) remember(row, gradient []float64) {
	known, _, _, g, p := l.parts(row)
	var sy, ss, yy float64
	for i := range p {
		y := gradient[i] - g[i]
		sy, ss, yy = sy+p[i]*y, ss+p[i]*p[i], yy+y*y
	}
	if !(sy > 1e-10*math.Sqrt(ss*yy)) {
		return
	}
	first := 2 + 3*l.dim
	copy(row[first+2*l.dim:], row[first:len(row)-2*l.dim])
	s, y := l.pair(row, 0)
	copy(s, p)
	for i := range y {
		y[i] = gradient[i] - g[i]
	}
	*known = math.Min(*known+1, float64(l.pairs+1))
}

// direct makes p the step −H∇ of the two-loop recursion, no longer than √d: one
// standard deviation in every coordinate of what is optimised.
func (l lbfgs) direct(row []float64) {
	known, _, _, g, p := l.parts(row)
	n := int(*known) - 1
	for i, v := range g {
		p[i] = -v
	}
	alpha := make([]float64, n)
	for i := range n {
		s, y := l.pair(row, i)
		alpha[i] = inner(s, p) / inner(s, y)
		for j := range p {
			p[j] -= alpha[i] * y[j]
		}
	}
	if n > 0 {
		s, y := l.pair(row, 0)
		by := inner(s, y) / inner(y, y)
		for j := range p {
			p[j] *= by
		}
	}
	for i := n - 1; i >= 0; i-- {
		s, y := l.pair(row, i)
		b := inner(y, p) / inner(s, y)
		for j := range p {
			p[j] += (alpha[i] - b) * s[j]
		}
	}
	limit := math.Sqrt(float64(l.dim))
	if n == 0 {
		limit = math.Min(limit, 1)
	}
	if length := norm(p); length > limit {
		for j := range p {
			p[j] *= limit / length
		}
	}
}
