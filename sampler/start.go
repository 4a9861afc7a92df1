package sampler

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
	"abide/prior"
)

// DrawStart fills s.Z with draws of N(0, a²Σ + b²I), the Gaussian with the first
// two moments of the prior noised to z = a u + b n: what is left out falls as
// (a/b)³. Starting from N(0, b²) instead, as is common, is off by (a/b)².
func DrawStart(ctx context.Context, s *State, p *prior.Prior, a, b float64, seed uint64, chunk, workers int) error {
	d := s.Dim
	cov := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			v := a * a * p.Covariance[i*d+j]
			if i == j {
				v += b * b
			}
			cov.SetSym(i, j, v)
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		return fmt.Errorf("sampler: the covariance of the prior with noise %g is not positive definite", b)
	}
	var l mat.TriDense
	chol.LTo(&l)
	return ForChunks(ctx, s.N, chunk, workers, func(c, lo, hi int) error {
		stream, n := keyed.New(seed, "start", c, 0), make([]float64, d)
		for i := lo; i < hi; i++ {
			s.Ancestor[i] = int64(i)
			stream.Normal(n)
			for r := range d {
				var v float64
				for q := range r + 1 {
					v += l.At(r, q) * n[q]
				}
				s.Z[i*d+r] = v
			}
		}
		return nil
	})
}
