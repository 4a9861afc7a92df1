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
		answers, err := k.evaluate(ctx, z, level)
		if err != nil {
			return nil, nil, err
		}
		next := make([]float64, len(z))
		err = sampler.ForChunks(ctx, n, k.Chunk, k.Workers, func(c, lo, hi int) error {
			w := k.twist.newLook()
			m := k.newMove(min(level, k.Steps()-2), keyed.New(k.Seed, purpose, c, level))
			for i := lo; i < hi; i++ {
				zi, to := z[i*d:(i+1)*d], next[i*d:(i+1)*d]
				k.fill(w, answers, i)
				k.twist.look(w, k.sigma[level])
				k.twist.defend(w, logP)
				switch {
				case level == k.Steps()-1:
					logw[i] += k.kept(w) + k.end(to, w.prior.m, u, i)
				case u == nil:
					logw[i] += m.propose(to, zi, w)
				default:
					m.stream.Normal(to)
					for j := range to {
						to[j] = (1-m.gamma)*zi[j] + m.gamma*u[i*d+j] + math.Sqrt(m.v)*to[j]
					}
					m.kernels(zi, w)
					logw[i] += m.ratio(to, w)
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

// end writes the clean point of a path and returns log exp(−E)·1[…] there.
func (k *SMC) end(to, mean, u []float64, i int) float64 {
	at := k.problem.Prior.Coordinates
	x := make([]float64, k.d)
	if u != nil {
		at.ToX(x, u[i*k.d:(i+1)*k.d])
		return -k.problem.Energy(x)
	}
	at.ToX(x, mean)
	logG, _ := k.clean(x)
	at.ToU(to, x)
	return logG
}
