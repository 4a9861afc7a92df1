package network

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// MLP is a multilayer perceptron whose every hidden layer sees an embedding of
// the noise level and the condition, g = [e(c), y]:
//
//	h₀ = φ(W₀ u + V₀ g + b₀)
//	hₗ = φ(Wₗ hₗ₋₁ + Vₗ g + bₗ)   l = 1 … Depth−1
//	F  = W_D h + b_D
//
// e(c) holds cos and sin of c at Embedding/2 frequencies in geometric order
// (positional embedding; Vaswani et al. 2017, section 3.5). φ is [Activation].
type MLP struct {
	Dim, Width, Depth, Embedding, Condition int

	W, V, B []*engine.Weights // layer l = 0 … Depth; V has no entry for the last
}

var _ Differentiable = (*MLP)(nil)

func checkMLP(a Architecture) error {
	if a.Width < 1 || a.Depth < 1 || a.Embedding < 2 || a.Width > 1<<16 || a.Depth > 1<<10 || a.Embedding > 1<<16 {
		return fmt.Errorf("network: mlp: width %d, depth %d, embedding %d: need at least 1, 1 and 2", a.Width, a.Depth, a.Embedding)
	}
	return nil
}

// mlpShapes lists, for layer l = 0 … depth, the matrix wl, for all but the last
// vl, and the bias bl.
func mlpShapes(a Architecture) []Shape {
	var list []Shape
	in := a.Dim()
	for l := range a.Depth {
		list = append(list, Shape{fmt.Sprintf("w%d", l), []int{in, a.Width}}, Shape{fmt.Sprintf("v%d", l), []int{a.Embedding/2*2 + a.Condition, a.Width}}, Shape{fmt.Sprintf("b%d", l), []int{a.Width}})
		in = a.Width
	}
	return append(list, Shape{fmt.Sprintf("w%d", a.Depth), []int{in, a.Dim()}}, Shape{fmt.Sprintf("b%d", a.Depth), []int{a.Dim()}})
}

// NewMLP makes a network with LeCun-normal weights drawn from seed; the last
// layer starts at zero, so that the first denoiser is the skip path alone.
func NewMLP(a Architecture, seed uint64) *MLP {
	m := &MLP{Dim: a.Dim(), Width: a.Width, Depth: a.Depth, Embedding: a.Embedding, Condition: a.Condition}
	for i, s := range mlpShapes(a) {
		w := engine.NewWeights(s.Name, s.Dims...)
		switch layer := i / 3; {
		case s.Name[0] == 'b':
			m.B = append(m.B, w)
		case s.Name[0] == 'w':
			m.W = append(m.W, w)
			if layer < a.Depth {
				fill(w, 1/math.Sqrt(float64(s.Dims[0])), seed, 2*layer)
			}
		default:
			m.V = append(m.V, w)
			fill(w, 1/math.Sqrt(float64(s.Dims[0])), seed, 2*layer+1)
		}
	}
	return m
}

// Weights lists all parameters in a fixed order.
func (m *MLP) Weights() []*engine.Weights {
	var all []*engine.Weights
	for l := range m.W {
		all = append(all, m.W[l])
		if l < len(m.V) {
			all = append(all, m.V[l])
		}
		all = append(all, m.B[l])
	}
	return all
}

// Cost counts parameters, products and activations.
func (m *MLP) Cost() Cost {
	c := Cost{FLOPs: 2 * (m.Dim*m.Width + (m.Depth-1)*m.Width*m.Width + m.Width*m.Dim), Activation: 2 * m.Depth * m.Width}
	for _, w := range m.Weights() {
		c.Parameters += len(w.Data)
	}
	return c
}

// Apply is F; see [Network] for shapes.
func (m *MLP) Apply(u, c, y *Node) *Node {
	g := u.Graph()
	e := m.embed(c, y)
	h := u
	for l := range m.Depth {
		// A scalar noise level gives one row, broadcast over the batch.
		b := Add(Dot(e, m.V[l].Use(g)).Product(), ExpandDims(m.B[l].Use(g), 0))
		h = Activation(Add(Dot(h, m.W[l].Use(g)).Product(), b))
	}
	return Add(Dot(h, m.W[m.Depth].Use(g)).Product(), ExpandDims(m.B[m.Depth].Use(g), 0))
}

