package inverse

import (
	"math"
	"sync"

	"abide/correct"
	"abide/diffusion"
	"abide/sampler"
)

// TweedieProjection is the step of any sampler with the clean estimate x̂ moved to where
// rows r(u) = 0 hold, in the metric of what the prior leaves open at this noise level
// and not in Euclid's: with J = ∂r/∂u and Tweedie's covariance of the clean point,
//
//	x̃ = x̂ − K Jᵀ (J K Jᵀ)⁻¹ r(x̂),   K = C + τ²I,   C = (b²/a) ∂x̂/∂z,   τ = Floor·σ/√(1+σ²).
//
// That is the mean of N(x̂, C) given r = 0: what is tied to the rows follows them. It is
// moment matching (Boys et al. 2024, equation 8; Rozet et al. 2024, section 4.2) with the
// rows as measurements without noise; no weight has to be tuned. Exact for Gaussian
// priors and linear rows as steps grow, and nearly so where x given z is nearly Gaussian.
// τ is what moves directions of which the prior knows nothing, by Euclid's projection.
//
// The system is solved by minimal residuals (Eisenstat, Elman and Schultz 1983, section
// 3), each point by itself, until its residual is [tweedieDone] of the first or Iterations
// are through; a matrix is never made. Rows are divided by their sizes |∂rᵢ/∂u| at the
// start, without which those of large numbers, derivatives on fine grids, hide the others
// from the iteration. One more denoiser call and one vector–Jacobian product an iteration;
// as many iterations as x given z has directions that the rows see, however many rows there
// are. A direction without positive curvature, which no covariance has but the Jacobian of a
// network may, ends the iterations of a point. What was not solved and why is remembered,
// see [TweedieProjection.Memory].
//
// Rows that are not linear are linearised at x̂; rows g ≤ 0 count where they are broken.
// What is left at the end is for a projection to remove.
//
// Not for inequalities whose law matters: the mean of a truncated Gaussian is no
// projection. On mixtures far from Gaussian modes are weighed wrongly.
type TweedieProjection struct {
	around
	Rows       *correct.Residuals
	Iterations int
	Floor      float64

	split  Split
	weight []float64 // [m] 1/size of each row

	mu    sync.Mutex
	step  int
	calls int // most of any chunk in that step
}

var (
	_ sampler.Counted   = (*TweedieProjection)(nil)
	_ sampler.Multistep = (*TweedieProjection)(nil)
)

// tweedieDone is the share of a residual that ends the iteration.
const tweedieDone = 1e-6

// NewTweedieProjection puts the projection of the estimate into the step of a sampler.
func NewTweedieProjection(m *Model, g diffusion.Grid, step sampler.Bridge, rows *correct.Residuals, iterations int) *TweedieProjection {
	weight := rows.Sizes()
	for i, size := range weight {
		weight[i] = 1 / size
	}
	return &TweedieProjection{
		around: around{step, g}, Rows: rows, Iterations: iterations, Floor: math.Max(m.Prior.Resolution, 1e-6), split: m.Split(), weight: weight,
	}
}

// Memory is the sampler's, and two numbers more: the largest root mean square of the
// residual of a point when its iterations were through, in the scale in which noise of the
// prior's spread has 1; and how many estimates were left at a direction without positive
// curvature.
func (s *TweedieProjection) Memory(d int) int { return s.around.Memory(d) + remembered }

const remembered = 2

// Calls are those past the sampler's in the step that was last.
func (s *TweedieProjection) Calls(k int) (denoiser, vjp int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k != s.step {
		return 0, 0
	}
	return s.calls, s.calls
}

func (s *TweedieProjection) count(k, calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k != s.step {
		s.step, s.calls = k, 0
	}
	s.calls = max(s.calls, calls)
}

// Step is one transition.
func (s *TweedieProjection) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	n, m := len(p.Z)/p.Dim, s.Memory(p.Dim)
	own := m - remembered // of the sampler
	memory, left := make([]float64, 0, n*own), make([]float64, 0, n*remembered)
	for i := range n {
		memory, left = append(memory, p.Memory[i*m:i*m+own]...), append(left, p.Memory[i*m+own:(i+1)*m]...)
	}
	calls := 0
	err := s.sampler.Step(sampler.Points{Z: p.Z, Memory: memory, Dim: p.Dim}, k, func(z []float64, a, b float64) ([]float64, error) {
		x, err := mean(z, a, b)
		if err != nil {
			return nil, err
		}
		n, err := s.project(x, z, left, p.Dim, a, b)
		calls += n
		return x, err
	}, noise)
	for i := range n {
		copy(p.Memory[i*m:], memory[i*own:(i+1)*own])
		copy(p.Memory[i*m+own:], left[i*remembered:(i+1)*remembered])
	}
	s.count(k, calls)
	return err
}

