package onnx

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"abide/internal/engine"
)

// Model is a network read from a file: a list of operators in an order in which
// they can be evaluated, and the constants they use.
type Model struct {
	Inputs  []Tensor // what the network takes, without the weights
	Outputs []string
	Hash    []byte // of the file's content, for fingerprints

	nodes     []*nodeProto
	constants map[string]*value
	opset     int
	limit     int // elements of the largest tensor allowed

	mu      sync.Mutex
	weights map[string]*engine.Weights
}

// Tensor describes an input.
type Tensor struct {
	Name    string
	Dims    []int // −1: any length; nil: not stated
	Integer bool
}

// maxFile bounds the files read, maxElements the largest tensor of a graph.
const (
	maxFile     = 1 << 30
	maxElements = 1 << 28
)

// Read reads a network from a file.
func Read(path string) (*Model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("onnx: %s: is no regular file of at most %d MiB", path, maxFile>>20)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	m, err := Parse(b)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	return m, nil
}

// Parse reads a network from the content of a file. Its memory is a small
// multiple of the content's.
func Parse(b []byte) (*Model, error) {
	g, opset, err := parseModel(b)
	if err != nil {
		return nil, err
	}
	m := &Model{nodes: g.nodes, opset: opset, limit: maxElements, weights: map[string]*engine.Weights{}, Hash: hash(b)}
	if err := unsupported(g); err != nil {
		return nil, err
	}
	if err := g.decode(); err != nil {
		return nil, err
	}
	m.constants = g.constants
	for _, i := range g.inputs {
		if m.constants[i.name] != nil {
			continue // old exporters list weights as inputs
		}
		if elemSize[i.elem] == 0 {
			return nil, fmt.Errorf("input %q: element type %d is not supported: export the network in float32", clip(i.name), i.elem)
		}
		m.Inputs = append(m.Inputs, Tensor{Name: i.name, Dims: i.dims, Integer: !isFloat(i.elem)})
	}
	for _, o := range g.outputs {
		m.Outputs = append(m.Outputs, o.name)
	}
	return m, m.order()
}

// every calls f for the graph and for all branches in it.
func (g *graphProto) every(f func(*graphProto) error) error {
	if err := f(g); err != nil {
		return err
	}
	for _, n := range g.nodes {
		for _, a := range n.attributes {
			if a.g != nil {
				if err := a.g.every(f); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// decode reads the constants of a graph and its branches.
func (g *graphProto) decode() error {
	return g.every(func(g *graphProto) error {
		g.constants = map[string]*value{}
		for _, t := range g.initializers {
			v, err := t.constant()
			if err == nil {
				err = v.finite()
			}
			if err != nil {
				return err
			}
			g.constants[t.name] = v
		}
		return nil
	})
}

// unsupported names all operators that are not in the table, in one line.
func unsupported(g *graphProto) error {
	missing := map[string]string{}
	g.every(func(g *graphProto) error {
		for _, n := range g.nodes {
			name := n.op
			if !isDefault(n.domain) {
				name = n.domain + "::" + n.op
			}
			if operators[name] == nil {
				missing[clip(name)] = remedy(name)
			}
		}
		return nil
	})
	if len(missing) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(missing))
	if len(names) > 8 {
		names = append(names[:8], "…")
	}
	return fmt.Errorf("unsupported operators: %s: %s", strings.Join(names, ", "), missing[names[0]])
}

// remedy is what helps against an operator that is not in the table.
func remedy(op string) string {
	switch {
	case strings.Contains(op, "::"):
		return "export with operators of the default domain only (no runtime-specific optimisation)"
	case op == "Loop" || op == "Scan":
		return "export a network without control flow that depends on its input"
	case strings.Contains(op, "Quant") || strings.Contains(op, "Integer") || strings.Contains(op, "QLinear"):
		return "export the network before it is quantised"
	case strings.HasPrefix(op, "Random") || op == "Bernoulli" || op == "Multinomial":
		return "export the network in evaluation mode: a denoiser draws nothing"
	case op == "Attention" || op == "RotaryEmbedding":
		return "export with opset 18, which writes it in simpler operators"
	}
	return "write that layer with other operators before exporting"
}

// order checks that every operator's inputs are there before it and that every
// name is given once: the specification's form, in which nodes are evaluated.
func (m *Model) order() error {
	known := map[string]bool{"": true}
	for name := range m.constants {
		known[name] = true
	}
	for _, i := range m.Inputs {
		known[i.Name] = true
	}
	for k, n := range m.nodes {
		for _, in := range n.inputs {
			if !known[in] {
				return fmt.Errorf("%s: its input %q is made by nothing before it: the file is damaged", n.place(k), clip(in))
			}
		}
		for _, out := range n.outputs {
			if out != "" && known[out] {
				return fmt.Errorf("%s: its output %q is there already: the file is damaged", n.place(k), clip(out))
			}
			known[out] = true
		}
	}
	for _, out := range m.Outputs {
		if !known[out] || out == "" {
			return fmt.Errorf("output %q is made by no operator: the file is damaged", clip(out))
		}
	}
	if len(m.Outputs) == 0 || len(m.Inputs) == 0 {
		return fmt.Errorf("the network has %d inputs and %d outputs: it needs one of each at least", len(m.Inputs), len(m.Outputs))
	}
	return nil
}

// place names an operator for a message.
func (n *nodeProto) place(k int) string {
	if n.name == "" {
		return fmt.Sprintf("operator %d, %s", k, clip(n.op))
	}
	return fmt.Sprintf("operator %d, %s (%s)", k, clip(n.op), clip(n.name))
}

// Parameters counts the numbers of all constants of more than one element.
func (m *Model) Parameters() int {
	n := 0
	for _, v := range m.constants {
		if !v.integer && len(v.data) > 1 {
			n += len(v.data)
		}
	}
	return n
}
