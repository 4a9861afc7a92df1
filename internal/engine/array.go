package engine

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Array is a dense host array, row-major. Exactly one of F64 and F32 is set; an
// empty Shape is a scalar.
type Array struct {
	Shape []int
	F64   []float64
	F32   []float32
}

// Scalar is v as an array without axes.
func Scalar(v float64) Array { return Array{F64: []float64{v}} }

// Rows is an n×d matrix over data.
func Rows(data []float64, d int) Array { return Array{Shape: []int{len(data) / d, d}, F64: data} }

// check says whether the values fit the shape.
func (a Array) check() error {
	n := 1
	for _, s := range a.Shape {
		if s < 1 {
			return fmt.Errorf("shape %v: every dimension must be at least 1", a.Shape)
		}
		n *= s
	}
	if a.F64 != nil && a.F32 != nil {
		return fmt.Errorf("shape %v: both float64 and float32 values are given: give one", a.Shape)
	}
	if have := len(a.F64) + len(a.F32); have != n {
		return fmt.Errorf("%d values for shape %v, which holds %d", have, a.Shape, n)
	}
	return nil
}

// write copies the values of a to flat, a slice of float32 or float64.
func (a Array) write(flat any) {
	switch dst := flat.(type) {
	case []float32:
		copy(dst, a.F32)
		for i, v := range a.F64 {
			dst[i] = float32(v)
		}
	case []float64:
		copy(dst, a.F64)
		for i, v := range a.F32 {
			dst[i] = float64(v)
		}
	}
}

// upload copies a to the backend. Where that shares the host's memory, flat is the
// memory behind the buffer: writing there when no call is under way is the next upload.
func (e *Engine) upload(dtype DType, a Array) (b compute.Buffer, flat any, err error) {
	if err := a.check(); err != nil {
		return nil, nil, err
	}
	shape := shapes.Make(dtype, a.Shape...)
	if e.backend.HasSharedBuffers() {
		if b, flat, err = e.backend.NewSharedBuffer(0, shape); err == nil {
			a.write(flat)
		}
		return b, flat, err
	}
	var values any = make([]float64, shape.Size())
	if dtype == Float32 {
		values = make([]float32, shape.Size())
	}
	a.write(values)
	b, err = e.backend.BufferFromFlatData(0, values, shape)
	return b, nil, err
}

// download copies an output to the host and releases it.
func download(t *tensors.Tensor) (Array, error) {
	a := Array{Shape: slices.Clone(t.Shape().Dimensions)}
	err := t.ConstFlatData(func(flat any) {
		switch v := flat.(type) {
		case []float32:
			a.F32 = slices.Clone(v)
		case []float64:
			a.F64 = slices.Clone(v)
		}
	})
	if err != nil {
		return a, err
	}
	return a, t.FinalizeAll()
}

// Widened are single-precision numbers in double precision.
func Widened(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
