package onnx

import (
	"crypto/sha256"
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

func hash(b []byte) []byte { h := sha256.Sum256(b); return h[:] }

// value is a tensor while a graph is built: a constant of the host, which shapes
// and indices must be, or a node. Whole numbers are kept in floating point.
type value struct {
	name    string
	node    *Node
	shape   []int
	data    []float64 // row-major; nil for a node
	integer bool      // of a constant
}

func (v *value) host() bool { return v.node == nil }

// builder is one evaluation of a model into a graph.
type builder struct {
	m      *Model
	g      *Graph
	like   *Node // any node of the precision of the graph
	values map[string]*value
}

// call is one operator with its inputs at hand.
type call struct {
	*builder
	*nodeProto
	in []*value // nil where an optional input is left out
}

// Apply builds the network. in are its inputs in the order of Inputs, all of one
// precision (whole numbers too); the result are its outputs. It panics as graph
// functions do, naming the operator.
func (m *Model) Apply(in ...*Node) []*Node {
	b, _ := m.build(in)
	out := make([]*Node, len(m.Outputs))
	for i, name := range m.Outputs {
		out[i] = b.asNode(b.values[name])
	}
	return out
}

// build evaluates all operators; the second result is the first output of each.
func (m *Model) build(in []*Node) (*builder, []*value) {
	if len(in) != len(m.Inputs) {
		panic(fmt.Errorf("onnx: %d inputs given, the network takes %d", len(in), len(m.Inputs)))
	}
	b := &builder{m: m, g: in[0].Graph(), like: in[0], values: map[string]*value{}}
	for name, v := range m.constants {
		b.values[name] = v
	}
	for i, n := range in {
		b.values[m.Inputs[i].Name] = &value{name: m.Inputs[i].Name, node: n, shape: n.Shape().Dimensions}
	}
	first := make([]*value, len(m.nodes))
	for k, n := range m.nodes {
		first[k] = b.evaluate(k, n)
	}
	return b, first
}

// evaluate applies operator k and keeps its outputs; it returns the first.
func (b *builder) evaluate(k int, n *nodeProto) *value {
	out := b.apply(k, n)
	for i, name := range n.outputs {
		if i >= len(out) {
			break // optional outputs of training
		}
		out[i].name = name
		b.values[name] = out[i]
	}
	return out[0]
}

// apply evaluates operator k, whatever it panics with is given its place.
func (b *builder) apply(k int, n *nodeProto) (out []*value) {
	defer func() {
		if r := recover(); r != nil {
			panic(fmt.Errorf("onnx: %s: %v", n.place(k), r))
		}
	}()
	c := &call{builder: b, nodeProto: n}
	for _, name := range n.inputs {
		v := b.values[name]
		if v == nil && name != "" {
			panic(fmt.Sprintf("its input %q was not made: an output of training is used", clip(name)))
		}
		c.in = append(c.in, v)
	}
	op := operators[n.op]
	if len(c.in) < op.min || slices.Contains(c.in[:op.min], nil) {
		panic(fmt.Sprintf("takes at least %d inputs, has %d", op.min, len(c.in)))
	}
	out = op.build(c)
	for _, v := range out {
		b.bounded(v.shape)
	}
	return out
}

// bounded refuses tensors that no network of sane size has, and returns their size.
func (b *builder) bounded(shape []int) int {
	n := 1
	if len(shape) > 2*maxRank {
		panic(fmt.Sprintf("shape %v has too many axes", shape))
	}
	for _, d := range shape {
		if d < 0 || (d > 0 && n > b.m.limit/d) {
			panic(fmt.Sprintf("shape %v is impossible or too large", shape))
		}
		n *= d
	}
	return n
}

// constant is a host value as the only output.
func constant(shape []int, data []float64, integer bool) []*value {
	return []*value{{shape: shape, data: data, integer: integer}}
}

// result is a node as the only output.
func result(n *Node) []*value { return []*value{{node: n, shape: n.Shape().Dimensions}} }

// asNode is a value as a node of the precision of the graph. Large constants enter as
// weights, small ones as constants of the graph.
func (b *builder) asNode(v *value) *Node {
	if v.node != nil {
		return ConvertDType(v.node, b.like.DType())
	}
	if b.bounded(v.shape) == 0 {
		panic(fmt.Sprintf("constant %q of shape %v has no elements", clip(v.name), v.shape))
	}
	if len(v.data) > 16 && v.name != "" {
		return b.m.weightsOf(v).Use(b.g)
	}
	return Reshape(ConstAs(b.like, v.data), v.shape...)
}

// weightsOf are the weights of a constant, the same for all graphs in which it has
// the same value: one folded from the length of the batch has not.
func (m *Model) weightsOf(v *value) *engine.Weights {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.weights[v.name]
	if w != nil && slices.Equal(w.Shape, v.shape) && slices.EqualFunc(w.Data, v.data, func(a float32, b float64) bool { return a == float32(b) }) {
		return w
	}
	w = engine.NewWeights(v.name, v.shape...)
	for i, x := range v.data {
		w.Data[i] = float32(x)
	}
	m.weights[v.name] = w
	return w
}

// has tells whether input i was given.
func (c *call) has(i int) bool { return i < len(c.in) && c.in[i] != nil }

// node is input i as a node.
func (c *call) node(i int) *Node {
	if !c.has(i) {
		panic(fmt.Sprintf("input %d is missing", i))
	}
	return c.asNode(c.in[i])
}

// hostAt is input i, which must be a constant.
func (c *call) hostAt(i int, what string) *value {
	if !c.in[i].host() {
		panic(what + " depends on the input of the network: export it with a fixed one")
	}
	return c.in[i]
}

// allHost tells whether all inputs are constants, so that the result can be one.
func (c *call) allHost() bool {
	return !slices.ContainsFunc(c.in, func(v *value) bool { return v != nil && !v.host() })
}

func (c *call) float(name string, def float64) float64 {
	if a := c.attributes[name]; a != nil {
		return a.f
	}
	return def
}

func (c *call) int(name string, def int) int {
	if a := c.attributes[name]; a != nil {
		return whole(float64(a.i))
	}
	return def
}

func (c *call) str(name, def string) string {
	if a := c.attributes[name]; a != nil {
		return a.s
	}
	return def
}

func (c *call) ints(name string) []int {
	a := c.attributes[name]
	if a == nil {
		return nil
	}
	out := make([]int, len(a.ints))
	for i, v := range a.ints {
		out[i] = whole(float64(v))
	}
	return out
}

// intsAt are the whole numbers of input i, or of an attribute in older opsets.
func (c *call) intsAt(i int, name string) []int {
	if !c.has(i) {
		return c.ints(name)
	}
	v := c.hostAt(i, name)
	out := make([]int, len(v.data))
	for k, x := range v.data {
		out[k] = whole(x)
	}
	return out
}

// whole is a number of the file as an int; the ends of the range of int64, which
// mean "to the end", stay large.
func whole(v float64) int { return int(min(max(v, -1<<40), 1<<40)) }

// axis is an axis of a tensor, counted from the end where negative.
func axis(a, rank int) int {
	k := a
	if k < 0 {
		k += rank
	}
	if k < 0 || k >= rank {
		panic(fmt.Sprintf("axis %d of a tensor of %d axes", a, rank))
	}
	return k
}

func axes(list []int, rank int) []int {
	out := make([]int, len(list))
	for i, a := range list {
		out[i] = axis(a, rank)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
