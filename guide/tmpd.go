package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
)

// TMPD is Tweedie moment projected diffusion (Boys, Girolami, Pidstrigach, Reich,
// Mosca and Akyildiz 2023, equation 8): with Tweedie's covariance C = σ² ∂D/∂u,
//
//	Pull = (∂D/∂u)ᵀ Hᵀ (H C Hᵀ + R)⁻¹ (y − A(D)),
//
// H the operator, linearised at D where it is not linear. Exact for a Gaussian
// prior and a linear H; on mixtures it weighs modes wrongly. m rows of the
// Jacobian cost m vector–Jacobian products, and the solution of m×m systems m³
// operations a point: for m up to about 64. Y is in sampler coordinates.
type TMPD struct {
	Y *potential.Measurement // with Gaussian noise
}

var (
	_ Guide  = TMPD{}
	_ Puller = TMPD{}
)

// Guide returns D′.
func (g TMPD) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g TMPD) Pull(mean, u, sigma *Node) *Node {
	noise, _ := g.Y.Gaussian()
	h := linearise(g.Y.Op, mean)
	m := len(g.Y.Y)
	rows, cov := make([]*Node, m), make([]*Node, m)
	for i := range m {
		unit := make([]float64, m)
		unit[i] = 1
		e := BroadcastToShape(ConstAs(u, [][]float64{unit}), h.value.Shape())
		rows[i] = engine.VJP(h.value, u, e)
		cov[i] = ExpandDims(h.push(StopGradient(rows[i])), 1)
	}
	s2 := Mul(sigma, sigma)
	if s2.Rank() > 0 { // [N, 1] beside [N, m, m]
		s2 = ExpandDims(s2, -1)
	}
	s := Concatenate(cov, 1) // H (∂D/∂u)ᵀ Hᵀ, [N, m, m]
	s = MulScalar(Mul(Add(s, TransposeAllAxes(s, 0, 2, 1)), s2), 0.5)
	r := make([][]float64, m)
	for i := range r {
		r[i] = noise.Covariance()[i*m : (i+1)*m]
	}
	s = Add(s, ExpandDims(ConstAs(u, r), 0))
	f := solve(s, Sub(ConstAs(u, [][]float64{g.Y.Y}), h.value), noise.Conditional()) // [N, m]
	var pull *Node
	for i, row := range rows {
		part := Mul(Slice(f, AxisRange(), AxisElem(i)), row)
		if pull == nil {
			pull = part
		} else {
			pull = Add(pull, part)
		}
	}
	return pull
}
