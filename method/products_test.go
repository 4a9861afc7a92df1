package method

import (
	"errors"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/problem"
)

// Methods that write a product for every measured value into their graph refuse more
// than a thousand of them at once, and name one that takes them.
func TestTooManyProducts(t *testing.T) {
	const d = 1100
	diagonal := mat.NewSymDense(d, nil)
	index := make([]int, d)
	for i := range d {
		diagonal.SetSym(i, i, 1)
		index[i] = i
	}
	p, err := prior.NewGaussian(make([]float64, d), diagonal, nil)
	if err != nil {
		t.Fatal(err)
	}
	op, err := operator.NewMask(d, index)
	if err != nil {
		t.Fatal(err)
	}
	std := make([]float64, d)
	for i := range std {
		std[i] = 1
	}
	noise, err := potential.NewNormal(std)
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMeasured("y", op, make([]float64, d), noise)
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(p, nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	grid, err := diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tmpd", "tmpd-diag", "kgdm", "kpddpm", "kpddpm-diag", "kpsmld", "kpsmld-diag"} {
		m, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		var unsupported *problem.UnsupportedError
		if _, err = m.New(nil, q, Settings{Samples: 1, Grid: grid}); !errors.As(err, &unsupported) || !strings.Contains(err.Error(), "mmps") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
