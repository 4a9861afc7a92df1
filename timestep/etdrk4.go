package timestep

import (
	"fmt"
	"math"
	"math/cmplx"
)

// ETDRK4 is the exponential Runge–Kutta method of order 4 for u′ = l u + N(t, u) with
// diagonal l, as spectra on periodic grids have. With E = e^{lΔt}, F = e^{lΔt/2} and
// Q = l⁻¹(F − 1),
//
//	a = F u + Q N(u),   b = F u + Q N(a),   c = F a + Q (2 N(b) − N(u)),
//	u ← E u + f₁ N(u) + 2 f₂ (N(a) + N(b)) + f₃ N(c),
//
// f₁ = l⁻³Δt⁻² (−4 − z + e^z (4 − 3z + z²)), f₂ = l⁻³Δt⁻² (2 + z + e^z (z − 2)), f₃ =
// l⁻³Δt⁻² (−4 − 3z − z² + e^z (4 − z)), z = lΔt. What l does alone is exact. Where z is
// small the formulas cancel; they are averaged over 32 points of the circle of
// radius 1 about z, which is exact to rounding for entire functions.
//
// S. M. Cox and P. C. Matthews, "Exponential time differencing for stiff systems",
// J. Comput. Phys. 176 (2002), equations (26)–(29); A.-K. Kassam and L. N. Trefethen,
// "Fourth-order time-stepping for stiff PDEs", SIAM J. Sci. Comput. 26 (2005), 1214–1233,
// section 2.
//
// Four evaluations of N and about 20 operations per entry a step. Order 4 needs N to
// be smooth in time on the scale of Δt. Not for l that is not diagonal.
type ETDRK4[T Number] struct {
	dt            float64
	rate          Rate[T]
	whole, half   []T // E, F
	q, f1, f2, f3 []T // Q, f₁, 2 f₂, f₃
	a, b          []T
	nu, na, nb    []T
}

// points are those of the circle that coefficients are averaged over.
const points = 32

// NewETDRK4 prepares steps of size dt; l is one number for each entry of u.
func NewETDRK4[T Number](l []T, dt float64, rate Rate[T]) (*ETDRK4[T], error) {
	if err := checkStep("ETDRK4", dt); err != nil {
		return nil, err
	}
	s := &ETDRK4[T]{dt: dt, rate: rate}
	for _, p := range []*[]T{&s.whole, &s.half, &s.q, &s.f1, &s.f2, &s.f3, &s.a, &s.b, &s.nu, &s.na, &s.nb} {
		*p = make([]T, len(l))
	}
	var circle [points]complex128
	for j := range circle {
		circle[j] = cmplx.Rect(1, 2*math.Pi*(float64(j)+0.5)/points)
	}
	weight := complex(dt/points, 0)
	for i, v := range l {
		if i > 0 && v == l[i-1] { // of many states side by side
			for _, c := range [][]T{s.whole, s.half, s.q, s.f1, s.f2, s.f3} {
				c[i] = c[i-1]
			}
			continue
		}
		center := toComplex(v) * complex(dt, 0)
		if cmplx.IsNaN(center) || cmplx.IsInf(center) || real(center) > 600 {
			return nil, fmt.Errorf("timestep: ETDRK4: entry %d grows by e^{%v} in a step: take steps in which that is a number", i, center)
		}
		s.whole[i], s.half[i] = number[T](cmplx.Exp(center)), number[T](cmplx.Exp(center/2))
		var q, f1, f2, f3 complex128
		for _, r := range circle {
			z := center + r
			e, cube := cmplx.Exp(z), z*z*z
			q += (cmplx.Exp(z/2) - 1) / z
			f1 += (-4 - z + e*(4-3*z+z*z)) / cube
			f2 += (2 + z + e*(z-2)) / cube
			f3 += (-4 - 3*z - z*z + e*(4-z)) / cube
		}
		s.q[i], s.f1[i], s.f2[i], s.f3[i] = number[T](weight*q), number[T](weight*f1), number[T](2*weight*f2), number[T](weight*f3)
	}
	return s, nil
}

// Dt is the size of the steps.
func (s *ETDRK4[T]) Dt() float64 { return s.dt }

// Reset does nothing: a step depends on the last state alone.
func (s *ETDRK4[T]) Reset() {}

// Step replaces u(t) by u(t + Δt).
func (s *ETDRK4[T]) Step(t float64, u []T) {
	n := len(u)
	half, q, a, b, nu := s.half[:n], s.q[:n], s.a[:n], s.b[:n], s.nu[:n]
	s.rate(t, u, nu)
	for i, v := range u {
		a[i] = half[i]*v + q[i]*nu[i]
	}
	na := s.na[:n]
	s.rate(t+s.dt/2, a, na)
	for i, v := range u {
		b[i] = half[i]*v + q[i]*na[i]
	}
	nb := s.nb[:n]
	s.rate(t+s.dt/2, b, nb)
	for i, v := range a {
		b[i] = half[i]*v + q[i]*(nb[i]+nb[i]-nu[i])
		na[i] += nb[i]
	}
	s.rate(t+s.dt, b, nb) // the last one, N(c)
	whole, f1, f2, f3 := s.whole[:n], s.f1[:n], s.f2[:n], s.f3[:n]
	for i, v := range u {
		u[i] = whole[i]*v + f1[i]*nu[i] + f2[i]*na[i] + f3[i]*nb[i]
	}
}

// toComplex is v as a complex number.
func toComplex[T Number](v T) complex128 {
	switch x := any(v).(type) {
	case float64:
		return complex(x, 0)
	case complex128:
		return x
	}
	panic("timestep: a number that is none")
}
