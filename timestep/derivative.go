package timestep

import "math"

// Differential is the derivative of Φ: u(t) ↦ u(t + n Δt), n steps of a scheme that
// begin a trajectory as after Reset: of the scheme with its Δt, not of the equation.
//
// For complex states derivatives are those of real and imaginary parts, N need not be
// analytic, and the transpose is that in ⟨w, v⟩ = Re Σ w̄ᵢ vᵢ, or in Re Σ mᵢ w̄ᵢ vᵢ with
// weights m (of half a spectrum, say) if its parts are.
//
// A parameter θ of N has its derivative by the same functions: one that adds N_θ δθ to
// N′ v makes Φ′ v + Φ_θ δθ of v, and the sum of N_θᵀ of each v that N′ᵀ v was asked
// for is Φ_θᵀ w.
//
// A. Griewank and A. Walther, "Evaluating Derivatives", 2nd ed. 2008, sections 3.1 and 3.2,
// applied to the equations of each scheme.
type Differential[T Number] interface {
	// MarchTangent takes n steps from time t on, as [March] does, with v beside u: v
	// becomes Φ′(u) v.
	MarchTangent(t float64, n int, u, v []T)
	// MarchAdjoint replaces w by Φ′(u)ᵀ w, u = u(t), which is left as it is. States on the
	// way are kept; more than 2²² numbers of a scheme that does not look back are thinned
	// to about 2√n states, and the others made twice.
	MarchAdjoint(t float64, n int, u, w []T)
}

// Product writes to dv the product of v with the derivative of a [Rate] at (t, u): N′ v,
// or N′ᵀ v. It must not keep its arguments, nor change others than dv.
type Product[T Number] func(t float64, u, v, dv []T)

// kept is how many numbers of states on the way an adjoint keeps before it makes some twice;
// tests change it.
var kept = 1 << 22

// reverse calls visit with the states before steps n − 1, …, 0 of a march from u(t), of
// which every stride-th is kept and the others of one stride at a time; a scheme that looks
// back needs stride ≥ n. The states belong to reverse.
func reverse[T Number](s Stepper[T], t float64, n, stride int, u []T, visit func(t float64, k int, state []T)) {
	if n == 0 {
		return
	}
	at := func(k int) float64 { return t + float64(k)*s.Dt() }
	size := len(u)
	marks, between := make([]T, (n+stride-1)/stride*size), make([]T, (min(n, stride)-1)*size)
	state := func(k int) []T {
		if k%stride == 0 {
			return marks[k/stride*size:][:size]
		}
		return between[(k%stride-1)*size:][:size]
	}
	to := func(k int) { // from the state before
		copy(state(k), state(k-1))
		s.Step(at(k-1), state(k))
	}
	s.Reset()
	copy(marks, u)
	for k := 1; k < n; k++ {
		to(k)
	}
	last := (n - 1) / stride * stride // the stride that lies in between
	for k := n - 1; k >= 0; k-- {
		if k < last {
			last -= stride
			for i := last + 1; i <= k; i++ {
				to(i)
			}
		}
		visit(at(k), k, state(k))
	}
}

// stride is that of reverse for a scheme that does not look back.
func stride(n, size int) int {
	if n*size <= kept {
		return max(n, 1)
	}
	return int(math.Ceil(math.Sqrt(float64(n))))
}

var (
	_ Differential[float64]    = (*ETDRK4Derivative[float64])(nil)
	_ Differential[complex128] = (*IMEXDerivative[complex128])(nil)
)
