package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/operator"
	"abide/potential"
	"abide/prior"
)

// Seen is the graph of a denoiser D with what a measurement sees of its Jacobian, for
// look-aheads that solve their small systems on the host. Everything is whitened by
// the noise, R = L Lᵀ.
type Seen struct {
	Denoiser prior.Denoiser
	Rows     [][]float64       // L⁻¹H of a linear operator, m rows of d numbers; not asked for where Full
	Operator operator.Operator // a nonlinear one, with its noise; nil for a linear one
	Noise    *potential.Normal
	Full     bool      // all of ∂D/∂u in place of rows
	Probe    []float64 // a direction e besides Rows; may be nil
}

// Build is D [N, d]; the Jacobian [N, d, d] or its rows L⁻¹H ∂D/∂u [N, m, d]; of a
// nonlinear operator L⁻¹A(D) [N, m] and L⁻¹H at D [N, m, d]; with a probe eᵀ(∂D/∂u)e
// [N]. σ is a scalar.
func (s Seen) Build(u, sigma *Node) []*Node {
	if s.Full {
		mean, jac := prior.DenoiseJacobian(s.Denoiser, u, sigma)
		return append([]*Node{mean, jac}, s.tangent(mean)...)
	}
	if s.Operator == nil {
		return s.linear(u, sigma)
	}
	mean := s.Denoiser.Denoise(u, sigma)
	tangent := s.tangent(mean)
	rows := make([]*Node, tangent[0].Shape().Dimensions[1])
	for i := range rows {
		c := Squeeze(Slice(tangent[1], AxisRange(), AxisElem(i)), 1)
		rows[i] = ExpandDims(engine.VJP(mean, u, c), 1)
	}
	return append([]*Node{mean, Concatenate(rows, 1)}, tangent...)
}

func (s Seen) linear(u, sigma *Node) []*Node {
	if s.Probe == nil {
		mean, rows := prior.DenoiseRows(s.Denoiser, u, sigma, s.Rows)
		return []*Node{mean, rows}
	}
	m := len(s.Rows)
	mean, rows := prior.DenoiseRows(s.Denoiser, u, sigma, append(s.Rows[:m:m], s.Probe))
	along := Mul(Squeeze(Slice(rows, AxisRange(), AxisElem(m)), 1), ConstAs(u, [][]float64{s.Probe}))
	return []*Node{mean, Slice(rows, AxisRange(), AxisRange(0, m)), ReduceSum(along, -1)}
}

// tangent is A(D) and H of a nonlinear operator.
func (s Seen) tangent(mean *Node) []*Node {
	if s.Operator == nil {
		return nil
	}
	value := s.Noise.Whiten(s.Operator.Apply(mean))
	m := value.Shape().Dimensions[1]
	rows := make([]*Node, m)
	for i := range rows {
		unit := make([]float64, m)
		unit[i] = 1
		rows[i] = ExpandDims(engine.VJP(value, mean, BroadcastToShape(ConstAs(mean, [][]float64{unit}), value.Shape())), 1)
	}
	return []*Node{value, Concatenate(rows, 1)}
}
