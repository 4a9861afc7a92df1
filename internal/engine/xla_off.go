//go:build !xla

package engine

import "errors"

// HasXLA says whether this binary was built with the XLA backend.
const HasXLA = false

func openXLA() (*Engine, error) {
	return nil, errors.New("engine: this binary was built without XLA: build with `make build-xla` (needs cgo and a C compiler)")
}
