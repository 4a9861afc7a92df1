package field

import (
	"fmt"
	"math"
)

// Law is the Gaussian measure N(Mean, C) on a box with
//
//	C = σ² (−Δ + τ²)^(−α),
//
// whose eigenfunctions φₖ are those of the Laplacian under the conditions of the axes of
// the box ([grid.Axis]), orthonormal in L², with the eigenvalues σ² (λₖ + τ²)^(−α), λₖ = Σₐ (π kₐ/Lₐ)² and on periodic axes
// (2π kₐ/Lₐ)². Fields have α − d/2 derivatives (in L², all but); α ≤ d/2 has no
// values at points.
type Law struct {
	Sigma, Alpha, Tau float64 // σ > 0, α, τ ≥ 0 in 1/length
	Constant          bool    // keep the constant mode, which fields have without Dirichlet axes
	Mean              float64
}

// The laws of three published data sets, on the unit square, interval and square;
// the first on Neumann axes, the others on periodic ones.
//
// Darcy is that of the coefficient before its push-forward, τ^(2(α−1)) (−Δ +
// τ²)^(−α) with α = 2, τ = 3: Z. Li et al., "Fourier neural operator for parametric
// partial differential equations", ICLR 2021, section A.3.2, with the factor of its
// generator (GRF.m), which the text leaves out, and without the constant mode, as
// there. Its standard deviation, root of the variance averaged over the square, is
// 0.29208.
//
// Burgers is that of the initial state, 49² (−Δ + 49)^(−2.5), mean zero (GRF1.m; the
// text of section A.3.1 has 625 (−Δ + 25)^(−2)): 0.2741.
//
// NavierStokes is that of the initial vorticity, 7³ (−Δ + 49)^(−2.5)
// (random_fields.py, where σ = τ^((2α−d)/2); the text of section A.3.3 has 7^(3/2)):
// 0.1852. The script's first version drew the real and the imaginary part with
// variance 1 each, as against ½ in later ones: twice this covariance, 0.2620.
var (
	Darcy        = Law{Sigma: 3, Alpha: 2, Tau: 3}
	Burgers      = Law{Sigma: 49, Alpha: 2.5, Tau: 7}
	NavierStokes = Law{Sigma: math.Sqrt(7 * 7 * 7), Alpha: 2.5, Tau: 7}
)

func (l Law) check(dim, modes int, constant bool) error {
	switch {
	case !(l.Sigma > 0) || math.IsInf(l.Sigma, 0) || math.IsNaN(l.Alpha) || math.IsInf(l.Alpha, 0) || !(l.Tau >= 0) || math.IsInf(l.Tau, 0):
		return fmt.Errorf("field: a law with σ = %g, α = %g, τ = %g: σ is positive, τ is not negative", l.Sigma, l.Alpha, l.Tau)
	case l.Constant && constant && l.Tau == 0:
		return fmt.Errorf("field: a law with τ = 0 and the constant mode, whose variance is infinite: leave out Constant or take τ > 0")
	case modes == 0 && !(l.Alpha > float64(dim)/2):
		return fmt.Errorf("field: α = %g in %d dimensions: fields have values at points for α > %g; below, choose how many modes there are (Modes)", l.Alpha, dim, float64(dim)/2)
	}
	return nil
}

// eigenvalue is σ² (λ + τ²)^(−α).
func (l Law) eigenvalue(lambda float64) float64 {
	return l.Sigma * l.Sigma * math.Pow(lambda+l.Tau*l.Tau, -l.Alpha)
}
