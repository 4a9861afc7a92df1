package engine

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Weights are the parameters of a network: host values that enter a graph as
// inputs, not as constants, so that training changes them without compiling
// anew and a large network is not copied into every compiled shape.
type Weights struct {
	Name   string
	Shape  []int
	Data   []float32
	Data64 []float64 // in place of Data where it is not nil: weights of double precision

	mu     sync.Mutex
	copies map[bufferKey]*deviceCopy
}

// deviceCopy is the values as a backend has them.
type deviceCopy struct {
	buffer compute.Buffer
	flat   any  // the memory behind buffer, where it is shared with the host
	stale  bool // the values have changed since
}

type bufferKey struct {
	engine *Engine
	dtype  DType
}

// NewWeights makes zero weights of a shape.
func NewWeights(name string, shape ...int) *Weights {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return &Weights{Name: name, Shape: shape, Data: make([]float32, n)}
}

// Values are the weights as an array that shares their memory.
func (w *Weights) Values() Array {
	if w.Data64 != nil {
		return Array{Shape: w.Shape, F64: w.Data64}
	}
	return Array{Shape: w.Shape, F32: w.Data}
}

// Changed must be called after Data was modified and before the next call of a
// function that uses it; no such call may be under way.
func (w *Weights) Changed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, c := range w.copies {
		if c.stale = true; c.flat == nil {
			c.buffer.Finalize() // an error means that the backend is gone, and the copy with it
			delete(w.copies, k)
		}
	}
}

func (w *Weights) buffer(e *Engine, dtype DType) (compute.Buffer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := bufferKey{e, dtype}
	c := w.copies[k]
	switch {
	case c == nil:
		b, flat, err := e.upload(dtype, w.Values())
		if err != nil {
			return nil, fmt.Errorf("engine: weights %s: %w", w.Name, err)
		}
		if w.copies == nil {
			w.copies = map[bufferKey]*deviceCopy{}
		}
		c = &deviceCopy{buffer: b, flat: flat}
		w.copies[k] = c
	case c.stale:
		w.Values().write(c.flat)
		c.stale = false
	}
	return c.buffer, nil
}

// weightsKey is where a graph under construction keeps the weights it uses.
type weightsKey struct{}

type usedWeights struct {
	dtype DType
	list  []*Weights
	nodes map[*Weights]*Node
}

// Use returns the node of w in graph g; the value is supplied at every call of
// the compiled function. Only graphs built by [Engine.NewFunction] can use weights.
func (w *Weights) Use(g *Graph) *Node {
	u, ok := g.State(weightsKey{}).(*usedWeights)
	if !ok {
		panic(fmt.Errorf("engine: weights %s used in a graph that was not built by NewFunction", w.Name))
	}
	if n, ok := u.nodes[w]; ok {
		return n
	}
	n := graph.Parameter(g, fmt.Sprintf("weights_%d_%s", len(u.list), w.Name), shapes.Make(u.dtype, w.Shape...))
	u.list = append(u.list, w)
	u.nodes[w] = n
	return n
}
