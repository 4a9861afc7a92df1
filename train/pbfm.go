package train

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/prior"
)

// pbfm is physics-based flow matching (Baldan, Liu, Guardone and Thuerey 2026): beside
// the loss of the flow stands the residual where the flow ends,
//
//	L_R = E[ t (1/m) Σ_k |r_k(x̂₁)| ],   x̂₁ by n steps of Euler from z_t to 1,
//
// n growing from 1 to 4 over the training. The two gradients are merged without
// conflict ([conflictFree]), so that L_R has no weight. The held-out loss is that of
// the flow alone. At small t, where x̂₁ is far from a sample, the factor t keeps L_R
// small; no noise is drawn anew on the way.
//
// Cost: n calls of the network instead of one, in time and memory, and two gradients.
// Not for data that do not obey: the merged step never trades one loss for the other.
type pbfm struct {
	*flow
	residual func(u *Node) *Node
	most     int
}

// steps is n at a step of a training.
func (o *pbfm) steps(step, of int) int { return 1 + step*o.most/of }

// both are the losses of the flow and of the residual, scalars.
func (o *pbfm) both(d prior.Conditioned, in []*Node, y *Node, n int) (data, law *Node) {
	z, t, net := in[0], in[2], d.(prior.Velocity).Network
	h := MulScalar(OneMinus(t), 1/float64(n))
	v := net.Apply(z, t, y)
	diff := Sub(v, in[1])
	x := Add(z, Mul(h, v))
	for k := 1; k < n; k++ {
		x = Add(x, Mul(h, net.Apply(x, Add(t, MulScalar(h, float64(k))), y)))
	}
	return ReduceAllMean(Mul(diff, diff)), ReduceAllMean(Mul(t, Abs(o.residual(x))))
}
