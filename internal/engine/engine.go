// Package engine is the only door to GoMLX: backend choice, compiled functions
// cached by shape, weights, vector–Jacobian products, and panics turned into
// errors. Everything outside hands it float64 (or float32) host arrays and gets
// host arrays back.
package engine

import (
	"fmt"
	"os"
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

// GoConfig is the configuration of the pure-Go backend. With the default
// worker pool four or more independent products of about 256² wait for each
// other for ever on two cores; an unlimited pool (-1) never waits.
const GoConfig = "parallelism=-1"

var openGo = sync.OnceValues(func() (*Engine, error) {
	// The backend announces its parallelism on standard output, which belongs
	// to the results of whoever runs us.
	stdout := os.Stdout
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = null
		defer func() { os.Stdout = stdout; null.Close() }()
	}
	b, err := gobackend.New(GoConfig)
	if err != nil {
		return nil, fmt.Errorf("engine: opening the Go backend: %w", err)
	}
	return &Engine{name: "go", backend: b}, nil
})