// project moves estimates x of points z, says how many products it took, and notes in left
// what was not solved; see [TweedieProjection.Memory].
func (s *TweedieProjection) project(x, z, left []float64, d int, a, b float64) (products int, err error) {
	n, m := len(x)/d, s.Rows.Size()
	sigma := b / a
	tau := s.Floor * sigma / math.Sqrt(1+sigma*sigma)
	solver := newMinimalResiduals(n, m, d)
	s.Rows.At(solver.residual, x)
	for i := range solver.residual {
		solver.residual[i] *= -s.weight[i%m]
	}
	solver.begin()
	c, q := make([]float64, n*d), make([]float64, n*m)
	for ; products < s.Iterations && solver.left > 0; products++ {
		for i, r := range solver.residual {
			q[i] = s.weight[i%m] * r
		}
		s.Rows.VJP(c, x, q)
		_, g, err := s.split.Pull(z, c, d, a, b)
		if err != nil {
			return products, err
		}
		for i := range g {
			g[i] = sigma*b*g[i] + tau*tau*c[i] // K Jᵀ r
		}
		s.Rows.JVP(q, x, g)
		for i := range q {
			q[i] *= s.weight[i%m]
		}
		solver.next(g, q)
	}
	for i, v := range solver.shift {
		x[i] += v
	}
	for i := range n {
		switch r := solver.residual[i*m : (i+1)*m]; {
		case solver.curved[i]:
			left[i*remembered+1]++
		case !solver.done[i]:
			left[i*remembered] = math.Max(left[i*remembered], math.Sqrt(inner(r, r)/float64(m)))
		}
	}
	return products, nil
}

// minimalResiduals is S λ = r for many points at once, S = J K Jᵀ, of which products
// with residuals are seen: g = K Jᵀ r, [n, d], and q = J g, [n, m]. shift is K Jᵀ λ.
type minimalResiduals struct {
	m, d            int
	residual, shift []float64
	first           []float64 // |r|² of each point at the start
	done            []bool
	curved          []bool      // done for want of positive curvature
	left            int         // points that are not done
	gs, qs          [][]float64 // earlier products, images orthonormal
}

func newMinimalResiduals(n, m, d int) *minimalResiduals {
	return &minimalResiduals{m: m, d: d, residual: make([]float64, n*m), shift: make([]float64, n*d), first: make([]float64, n), done: make([]bool, n), curved: make([]bool, n)}
}

// begin takes note of the residuals.
func (s *minimalResiduals) begin() {
	for i := range s.done {
		r := s.residual[i*s.m : (i+1)*s.m]
		s.first[i] = inner(r, r)
		if s.done[i] = s.first[i] == 0; !s.done[i] {
			s.left++
		}
	}
}

// next goes along one more direction, at each point that is not done. Products are kept.
func (s *minimalResiduals) next(g, q []float64) {
	g, q = append([]float64(nil), g...), append([]float64(nil), q...)
	for i := range s.done {
		gi, qi, r := g[i*s.d:(i+1)*s.d], q[i*s.m:(i+1)*s.m], s.residual[i*s.m:(i+1)*s.m]
		if s.done[i] {
			continue
		}
		// A covariance has no direction of negative curvature; what is left of an image
		// in the span of the others is rounding.
		curvature, size := inner(r, qi), inner(qi, qi)
		for j := range s.qs {
			c := inner(qi, s.qs[j][i*s.m:(i+1)*s.m])
			axpy(qi, -c, s.qs[j][i*s.m:(i+1)*s.m])
			axpy(gi, -c, s.gs[j][i*s.d:(i+1)*s.d])
		}
		left := inner(qi, qi)
		if s.done[i] = !(curvature > 0 && left > 1e-28*size); s.done[i] {
			s.curved[i] = !(curvature > 0)
			s.left--
			continue
		}
		c := 1 / math.Sqrt(left)
		for j := range qi {
			qi[j] *= c
		}
		for j := range gi {
			gi[j] *= c
		}
		c = inner(r, qi)
		axpy(r, -c, qi)
		axpy(s.shift[i*s.d:(i+1)*s.d], c, gi)
		if s.done[i] = inner(r, r) <= tweedieDone*tweedieDone*s.first[i]; s.done[i] {
			s.left--
		}
	}
	s.gs, s.qs = append(s.gs, g), append(s.qs, q)
}

func axpy(y []float64, c float64, x []float64) {
	for i, v := range x {
		y[i] += c * v
	}
}
