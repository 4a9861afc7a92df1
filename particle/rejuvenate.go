package particle

import (
	"context"
	"math"

	"abide/internal/keyed"
	"abide/sampler"
)

// rejuvenationLevel is the noise, in standard deviations of the prior, to which
// drawn points are taken back.
const rejuvenationLevel = 0.3

// rejuvenate moves drawn points u by one Metropolis–Hastings step that leaves
// their law unchanged, so that copies of one particle separate; it returns the
// share of accepted moves.
//
// A point is noised to about σ_r = noise and its path down to it drawn from the forward
// process given both ends, z′ | z, u ~ N((1−γ)z + γu, vI). A second path is
// proposed from z_r with the twisted kernels, and accepted with probability
// min(1, W′/W), where W = Π p(z′|z)/q(z′|z) · exp(−E)·1[…] is the importance
// weight of a path: an independence sampler for the path given z_r, as in
// particle independent Metropolis–Hastings (Andrieu, Doucet and Holenstein 2010).
func (k *SMC) rejuvenate(ctx context.Context, u []float64, logP, noise float64) (accepted float64, err error) {
	d, n := k.d, len(u)/k.d
	level := 0
	for level < k.Steps()-1 && k.sigma[level] > noise {
		level++
	}
	if level >= k.Steps()-1 {
		return 0, nil
	}
	streams := func(purpose string, step int, f func(i int, s *keyed.Stream)) error {
		return sampler.ForChunks(ctx, n, k.Chunk, k.Workers, func(c, lo, hi int) error {
			s := keyed.New(k.Seed, purpose, c, step)
			for i := lo; i < hi; i++ {
				f(i, s)
			}
			return nil
		})
	}
	top := make([]float64, len(u))
	err = streams("rejuvenate start", level, func(i int, s *keyed.Stream) {
		z := top[i*d : (i+1)*d]
		s.Normal(z)
		for j := range z {
			z[j] = u[i*d+j] + k.sigma[level]*z[j]
		}
	})
	if err != nil {
		return 0, err
	}
	oldW, _, err := k.path(ctx, top, level, u, logP)
	if err != nil {
		return 0, err
	}
	newW, next, err := k.path(ctx, top, level, nil, logP)
	if err != nil {
		return 0, err
	}
	moved := make([]bool, n)
	err = streams("rejuvenate accept", level, func(i int, s *keyed.Stream) {
		if r := s.Uniform(); !math.IsInf(newW[i], -1) && math.Log(r) < newW[i]-oldW[i] {
			copy(u[i*d:(i+1)*d], next[i*d:(i+1)*d])
			moved[i] = true
		}
	})
	for _, m := range moved {
		if m {
			accepted++
		}
	}
	return accepted / float64(n), err
}

// path walks from z at a level to clean points and returns the log importance
// weight of each path and its end. With an end u given, the path is drawn from
// the forward process between z and u, and only weighed; without, it is proposed
// from the twisted kernels.
func (k *SMC) path(ctx context.Context, z []float64, level int, u []float64, logP float64) (logw, end []float64, err error) {
	d, n := k.d, len(z)/k.d
	logw, end = make([]float64, n), make([]float64, n*d)
	purpose := "rejuvenate proposal"
	if u != nil {
		purpose = "rejuvenate bridge"
	}
	for ; level < k.Steps(); level++ {
		ahead, err := k.form.see(ctx, z, level)
		if err != nil {
			return nil, nil, err
		}
		next := make([]float64, len(z))
		err = sampler.ForChunks(ctx, n, k.Chunk, k.Workers, func(c, lo, hi int) error {
			e, err := ahead.open(lo, hi, purpose, c)
			if err != nil {
				return err
			}
			bridge := keyed.New(k.Seed, purpose, c, level)
			for i := lo; i < hi; i++ {
				zi, to := z[i*d:(i+1)*d], next[i*d:(i+1)*d]
				e.psi(i, logP)
				switch {
				case level == k.Steps()-1 && u == nil:
					w, _ := e.end(to)
					logw[i] += w
				case level == k.Steps()-1:
					logw[i] += e.reach(u[i*d : (i+1)*d])
				case u == nil:
					logw[i] += e.propose(to, zi)
				default:
					k.forward(to, zi, u[i*d:(i+1)*d], level, bridge)
					logw[i] += e.ratio(to, zi)
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		z = next
	}
	return logw, z, nil
}

// forward draws a point of the next level from the forward process between z and u.
func (k *SMC) forward(next, z, u []float64, level int, stream *keyed.Stream) {
	ratio := k.sigma[level+1] / k.sigma[level]
	gamma := 1 - ratio*ratio
	std := k.sigma[level+1] * math.Sqrt(gamma)
	stream.Normal(next)
	for j := range next {
		next[j] = (1-gamma)*z[j] + gamma*u[j] + std*next[j]
	}
}
