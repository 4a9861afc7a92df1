package diffusion

import "math"

// Flow is the straight path of flow matching, a = 1 − t, b = t: a data point and
// a draw of N(0, I) joined by a line (Lipman et al. 2023, equation 22 with
// σ_min = 0). Time runs as everywhere here, from data at t = 0 to noise at t = 1;
// with the flow time τ = 1 − t of the literature x_τ = τ x₁ + (1−τ) x₀, and the
// velocity there, u = dx/dτ, is −dz/dt.
//
// The optimal-transport couplings of training change which noise a point is
// joined with, not the path.
type Flow struct{}

var _ Process = Flow{}

// At returns a = 1 − t and b = t.
func (Flow) At(t float64) (a, b float64) { return 1 - t, t }

// Drift returns f = −1/(1−t) and g = √(2t/(1−t)), infinite at t = 1.
func (Flow) Drift(t float64) (f, g float64) { return -1 / (1 - t), math.Sqrt(2 * t / (1 - t)) }

// Rate returns a′ = −1 and b′ = 1.
func (Flow) Rate(float64) (da, db float64) { return -1, 1 }
