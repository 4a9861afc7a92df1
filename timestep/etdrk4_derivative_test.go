package timestep

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// derivativeCase is u′ = l u + N with N_i = (θ + cos t) u_{i+1} u_{i+2} + 0.3 u_i³ sin t, and
// for complex states the conjugate of u_{i+1} in its place, so that N is not analytic.
func derivativeRate[T Number](theta T, conj func(T) T) (rate Rate[T]) {
	return func(t float64, u, du []T) {
		c, s, n := number[T](complex(math.Cos(t), 0)), number[T](complex(0.3*math.Sin(t), 0)), len(u)
		for i, x := range u {
			du[i] = (theta+c)*conj(u[(i+1)%n])*u[(i+2)%n] + s*x*x*x
		}
	}
}

// derivativeProducts are those of derivativeRate by u and, where dtheta is not nil, θ.
func derivativeProducts[T Number](theta T, conj func(T) T, dtheta, pulled *T) (forward, backward Product[T]) {
	at := func(t float64) (T, T) {
		return theta + number[T](complex(math.Cos(t), 0)), number[T](complex(0.9*math.Sin(t), 0))
	}
	forward = func(t float64, u, v, dv []T) {
		c, s := at(t)
		n := len(u)
		for i, x := range u {
			p, q := conj(u[(i+1)%n]), u[(i+2)%n]
			dv[i] = c*(conj(v[(i+1)%n])*q+p*v[(i+2)%n]) + s*x*x*v[i] + *dtheta*p*q
		}
	}
	backward = func(t float64, u, w, dw []T) {
		c, s := at(t)
		n := len(u)
		clear(dw)
		for i, x := range u {
			p, q := conj(u[(i+1)%n]), u[(i+2)%n]
			dw[(i+1)%n] += conj(conj(c*q) * w[i])
			dw[(i+2)%n] += conj(c*p) * w[i]
			dw[i] += conj(s*x*x) * w[i]
			*pulled += conj(p*q) * w[i]
		}
	}
	return forward, backward
}

func realConj(x float64) float64          { return x }
func complexConj(x complex128) complex128 { return complex(real(x), -imag(x)) }

func derivativeNormal(r *rand.Rand, n int) []complex128 {
	u := make([]complex128, n)
	for i := range u {
		u[i] = complex(r.NormFloat64(), r.NormFloat64())
	}
	return u
}

func derivativeDot(w, v []complex128) (s float64) {
	for i, x := range w {
		s += real(x)*real(v[i]) + imag(x)*imag(v[i])
	}
	return s
}

// The state beside a tangent is that of Step to the last bit, and the tangent of a problem
// whose N is linear is the step of v itself, also where l is stiff, turns or is 0.
func TestETDRK4TangentOfLinear(t *testing.T) {
	l := []complex128{0, 1e-7, -1, -0.3 + 2i, 3i, -300 + 40i}
	r := rand.New(rand.NewPCG(1, 2))
	matrix := derivativeNormal(r, len(l)*len(l))
	rate := func(t float64, u, du []complex128) {
		for i := range du {
			du[i] = 0
			for j, x := range u {
				du[i] += complex(math.Cos(t), 0) * matrix[i*len(l)+j] * x
			}
		}
	}
	s := stepMust(NewETDRK4(l, 0.2, rate))
	d := s.Derivative(func(t float64, _, v, dv []complex128) { rate(t, v, dv) }, nil)
	u, v := derivativeNormal(r, len(l)), derivativeNormal(r, len(l))
	wantU, wantV := slices.Clone(u), slices.Clone(v)
	March[complex128](s, 0.1, 3, wantU)
	March[complex128](s, 0.1, 3, wantV)
	d.MarchTangent(0.1, 3, u, v)
	if !slices.Equal(u, wantU) || !slices.Equal(v, wantV) {
		t.Errorf("state %v, want %v; tangent %v, want %v", u, wantU, v, wantV)
	}
}

