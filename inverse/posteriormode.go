package inverse

import (
	"context"
	"fmt"
	"sync"
)

// shared is a value that the first goroutine that asks makes for all; made anew for
// another key. An error is not kept.
type shared[T any] struct {
	mu    sync.Mutex
	made  bool
	key   float64
	value T
}

func (s *shared[T]) get(key float64, build func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made && s.key == key {
		return s.value, nil
	}
	v, err := build()
	if err == nil {
		s.made, s.key, s.value = true, key, v
	}
	return v, err
}

// gainAt is the gain of a level, with the tangent at the posterior's mode.
func (s *NewtonGibbs) gainAt(ctx context.Context, sigma float64, d int) (*gain, error) {
	return s.level.get(sigma, func() (*gain, error) {
		j, err := s.mode.get(0, func() (*tangent, error) { return s.tangentAtMode(ctx, d) })
		if err != nil {
			return nil, err
		}
		return s.newGain(j, sigma)
	})
}

// wide is a noise level at which a noisy point says nothing: C is the prior's covariance
// but for 1e-8 of it.
const wide = 1e4

// Bounds of the way to the mode: steps, and what a step has to gain.
const (
	modeSteps = 30
	modeGain  = 1e-3
)

// tangentAtMode goes from the prior's mean to a mode of the posterior by steps of Gauss
// and Newton, halved until −log p(x | y) falls, and returns the solver's tangent there.
// On x = x̂ + e and the step's end x̂ + Gw, ½ eᵀC⁻¹e along the way is
// ½(1−t)² eᵀC⁻¹e + t(1−t) eᵀJᵀw + ½t² wᵀJGw.
func (s *NewtonGibbs) tangentAtMode(ctx context.Context, d int) (*tangent, error) {
	m := len(s.y.Y)
	centre := make([]float64, d) // the prior's mean in sampler coordinates
	fail := func(err error) error { return fmt.Errorf("inverse: newton-gibbs: on the way to the mode: %w", err) }
	x, e, r, rNext, quadratic := append([]float64(nil), centre...), make([]float64, d), make([]float64, m), make([]float64, m), 0.0
	for range modeSteps {
		j := &tangent{d, make([]float64, m*d)}
		if err := s.y.Linearise(ctx, r, j.row, x); err != nil {
			return nil, fail(err)
		}
		g, err := s.newGain(j, wide)
		if err != nil {
			return nil, err
		}
		along := j.times(e)
		data := append([]float64(nil), r...)
		for i, v := range along {
			data[i] += v
		}
		w := g.solve(data)
		end := make([]float64, d)
		g.add(end, w)
		cross, square, value := inner(along, w), inner(w, g.seen(w)), 0.5*inner(r, r)+0.5*quadratic
		gained := 0.0
		for t := 1.0; t > 1e-3; t /= 2 {
			q := (1-t)*(1-t)*quadratic + 2*t*(1-t)*cross + t*t*square
			next := make([]float64, d)
			for i, v := range centre {
				next[i] = v + (1-t)*e[i] + t*end[i]
			}
			if err := s.y.Misfit(ctx, rNext, next); err != nil {
				return nil, fail(err)
			}
			if v := 0.5*inner(rNext, rNext) + 0.5*q; v < value {
				gained, x, quadratic = value-v, next, q
				for i := range e {
					e[i] = x[i] - centre[i]
				}
				break
			}
		}
		if gained < modeGain {
			return j, nil
		}
	}
	// A tangent short of the mode makes worse proposals, not another law.
	j := &tangent{d, make([]float64, m*d)}
	if err := s.y.Linearise(ctx, r, j.row, x); err != nil {
		return nil, fail(err)
	}
	return j, nil
}
