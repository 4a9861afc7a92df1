// Package network holds the networks F(u, c, y) that priors are trained with:
// they know points, a noise feature and a condition, but no process, no scaling
// and no loss.
package network

import (
	"fmt"
	"maps"
	"slices"

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

// Cost is what a network asks for.
type Cost struct {
	Parameters int
	FLOPs      int // of one forward pass of one sample, products only; a multiply-add is 2
	Embedding  int // FLOPs of what sees noise level and condition alone: once for samples that share them
	Activation int // numbers kept for the gradient, per sample
}

// Memory is about how many numbers training in batches of a size holds: weights,
// their gradient, two moments of Adam and two averages, and for each sample what
// is kept for the gradient, with its own gradient.
func (c Cost) Memory(batch int) int { return 6*c.Parameters + 2*batch*c.Activation }

// Describe is a line about the cost of training in batches of a size with numbers
// of some bytes, 4 or 8.
func (c Cost) Describe(batch, bytes int) string {
	return fmt.Sprintf("%d parameters, %.3g MFLOP for a forward pass of one sample, about %.3g MB to train in batches of %d",
		c.Parameters, 1e-6*float64(c.FLOPs+c.Embedding), 1e-6*float64(bytes*c.Memory(batch)), batch)
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

	// What follows is for some kinds; zero means the default, see [Architecture.Resolved].
	Fourier     float64 `json:"fourier,omitempty"`     // random frequencies of this standard deviation, in cycles per unit of the noise feature; 0: positional embedding
	Channels    bool    `json:"channels,omitempty"`    // the last axis of Shape holds channels, not places
	Patch       int     `json:"patch,omitempty"`       // unet: side of the patches that become channels
	Levels      int     `json:"levels,omitempty"`      // unet: resolutions
	Multipliers []int   `json:"multipliers,omitempty"` // unet: channels of each level over Width
	Heads       int     `json:"heads,omitempty"`       // unet: heads of the attention; −1: none
	Modes       int     `json:"modes,omitempty"`       // fno: wave numbers kept, 0 … Modes−1 in each axis
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

// built is a network whose weights have shapes but no values yet.
type built interface {
	Network
	shapes() []Shape
	fill(seed uint64)
}

// kind is one row of the table of networks.
type kind struct {
	check func(Architecture) error // of a resolved architecture
	make  func(Architecture) built
}

var kinds = map[string]kind{
	"mlp":          {checkMLP, func(a Architecture) built { return newMLP(a) }},
	"residual-mlp": {checkResidual, newResidual},
	"unet":         {checkUNet, newUNet},
	"fno":          {checkFNO, newFNO},
}

// Kinds lists the kinds of networks by name.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// Check says what is wrong with an architecture, by a [Fault] where the kind is
// one of [Kinds]; everything else takes one that passed. Its bounds keep a hostile
// model file from asking for memory.
func (a Architecture) Check() error {
	k, ok := kinds[a.Kind]
	if !ok {
		return fmt.Errorf("network: %q is no kind of network", a.Kind)
	}
	if len(a.Shape) == 0 {
		return a.fault("shape", "the shape of a point is missing")
	}
	if a.Condition < 0 || a.Condition > 1<<16 {
		return a.fault("condition", "a condition of %d features: need 0 … %d", a.Condition, 1<<16)
	}
	d := 1
	for _, s := range a.Shape {
		if s < 1 || s > maxDim || d*s > maxDim {
			return a.fault("shape", "points of shape %v: every side must be at least 1, the product at most %d", a.Shape, maxDim)
		}
		d *= s
	}
	if !(a.Fourier >= 0 && a.Fourier <= 1e3) {
		return a.fault("fourier", "fourier features of standard deviation %g: need 0 … 1000", a.Fourier)
	}
	a = a.Resolved()
	if err := k.check(a); err != nil {
		return err
	}
	if n := k.make(a).Cost().Parameters; n > maxParameters {
		return a.fault("width", "%d parameters, the limit is %d: lower width or depth", n, maxParameters)
	}
	return nil
}

// Limits on what an architecture may ask for.
const (
	maxDim        = 1 << 24
	maxParameters = 1 << 28
)

// Resolved is the architecture with the defaults of its kind in the fields that
// are zero; it describes the same network.
func (a Architecture) Resolved() Architecture {
	switch a.Kind {
	case "unet":
		return resolveUNet(a)
	case "fno":
		return resolveFNO(a)
	}
	return a
}

// places are the sides of the grid, and channels the numbers at each place.
func (a Architecture) places() []int {
	if a.Channels {
		return a.Shape[:len(a.Shape)-1]
	}
	return a.Shape
}

func (a Architecture) channels() int {
	if a.Channels {
		return a.Shape[len(a.Shape)-1]
	}
	return 1
}

// Shapes lists the parameters of a network before any of them is made.
func (a Architecture) Shapes() []Shape { return kinds[a.Kind].make(a.Resolved()).shapes() }

// New makes the network with initial weights drawn from seed.
func New(a Architecture, seed uint64) (Network, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	n := kinds[a.Kind].make(a.Resolved())
	n.fill(seed)
	return n, nil
}

func fill(w *engine.Weights, std float64, seed uint64, stream int) {
	x := make([]float64, len(w.Data))
	keyed.New(seed, "initial weights", stream, 0).Normal(x)
	for i := range x {
		w.Data[i] = float32(std * x[i])
	}
}
