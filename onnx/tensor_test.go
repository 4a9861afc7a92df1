package onnx

import (
	"math"
	"slices"
	"testing"
)

// Every element type that is read, from raw bytes and from the field that the
// specification has for it.
func TestTensorTypes(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		want []float64
	}{
		{"float raw", message(1, 2, 2, elemFloat, 9, floatBytes(1.5, -2)), []float64{1.5, -2}},
		{"float", message(1, 2, 2, elemFloat, 4, float32(1.5), 4, float32(-2)), []float64{1.5, -2}},
		{"float packed", message(1, 2, 2, elemFloat, 4, floatBytes(1.5, -2)), []float64{1.5, -2}},
		{"double raw", message(1, 1, 2, elemDouble, 9, []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x3f}), []float64{1.5}},
		{"double", message(1, 1, 2, elemDouble, 10, []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x3f}), []float64{1.5}},
		{"half raw", message(1, 5, 2, elemHalf, 9, []byte{0x00, 0x3e, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0xfc}), []float64{1.5, -2, 0x1p-24, 65504, math.Inf(-1)}},
		{"half", message(1, 2, 2, elemHalf, 5, 0x3e00, 5, 0xc000), []float64{1.5, -2}},
		{"bfloat16", message(1, 2, 2, elemBfloat, 9, []byte{0xc0, 0x3f, 0x00, 0xc0}), []float64{1.5, -2}},
		{"int64", message(1, 2, 2, elemInt64, 7, 3, 7, -4), []float64{3, -4}},
		{"int64 raw", message(1, 1, 2, elemInt64, 9, []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), []float64{-2}},
		{"int32", message(1, 2, 2, elemInt32, 5, 3, 5, -4), []float64{3, -4}},
		{"int32 raw", message(1, 1, 2, elemInt32, 9, []byte{0xfe, 0xff, 0xff, 0xff}), []float64{-2}},
		{"int8 raw", message(1, 2, 2, elemInt8, 9, []byte{0xff, 7}), []float64{-1, 7}},
		{"uint8 raw", message(1, 2, 2, elemUint8, 9, []byte{0xff, 7}), []float64{255, 7}},
		{"bool raw", message(1, 2, 2, elemBool, 9, []byte{1, 0}), []float64{1, 0}},
		{"uint16 raw", message(1, 1, 2, elemUint16, 9, []byte{0xff, 0xff}), []float64{65535}},
		{"int16 raw", message(1, 1, 2, elemInt16, 9, []byte{0xff, 0xff}), []float64{-1}},
		{"uint32 raw", message(1, 1, 2, elemUint32, 9, []byte{0xff, 0xff, 0xff, 0xff}), []float64{1<<32 - 1}},
		{"scalar", message(2, elemFloat, 9, floatBytes(7)), []float64{7}},
		{"empty", message(1, 0, 2, elemFloat, 9, []byte{}), nil},
	} {
		p, err := parseTensor(c.b)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		v, err := p.constant()
		if err != nil || !slices.Equal(v.data, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, v, err, c.want)
		}
	}
}
