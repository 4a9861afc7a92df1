package fem

import "fmt"

// Trajectory is the θ-scheme for M u′ + K u = f from u⁰ at n = 0 in steps of one size,
//
//	(M + θΔt K) (uⁿ⁺¹ − uⁿ) = Δt (θ fⁿ⁺¹ + (1−θ) fⁿ − K uⁿ),
//
// and its adjoint: for an objective J(u⁰, …, uᴺ)
//
//	(M + θΔt K)ᵀ λⁿ = J_uⁿ + (M − (1−θ)Δt K)ᵀ λⁿ⁺¹,  λᴺ⁺¹ = 0,
//
// from N down to 1, which is the transpose of the scheme and not a scheme for the
// transposed equation: gradients are those of the numbers that were computed. With
// w = θuⁿ⁺¹ + (1−θ)uⁿ
//
//	dJ/du⁰ = J_u⁰ + (M − (1−θ)Δt K)ᵀ λ¹,  dJ/dm = −Δt Σ λⁿ⁺¹ᵀ K_m w,  dJ/dfⁿ = Δt (θ λⁿ + (1−θ) λⁿ⁺¹).
//
// The derivative of the states along a direction of m is the trajectory from 0 with the
// load fⁿ = −(K_m dm) uⁿ. A backward step costs what a forward step does, and the
// states that [Reverse] makes again. Vectors are of the free degrees of freedom. For
// steps alone, other schemes and parts that are not linear see package timestep.
type Trajectory struct {
	Mass, Stiffness Differential // M, K
	Inverse         Inverse      // of M + θΔt K
	Theta, Dt       float64
	Steps           int
	Load            func(n int, f []float64) // f at n Δt; nil: 0
	Snapshots       int                      // states kept in Backward; 0: all

	old, load, other []float64
}

func (t *Trajectory) check(n int) error {
	if t.Mass == nil || t.Stiffness == nil || t.Inverse == nil {
		return fmt.Errorf("fem: a trajectory needs M, K and a solver of M + θΔt K")
	}
	if !(t.Theta >= 0 && t.Theta <= 1) || !(t.Dt > 0) || t.Steps < 0 || t.Snapshots < 0 {
		return fmt.Errorf("fem: %d steps of %g with θ = %g and %d states: steps are positive, θ is between 0 and 1", t.Steps, t.Dt, t.Theta, t.Snapshots)
	}
	if len(t.old) != n {
		t.old, t.load, t.other = make([]float64, n), make([]float64, n), make([]float64, n)
	}
	return nil
}

// Forward replaces u⁰ by uᴺ. visit, where it is not nil, sees the states 0 … N; it must not
// keep them.
func (t *Trajectory) Forward(u []float64, visit func(n int, u []float64)) error {
	if err := t.check(len(u)); err != nil {
		return err
	}
	for n := range t.Steps {
		if visit != nil {
			visit(n, u)
		}
		t.step(n, u)
	}
	if visit != nil {
		visit(t.Steps, u)
	}
	return nil
}

func (t *Trajectory) step(n int, u []float64) {
	t.Stiffness.Apply(t.old, u)
	for i, x := range t.old {
		t.old[i] = -t.Dt * x
	}
	if t.Load != nil {
		t.addLoad(n, (1-t.Theta)*t.Dt)
		t.addLoad(n+1, t.Theta*t.Dt)
	}
	t.Inverse.Solve(t.old, t.old)
	for i, x := range t.old {
		u[i] += x
	}
}

func (t *Trajectory) addLoad(n int, by float64) {
	if by == 0 {
		return
	}
	clear(t.load)
	t.Load(n, t.load)
	for i, f := range t.load {
		t.old[i] += by * f
	}
}

// Backward is dJ/du⁰. cost adds J_uⁿ to ju for n = N … 0; use, where it is not nil, sees
// λⁿ⁺¹ and w of the steps n = N−1 … 0. Neither may keep its vectors or change another
// than ju.
func (t *Trajectory) Backward(du0, u0 []float64, cost func(n int, u, ju []float64), use func(n int, lambda, w []float64)) error {
	if err := t.check(len(u0)); err != nil {
		return err
	}
	size := len(u0)
	mustFit("derivative by the first state", len(du0), size)
	next, w := make([]float64, size), make([]float64, size)
	lambda := du0 // J_uⁿ⁺¹ + (M − (1−θ)Δt K)ᵀ λⁿ⁺², then λⁿ⁺¹
	clear(lambda)
	if t.Steps == 0 {
		cost(0, u0, lambda)
	}
	return Reverse(t.Steps, t.Snapshots, u0, t.step, func(n int, u []float64) {
		if n == t.Steps-1 {
			copy(next, u)
			t.step(n, next)
			cost(n+1, next, lambda)
		}
		t.Inverse.SolveT(lambda, lambda)
		if use != nil {
			for i, x := range u {
				w[i] = t.Theta*next[i] + (1-t.Theta)*x
			}
			use(n, lambda, w)
		}
		t.Stiffness.ApplyT(t.old, lambda)
		t.Mass.ApplyT(t.other, lambda)
		for i, x := range t.other {
			lambda[i] = x - (1-t.Theta)*t.Dt*t.old[i]
		}
		cost(n, u, lambda)
		copy(next, u)
	})
}
