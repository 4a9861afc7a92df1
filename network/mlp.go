package network

import (
	"fmt"

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
// e(c) holds cos and sin of c at Embedding/2 frequencies; φ is [Activation].
type MLP struct {
	Dim, Width, Depth, Embedding, Condition int

	W, V, B []*engine.Weights // layer l = 0 … Depth; V has no entry for the last

	parameters
	omega []float64 // see frequencies
}

var _ Differentiable = (*MLP)(nil)

func checkMLP(a Architecture) error {
	return a.checkSizes(1<<16, 1<<10, 1<<16)
}

// newMLP lists, for layer l = 0 … depth, the matrix wl [in, out], for all but the
// last vl, and the bias bl.
func newMLP(a Architecture) *MLP {
	m := &MLP{Dim: a.Dim(), Width: a.Width, Depth: a.Depth, Embedding: a.Embedding, Condition: a.Condition, omega: frequencies(a.Embedding, a.Fourier)}
	in, given := m.Dim, a.Embedding/2*2+a.Condition
	for l := range a.Depth {
		m.W = append(m.W, m.stream(2*l).normal(fmt.Sprintf("w%d", l), lecun(in), in, a.Width))
		m.V = append(m.V, m.stream(2*l+1).normal(fmt.Sprintf("v%d", l), lecun(given), given, a.Width))
		m.B = append(m.B, m.constant(fmt.Sprintf("b%d", l), 0, a.Width))
		m.computes(2*in*a.Width, 2*a.Width)
		m.cost.Embedding += 2 * given * a.Width
		in = a.Width
	}
	m.W = append(m.W, m.constant(fmt.Sprintf("w%d", a.Depth), 0, in, m.Dim))
	m.B = append(m.B, m.constant(fmt.Sprintf("b%d", a.Depth), 0, m.Dim))
	m.computes(2*in*m.Dim, 0)
	return m
}

// NewMLP makes a network with LeCun-normal weights drawn from seed; the last
// layer starts at zero, so that the first denoiser is the skip path alone.
func NewMLP(a Architecture, seed uint64) *MLP {
	m := newMLP(a)
	m.fill(seed)
	return m
}

// Apply is F; see [Network] for shapes.
func (m *MLP) Apply(u, c, y *Node) *Node {
	g := u.Graph()
	e := features(c, y, m.omega, m.Condition)
	h := u
	for l := range m.Depth {
		// A scalar noise level gives one row, broadcast over the batch.
		b := Add(product(e, m.V[l].Use(g)), ExpandDims(m.B[l].Use(g), 0))
		h = Activation(Add(product(h, m.W[l].Use(g)), b))
	}
	return Add(product(h, m.W[m.Depth].Use(g)), ExpandDims(m.B[m.Depth].Use(g), 0))
}

// ApplyJacobian is F and ∂F_i/∂u_j [N, Dim, Dim], by pushing the Dim tangents of
// u forward: T₀ = W₀ ⊙ φ′, Tₗ = (Tₗ₋₁ Wₗ) ⊙ φ′. Each layer is one product with N·Dim
// rows and one element-wise one; as many vector–Jacobian products would repeat
// the derivative of every activation and transpose every weight Dim times.
func (m *MLP) ApplyJacobian(u, c, y *Node) (f, jacobian *Node) {
	g, n := u.Graph(), u.Shape().Dimensions[0]
	e := features(c, y, m.omega, m.Condition)
	h := u
	var t *Node // tangents [N, Dim, width]
	for l := range m.Depth {
		w := m.W[l].Use(g)
		b := Add(product(e, m.V[l].Use(g)), ExpandDims(m.B[l].Use(g), 0))
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