// ApplyJacobian is F and ∂F_i/∂u_j [N, Dim, Dim], by pushing the Dim tangents of
// u forward: T₀ = W₀ ⊙ φ′, Tₗ = (Tₗ₋₁ Wₗ) ⊙ φ′. Each layer is one product with N·Dim
// rows and one element-wise one; as many vector–Jacobian products would repeat
// the derivative of every activation and transpose every weight Dim times.
func (m *MLP) ApplyJacobian(u, c, y *Node) (f, jacobian *Node) {
	g, n := u.Graph(), u.Shape().Dimensions[0]
	e := m.embed(c, y)
	h := u
	var t *Node // tangents [N, Dim, width]
	for l := range m.Depth {
		w := m.W[l].Use(g)
		b := Add(Dot(e, m.V[l].Use(g)).Product(), ExpandDims(m.B[l].Use(g), 0))
		a := Add(Dot(h, w).Product(), b)
		var slope *Node
		h, slope = activationSlope(a)
		if l == 0 {
			t = ExpandDims(w, 0) // ∂a/∂u_j is row j of W₀, for every sample
		} else {
			t = Reshape(Dot(Reshape(t, n*m.Dim, m.Width), w).Product(), n, m.Dim, m.Width)
		}
		t = Mul(t, ExpandDims(slope, 1))
	}
	w := m.W[m.Depth].Use(g)
	f = Add(Dot(h, w).Product(), ExpandDims(m.B[m.Depth].Use(g), 0))
	t = Reshape(Dot(Reshape(t, n*m.Dim, m.Width), w).Product(), n, m.Dim, m.Dim)
	return f, Transpose(t, 1, 2)
}

// embed is g = [cos, sin, y], one row where neither c nor y differs by sample.
func (m *MLP) embed(c, y *Node) *Node {
	if (y == nil) != (m.Condition == 0) {
		panic(fmt.Errorf("network: mlp: a condition of %d features is expected", m.Condition))
	}
	parts := embedding(c, m.Embedding)
	if y != nil {
		parts = append(parts, y)
		rows := max(parts[0].Shape().Dimensions[0], y.Shape().Dimensions[0])
		for i, p := range parts {
			parts[i] = BroadcastToDims(p, rows, p.Shape().Dimensions[1])
		}
	}
	return Concatenate(parts, 1)
}

// embedding holds cos and sin of c, [1 or N, size/2] each.
func embedding(c *Node, size int) []*Node {
	if c.Rank() == 0 {
		c = Reshape(c, 1, 1)
	}
	half := size / 2
	freq := make([]float64, half)
	for i := range freq {
		freq[i] = math.Pow(2, 6*float64(i)/float64(half)) // 1 … 64 radians per unit of c
	}
	arg := Mul(c, ConvertDType(Const(c.Graph(), [][]float64{freq}), c.DType()))
	return []*Node{Cos(arg), Sin(arg)}
}

// Activation is the algebraic form of SiLU, φ(x) = x·½(1 + x/√(1+x²)): smooth
// as SiLU is, but without an exponential, which on the pure-Go backend costs
// more than the products of a layer of width 128.
func Activation(x *Node) *Node {
	half := MulScalar(x, 0.5)
	return Add(half, Div(Mul(half, x), Sqrt(AddScalar(Mul(x, x), 1))))
}

// activationSlope is φ and φ′ = ½(1 + v(2 − v²)) with v = x/√(1+x²).
func activationSlope(x *Node) (y, slope *Node) {
	v := Div(x, Sqrt(AddScalar(Mul(x, x), 1)))
	half := MulScalar(x, 0.5)
	y = Add(half, Mul(half, v))
	slope = AddScalar(Mul(v, AddScalar(MulScalar(Mul(v, v), -0.5), 1)), 0.5)
	return y, slope
}
