package timestep

import "fmt"

// Leapfrog is the scheme of Störmer and Verlet for waves u″ = L u:
//
//	uⁿ⁺¹ − 2 uⁿ + uⁿ⁻¹ = Δt² L uⁿ,   u¹ = u⁰ + Δt v⁰ + ½ Δt² L u⁰,
//
// summed as differences dⁿ⁺¹ = dⁿ + Δt² L uⁿ, uⁿ⁺¹ = uⁿ + dⁿ⁺¹, for rounding not to grow
// with the square of the number of steps. Order 2, symplectic, stable for Δt² ‖L‖ < 4.
// If L is symmetric in an inner product, the discrete energy
//
//	Eⁿ⁺½ = ½ ‖(uⁿ⁺¹ − uⁿ)/Δt‖² − ½ ⟨uⁿ⁺¹, L uⁿ⟩
//
// is conserved exactly.
//
// E. Hairer, C. Lubich and G. Wanner, "Geometric numerical integration illustrated by
// the Störmer–Verlet method", Acta Numerica 12 (2003), section 1; R. Courant, K.
// Friedrichs and H. Lewy, Math. Ann. 100 (1928), section II.
//
// One product with L a step. Not for damping or forces that depend on the velocity.
type Leapfrog struct {
	operator  Operator[float64]
	dt        float64
	d, lu     []float64 // uⁿ − uⁿ⁻¹, L uⁿ⁻¹
	velocity  []float64 // v⁰, until the first step is taken
	beginning bool
}

// NewLeapfrog prepares steps of size dt for n unknowns.
func NewLeapfrog(l Operator[float64], n int, dt float64) (*Leapfrog, error) {
	if l == nil || n < 1 {
		return nil, fmt.Errorf("timestep: leap-frog needs an operator and at least one unknown, not %d", n)
	}
	if err := checkStep("leap-frog", dt); err != nil {
		return nil, err
	}
	return &Leapfrog{operator: l, dt: dt, d: make([]float64, n), lu: make([]float64, n), velocity: make([]float64, n), beginning: true}, nil
}

// Start begins a trajectory with the velocities v; nil is rest.
func (s *Leapfrog) Start(v []float64) {
	s.beginning = true
	clear(s.velocity)
	copy(s.velocity, v)
}

// Reset begins a trajectory from rest.
func (s *Leapfrog) Reset() { s.Start(nil) }

// Dt is the size of the steps.
func (s *Leapfrog) Dt() float64 { return s.dt }

// Step replaces uⁿ by uⁿ⁺¹.
func (s *Leapfrog) Step(_ float64, u []float64) {
	s.operator.Apply(s.lu, u)
	square := s.dt * s.dt
	if s.beginning {
		for i, v := range s.velocity {
			s.d[i] = s.dt*v + 0.5*square*s.lu[i]
			u[i] += s.d[i]
		}
		s.beginning = false
		return
	}
	d, u := s.d[:len(s.lu)], u[:len(s.lu)]
	for i, f := range s.lu {
		d[i] += square * f
		u[i] += d[i]
	}
}

// Energy is Eⁿ⁺½ after the step to u = uⁿ⁺¹, in the inner product ⟨u, v⟩ = Σ wᵢ uᵢ vᵢ;
// nil weights are 1.
func (s *Leapfrog) Energy(u, weights []float64) float64 {
	var e float64
	for i, d := range s.d {
		rate := d / s.dt
		term := rate*rate - u[i]*s.lu[i]
		if weights != nil {
			term *= weights[i]
		}
		e += term
	}
	return e / 2
}
