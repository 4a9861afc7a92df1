package inverse

import (
	"math"

	"abide/internal/keyed"
	"abide/potential"
)

// curvature is the largest eigenvalue, by size, of the second derivative of an energy
// at x, by power iteration on differences of gradients: from below, and exact as
// steps grow for quadratic energies.
func curvature(y *potential.Measurement, x []float64, steps int) float64 {
	d := len(x)
	at, g0, g, v := make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d)
	keyed.New(0, "curvature", 0, 0).Normal(v) // any direction, always the same
	y.GradientAt(x, g0)
	_, _, linear := y.Linear()
	h := 1.0 // gradients of quadratic energies are linear: any step
	if !linear {
		h = 1e-5 * (1 + norm(x))
	}
	var l float64
	size := norm(v)
	for range steps {
		for i := range at {
			v[i] /= size
			at[i] = x[i] + h*v[i]
		}
		y.GradientAt(at, g)
		for i := range g {
			v[i] = (g[i] - g0[i]) / h
		}
		size = norm(v)
		if l = size; !(l > 0) || math.IsInf(l, 0) {
			return l
		}
	}
	return l
}

func norm(x []float64) float64 { return math.Sqrt(inner(x, x)) }

func inner(x, y []float64) float64 {
	var s float64
	for i, v := range x {
		s += v * y[i]
	}
	return s
}
