package sampler

import (
	"context"

	"abide/internal/keyed"
	"abide/prior"
)

// DrawStart fills s.Z with draws of N(0, a²Σ + b²I), the Gaussian with the first
// two moments of the prior noised to z = a u + b n: what is left out falls as
// (a/b)³. Starting from N(0, b²) instead, as is common, is off by (a/b)².
func DrawStart(ctx context.Context, s *State, p *prior.Prior, a, b float64, seed uint64, chunk, workers int) error {
	d := s.Dim
	colour, err := p.Colouring(a, b)
	if err != nil {
		return err
	}
	return ForChunks(ctx, s.N, chunk, workers, func(c, lo, hi int) error {
		stream, n := keyed.New(seed, "start", c, 0), make([]float64, d)
		for i := lo; i < hi; i++ {
			s.Ancestor[i] = int64(i)
			stream.Normal(n)
			colour(s.Z[i*d:(i+1)*d], n)
		}
		return nil
	})
}
