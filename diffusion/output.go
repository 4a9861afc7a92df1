package diffusion

import "math"

// Output is what a network predicts from z = a u + b n. With the prediction of
// any of them, and z, all others are known.
type Output int

// The predictions, by the formula of the exact one; x̂ = E[u | z], ε̂ = E[n | z].
const (
	Clean    Output = iota // x̂
	Noise                  // ε̂ = (z − a x̂)/b
	Score                  // s = (a x̂ − z)/b² = −ε̂/b
	V                      // v = a ε̂ − b x̂ (Salimans and Ho 2022, section 4)
	Velocity               // dz/dt = a′ x̂ + b′ ε̂ in our time, from data to noise
)

// Point is a point of a path, for conversions.
type Point struct{ A, B, DA, DB float64 }

// PointAt is the point of a process at time t.
func PointAt(p Process, t float64) Point {
	a, b := p.At(t)
	da, db := p.Rate(t)
	return Point{a, b, da, db}
}

// row writes an output as p x̂ + q ε̂.
func (l Point) row(o Output) (p, q float64) {
	switch o {
	case Clean:
		return 1, 0
	case Noise:
		return 0, 1
	case Score:
		return 0, -1 / l.B
	case V:
		return -l.B, l.A
	case Velocity:
		return l.DA, l.DB
	}
	return math.NaN(), math.NaN()
}

// Convert turns the prediction y of one output into that of another, in place of
// dst (which may be y); z, y and dst have equal lengths. With y = p x̂ + q ε̂ and
// z = a x̂ + b ε̂ it solves for x̂ and ε̂: b > 0 is needed throughout, a > 0 to
// leave Noise and Score, and V and Velocity can be left wherever they are given.
func (l Point) Convert(dst, z, y []float64, from, to Output) {
	p, q := l.row(from)
	r, s := l.row(to)
	det := l.A*q - l.B*p
	// y′ = r x̂ + s ε̂ as one combination of z and y.
	kz, ky := (r*q-s*p)/det, (s*l.A-r*l.B)/det
	for i := range dst {
		dst[i] = kz*z[i] + ky*y[i]
	}
}
