package engine

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Function is a graph-building function, compiled once for each combination of
// input shapes. It is safe for concurrent use.
type Function struct {
	engine *Engine
	name   string
	dtype  DType
	build  func(in []*Node) []*Node

	mu       sync.Mutex
	compiled []*compiled
}

type compiled struct {
	shapes  [][]int
	once    sync.Once
	graph   *graph.Graph
	weights []*Weights
	err     error

	mu   sync.Mutex
	idle []*inputs // buffers of calls that are over
}

// NewFunction declares a function; building and compiling wait for the first
// call with a shape. All inputs, outputs and weights have the given precision.
// build may panic as GoMLX's graph functions do: Call returns it as an error.
func (e *Engine) NewFunction(name string, dtype DType, build func(in []*Node) []*Node) *Function {
	return &Function{engine: e, name: name, dtype: dtype, build: build}
}

// Call runs the function and returns its outputs as float64.
func (f *Function) Call(in ...Array) ([]Array, error) {
	out, err := f.CallNative(in...)
	for i := range out {
		if out[i].F32 != nil {
			out[i].F64 = make([]float64, len(out[i].F32))
			for j, v := range out[i].F32 {
				out[i].F64[j] = float64(v)
			}
			out[i].F32 = nil
		}
	}
	return out, err
}

// CallNative is Call with the outputs in the function's own precision. The
// arrays of in are read before it returns and never changed.
func (f *Function) CallNative(in ...Array) (out []Array, err error) {
	c, err := f.lookup(in)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("engine: %s: running: %v", f.name, r)
		}
	}()
	set := c.take()
	done := false
	defer func() { // a call that failed leaves its buffers in an unknown state
		if done {
			c.give(set)
		} else {
			set.finalize()
		}
	}()
	if err := set.fill(f.engine, f.dtype, in); err != nil {
		return nil, fmt.Errorf("engine: %s: %w", f.name, err)
	}
	buffers := append(make([]compute.Buffer, 0, len(in)+len(c.weights)), set.buffers...)
	for _, w := range c.weights {
		b, err := w.buffer(f.engine, f.dtype)
		if err != nil {
			return nil, err
		}
		buffers = append(buffers, b)
	}
	// Nothing is donated: shared buffers must not be.
	for i, t := range c.graph.RunWithBuffers(buffers, make([]bool, len(buffers)), 0) {
		a, err := download(t)
		if err != nil {
			return nil, fmt.Errorf("engine: %s: output %d: %w", f.name, i, err)
		}
		out = append(out, a)
	}
	done = true
	return out, nil
}

// lookup returns the graph compiled for the shapes of in.
func (f *Function) lookup(in []Array) (*compiled, error) {
	for i, a := range in {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("engine: %s: input %d: %w", f.name, i, err)
		}
	}
	f.mu.Lock()
	var c *compiled
	for _, k := range f.compiled {
		if slices.EqualFunc(k.shapes, in, func(s []int, a Array) bool { return slices.Equal(s, a.Shape) }) {
			c = k
			break
		}
	}
	if c == nil {
		c = &compiled{}
		for _, a := range in {
			c.shapes = append(c.shapes, slices.Clone(a.Shape))
		}
		f.compiled = append(f.compiled, c)
	}
	f.mu.Unlock()
	c.once.Do(func() { c.err = f.compile(c) })
	return c, c.err
}

func (f *Function) compile(c *compiled) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("engine: %s: building the graph: %v", f.name, r)
		}
	}()
	g := graph.NewGraph(f.engine.backend, f.name)
	used := &usedWeights{dtype: f.dtype, nodes: map[*Weights]*Node{}}
	g.AttachState(weightsKey{}, used)
	in := make([]*Node, len(c.shapes))
	for i, s := range c.shapes {
		in[i] = graph.Parameter(g, fmt.Sprintf("input_%d", i), shapes.Make(f.dtype, s...))
	}
	out := f.build(in)
	for i, n := range out {
		if n.DType() != f.dtype {
			return fmt.Errorf("engine: %s: output %d has type %s, want %s", f.name, i, n.DType(), f.dtype)
		}
	}
	if err := g.Compile(out...); err != nil {
		return fmt.Errorf("engine: %s: compiling: %w", f.name, err)
	}
	c.graph, c.weights = g, used.list
	return nil
}
