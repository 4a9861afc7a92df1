package sparse

import "math"

// inner is xᵀy, in four sums whose order does not depend on the machine.
func inner(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		p, q := x[i:i+4:i+4], y[i:i+4:i+4]
		a += p[0] * q[0]
		b += p[1] * q[1]
		c += p[2] * q[2]
		d += p[3] * q[3]
	}
	for ; i < len(x); i++ {
		a += x[i] * y[i]
	}
	return (a + b) + (c + d)
}

// length is ‖x‖₂.
func length(x []float64) float64 { return math.Sqrt(inner(x, x)) }

// addTo is y += a x.
func addTo(y []float64, a float64, x []float64) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] += a * v
	}
}

// scaleTo is y = a x.
func scaleTo(y []float64, a float64, x []float64) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] = a * v
	}
}

// largest is the place of the number of largest modulus.
func largest(x []float64) int {
	at := 0
	for i, v := range x {
		if math.Abs(v) > math.Abs(x[at]) {
			at = i
		}
	}
	return at
}
