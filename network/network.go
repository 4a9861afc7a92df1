// Package network holds the networks F(u, c, y) that priors are trained with:
// they know points, a noise feature and a condition, but no process, no scaling
// and no loss.
package network

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
)

// Network is F(u, c, y), sample by sample.
//
// u is [N, d], a point of any shape as one row; c, a feature of the noise level,
// is a scalar or [N, 1]; y are the features of what is given, [N, K] or [1, K],
// nil for a network without a condition. The result is [N, d].
type Network interface {
	Apply(u, c, y *Node) *Node
	Weights() []*engine.Weights // all parameters in a fixed order
	Cost() Cost
}

// Differentiable is a network that builds its own Jacobian ∂F_i/∂u_j [N, d, d]
// where that is cheaper than vector–Jacobian products.
type Differentiable interface {
	Network
	ApplyJacobian(u, c, y *Node) (f, jacobian *Node)
}

// Jacobian is F and its Jacobian for any network.
func Jacobian(n Network, u, c, y *Node) (f, jacobian *Node) {
	if n, ok := n.(Differentiable); ok {
		return n.ApplyJacobian(u, c, y)
	}
	f = n.Apply(u, c, y)
	return f, engine.Jacobian(f, u)
}

// Cost is what a network asks for.
type Cost struct {
	Parameters int
	FLOPs      int // of one forward pass of one sample, products only; a multiply-add is 2
	Activation int // numbers kept for the gradient, per sample
}

// Architecture says which network, as data: it is part of a prior's fingerprint
// and stands in the card of a saved model.
type Architecture struct {
	Kind      string `json:"kind"`                // one of [Kinds]
	Shape     []int  `json:"shape"`               // of one point; [d] for a vector
	Condition int    `json:"condition,omitempty"` // features of the condition; 0: none
	Width     int    `json:"width"`
	Depth     int    `json:"depth"`
	Embedding int    `json:"embedding"` // features of the noise level
}

// Dim is the number of coordinates of a point.
func (a Architecture) Dim() int {
	d := 1
	for _, s := range a.Shape {
		d *= s
	}
	return d
}

// Shape is the name and shape of one array of parameters.
type Shape struct {
	Name string
	Dims []int
}

// kind is one row of the table of networks.
type kind struct {
	check  func(Architecture) error
	shapes func(Architecture) []Shape
	make   func(Architecture, uint64) Network
}

var kinds = map[string]kind{"mlp": {checkMLP, mlpShapes, func(a Architecture, seed uint64) Network { return NewMLP(a, seed) }}}

// Check says what is wrong with an architecture; everything else takes one that
// passed. Its bounds keep a hostile model file from asking for memory.
func (a Architecture) Check() error {
	k, ok := kinds[a.Kind]
	if !ok {
		return fmt.Errorf("network: %q is no kind of network", a.Kind)
	}
	if len(a.Shape) == 0 || a.Condition < 0 || a.Condition > 1<<16 {
		return fmt.Errorf("network: points of shape %v and a condition of %d features", a.Shape, a.Condition)
	}
	for _, s := range a.Shape {
		if s < 1 || s > 1<<20 || a.Dim() > 1<<24 {
			return fmt.Errorf("network: points of shape %v: every side must be at least 1, the product at most %d", a.Shape, 1<<24)
		}
	}
	return k.check(a)
}

// Shapes lists the parameters of a network before any of them is made.
func (a Architecture) Shapes() []Shape { return kinds[a.Kind].shapes(a) }

// New makes the network with initial weights drawn from seed.
func New(a Architecture, seed uint64) (Network, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	return kinds[a.Kind].make(a, seed), nil
}

func fill(w *engine.Weights, std float64, seed uint64, stream int) {
	x := make([]float64, len(w.Data))
	keyed.New(seed, "initial weights", stream, 0).Normal(x)
	for i := range x {
		w.Data[i] = float32(std * x[i])
	}
}