// The tangent of real states is what complex ones, off by 1e-100 i, have as imaginary part:
// the derivative to rounding, by steps that know of none.
func TestETDRK4TangentComplexStep(t *testing.T) {
	const dt, h, n = 0.25, 1e-100, 5
	l := []float64{0, -1, -20, 0.5, -300}
	r := rand.New(rand.NewPCG(3, 4))
	theta, dtheta := 0.4, 0.7
	u, v := make([]float64, n), make([]float64, n)
	z, lz := make([]complex128, n), make([]complex128, n)
	for i := range u {
		u[i], v[i] = r.NormFloat64(), r.NormFloat64()
		z[i], lz[i] = complex(u[i], h*v[i]), complex(l[i], 0)
	}
	forward, _ := derivativeProducts(theta, realConj, &dtheta, nil)
	d := stepMust(NewETDRK4(l, dt, derivativeRate(theta, realConj))).Derivative(forward, nil)
	same := func(x complex128) complex128 { return x }
	d.MarchTangent(0.3, 3, u, v)
	s := stepMust(NewETDRK4(lz, dt, derivativeRate(complex(theta, h*dtheta), same)))
	for _, c := range [][]complex128{s.whole, s.half, s.q, s.f1, s.f2, s.f3} {
		for i, x := range c {
			c[i] = complex(real(x), 0) // without the contour's rounding, which 1e-100 is below
		}
	}
	March[complex128](s, 0.3, 3, z)
	for i := range u {
		if e := math.Abs(v[i] - imag(z[i])/h); !(e <= 1e-14*(1+math.Abs(v[i]))) {
			t.Errorf("entry %d: %.17g, by the complex step %.17g", i, v[i], imag(z[i])/h)
		}
	}
}

// Central differences of complex states tend to the tangent with order 2.
func TestETDRK4TangentDifferences(t *testing.T) {
	l := []complex128{0, -1 + 1i, -20, 3i, -0.5}
	r := rand.New(rand.NewPCG(5, 6))
	theta, dtheta := 0.4-0.2i, 0.7+0.1i
	u, v := derivativeNormal(r, len(l)), derivativeNormal(r, len(l))
	moved := func(eps float64) []complex128 {
		w := slices.Clone(u)
		for i := range w {
			w[i] += complex(eps, 0) * v[i]
		}
		March[complex128](stepMust(NewETDRK4(l, 0.1, derivativeRate(theta+complex(eps, 0)*dtheta, complexConj))), 0.3, 2, w)
		return w
	}
	forward, _ := derivativeProducts(theta, complexConj, &dtheta, nil)
	want := slices.Clone(v)
	stepMust(NewETDRK4(l, 0.1, derivativeRate(theta, complexConj))).Derivative(forward, nil).MarchTangent(0.3, 2, slices.Clone(u), want)
	rest := func(eps float64) (e float64) {
		up, down := moved(eps), moved(-eps)
		for i := range up {
			x := (up[i]-down[i])/complex(2*eps, 0) - want[i]
			e += real(x)*real(x) + imag(x)*imag(x)
		}
		return math.Sqrt(e)
	}
	coarse, fine := rest(1e-3), rest(1e-3/4)
	t.Logf("off by %.2e and %.2e", coarse, fine)
	if order := math.Log2(coarse/fine) / 2; !(math.Abs(order-2) <= 0.02) {
		t.Errorf("observed order %.3f, want 2", order)
	}
}

// ⟨w, Φ′ v + Φ_θ δθ⟩ = ⟨Φ′ᵀ w, v⟩ + ⟨Φ_θᵀ w, δθ⟩ in Re Σ w̄ v for one step and for several,
// and neither the state nor v is changed by an adjoint.
func TestETDRK4Adjoint(t *testing.T) {
	l := []complex128{0, -1 + 1i, -20, 3i, -0.5, -300 + 40i}
	r := rand.New(rand.NewPCG(7, 8))
	var dtheta, pulled complex128
	theta := 0.4 - 0.2i
	forward, backward := derivativeProducts(theta, complexConj, &dtheta, &pulled)
	d := stepMust(NewETDRK4(l, 0.25, derivativeRate(theta, complexConj))).Derivative(forward, backward)
	for _, n := range []int{1, 4, 2} {
		u, v, w := derivativeNormal(r, len(l)), derivativeNormal(r, len(l)), derivativeNormal(r, len(l))
		for i := range u {
			u[i] *= 0.5
		}
		dtheta, pulled = derivativeNormal(r, 1)[0], 0
		jv, jw, same := slices.Clone(v), slices.Clone(w), slices.Clone(u)
		d.MarchTangent(0.3, n, slices.Clone(u), jv)
		d.MarchAdjoint(0.3, n, u, jw)
		left, right := derivativeDot(w, jv), derivativeDot(jw, v)+derivativeDot([]complex128{pulled}, []complex128{dtheta})
		scale := math.Sqrt(derivativeDot(w, w) * derivativeDot(jv, jv))
		t.Logf("%d steps: %.17g, transposed %.17g", n, left, right)
		if !(math.Abs(left-right) <= 1e-14*scale) {
			t.Errorf("%d steps: ⟨w, J v⟩ = %.17g, ⟨Jᵀ w, v⟩ = %.17g of %g", n, left, right, scale)
		}
		if !slices.Equal(u, same) {
			t.Errorf("%d steps: the state is another one after an adjoint", n)
		}
	}
}
