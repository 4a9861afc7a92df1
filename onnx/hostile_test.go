package onnx

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"abide/internal/engine"
)

// message writes the fields of a protobuf message by hand: numbers as varints,
// texts and messages as bytes.
func message(fields ...any) []byte {
	var b []byte
	for i := 0; i < len(fields); i += 2 {
		n := protowire.Number(fields[i].(int))
		switch v := fields[i+1].(type) {
		case int:
			b = protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), uint64(v))
		case float32:
			b = protowire.AppendFixed32(protowire.AppendTag(b, n, protowire.Fixed32Type), math.Float32bits(v))
		case string:
			b = protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), v)
		case []byte:
			b = protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
		}
	}
	return b
}

// input is a float input [batch, dims…]; 0 leaves the batch free.
func input(name string, batch int, dims ...int) []byte {
	shape := message(1, message(2, "n"))
	if batch > 0 {
		shape = message(1, message(1, batch))
	}
	for _, d := range dims {
		shape = append(shape, message(1, message(1, d))...)
	}
	return message(1, name, 2, message(1, message(1, elemFloat, 2, shape)))
}

func node(op, out string, in ...string) []byte {
	b := message(2, out, 4, op)
	for _, name := range in {
		b = append(b, message(1, name)...)
	}
	return b
}

func ints(name string, v ...int) []byte {
	b := message(1, name)
	for _, x := range v {
		b = append(b, message(8, x)...)
	}
	return message(5, b)
}

func tensor(name string, elem int, dims []int, raw []byte) []byte {
	b := message(2, elem, 8, name, 9, raw)
	for _, d := range dims {
		b = append(b, message(1, d)...)
	}
	return b
}

// network is a file of opset 18 with a graph of the given fields.
func network(fields ...any) []byte {
	return message(1, 8, 8, message(2, 18), 7, message(fields...))
}

func floatBytes(v ...float32) []byte {
	var b bytes.Buffer
	for _, x := range v {
		u := math.Float32bits(x)
		b.Write([]byte{byte(u), byte(u >> 8), byte(u >> 16), byte(u >> 24)})
	}
	return b.Bytes()
}

// Whatever is wrong with a file is said in one line that names place and remedy.
func TestBadFiles(t *testing.T) {
	x, y := input("x", 0, 2), message(1, "y")
	relu := node("Relu", "y", "x")
	nan := floatBytes(1, float32(math.NaN()))
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "damaged"},
		{"text", []byte("this is no network at all"), "damaged"},
		{"old", message(8, message(2, 6), 7, message(1, relu)), "opset 6"},
		{"unsupported operators, each once", network(1, node("Loop", "a", "x"), 1, node("TopK", "b", "x"), 1, node("TopK", "y", "x"), 11, x, 12, y), "unsupported operators: Loop, TopK: export a network without control flow"},
		{"other domain", network(1, append(relu, message(7, "com.microsoft")...), 11, x, 12, y), "com.microsoft::Relu: export with operators of the default domain"},
		{"quantised", network(1, node("QLinearMatMul", "y", "x"), 11, x, 12, y), "before it is quantised"},
		{"NaN weights", network(1, node("Add", "y", "x", "w"), 5, tensor("w", elemFloat, []int{2}, nan), 11, x, 12, y), `tensor "w": NaN at place 1: the training diverged`},
		{"huge tensor", network(1, node("Add", "y", "x", "w"), 5, tensor("w", elemFloat, []int{1 << 20, 1 << 20}, nan), 11, x, 12, y), "is impossible"},
		{"too few bytes", network(1, node("Add", "y", "x", "w"), 5, tensor("w", elemFloat, []int{1 << 20, 64}, nan), 11, x, 12, y), "8 bytes for shape [1048576 64], which takes 268435456"},
		{"negative length", network(1, node("Add", "y", "x", "w"), 5, tensor("w", elemFloat, []int{-1}, nan), 11, x, 12, y), "is impossible"},
		{"other file", network(1, node("Add", "y", "x", "w"), 5, append(tensor("w", elemFloat, []int{2}, nil), message(13, "x")...), 11, x, 12, y), "in another file"},
		{"strings", network(1, node("Add", "y", "x", "w"), 5, tensor("w", 8, []int{2}, nil), 11, x, 12, y), "element type 8 is not read"},
		{"unknown input", network(1, node("Relu", "y", "z"), 11, x, 12, y), `operator 0, Relu: its input "z" is made by nothing before it`},
		{"made twice", network(1, relu, 1, relu, 11, x, 12, y), `operator 1, Relu: its output "y" is there already`},
		{"unknown output", network(1, relu, 11, x, 12, message(1, "z")), `output "z" is made by no operator`},
		{"no output", network(1, relu, 11, x), "1 inputs and 0 outputs"},
		{"many axes", network(1, relu, 11, input("x", 0, 1, 1, 1, 1, 1, 1, 1, 1), 12, y), "more than 8 axes"},
		{"functions", append(network(1, relu, 11, x, 12, y), message(25, "f")...), "functions of its own"},
	} {
		_, err := Parse(c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "missing.onnx")); err == nil || !strings.Contains(err.Error(), "missing.onnx") {
		t.Errorf("missing file: %v", err)
	}
}

