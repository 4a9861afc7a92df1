package prior

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
)

// MLP is the network F(u, c) of a trained denoiser: a multilayer perceptron
// whose every hidden layer sees an embedding of the noise level.
//
//	h₀ = φ(W₀ u + V₀ e(c) + b₀)
//	hₗ = φ(Wₗ hₗ₋₁ + Vₗ e(c) + bₗ)   l = 1 … Depth−1
//	F  = W_D h + b_D
//
// e(c) holds cos and sin of c at Embedding/2 frequencies in geometric order
// (positional embedding; Vaswani et al. 2017, section 3.5). φ is [Activation].
type MLP struct {
	Dim, Width, Depth, Embedding int

	W, V, B []*engine.Weights // layer l = 0 … Depth; V has no entry for the last
}

// Shape is the name and shape of one array of parameters.
type Shape struct {
	Name string
	Dims []int
}

// MLPShapes lists the parameters of a network before any of them is made: for
// layer l = 0 … depth the matrix wl, for all but the last vl, and the bias bl.
func MLPShapes(dim, width, depth, embedding int) []Shape {
	var list []Shape
	in := dim
	for l := range depth {
		list = append(list, Shape{fmt.Sprintf("w%d", l), []int{in, width}}, Shape{fmt.Sprintf("v%d", l), []int{embedding, width}}, Shape{fmt.Sprintf("b%d", l), []int{width}})
		in = width
	}
	return append(list, Shape{fmt.Sprintf("w%d", depth), []int{in, dim}}, Shape{fmt.Sprintf("b%d", depth), []int{dim}})
}

// NewMLP makes a network with LeCun-normal weights drawn from seed; the last
// layer starts at zero, so that the first denoiser is the skip path alone.
func NewMLP(dim, width, depth, embedding int, seed uint64) *MLP {
	m := &MLP{Dim: dim, Width: width, Depth: depth, Embedding: embedding}
	for i, s := range MLPShapes(dim, width, depth, embedding) {
		w := engine.NewWeights(s.Name, s.Dims...)
		switch layer := i / 3; {
		case s.Name[0] == 'b':
			m.B = append(m.B, w)
		case s.Name[0] == 'w':
			m.W = append(m.W, w)
			if layer < depth {
				fill(w, 1/math.Sqrt(float64(s.Dims[0])), seed, 2*layer)
			}
		default:
			m.V = append(m.V, w)
			fill(w, 1/math.Sqrt(float64(s.Dims[0])), seed, 2*layer+1)
		}
	}
	return m
}

func fill(w *engine.Weights, std float64, seed uint64, stream int) {
	x := make([]float64, len(w.Data))
	keyed.New(seed, "initial weights", stream, 0).Normal(x)
	for i := range x {
		w.Data[i] = float32(std * x[i])
	}
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

// Parameters counts the numbers in Weights.
func (m *MLP) Parameters() int {
	n := 0
	for _, w := range m.Weights() {
		n += len(w.Data)
	}
	return n
}

// FLOPs of one forward pass for one sample (products only; a multiply-add is 2).
func (m *MLP) FLOPs() int { return 2 * (m.Dim*m.Width + (m.Depth-1)*m.Width*m.Width + m.Width*m.Dim) }

// Apply is F: u [N, Dim] and c, a scalar or [N, 1], to [N, Dim].
func (m *MLP) Apply(u, c *Node) *Node {
	g := u.Graph()
	e := m.embed(c)
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
func (m *MLP) ApplyJacobian(u, c *Node) (f, jacobian *Node) {
	g, n := u.Graph(), u.Shape().Dimensions[0]
	e := m.embed(c)
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

func (m *MLP) embed(c *Node) *Node {
	if c.Rank() == 0 {
		c = Reshape(c, 1, 1)
	}
	half := m.Embedding / 2
	freq := make([]float64, half)
	for i := range freq {
		freq[i] = math.Pow(2, 6*float64(i)/float64(half)) // 1 … 64 radians per unit of c
	}
	arg := Mul(c, ConvertDType(Const(c.Graph(), [][]float64{freq}), c.DType()))
	return Concatenate([]*Node{Cos(arg), Sin(arg)}, 1)
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
	slope = AddScalar(MulScalar(Mul(v, Sub(Scalar(x.Graph(), x.DType(), 2), Mul(v, v))), 0.5), 0.5)
	return y, slope
}
