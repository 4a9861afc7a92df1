package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of onnx.proto (ONNX 1.x, IR version 3 to 13), as far as they are
// used. Strings and bytes are views into the file.

type graphProto struct {
	nodes        []*nodeProto
	initializers []*tensorProto
	constants    map[string]*value // the initializers, decoded
	inputs       []*valueInfo
	outputs      []*valueInfo
}

type nodeProto struct {
	inputs, outputs []string
	name, op        string
	domain          string
	attributes      map[string]*attribute
}

type attribute struct {
	f      float64
	i      int64
	s      string
	t      *tensorProto
	g      *graphProto
	floats []float64
	ints   []int64
}

type valueInfo struct {
	name string
	elem int
	rank int   // −1: not stated
	dims []int // −1: any length
}

const (
	maxNodes = 100_000 // nodes, tensors or attributes of one file
	maxRank  = 8
	maxDepth = 4 // branches within branches
)

var errDamaged = errors.New("is damaged or no ONNX file")

// fields calls f for every field of a message: v is the number of a varint or
// fixed field, b the content of a length-delimited one.
func fields(b []byte, f func(field protowire.Number, typ protowire.Type, v uint64, b []byte) error) error {
	for len(b) > 0 {
		field, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errDamaged
		}
		b = b[n:]
		var v uint64
		var content []byte
		switch typ {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v32 uint32
			v32, n = protowire.ConsumeFixed32(b)
			v = uint64(v32)
		case protowire.Fixed64Type:
			v, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			content, n = protowire.ConsumeBytes(b)
		default:
			return errDamaged
		}
		if n < 0 {
			return errDamaged
		}
		b = b[n:]
		if err := f(field, typ, v, content); err != nil {
			return err
		}
	}
	return nil
}

// varints appends the numbers of a repeated integer field, packed or not.
func varints(list []int64, typ protowire.Type, v uint64, b []byte) ([]int64, error) {
	if typ == protowire.VarintType {
		return append(list, int64(v)), nil
	}
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, errDamaged
		}
		list, b = append(list, int64(v)), b[n:]
	}
	return list, nil
}

// floats appends the numbers of a repeated float field, packed or not.
func floats(list []float64, typ protowire.Type, v uint64, b []byte) ([]float64, error) {
	if typ == protowire.Fixed32Type {
		return append(list, float64(math.Float32frombits(uint32(v)))), nil
	}
	for len(b) > 0 {
		v, n := protowire.ConsumeFixed32(b)
		if n < 0 {
			return nil, errDamaged
		}
		list, b = append(list, float64(math.Float32frombits(v))), b[n:]
	}
	return list, nil
}

// doubles appends the numbers of a repeated double field, packed or not.
func doubles(list []float64, typ protowire.Type, v uint64, b []byte) ([]float64, error) {
	if typ == protowire.Fixed64Type {
		return append(list, math.Float64frombits(v)), nil
	}
	for len(b) > 0 {
		v, n := protowire.ConsumeFixed64(b)
		if n < 0 {
			return nil, errDamaged
		}
		list, b = append(list, math.Float64frombits(v)), b[n:]
	}
	return list, nil
}

// parseModel reads a ModelProto.
func parseModel(b []byte) (g *graphProto, opset int, err error) {
	err = fields(b, func(field protowire.Number, typ protowire.Type, v uint64, b []byte) (err error) {
		switch {
		case field == 7 && typ == protowire.BytesType:
			g, err = parseGraph(b, 0)
		case field == 8 && typ == protowire.BytesType:
			domain, version := "", int64(0)
			err = fields(b, func(field protowire.Number, typ protowire.Type, v uint64, b []byte) error {
				if field == 1 {
					domain = string(b)
				} else if field == 2 {
					version = int64(v)
				}
				return nil
			})
			if isDefault(domain) {
				opset = int(min(max(version, 0), 1<<20))
			}
		case field == 25 && typ == protowire.BytesType:
			err = errors.New("holds functions of its own: inline them before (onnx.inliner.inline_local_functions)")
		}
		return err
	})
	if err == nil && g == nil {
		err = errDamaged
	}
	if err == nil && opset < 7 {
		err = fmt.Errorf("is of opset %d: export it with opset 17 or later", opset)
	}
	return g, opset, err
}

