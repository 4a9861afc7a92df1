package particle

import (
	"context"
	"fmt"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
	"abide/sampler"
)

// constrained is the form of [Twist]: any constraints and potentials, by full
// Jacobians.
type constrained struct {
	*SMC
	twist *Twist
	eval  *engine.Function
}

func (k *SMC) newConstrained(e *engine.Engine, twist *Twist) *constrained {
	den := k.problem.Prior.Denoiser
	return &constrained{SMC: k, twist: twist, eval: e.NewFunction("denoiser and its Jacobian", k.problem.Prior.DType, func(in []*engine.Node) []*engine.Node {
		mean, jac := prior.DenoiseJacobian(den, in[0], in[1])
		return []*engine.Node{mean, jac}
	})}
}

func (c *constrained) products() int { return c.d }

func (c *constrained) note() string {
	return fmt.Sprintf("the look-ahead used the full Jacobian of the denoiser, %d vector–Jacobian products a step", c.d)
}

// posteriors are N(D, C) at the points of a level.
type posteriors struct {
	*constrained
	level     int
	mean, cov []float64
}

// see runs the denoiser and its Jacobian, in chunks of one shape (the last is
// padded), and makes C = σ² sym(∂D/∂z), the nearest positive semi-definite matrix
// where a network's Jacobian gives none.
func (c *constrained) see(ctx context.Context, z []float64, level int) (view, error) {
	d := c.d
	n := len(z) / d
	out := &posteriors{constrained: c, level: level, mean: make([]float64, n*d), cov: make([]float64, n*d*d)}
	sigma := c.sigma[level]
	err := sampler.ForChunks(ctx, n, c.Chunk, c.Workers, func(_, lo, hi int) error {
		r, err := c.eval.Call(engine.Rows(padded(z[lo*d:hi*d], c.Chunk*d), d), engine.Scalar(sigma))
		if err != nil {
			return err
		}
		copy(out.mean[lo*d:hi*d], r[0].F64)
		b, q := make([]float64, d*d), make([]float64, d*d)
		for i := lo; i < hi; i++ {
			covariance(out.cov[i*d*d:(i+1)*d*d], r[1].F64[(i-lo)*d*d:], sigma, b, q, d)
		}
		return nil
	})
	return out, err
}

// padded is x with zeros behind it, n numbers in all.
func padded(x []float64, n int) []float64 {
	if len(x) == n {
		return x
	}
	out := make([]float64, n)
	copy(out, x)
	return out
}

// covariance makes c the nearest positive semi-definite matrix to σ² sym(jac); b
// and q are scratch.
func covariance(c, jac []float64, sigma float64, b, q []float64, d int) {
	for p := range d {
		for o := range p + 1 {
			v := 0.5 * sigma * sigma * (jac[p*d+o] + jac[o*d+p])
			c[p*d+o], c[o*d+p] = v, v
		}
	}
	semidefinite(c, b, q, d)
}

func (p *posteriors) gather(index []int) view {
	d := p.d
	return &posteriors{p.constrained, p.level, gather(p.mean, index, d), gather(p.cov, index, d*d)}
}

func (p *posteriors) open(_, _ int, purpose string, chunk int) (eye, error) {
	stream := keyed.New(p.Seed, purpose, chunk, p.level)
	return &constrainedEye{posteriors: p, w: p.twist.newLook(), m: p.newMove(min(p.level, p.Steps()-2), stream)}, nil
}

type constrainedEye struct {
	*posteriors
	w *look
	m *move
}

func (e *constrainedEye) look(i int) {
	d := e.d
	copy(e.w.prior.m, e.mean[i*d:(i+1)*d])
	copy(e.w.prior.s, e.cov[i*d*d:(i+1)*d*d])
	e.twist.look(e.w, e.sigma[e.level])
}

func (e *constrainedEye) factors(i int) (soft, hard float64) {
	e.look(i)
	return e.w.logSoft, e.w.logHard
}

func (e *constrainedEye) psi(i int, logP float64) float64 {
	e.look(i)
	e.twist.defend(e.w, logP)
	return e.w.logPsi
}

func (e *constrainedEye) propose(next, z []float64) float64 { return e.m.propose(next, z, e.w) }

func (e *constrainedEye) ratio(next, z []float64) float64 {
	e.m.kernels(z, e.w)
	return e.m.ratio(next, e.w)
}

// end is the denoiser's mean, projected onto the equations.
func (e *constrainedEye) end(u []float64) (logw, moved float64) {
	at := e.problem.Prior.Coordinates
	at.ToX(u, e.w.prior.m)
	logG, moved := e.clean(u)
	at.ToU(u, u)
	return logG + e.kept(e.w), moved
}

func (e *constrainedEye) reach(u []float64) float64 {
	x := make([]float64, len(u))
	e.problem.Prior.Coordinates.ToX(x, u)
	return e.kept(e.w) - e.problem.Energy(x)
}
