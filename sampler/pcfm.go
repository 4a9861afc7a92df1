package sampler

import (
	"math"

	"abide/correct"
)

// PCFM is physics-constrained flow matching (U. Utkarsh, P. Cai, A. Edelman, R.
// Gómez-Bombarelli and C. Rackauckas 2025, algorithm 1): the way back along the line to
// the start's noise, [Renoise] with Frozen, followed by Steps of gradient descent on
//
//	|w − ŵ|² + λ |r(w + γ v)|²,   γ = b′/(a′ + b′),   v = x̂ − ε̂,   ε̂ = (z − a x̂)/b
//
// from ŵ, the point that Renoise ends at, in the coordinates w = z/(a + b) of the flow; r
// are the laws in units of their rows. The velocity v is that of the level that is left,
// frozen, so that no product with the network's Jacobian is taken: as in the published
// code, which has the flow alone, where a + b = 1. Steps are Size long, or as long as the
// minimum along the gradient (of the linearised r) is far where that is nearer, so that
// stiff rows do not explode; published is Size whatever the rows. Each point descends by
// itself. At the data there is nothing to descend. One denoiser call and correction a
// step; Steps products each of J and Jᵀ.
//
// λ = 0 is Renoise. Not where the law has to be right, see there; and the descent ends
// nowhere near its minimum where Size·λ|J|² is small: with the published numbers it moves
// by a fifth of the residual at most.
type PCFM struct {
	Renoise
	Laws   *correct.Residuals
	Weight float64 // λ
	Steps  int
	Size   float64
}

var (
	_ Multistep = PCFM{}
	_ Starter   = PCFM{}
)

// Step is one transition.
func (s PCFM) Step(p Points, k int, mean Mean, noise func([]float64)) error {
	var v []float64
	err := s.Renoise.Step(p, k, func(z []float64, a, b float64) ([]float64, error) {
		x, err := mean(z, a, b)
		if err != nil {
			return nil, err
		}
		v = make([]float64, len(x))
		implied(v, z, x, a, b)
		for i := range v {
			v[i] = x[i] - v[i]
		}
		return x, nil
	}, noise)
	a, b := s.Grid.A[k+1], s.Grid.B[k+1]
	if err != nil || b == 0 || s.Weight == 0 || s.Steps == 0 {
		return err
	}
	rescale(p.Z, 1/(a+b))
	s.descend(p, v, b/(a+b))
	rescale(p.Z, a+b)
	return nil
}

// descend goes down from w = p.Z.
func (s PCFM) descend(p Points, v []float64, gamma float64) {
	n, m := len(p.Z)/p.Dim, s.Laws.Size()
	w, end, g := append([]float64(nil), p.Z...), make([]float64, len(v)), make([]float64, len(v))
	r, slope := make([]float64, n*m), make([]float64, n*m)
	for range s.Steps {
		for i := range end {
			end[i] = p.Z[i] + gamma*v[i]
		}
		s.Laws.At(r, end)
		s.Laws.VJP(g, end, r)
		for i := range g {
			g[i] = p.Z[i] - w[i] + s.Weight*g[i] // half of the gradient
		}
		s.Laws.JVP(slope, end, g)
		for i := range n {
			gi := g[i*p.Dim : (i+1)*p.Dim]
			gg := square(gi)
			if gg == 0 {
				continue
			}
			step := math.Min(2*s.Size, gg/(gg+s.Weight*square(slope[i*m:(i+1)*m])))
			for j, x := range gi {
				p.Z[i*p.Dim+j] -= step * x
			}
		}
	}
}

func square(v []float64) (s float64) {
	for _, x := range v {
		s += x * x
	}
	return s
}