func isDefault(domain string) bool { return domain == "" || domain == "ai.onnx" }

func parseGraph(b []byte, depth int) (*graphProto, error) {
	g := &graphProto{}
	return g, fields(b, func(field protowire.Number, typ protowire.Type, v uint64, b []byte) error {
		if len(g.nodes)+len(g.initializers)+len(g.inputs)+len(g.outputs) > maxNodes {
			return fmt.Errorf("holds more than %d operators and tensors", maxNodes)
		}
		if typ != protowire.BytesType {
			return nil
		}
		switch field {
		case 1:
			n, err := parseNode(b, depth)
			g.nodes = append(g.nodes, n)
			return err
		case 5:
			t, err := parseTensor(b)
			g.initializers = append(g.initializers, t)
			return err
		case 11, 12:
			i, err := parseValueInfo(b)
			if field == 11 {
				g.inputs = append(g.inputs, i)
			} else {
				g.outputs = append(g.outputs, i)
			}
			return err
		case 15:
			return errors.New("holds sparse tensors: export dense ones")
		}
		return nil
	})
}

func parseNode(b []byte, depth int) (*nodeProto, error) {
	n := &nodeProto{attributes: map[string]*attribute{}}
	return n, fields(b, func(field protowire.Number, typ protowire.Type, v uint64, b []byte) error {
		if len(n.inputs)+len(n.outputs)+len(n.attributes) > maxNodes {
			return errDamaged
		}
		switch field {
		case 1:
			n.inputs = append(n.inputs, string(b))
		case 2:
			n.outputs = append(n.outputs, string(b))
		case 3:
			n.name = string(b)
		case 4:
			n.op = string(b)
		case 5:
			return n.addAttribute(b, depth)
		case 7:
			n.domain = string(b)
		}
		return nil
	})
}

func (n *nodeProto) addAttribute(b []byte, depth int) error {
	a, name := &attribute{}, ""
	err := fields(b, func(field protowire.Number, typ protowire.Type, v uint64, b []byte) (err error) {
		switch field {
		case 1:
			name = string(b)
		case 2:
			a.f = float64(math.Float32frombits(uint32(v)))
		case 3:
			a.i = int64(v)
		case 4:
			a.s = string(b)
		case 5:
			a.t, err = parseTensor(b)
		case 6:
			if depth++; depth > maxDepth {
				return fmt.Errorf("has branches %d deep", depth)
			}
			a.g, err = parseGraph(b, depth)
		case 7:
			a.floats, err = floats(a.floats, typ, v, b)
		case 8:
			a.ints, err = varints(a.ints, typ, v, b)
		}
		return err
	})
	n.attributes[name] = a
	return err
}

func parseValueInfo(b []byte) (*valueInfo, error) {
	i := &valueInfo{rank: -1}
	// ValueInfoProto.type → TypeProto.tensor_type → Tensor.shape → Dimension
	return i, fields(b, func(field protowire.Number, _ protowire.Type, _ uint64, b []byte) error {
		if field == 1 {
			i.name = string(b)
		}
		if field != 2 {
			return nil
		}
		return fields(b, func(field protowire.Number, _ protowire.Type, _ uint64, b []byte) error {
			if field != 1 {
				return nil
			}
			return fields(b, func(field protowire.Number, _ protowire.Type, v uint64, b []byte) error {
				switch field {
				case 1:
					i.elem = int(min(v, 1<<20))
				case 2:
					i.rank, i.dims = 0, nil
					return fields(b, i.addDimension)
				}
				return nil
			})
		})
	})
}

func (i *valueInfo) addDimension(field protowire.Number, _ protowire.Type, _ uint64, b []byte) error {
	if field != 1 {
		return nil
	}
	if i.rank++; i.rank > maxRank {
		return fmt.Errorf("has an input of more than %d axes", maxRank)
	}
	dim := -1
	err := fields(b, func(field protowire.Number, _ protowire.Type, v uint64, _ []byte) error {
		if field == 1 && int64(v) > 0 && v < 1<<31 {
			dim = int(v)
		}
		return nil
	})
	i.dims = append(i.dims, dim)
	return err
}
