package train

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
)

// implicit is implicit score matching (Hyvärinen 2005, theorem 1) of the noised
// law at every level, E[½‖s‖² + div s], which needs no clean point. For a
// denoiser, with s(z) = (D(z) − z)/σ² at z = u + σn, and weighted and shifted so
// that its expectation is that of [denoising],
//
//	w(σ) (‖D − z‖² + 2σ² div D − dσ²) / d:
//
// Stein's unbiased estimate of the risk E‖D − u‖² (Stein 1981). The divergence is
// exact, by the Jacobian, or that of one random probe, vᵀ(∂D)v with E vvᵀ = I:
// Rademacher probes (Hutchinson 1990), or Gaussian ones, which is sliced score
// matching with variance reduction (Song, Garg, Shi and Ermon 2019, equation 8).
//
// Cost: d or one vector–Jacobian product a step more than [denoising], through
// which the gradient runs as well.
type implicit struct {
	weight weighting
	exact  bool
	probe  func(s *keyed.Stream, v []float64)
}

// exactDivergence is the dimension up to which the implicit loss uses the Jacobian.
const exactDivergence = 8

func rademacher(s *keyed.Stream, v []float64) {
	for i := range v {
		v[i] = float64(s.Uint64()>>62&2) - 1
	}
}

func gaussian(s *keyed.Stream, v []float64) { s.Normal(v) }

func (o implicit) inputs(b *batch, s *keyed.Stream) []engine.Array {
	in := denoising{o.weight}.inputs(b, s)
	if !o.exact {
		v := make([]float64, len(b.u))
		o.probe(s, v)
		in = append(in, engine.Rows(v, b.dim))
	}
	return in
}

func (o implicit) loss(d prior.Conditioned, in []*Node, y *Node) *Node {
	u, noise, sigma, w := in[0], in[1], Exp(in[2]), in[3]
	z := Add(u, Mul(sigma, noise))
	dim := u.Shape().Dimensions[1]
	var mean, div *Node // [N, d], [N, 1]
	if o.exact {
		var j *Node
		mean, j = d.DenoiseJacobianGiven(z, sigma, y)
		eye := ExpandDims(DiagonalWithValue(ScalarOne(u.Graph(), u.DType()), dim), 0)
		div = Reshape(ReduceSum(Mul(j, eye), 1, 2), -1, 1)
	} else {
		v := in[4]
		mean = d.DenoiseGiven(z, sigma, y)
		div = ReduceAndKeep(Mul(engine.VJP(mean, z, v), v), ReduceSum, -1)
	}
	diff, s2 := Sub(mean, z), Mul(sigma, sigma)
	risk := Add(ReduceAndKeep(Mul(diff, diff), ReduceSum, -1), Mul(s2, AddScalar(MulScalar(div, 2), -float64(dim))))
	return MulScalar(Mul(w, risk), 1/float64(dim))
}
