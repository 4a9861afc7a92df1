package timestep

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
	// MarchAdjoint replaces w by Φ′(u)ᵀ w, u = u(t), which is left as it is. It keeps the
	// states of all n steps.
	MarchAdjoint(t float64, n int, u, w []T)
}

// Product writes to dv the product of v with the derivative of a [Rate] at (t, u): N′ v,
// or N′ᵀ v. It must not keep its arguments, nor change others than dv.
type Product[T Number] func(t float64, u, v, dv []T)

// trajectory is n states from u(t) on, one after the other.
func trajectory[T Number](s Stepper[T], t float64, n int, u []T) []T {
	states := make([]T, n*len(u))
	copy(states, u)
	s.Reset()
	for k := 1; k < n; k++ {
		state := states[k*len(u) : (k+1)*len(u)]
		copy(state, states[(k-1)*len(u):])
		s.Step(t+float64(k-1)*s.Dt(), state)
	}
	return states
}

var (
	_ Differential[float64]    = (*ETDRK4Derivative[float64])(nil)
	_ Differential[complex128] = (*IMEXDerivative[complex128])(nil)
)
