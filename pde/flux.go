package pde

import "math"

// flux is a numerical flux F(u_left, u_right) of Burgers' equation, f(u) = u²/2: F(u, u) =
// f(u), rising in its first and falling in its second argument, so that the scheme
//
//	uⁿ⁺¹_j = uⁿ_j − (Δt/h) (F_{j+½} − F_{j−½})
//
// conserves mass, and under Δt max|u| ≤ h keeps bounds, does not let total variation grow
// and converges to the entropy solution (order 1; ½ in L¹ at worst).
//
//	Godunov (1959):           max f(max(u_l, 0)), f(min(u_r, 0)), the exact Riemann solution
//	Engquist and Osher (1981): f(max(u_l, 0)) + f(min(u_r, 0)), once differentiable
//	Rusanov (1961):           ½ (f(u_l) + f(u_r)) − ½ max(|u_l|, |u_r|) (u_r − u_l), most smeared
//
// R. J. LeVeque, "Finite Volume Methods for Hyperbolic Problems" (2002), sections 12.1,
// 12.5 and 12.6. Not for smooth flows, where order 1 is dear: [burgersKind].
type flux func(left, right float64) float64

// fluxes are those that a parameter can name.
var fluxes = map[string]flux{"godunov": godunov, "engquist-osher": engquistOsher, "rusanov": rusanov}

func godunov(left, right float64) float64 {
	l, r := max(left, 0), min(right, 0)
	return max(l*l, r*r) / 2
}

func engquistOsher(left, right float64) float64 {
	l, r := max(left, 0), min(right, 0)
	return (l*l + r*r) / 2
}

func rusanov(left, right float64) float64 {
	speed := max(math.Abs(left), math.Abs(right))
	return (left*left+right*right)/4 - speed*(right-left)/2
}

// cellFluxes writes the fluxes at the faces of cells, one more than there are cells, with
// the state left of the first cell given and a copy of the last one right of it.
func cellFluxes(dst, u []float64, left float64, f flux) {
	n := len(u)
	for j, v := range u {
		dst[j] = f(left, v)
		left = v
	}
	dst[n] = f(left, left)
}
