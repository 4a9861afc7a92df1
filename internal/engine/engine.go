// Package engine is the only door to GoMLX: backend choice, compiled functions
// cached by shape, weights, vector–Jacobian products, and panics turned into
// errors. Everything outside hands it float64 (or float32) host arrays and gets
// host arrays back.
package engine

import (
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
)

// Node is a value in a graph under construction.
type Node = graph.Node

// Graph is a graph under construction.
type Graph = graph.Graph

// DType is the precision a function runs in.
type DType = dtypes.DType

// The precisions abide uses.
const (
	Float32 = dtypes.Float32
	Float64 = dtypes.Float64
)

// Engine is one opened backend. It is safe for concurrent use.
type Engine struct {
	name    string
	backend compute.Backend
}

// Open opens a backend: "go" (pure Go, always there), "xla" (needs a build with
// -tags xla and a PJRT plug-in, see [FindPlugin]) or "auto" (xla where it works,
// else go). Nothing is ever downloaded.
func Open(name string) (*Engine, error) {
	switch name {
	case "go", "":
		return openGo()
	case "xla":
		return openXLA()
	case "auto":
		if e, err := openXLA(); err == nil {
			return e, nil
		}
		return openGo()
	}
	return nil, fmt.Errorf("engine: unknown backend %q: use go, xla or auto", name)
}

// Name is "go" or "xla".
func (e *Engine) Name() string { return e.name }

// Description is one line about the backend for people.
func (e *Engine) Description() string { return e.backend.Description() }

var openGo = sync.OnceValues(func() (*Engine, error) {
	b, err := gobackend.New("")
	if err == nil {
		err = unlimit(b)
	}
	if err != nil {
		return nil, fmt.Errorf("engine: opening the Go backend: %w", err)
	}
	return &Engine{name: "go", backend: b}, nil
})

// unlimit lets the pure-Go backend start as many workers as it has work for.
// With its default pool, four or more independent products of about 256² wait
// for each other for ever on two cores; an unlimited pool never waits.
//
// The documented way, the configuration "parallelism=-1", announces itself on
// standard output, which belongs to the results of whoever runs us; the worker
// pool is a public field of a type that has no public name, hence reflection.
func unlimit(b compute.Backend) error {
	if v := reflect.Indirect(reflect.ValueOf(b)); v.Kind() == reflect.Struct {
		if f := v.FieldByName("Workers"); f.IsValid() && f.CanInterface() {
			if pool, ok := f.Interface().(interface{ SetMaxParallelism(int) }); ok {
				pool.SetMaxParallelism(-1)
				return nil
			}
		}
	}
	return errors.New("its worker pool was not found: this version of the backend is not the one abide was made for")
}
