package pde

import (
	"fmt"
	"math"
)

// level is the state number n of an array of states of width numbers each.
func level(u []float64, n, width int) []float64 { return u[n*width : (n+1)*width : (n+1)*width] }

// propagated is the residual of a scheme that takes several steps from one stored state
// to the next, in propagator form,
//
//	rⁿ⁺¹ = uⁿ⁺¹ − Φ(uⁿ),
//
// for a Φ that advances a state in place: nothing but the stored states enters, so that
// it can be evaluated on any of them, and one that is off is found where it is.
func propagated(dst, u []float64, width int, advance func(state []float64)) {
	state := make([]float64, width)
	for n := 0; (n+2)*width <= len(u); n++ {
		copy(state, level(u, n, width))
		advance(state)
		for i, v := range level(u, n+1, width) {
			dst[n*width+i] = v - state[i]
		}
	}
}

// finite tells of a state that a scheme with too long steps has lost.
func finite(kind string, t float64, u []float64) error {
	if s := sum(u); math.IsNaN(s) || math.IsInf(s, 0) {
		return fmt.Errorf("pde: %s: the state at t = %g is not finite: take shorter steps (more of them, or more times)", kind, t)
	}
	return nil
}

func sum(u []float64) (s float64) {
	for _, v := range u {
		s += v
	}
	return s
}

func pointsParameter(n, least int, doc string) Parameter {
	return Parameter{Name: "grid", Default: n, Min: float64(least), Max: 4096, Doc: doc}
}

func timesParameter(n int, doc string) Parameter {
	return Parameter{Name: "times", Default: n, Min: 2, Max: 100000, Doc: doc}
}
