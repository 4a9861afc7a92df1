package pde

import "math"

// slope is the derivative of a flux by its two states. Where a flux has a kink, between
// branches of equal height (Godunov at a standing shock) and at the sonic point (Rusanov),
// it is that of the left state's branch: one of the one-sided derivatives.
type slope func(left, right float64) (byLeft, byRight float64)

// slopes are those of [fluxes].
var slopes = map[string]slope{"godunov": godunovSlope, "engquist-osher": engquistOsherSlope, "rusanov": rusanovSlope}

func godunovSlope(left, right float64) (byLeft, byRight float64) {
	l, r := max(left, 0), min(right, 0)
	if l*l >= r*r {
		return l, 0
	}
	return 0, r
}

func engquistOsherSlope(left, right float64) (byLeft, byRight float64) {
	return max(left, 0), min(right, 0)
}

func rusanovSlope(left, right float64) (byLeft, byRight float64) {
	speed := max(math.Abs(left), math.Abs(right))
	byLeft, byRight = (left+speed)/2, (right-speed)/2
	if jump := (right - left) / 2; math.Abs(left) >= math.Abs(right) {
		byLeft -= math.Copysign(jump, left*jump)
	} else {
		byRight -= math.Copysign(jump, right*jump)
	}
	return byLeft, byRight
}
