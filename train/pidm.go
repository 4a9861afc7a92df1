package train

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
)

// pidm is the loss of a physics-informed diffusion model (Bastek, Sun and Kochmann
// 2025): the residuals r of the clean point are a virtual observation of 0 whose
// variance is that of a step of the backward process, Σ̄,
//
//	L = L_data + (c/d) Σ_k ½ r_k(x̂₀)²/Σ̄(σ)   per coordinate.
//
// x̂₀ is the denoiser's mean D(u, σ), or, as a sample, the mean after one step of DDIM
// to half the time θ: D(u′, σ′), u′ = D + (σ′/σ)(u − D), σ′ = tan(θ/2).
//
// Σ̄ in terms of σ: the points z = a(u₀ + σn) of levels s < t have, given u₀ and z_t,
// Var z_s = a_s² σ_s²(σ_t² − σ_s²)/σ_t², a² = 1/(1 + σ²). On the cosine path σ = tan θ,
// a = cos θ, cut into T equal steps δ = π/(2T),
//
//	Σ̄ = sin²φ sin δ sin(θ + φ)/(sin²θ cos²φ),   φ = θ − δ,
//
// about 2δσ at small σ and below 1. At θ < 2δ, the first step, whose variance is 0,
// that of the second stands, as in DDPM.
//
// The minimiser is unbiased where r is affine and the data obey: their posterior mean
// obeys too. Where r is curved, the mean of points that obey does not, and what lowers
// the residual is shrinkage towards where it is small: compare residuals at equal
// amplitude, and laws. Where data do not obey, the law of the samples moves off them.
//
// Cost: r and its gradient, for a sample a second call of the network.
type pidm struct {
	estimator
	weight   float64
	sample   bool
	residual func(u *Node) *Node
}

// pidmSteps is T, as the authors train.
const pidmSteps = 100

// posteriorVariance is Σ̄(σ).
func posteriorVariance(sigma float64) float64 {
	const delta = math.Pi / 2 / pidmSteps
	theta := max(math.Atan(sigma), 2*delta)
	// sin(θ+φ) = sin(π − θ − φ), and cos φ from the complement, without cancellation at large σ.
	rest := min(math.Atan(1/sigma), math.Pi/2-2*delta) // π/2 − θ
	phi, s := theta-delta, math.Sin(theta)
	c := math.Sin(rest + delta) // cos φ
	return math.Pow(math.Sin(phi)/(s*c), 2) * math.Sin(delta) * math.Sin(2*rest+delta)
}

// inputs are those of the data's loss, c/(2dΣ̄) and σ′.
func (o pidm) inputs(b *batch, s *keyed.Stream) []engine.Array {
	weight, half := make([]float64, b.n), make([]float64, b.n)
	for i, l := range b.logSigma {
		sigma := math.Exp(l)
		weight[i] = o.weight / (2 * float64(b.dim) * posteriorVariance(sigma))
		half[i] = math.Tan(math.Atan(sigma) / 2)
	}
	return append(o.estimator.inputs(b, s), engine.Rows(weight, 1), engine.Rows(half, 1))
}

func (o pidm) loss(d prior.Conditioned, in []*Node, y *Node) *Node {
	last := len(in) - 2
	weight, half := in[last], in[last+1]
	loss, at := o.estimate(d, in[:last], y)
	clean := at.mean
	if o.sample {
		clean = d.DenoiseGiven(Add(clean, Mul(Div(half, at.sigma), Sub(at.u, clean))), half, y)
	}
	r := o.residual(clean)
	return Add(loss, Mul(weight, ReduceAndKeep(Mul(r, r), ReduceSum, -1)))
}
