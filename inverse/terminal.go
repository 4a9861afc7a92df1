package inverse

import (
	"sync"

	"abide/correct"
	"abide/diffusion"
	"abide/sampler"
)

// Terminal steers a flow so that its end obeys laws, by the first move of a plan that is
// made anew at every level. In the coordinates w = z/(a + b) of a flow, s = a/(a + b), a
// constant control u over the time T = 1 − s that is left, dw/ds = v + u, takes the
// predicted end x̂(w), r in units of its rows, to r + T G u with G = ∂r/∂x̂ ∂x̂/∂w; the plan
// is the least squares solution of the smallest control,
//
//	u = argmin |r + T G u|²/m + κ T |u|²/d = −Gᵀ (G Gᵀ + κ_T I)⁻¹ r / T,   κ_T = κ m/(d T)
//
// for m rows of d numbers: means of squares, so that κ means the same on finer grids;
// Δs of it is laid on the point that a sampler then steps from. With κ → 0 the plan's
// end obeys the laws as linearised where they can be obeyed, as κ grows the flow is left
// alone. Products with the denoiser's Jacobian are exact, by both modes of the graph, for
// that of a network is not symmetric; G is never made: [normalEquations], at most
// Iterations of them, each with one product of G and one of Gᵀ.
//
//   - Iterations = 1 is control along the gradient alone with a scalar in place of the
//     inverse, u = −g gᵀg/(|G g|² + κ_T gᵀg)/T with g = Gᵀ r, that is TOCFlow (W. Gao, M.
//     Li and Q. Li 2026). The damping is the optimum of the scalar linear-quadratic problem
//     that their abstract describes; their own constants are not known to us.
//   - More are the control of a predictive controller with the posterior mean for the end, as
//     in HardFlow (Z. Li, K. Alim and N. Azizan 2025), with a quadratic cost of control in
//     place of their solver for general costs. Rounds > 1 linearise law and denoiser again
//     where the plan leads, a Gauss–Newton method for the shortest displacement.
//
// Cost beside the sampler's: a denoiser call each round, and for each iteration 2 calls
// and 3 vector–Jacobian products.
//
// Not where the law has to be right: a control through the mean takes no account of the
// spread about it. Not with κ = 0 from the start of a flow, where the mean knows nothing
// of the point and the plan has no bounds.
type Terminal struct {
	around
	Laws       *correct.Residuals
	Damping    float64 // κ
	Iterations int
	Rounds     int

	split Split
	calls struct { // of the step at hand, of the chunk that makes most
		sync.Mutex
		denoiser, vjp int
	}
}

var (
	_ sampler.Counted   = (*Terminal)(nil)
	_ sampler.Multistep = (*Terminal)(nil)
)

// NewTerminal lays control before the steps of a sampler.
func NewTerminal(m *Model, g diffusion.Grid, step sampler.Bridge, laws *correct.Residuals, damping float64, iterations, rounds int) *Terminal {
	return &Terminal{around: around{step, g}, Laws: laws, Damping: damping, Iterations: iterations, Rounds: rounds, split: m.Split()}
}

// least is the share of the gradient at which a plan is solved.
const least = 1e-9

// Calls are those of the last step past the sampler's, of the chunk that made most.
func (s *Terminal) Calls(int) (denoiser, vjp int) {
	s.calls.Lock()
	defer s.calls.Unlock()
	denoiser, vjp = s.calls.denoiser, s.calls.vjp
	s.calls.denoiser, s.calls.vjp = 0, 0
	return denoiser, vjp
}

// count keeps the largest number of calls of any chunk.
func (s *Terminal) count(denoiser, vjp int) {
	s.calls.Lock()
	defer s.calls.Unlock()
	s.calls.denoiser, s.calls.vjp = max(s.calls.denoiser, denoiser), max(s.calls.vjp, vjp)
}

// Step is one transition.
func (s *Terminal) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	a, b, a1, b1 := s.grid.A[k], s.grid.B[k], s.grid.A[k+1], s.grid.B[k+1]
	plan, err := s.Plan(p.Z, p.Dim, a, b)
	if err != nil {
		return err
	}
	share := 1 - b1/(a1+b1)*(a+b)/b // Δs/T
	for i := range p.Z {
		p.Z[i] += share * plan[i]
	}
	return s.sampler.Step(p, k, mean, noise)
}

// Plan is T u of all points, in units of z.
func (s *Terminal) Plan(z []float64, d int, a, b float64) ([]float64, error) {
	m := s.Laws.Size()
	n := len(z) / d
	kappa := s.Damping * float64(m) / float64(d) / (b * (a + b)) // κ_T in units of z
	plan, at := make([]float64, len(z)), append([]float64(nil), z...)
	r, along := make([]float64, n*m), make([]float64, n*m)
	pushes, pulls := 0, 0
	for round := range s.Rounds {
		x, err := s.split.Mean(at, d, a, b)
		if err != nil {
			return nil, err
		}
		push := func(v []float64) ([]float64, error) {
			pushes++
			t, err := s.split.Push(at, v, d, a, b)
			if err != nil {
				return nil, err
			}
			out := make([]float64, n*m)
			s.Laws.JVP(out, x, t)
			return out, nil
		}
		pull := func(c []float64) ([]float64, error) {
			pulls++
			g := make([]float64, n*d)
			s.Laws.VJP(g, x, c)
			_, g, err := s.split.Pull(at, g, d, a, b)
			return g, err
		}
		s.Laws.At(r, x)
		if round > 0 {
			if along, err = push(plan); err != nil {
				return nil, err
			}
		}
		for i := range r {
			r[i] = along[i] - r[i]
		}
		if plan, err = normalEquations(d, m, r, kappa, s.Iterations, least, push, pull); err != nil {
			return nil, err
		}
		for i := range at {
			at[i] = z[i] + plan[i]
		}
	}
	s.count(s.Rounds+pushes+pulls, pulls+2*pushes)
	return plan, nil
}
