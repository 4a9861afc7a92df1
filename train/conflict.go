package train

import (
	"math"

	"abide/internal/engine"
)

// conflictFree writes over a the merged gradient of a and b (ConFIG: Liu, Chu and
// Thuerey 2025), all arrays as one vector: a direction with equal positive cosines to
// both, as long as both projections on it together. Of two gradients the direction is
// the bisector, and the sum of the projections (‖a‖ + ‖b‖) cos(φ/2), so that
//
//	g = ½ (‖a‖ + ‖b‖) (a/‖a‖ + b/‖b‖),   g·a ≥ 0,   g·b ≥ 0,
//
// a + b where they are equally long, 0 where they are opposite. A gradient that is 0
// gives the other.
func conflictFree(a, b []engine.Array) {
	na, nb := norm(a), norm(b)
	ka, kb := 1.0, 1.0
	if na > 0 && nb > 0 {
		ka, kb = (na+nb)/(2*na), (na+nb)/(2*nb)
	}
	if math.IsInf(ka, 0) || math.IsInf(kb, 0) { // one is below rounding of the other
		ka, kb = 1, 1
	}
	for i := range a {
		combine(a[i].F32, b[i].F32, float32(ka), float32(kb))
		combine(a[i].F64, b[i].F64, ka, kb)
	}
}

func combine[T float32 | float64](a, b []T, ka, kb T) {
	for j, v := range b {
		a[j] = ka*a[j] + kb*v
	}
}
