package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// tensorProto is a TensorProto as it stands in the file.
type tensorProto struct {
	name     string
	dims     []int64
	elem     int
	raw      []byte
	f, d     []float64
	i32, i64 []int64
	external bool
}

// Element types of TensorProto.DataType.
const (
	elemFloat, elemUint8, elemInt8, elemUint16, elemInt16, elemInt32, elemInt64 = 1, 2, 3, 4, 5, 6, 7
	elemBool, elemHalf, elemDouble, elemUint32, elemUint64, elemBfloat          = 9, 10, 11, 12, 13, 16
)

// elemSize is the number of bytes of an element; 0 for types that are not read.
var elemSize = map[int]int{
	elemFloat: 4, elemUint8: 1, elemInt8: 1, elemUint16: 2, elemInt16: 2, elemInt32: 4, elemInt64: 8,
	elemBool: 1, elemHalf: 2, elemDouble: 8, elemUint32: 4, elemUint64: 8, elemBfloat: 2,
}

func isFloat(elem int) bool {
	return elem == elemFloat || elem == elemHalf || elem == elemDouble || elem == elemBfloat
}

func parseTensor(b []byte) (*tensorProto, error) {
	t := &tensorProto{}
	return t, fields(b, func(field protowire.Number, typ protowire.Type, v uint64, b []byte) (err error) {
		switch field {
		case 1:
			if t.dims, err = varints(t.dims, typ, v, b); len(t.dims) > maxRank {
				return fmt.Errorf("has a tensor of more than %d axes", maxRank)
			}
		case 2:
			t.elem = int(min(v, 1<<20))
		case 4:
			t.f, err = floats(t.f, typ, v, b)
		case 5:
			t.i32, err = varints(t.i32, typ, v, b)
		case 7, 11:
			t.i64, err = varints(t.i64, typ, v, b)
		case 8:
			t.name = string(b)
		case 9:
			t.raw = b
		case 10:
			t.d, err = doubles(t.d, typ, v, b)
		case 13, 14:
			t.external = t.external || field == 13 || v == 1
		}
		return err
	})
}

// constant decodes a tensor. The file must hold as many numbers as the shape
// says, so that memory is bounded by the size of the file; NaN and ±Inf are
// refused among weights, since one of them makes every sample NaN.
func (t *tensorProto) constant() (*value, error) {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("tensor %q: %s", clip(t.name), fmt.Sprintf(format, args...))
	}
	size := elemSize[t.elem]
	switch {
	case t.external:
		return nil, fail("its numbers are in another file: export one file (onnx.save(model, path), or external_data=False)")
	case size == 0:
		return nil, fail("element type %d is not read; allowed: float, double, float16, bfloat16, integers, bool", t.elem)
	}
	count := 1
	shape := make([]int, len(t.dims))
	for i, n := range t.dims {
		if n < 0 || n > 1<<31 || (n > 0 && count > 1<<31/int(n)) {
			return nil, fail("shape %v is impossible", t.dims)
		}
		shape[i] = int(n)
		count *= int(n)
	}
	v := &value{name: t.name, shape: shape, integer: !isFloat(t.elem)}
	switch {
	case t.raw != nil:
		if len(t.raw) != count*size {
			return nil, fail("%d bytes for shape %v, which takes %d", len(t.raw), shape, count*size)
		}
		v.data = make([]float64, count)
		for i := range v.data {
			v.data[i] = decode(t.elem, t.raw[i*size:])
		}
	case t.elem == elemFloat:
		v.data = t.f
	case t.elem == elemDouble:
		v.data = t.d
	case t.elem == elemHalf || t.elem == elemBfloat: // bits in int32_data
		b := make([]byte, 2)
		for _, n := range t.i32 {
			binary.LittleEndian.PutUint16(b, uint16(n))
			v.data = append(v.data, decode(t.elem, b))
		}
	default:
		for _, n := range append(t.i32, t.i64...) {
			v.data = append(v.data, float64(n))
		}
	}
	if len(v.data) != count {
		return nil, fail("%d numbers for shape %v, which holds %d", len(v.data), shape, count)
	}
	return v, nil
}

// finite refuses weights that are not numbers. Scalars may be infinite: masks and
// clips use them.
func (v *value) finite() error {
	for i, x := range v.data {
		if math.IsNaN(x) || (math.IsInf(x, 0) && len(v.data) > 1) {
			return fmt.Errorf("tensor %q: %v at place %d: the training diverged; export a network whose weights are numbers", clip(v.name), x, i)
		}
	}
	return nil
}

func decode(elem int, b []byte) float64 {
	le := binary.LittleEndian
	switch elem {
	case elemFloat:
		return float64(math.Float32frombits(le.Uint32(b)))
	case elemDouble:
		return math.Float64frombits(le.Uint64(b))
	case elemBfloat:
		return float64(math.Float32frombits(uint32(le.Uint16(b)) << 16))
	case elemHalf:
		return half(le.Uint16(b))
	case elemUint8, elemBool:
		return float64(b[0])
	case elemInt8:
		return float64(int8(b[0]))
	case elemUint16:
		return float64(le.Uint16(b))
	case elemInt16:
		return float64(int16(le.Uint16(b)))
	case elemInt32:
		return float64(int32(le.Uint32(b)))
	case elemUint32:
		return float64(le.Uint32(b))
	case elemInt64:
		return float64(int64(le.Uint64(b)))
	}
	return float64(le.Uint64(b))
}

// half is an IEEE 754 binary16 number.
func half(h uint16) float64 {
	sign, exp, frac := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)
	switch exp {
	case 0:
		return sign * math.Ldexp(frac, -24)
	case 31:
		if frac != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

// clip shortens a name from a file for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
