package prior

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/onnx"
)

// Imported is a network of another framework as a function of points and times,
// for [Parameterised].
type Imported struct {
	model *onnx.Model
	shape []int // of one point as the network takes it
	x, t  int   // which inputs are the points and the times; t is −1 where there are none
	ranks int   // axes of the times: 0, 1 or 2
}

// NewImported finds out which input of a network takes the points, of a shape that
// is nil for the network's own, and which the times. Inputs called x and t, or
// else the one of more numbers and the one of one number a point.
func NewImported(m *onnx.Model, shape []int) (*Imported, error) {
	n := &Imported{model: m, x: 0, t: -1}
	names := make([]string, len(m.Inputs))
	for i, in := range m.Inputs {
		names[i] = in.Name
	}
	switch len(m.Inputs) {
	case 1:
	case 2:
		if a, b := m.Inputs[0], m.Inputs[1]; b.Name == "x" || a.Name == "t" || (a.Name != "x" && b.Name != "t" && len(b.Dims) > len(a.Dims)) {
			n.x = 1
		}
		n.t = 1 - n.x
	default:
		return nil, fmt.Errorf("prior: the network takes %d inputs, %q: export a function of points and times only, with the others fixed", len(names), names)
	}
	x := m.Inputs[n.x]
	if len(x.Dims) > 0 && x.Dims[0] > 0 {
		return nil, fmt.Errorf("prior: input %q of the network takes exactly %d points at a time: export with a dynamic batch axis (dynamic_shapes, dynamic_axes)", x.Name, x.Dims[0])
	}
	own := x.Dims
	if len(own) > 0 {
		own = own[1:]
	}
	n.shape = shape
	if shape == nil {
		if n.shape = own; len(own) == 0 || slices.Contains(own, -1) {
			return nil, fmt.Errorf("prior: input %q of the network has the shape %v: say the shape of one point", x.Name, x.Dims)
		}
	}
	fits := len(own) == 0 || len(own) == len(n.shape)
	for i := range own {
		fits = fits && (own[i] < 0 || own[i] == n.shape[i])
	}
	if !fits {
		return nil, fmt.Errorf("prior: input %q of the network takes points of shape %v, not %v", x.Name, own, n.shape)
	}
	if n.t >= 0 {
		t := m.Inputs[n.t]
		if n.ranks = 1; t.Dims != nil || len(x.Dims) > 0 {
			n.ranks = len(t.Dims)
		}
		if n.ranks > 2 || (n.ranks == 2 && t.Dims[1] > 1) {
			return nil, fmt.Errorf("prior: input %q of the network has the shape %v, not that of times [n] or [n, 1]", t.Name, t.Dims)
		}
	}
	return n, nil
}

// Dim is the number of numbers of a point.
func (n *Imported) Dim() int {
	d := 1
	for _, s := range n.shape {
		d *= s
	}
	return d
}

// Shape is the shape of one point.
func (n *Imported) Shape() []int { return n.shape }

// Apply is f(x, t): x [N, d], t [1, 1] or [N, 1]; the result is [N, d]. There is
// no condition: y is nil.
func (n *Imported) Apply(x, t, _ *Node) *Node {
	batch, d := x.Shape().Dimensions[0], n.Dim()
	in := make([]*Node, len(n.model.Inputs))
	in[n.x] = Reshape(x, append([]int{batch}, n.shape...)...)
	if n.t >= 0 {
		if n.model.Inputs[n.t].Integer {
			t = Round(t)
		}
		in[n.t] = n.times(t, batch)
	}
	f := n.model.Apply(in...)[0]
	if f.Shape().Size() != batch*d || f.Shape().Dimensions[0] != batch {
		panic(fmt.Errorf("prior: the network returns %v for points of %v: its output must have the shape of its input (of a mean and a variance, export the mean)", f.Shape().Dimensions, in[n.x].Shape().Dimensions))
	}
	return Reshape(f, batch, d)
}

// times gives t the axes that the network wants.
func (n *Imported) times(t *Node, batch int) *Node {
	if n.ranks == 0 || (n.ranks == 1 && slices.Equal(n.model.Inputs[n.t].Dims, []int{1})) {
		if t.Shape().Size() != 1 {
			panic(fmt.Errorf("prior: input %q of the network is one time for all points, and points of different times are asked for: export it with times [n]", n.model.Inputs[n.t].Name))
		}
		return Reshape(t, slices.Repeat([]int{1}, n.ranks)...)
	}
	t = BroadcastToDims(t, batch, 1)
	if n.ranks == 1 {
		return Reshape(t, batch)
	}
	return t
}
