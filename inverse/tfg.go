package inverse

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/guide"
	"abide/internal/engine"
	"abide/sampler"
)

// TFG is training-free guidance, the frame that holds most of its family: at every
// step, and Recurrence times,
//
//	ℓ(x) = −log (1/K) Σ_k exp(−L(x + s ε_k)),   ε_k ~ N(0, I)
//	Δ    = −ρ ∇_z ℓ(x̂(z))                       through the denoiser
//	Δ₀   = M steps x ← x − μ ∇_x ℓ(x) from x̂    past the denoiser
//	z′   = step(z, x̂) + (a′/a) Δ + a′ Δ₀
//	z    ← (a/a′) z′ + √(b² − (a b′/a′)²) n     before the next time
//
// (Ye, Lin, Han, Xu, Liu, Liang, Ma, Zou and Ermon 2024, "TFG: unified training-free
// guidance for diffusion models", algorithm 1, there for variance-preserving paths
// and ddim). L is the norm in their code. Its settings hold DPS (ρ alone), MPGD (μ
// alone, M = 1), LGD (ρ and s), FreeDoM (ρ and Recurrence) and UGD (all but s), each
// up to the schedule of its strength: DPS has ρ a/a′ here. One denoiser call and,
// where ρ > 0, one vector–Jacobian product for each time, (1 + M) K evaluations of
// the operator; any operator and noise. Strengths are of order 1 at every step and
// are tuned for each problem: not where the spread of the samples matters.
type TFG struct {
	around
	TFGSettings

	eval Function
}

// TFGSettings are the hyperparameters of [TFG].
type TFGSettings struct {
	Recurrence, Iterations, Copies         int     // times, M, K
	Rho, Mu, Sigma                         float64 // mean over the steps of ρ and μ; largest s
	RhoSchedule, MuSchedule, SigmaSchedule Schedule
}

var (
	_ sampler.Counted   = (*TFG)(nil)
	_ sampler.Multistep = (*TFG)(nil)
)

// NewTFG puts the method around the step of a sampler.
func NewTFG(m *Model, g diffusion.Grid, step sampler.Bridge, misfit guide.Energy, t TFGSettings) *TFG {
	s := &TFG{around: around{step, g}, TFGSettings: t}
	s.eval = m.FunctionOf("denoiser and training-free guidance", func(u, sigma *Node, more []*Node) []*Node {
		mu, draws := more[0], more[1:]
		loss := func(x *Node) *Node { return smoothed(misfit, x, draws) }
		mean := m.Prior.Denoiser.Denoise(u, sigma)
		through, past := graph.ZerosLike(mean), graph.ZerosLike(mean)
		if t.Rho > 0 {
			through = graph.Gradient(graph.ReduceAllSum(loss(mean)), u)[0]
		}
		if t.Mu > 0 {
			x := graph.StopGradient(mean)
			for range t.Iterations {
				x = graph.Sub(x, graph.Mul(slope(loss, x), mu))
			}
			past = graph.Sub(x, mean)
		}
		return []*Node{mean, through, past}
	})
	return s
}

// Calls are those of one step past the sampler's.
func (s *TFG) Calls(int) (denoiser, vjp int) {
	if s.Rho > 0 {
		vjp = s.Recurrence
	}
	return s.Recurrence, vjp
}

// Step is one transition.
func (s *TFG) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	a, b, a1 := s.grid.A[k], s.grid.B[k], s.grid.A[k+1]
	rho := s.Rho * s.RhoSchedule.share(s.grid, k)
	mu := s.Mu * s.MuSchedule.share(s.grid, k)
	sigma := s.Sigma * s.SigmaSchedule.size(s.grid, k)
	remembered := slices.Clone(p.Memory)
	for time := range s.Recurrence {
		if time > 0 { // back to the level
			climb(p.Z, s.grid, k+1, k, noise)
			copy(p.Memory, remembered)
		}
		draws := normals(noise, p.Z, p.Dim, s.Copies, sigma)
		out, err := s.eval.At(p.Z, p.Dim, a, b, append([]engine.Array{engine.Scalar(mu)}, draws...)...)
		if err != nil {
			return err
		}
		if err := s.known(p, k, out[0], mean, noise); err != nil {
			return err
		}
		for i := range p.Z {
			p.Z[i] += a1 * (out[2][i] - rho/(a*a)*out[1][i]) // ∇_z = a⁻¹ ∇_u
		}
	}
	return nil
}

// Schedule is how the strengths of [TFG] go with the noise.
type Schedule string

// The schedules, in ᾱ = 1/(1 + σ²) of a level and α = ᾱ/ᾱ′ of a step.
const (
	Increase Schedule = "increase" // with α
	Decrease Schedule = "decrease" // with 1 − α
	Constant Schedule = "constant"
)

// share is the part of step k in a strength whose mean over all steps is 1.
func (s Schedule) share(g diffusion.Grid, k int) float64 {
	var sum float64
	for i := range g.Steps() {
		sum += s.weight(g, i)
	}
	if sum == 0 { // one level again and again
		return 1
	}
	return s.weight(g, k) * float64(g.Steps()) / sum
}

func (s Schedule) weight(g diffusion.Grid, k int) float64 {
	alpha := bar(g, k) / bar(g, k+1)
	switch s {
	case Increase:
		return alpha
	case Decrease:
		return 1 - alpha
	}
	return 1
}

// size is the share of the largest displacement: √(1 − ᾱ) falls, √ᾱ grows.
func (s Schedule) size(g diffusion.Grid, k int) float64 {
	switch s {
	case Increase:
		return math.Sqrt(bar(g, k))
	case Decrease:
		return math.Sqrt(1 - bar(g, k))
	}
	return 1
}

func bar(g diffusion.Grid, k int) float64 {
	s := g.Sigma(k)
	return 1 / (1 + s*s)
}
