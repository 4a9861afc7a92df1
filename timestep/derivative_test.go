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

// derivativeScheme is a scheme that has a derivative, with an l that it takes.
type derivativeScheme struct {
	l    []complex128
	make func(l []complex128, dt float64, rate Rate[complex128], forward, backward Product[complex128]) (Stepper[complex128], Differential[complex128])
}

func derivativeSchemes() map[string]derivativeScheme {
	imex := func(e Explicit) derivativeScheme {
		return derivativeScheme{[]complex128{0, -1, -20, 0.3, -0.5, -300}, func(l []complex128, dt float64, rate Rate[complex128], forward, backward Product[complex128]) (Stepper[complex128], Differential[complex128]) {
			s := stepMust(NewIMEX(NewDiagonal(l), dt, rate, e))
			return s, s.Derivative(forward, backward)
		}}
	}
	return map[string]derivativeScheme{
		"CN + Euler": imex(Euler), "CN + Adams–Bashforth": imex(AdamsBashforth),
		"ETDRK4": {[]complex128{0, -1 + 1i, -20, 3i, -0.5, -300 + 40i}, func(l []complex128, dt float64, rate Rate[complex128], forward, backward Product[complex128]) (Stepper[complex128], Differential[complex128]) {
			s := stepMust(NewETDRK4(l, dt, rate))
			return s, s.Derivative(forward, backward)
		}},
	}
}

// The state beside a tangent is that of the scheme to the last bit, and central differences
// of it by state and parameter tend to the tangent with order 2.
func TestTangentDifferences(t *testing.T) {
	for name, c := range derivativeSchemes() {
		for _, n := range []int{1, 3} {
			r := rand.New(rand.NewPCG(5, 6))
			theta, dtheta := 0.4-0.2i, 0.7+0.1i
			u, v := derivativeNormal(r, len(c.l)), derivativeNormal(r, len(c.l))
			moved := func(eps complex128) []complex128 {
				w := slices.Clone(u)
				for i := range w {
					w[i] += eps * v[i]
				}
				s, _ := c.make(c.l, 0.1, derivativeRate(theta+eps*dtheta, complexConj), nil, nil)
				March(s, 0.3, n, w)
				return w
			}
			forward, _ := derivativeProducts(theta, complexConj, &dtheta, nil)
			_, d := c.make(c.l, 0.1, derivativeRate(theta, complexConj), forward, nil)
			state, tangent := slices.Clone(u), slices.Clone(v)
			d.MarchTangent(0.3, n, state, tangent)
			if !slices.Equal(state, moved(0)) {
				t.Errorf("%s: the state beside a tangent is not that of %d steps", name, n)
			}
			rest := func(eps float64) float64 {
				up, down := moved(complex(eps, 0)), moved(complex(-eps, 0))
				for i := range up {
					up[i] = (up[i]-down[i])/complex(2*eps, 0) - tangent[i]
				}
				return math.Sqrt(derivativeDot(up, up))
			}
			coarse, fine := rest(1e-3), rest(1e-3/4)
			order := math.Log2(coarse/fine) / 2
			t.Logf("%s, %d steps: off by %.2e and %.2e", name, n, coarse, fine)
			if !(math.Abs(order-2) <= 0.02) {
				t.Errorf("%s, %d steps: observed order %.3f, want 2", name, n, order)
			}
		}
	}
}

// ⟨w, Φ′ v + Φ_θ δθ⟩ = ⟨Φ′ᵀ w, v⟩ + ⟨Φ_θᵀ w, δθ⟩ in Re Σ w̄ v for one step and for several,
// one derivative after the other, and the state is left as it is; also with few states kept.
func TestAdjoint(t *testing.T) {
	defer func(before int) { kept = before }(kept)
	for _, kept = range []int{kept, 1} {
		testAdjoint(t)
	}
}

func testAdjoint(t *testing.T) {
	for name, c := range derivativeSchemes() {
		r := rand.New(rand.NewPCG(7, 8))
		var dtheta, pulled complex128
		theta := 0.4 - 0.2i
		forward, backward := derivativeProducts(theta, complexConj, &dtheta, &pulled)
		_, d := c.make(c.l, 0.2, derivativeRate(theta, complexConj), forward, backward)
		for _, n := range []int{1, 4, 2} {
			u, v, w := derivativeNormal(r, len(c.l)), derivativeNormal(r, len(c.l)), derivativeNormal(r, len(c.l))
			for i := range u {
				u[i] *= 0.5
			}
			dtheta, pulled = derivativeNormal(r, 1)[0], 0
			jv, jw, same := slices.Clone(v), slices.Clone(w), slices.Clone(u)
			d.MarchTangent(0.3, n, slices.Clone(u), jv)
			d.MarchAdjoint(0.3, n, u, jw)
			left, right := derivativeDot(w, jv), derivativeDot(jw, v)+derivativeDot([]complex128{pulled}, []complex128{dtheta})
			scale := math.Sqrt(derivativeDot(w, w) * derivativeDot(jv, jv))
			t.Logf("%s, %d steps: %.17g, transposed %.17g", name, n, left, right)
			if !(math.Abs(left-right) <= 1e-14*scale) {
				t.Errorf("%s, %d steps: ⟨w, J v⟩ = %.17g, ⟨Jᵀ w, v⟩ = %.17g of %g", name, n, left, right, scale)
			}
			if !slices.Equal(u, same) {
				t.Errorf("%s, %d steps: the state is another one after an adjoint", name, n)
			}
		}
	}
}

// A march is visited from its end with the states that it had, to the last bit, whatever is
// kept of it.
func TestReverse(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for name, c := range derivativeSchemes() {
		s, _ := c.make(c.l, 0.1, derivativeRate(0.4, complexConj), nil, nil)
		for _, n := range []int{0, 1, 2, 7, 9} {
			u := derivativeNormal(r, len(c.l))
			states := [][]complex128{u}
			s.Reset()
			for k := range n {
				states = append(states, slices.Clone(states[k]))
				s.Step(0.3+0.1*float64(k), states[k+1])
			}
			for _, stride := range []int{1, 2, 3, 4, 9, 20} {
				if stride < n && name == "CN + Adams–Bashforth" {
					continue
				}
				left := n
				reverse(s, 0.3, n, stride, u, func(at float64, k int, state []complex128) {
					left--
					if k != left || at != 0.3+s.Dt()*float64(k) || !slices.Equal(state, states[k]) {
						t.Fatalf("%s, %d steps by %d: step %d from t = %g at the turn of step %d, or another state", name, n, stride, k, at, left)
					}
				})
				if left != 0 {
					t.Errorf("%s, %d steps by %d: %d were left out", name, n, stride, left)
				}
			}
		}
	}
	if a, b := stride(100, kept/100), stride(101, kept/100); a != 100 || b != 11 {
		t.Errorf("every %d-th and %d-th state is kept, want 100 and 11", a, b)
	}
}