// What is wrong with a graph shows when it is built, with the operator's place.
func TestBadGraphs(t *testing.T) {
	x, y := input("x", 0, 2), message(1, "y")
	e := open(t)
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"shapes", network(1, node("Add", "y", "x", "w"), 5, tensor("w", elemFloat, []int{3}, floatBytes(1, 2, 3)), 11, x, 12, y), "operator 0, Add: shapes [4 2] and [3] do not fit together"},
		{"missing input", network(1, node("MatMul", "y", "x"), 11, x, 12, y), "operator 0, MatMul: takes at least 2 inputs, has 1"},
		{"axis", network(1, append(node("Transpose", "y", "x"), ints("perm", 0, 2)...), 11, x, 12, y), "operator 0, Transpose: axis 2 of a tensor of 2 axes"},
		{"shape from values", network(1, node("Reshape", "y", "x", "x"), 11, x, 12, y), "operator 0, Reshape: shape depends on the input"},
		{"impossible size", network(1, node("Expand", "y", "x", "s"), 5, tensor("s", elemInt64, []int{2}, bytes.Repeat([]byte{0, 0, 0, 64, 0, 0, 0, 0}, 2)), 11, x, 12, y), "do not fit together"},
		{"huge size", network(1, node("Unsqueeze", "z", "x", "a"), 1, node("Expand", "y", "z", "s"),
			5, tensor("a", elemInt64, []int{1}, make([]byte, 8)), 5, tensor("s", elemInt64, []int{3}, append([]byte{0, 0, 0, 64, 0, 0, 0, 0}, bytes.Repeat([]byte{1, 0, 0, 0, 0, 0, 0, 0}, 2)...)), 11, x, 12, y), "operator 1, Expand: shape [1073741824 4 2] is impossible or too large"},
		{"batch in the shape", network(1, node("Reshape", "y", "x", "s"), 5, tensor("s", elemInt64, []int{2}, []byte{2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}), 11, x, 12, y), "export with a dynamic batch axis"},
	} {
		m, err := Parse(c.file)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		f := e.NewFunction("bad", engine.Float32, func(in []*engine.Node) []*engine.Node { return m.Apply(in...) })
		if _, err := f.Call(engine.Rows(make([]float64, 8), 2)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// Vectors that are not the network's are refused, and the first operator that
// differs is named.
func TestVectorsNameTheOperator(t *testing.T) {
	e := open(t)
	m, err := Read("testdata/torch-classic-unet.onnx")
	if err != nil {
		t.Fatal(err)
	}
	v, err := ReadVectors("testdata/torch-classic-unet.vectors.npz")
	if err != nil {
		t.Fatal(err)
	}
	var k int
	for k = range m.nodes {
		if m.nodes[k].op == "InstanceNormalization" {
			break
		}
	}
	m.nodes[k].attributes["epsilon"].f = 0.3 // as a wrong operator would
	_, err = v.Check(e, m)
	if want := "the first operator that differs is " + m.nodes[k].place(k); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	m.nodes[k].attributes["epsilon"].f = 1e-5
	if _, err = v.Check(e, m); err != nil {
		t.Error(err)
	}
	for _, x := range []struct {
		of        []float64
		tolerance float64
	}{{v.Out.F64, 1e-5}, {v.Grad.F64, 1e-4}} {
		largest, was := 0.0, x.of[3]
		for _, v := range x.of {
			largest = max(largest, math.Abs(v))
		}
		x.of[3] = was + 2*x.tolerance*largest
		if _, err = v.Check(e, m); err == nil || !strings.Contains(err.Error(), "differs from the one that was exported") {
			t.Errorf("a number off by twice the tolerance %g: %v", x.tolerance, err)
		}
		x.of[3] = was + 0.5*x.tolerance*largest
		if _, err = v.Check(e, m); err != nil {
			t.Errorf("a number off by half the tolerance: %v", err)
		}
		x.of[3] = was
	}
}

// Parsing takes memory in proportion to the file, whatever it claims.
func FuzzImport(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.onnx")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil && len(b) < 4000 {
			f.Add(b)
		}
	}
	f.Add(network(1, node("Conv", "y", "x", "w"), 5, tensor("w", elemFloat, []int{1, 2, 1}, floatBytes(1, 2)), 11, input("x", 0, 2, 3), 12, message(1, "y")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<13 {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := Parse(b)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20+uint64(len(b))*400 {
			t.Fatalf("%d bytes took %d", len(b), took)
		}
		if err != nil {
			if strings.Contains(err.Error(), "\n") && !bytes.Contains(b, []byte("\n")) {
				t.Fatalf("more than one line: %v", err)
			}
			return
		}
		buildSmall(t, m)
	})
}

// buildSmall builds the graph for inputs of at most 512 numbers and does not run it.
func buildSmall(t *testing.T, m *Model) {
	m.limit = 1 << 12
	var in []engine.Array
	for _, i := range m.Inputs {
		shape, n := []int{}, 1
		for _, d := range i.Dims {
			if d < 1 || d > 64 {
				d = 2
			}
			if n *= d; n > 512 {
				return
			}
			shape = append(shape, d)
		}
		in = append(in, engine.Array{Shape: shape, F64: make([]float64, n)})
	}
	f := fuzzed(t).NewFunction("fuzz", engine.Float32, func(in []*engine.Node) []*engine.Node {
		m.Apply(in...)
		panic("built") // nothing is compiled or run
	})
	if _, err := f.Call(in...); err != nil && strings.Contains(err.Error(), "runtime error") {
		t.Fatal(err)
	}
}

var fuzzEngine *engine.Engine

func fuzzed(t *testing.T) *engine.Engine {
	if fuzzEngine == nil {
		fuzzEngine = open(t)
	}
	return fuzzEngine
}
