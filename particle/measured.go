package particle

import (
	"context"
	"fmt"

	"abide/guide"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/operator"
	"abide/potential"
	"abide/sampler"
)

// measured is the form of problems that are measurements y = A(u) + n, n ~ N(0, R),
// and nothing else. With the noise whitened, R = I, r = y − A(D) and H = ∂A/∂u at
// the denoiser's mean D, it takes the posterior as
//
//	u | z ≈ D + Fᵀc,  c ~ N(0, I_k),     M = H Fᵀ
//
// so that everything is k numbers:
//
//	ψ(z)    = N(r; 0, I + M Mᵀ)
//	c | y, z ~ N(c*, W⁻¹),   W = I + MᵀM,   c* = W⁻¹Mᵀr
//	p(z′|z) = N( (1−γ)z + γD,        vI + γ²( FᵀF + λN ) )
//	q(z′|z) = N( (1−γ)z + γ(D + Fᵀc*), vI + γ²( FᵀW⁻¹F + λN ) )
//
// With C = σ²∂D/∂z (Tweedie's covariance):
//
//   - full: F = Lᵀ, C = L Lᵀ, k = d: exact for Gaussian priors and linear A, at any
//     number of steps: no weight changes after the first.
//   - rows: F = L⁻¹ H C, H C Hᵀ = L Lᵀ, k = m: the part of C that the measurement
//     sees, FᵀF = C Hᵀ(H C Hᵀ)⁻¹H C, so that D + Fᵀc has C's covariance of every
//     measured value with every column. What is left, C − FᵀF ⪰ 0, lies in the null
//     space of H, has no part in the weights, and is taken as isotropic there: λN, N
//     the projection onto the null space, λ = eᵀ(C − FᵀF)e/eᵀe for one fixed random e
//     in it (Hutchinson 1990: the mean eigenvalue), within [0, σ²/(1+σ²)]. Exact for
//     isotropic priors; for others O(step) wrong there, as DDPM is, which has λ = 0;
//     so have nonlinear operators, whose null space moves.
//
// In the full form λ = 0. Through a nonlinear operator a posterior may have modes that
// a tangent does not see: there the proposal is (1−ε)q + εp, so that p/q ≤ 1/ε.
//
// The last transition, to σ = 0, draws c from its law given y and adds Fᵀc to D:
// taking the mean, as DDPM does, would leave the measured values wherever σ has left
// them, far apart in units of a small R, and throw the population away at the end.
type measured struct {
	*SMC
	y    *potential.Measurement // in sampler coordinates
	full bool
	k    int // numbers c

	a     []float64 // whitened matrix m×d of a linear operator; nil for others
	data  []float64 // whitened data, without the operator's constant where it is linear
	null  *null     // space that a linear operator does not see; nil where λ = 0
	eval  *engine.Function
	batch int // points of one call
	kept  int // numbers of F that are kept of a population; above, they are computed again
}

// maxBatch bounds the numbers in the rows of one call: 32 MiB.
const maxBatch = 1 << 22

func (s *SMC) newMeasured(e *engine.Engine, y *potential.Measurement, full bool) *measured {
	m := len(y.Y)
	f := &measured{SMC: s, y: y, full: full, k: m, kept: maxKept}
	if full {
		f.k = s.d
	}
	f.batch = max(1, min(s.Chunk, maxBatch/(f.k*s.d)))
	noise, _ := y.Gaussian()
	f.data = append([]float64(nil), y.Y...)
	if h, data, ok := y.Linear(); ok {
		f.data = data
		f.a = whitenedRows(h, noise)
	}
	noise.WhitenAt(f.data)
	if f.a != nil && !full && !s.DDPM {
		f.null = newNull(f.a, s.d, keyed.New(s.Seed, "probe", 0, 0))
	}
	seen := guide.Seen{Denoiser: s.problem.Prior.Denoiser, Full: full}
	switch {
	case f.a == nil:
		seen.Operator, seen.Noise = y.Op, noise
	case !full:
		for i := range m {
			seen.Rows = append(seen.Rows, f.a[i*s.d:(i+1)*s.d])
		}
	}
	if f.null != nil {
		seen.Probe = f.null.probe
	}
	f.eval = e.NewFunction("denoiser and what the measurement sees of its Jacobian", s.problem.Prior.DType, func(in []*engine.Node) []*engine.Node {
		return seen.Build(in[0], in[1])
	})
	return f
}

// whitenedRows is L⁻¹H, R = L Lᵀ, row-major m×d.
func whitenedRows(h operator.Linear, noise *potential.Normal) []float64 {
	d, m := h.Dims()
	a := append([]float64(nil), operator.Dense(h)...)
	column := make([]float64, m)
	for j := range d {
		for i := range m {
			column[i] = a[i*d+j]
		}
		noise.WhitenAt(column)
		for i := range m {
			a[i*d+j] = column[i]
		}
	}
	return a
}

func (f *measured) products() int {
	if f.null != nil {
		return f.k + 1
	}
	return f.k
}

func (f *measured) note() string {
	if f.full {
		return fmt.Sprintf("the look-ahead used the full Jacobian of the denoiser, %d vector–Jacobian products a step", f.d)
	}
	return fmt.Sprintf("the look-ahead used the %d rows of the denoiser's Jacobian that the measurements see, of %d", f.k, f.d)
}

// see looks ahead from the points z of a level; what it sees of them is kept where
// that is not too much, and seen again, chunk by chunk, where it is.
func (f *measured) see(ctx context.Context, z []float64, level int) (view, error) {
	n := len(z) / f.d
	g := f.newGlance(level, n, n*f.k*f.d <= f.kept)
	g.z = z
	err := sampler.ForChunks(ctx, n, f.batch, f.Workers, func(_, lo, hi int) error {
		return f.fill(g, z[lo*f.d:hi*f.d], lo)
	})
	return g, err
}

// fill evaluates the points z and writes what is seen from place lo of g on.
func (f *measured) fill(g *glance, z []float64, lo int) error {
	d, m := f.d, len(f.data)
	sigma := f.sigma[g.level]
	out, err := f.eval.Call(engine.Rows(padded(z, f.batch*d), d), engine.Scalar(sigma))
	if err != nil {
		return err
	}
	factor := f.newFactoriser(sigma)
	for i := range len(z) / d {
		mean := out[0].F64[i*d : (i+1)*d]
		var value, h []float64
		if f.a == nil {
			value, h = out[2].F64[i*m:(i+1)*m], out[3].F64[i*m*d:(i+1)*m*d]
		}
		along := 0.0
		if f.null != nil {
			along = out[2].F64[i]
		}
		factor.point(g, lo+i, mean, out[1].F64[i*f.k*d:(i+1)*f.k*d], value, h, along)
	}
	return nil
}
