package dataio

import (
	"bytes"
	"strings"
	"testing"
)

// An array in pieces is the array as a whole, to the last byte.
func TestNPZInPieces(t *testing.T) {
	x := []float64{1, -2.5, 3e300, 4, 5, 1e-7}
	single := []float32{1, -2.5, 3, 4, 5, 1e-7}
	var whole, pieces bytes.Buffer
	if err := WriteNPZ(&whole, []*Array{{Name: "x", Shape: []int{3, 2}, F64: x}, {Name: "y", Shape: []int{6}, F32: single}}); err != nil {
		t.Fatal(err)
	}
	z := NewNPZWriter(&pieces)
	x[2] = 3e300
	if err := z.Pieces("x", []int{3, 2}, false, func(put func([]float64) error) error {
		for i := range x {
			if err := put(x[i : i+1]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	x[2] = 3
	if err := z.Pieces("y", []int{6}, true, func(put func([]float64) error) error { return put(x) }); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(whole.Bytes(), pieces.Bytes()) {
		t.Error("other bytes")
	}
	for name, want := range map[string]string{"x": "used twice", "": "empty", "z": "holds 6 numbers, 5 were given"} {
		err := z.Pieces(name, []int{6}, false, func(put func([]float64) error) error { return put(x[:5]) })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("array %q: %v, want %q", name, err, want)
		}
	}
}
