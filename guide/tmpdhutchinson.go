package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/keyed"
	"abide/potential"
	"abide/prior"
)

// TMPDHutchinson is diagonal TMPD with the diagonal estimated by K probes z of random
// signs (Bekas, Kokiopoulou and Saad 2007; Hutchinson 1990; in TMPD, Boys et al. 2024
// with K = 20),
//
//	(H C Hᵀ)ᵢᵢ ≈ mean over probes of zᵢ (H C Hᵀ z)ᵢ,
//
// unbiased, with variance Σ_{j≠i} (H C Hᵀ)ᵢⱼ²/K of each entry over random probes; exact
// where the matrix is diagonal. K + 2 vector–Jacobian products: for m well above
// K; else [TMPDDiagonal] is cheaper and exact. Estimates that cannot be are not followed,
// see [guarded].
//
// The probes are the same for every point, step and run: a denoiser is a function, and
// points of a batch may not differ by their place in it. The error of the estimate is
// thus one of the method, which more probes make smaller, and not one of the seed.
type TMPDHutchinson struct {
	Y      *potential.Measurement // in sampler coordinates, with Gaussian noise
	Probes int
}

var (
	_ Guide  = TMPDHutchinson{}
	_ Puller = TMPDHutchinson{}
)

// Guide returns D′.
func (g TMPDHutchinson) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g TMPDHutchinson) Pull(mean, u, sigma *Node) *Node {
	s := see(g.Y, mean, u, sigma)
	probes := make([]*Node, g.Probes)
	for k := range probes {
		probes[k] = s.every(signs(s.values(), k))
	}
	return guarded(s, AddScalar(s.estimate(probes), 1))
}

// estimate is the mean of z ⊙ H C Hᵀ z over probes z [N, m].
func (s sight) estimate(probes []*Node) *Node {
	var sum *Node
	for _, z := range probes {
		e := Mul(z, s.spread(s.back(z)))
		if sum == nil {
			sum = e
		} else {
			sum = Add(sum, e)
		}
	}
	return MulScalar(sum, 1/float64(len(probes)))
}

// signs are the m independent signs of probe k.
func signs(m, k int) []float64 {
	z := make([]float64, m)
	keyed.New(0, "probes of a diagonal", k, 0).Normal(z)
	for i, v := range z {
		z[i] = 1
		if v < 0 {
			z[i] = -1
		}
	}
	return z
}
