package grid

import (
	"math"
	"slices"
	"testing"
)

// Matrices of halves are the transforms of the definitions, and their inverses but for the
// scale, to n roundings; all kernels give the same bits.
func TestDense(t *testing.T) {
	for _, kind := range transformKinds {
		back := func(n int) float64 { return 0.5 / float64(n) }
		switch kind {
		case DST1:
			back = func(n int) float64 { return 0.5 / float64(n+1) }
		case DCT1:
			back = func(n int) float64 { return 0.5 / float64(n-1) }
		case Fourier:
			back = func(n int) float64 { return 1 / float64(n) }
		}
		for _, n := range []int{2, 3, 4, 5, 6, 7, 8, 9, 31, 50} {
			const lines = 16
			x, tolerance := randomNumbers(uint64(n), lines*n), 1e-14*float64(n)
			var plain []float64
			for i := range laneSets {
				s := newSixteenDense(n, kind, &laneSets[i])
				y := slices.Clone(x)
				s.along(y, 1, s.forward)
				for l := range lines {
					for k := range n {
						want := 0.0
						for j := range n {
							want += transformEntry(kind, n, k, j) * x[l*n+j]
						}
						if !(math.Abs(want-y[l*n+k]) < tolerance) {
							t.Fatalf("%v of %d, %s: number %d is %g, want %g", kind, n, laneSets[i].name, k, y[l*n+k], want)
						}
					}
				}
				if i == 0 {
					plain = slices.Clone(y)
				} else if !slices.Equal(plain, y) {
					t.Errorf("%v of %d: %s and plain kernels differ", kind, n, laneSets[i].name)
				}
				s.along(y, 1, s.inverse)
				scale(y, back(n))
				if e := difference(x, y); !(e < tolerance) {
					t.Fatalf("%v of %d, %s: off by %g after a return", kind, n, laneSets[i].name, e)
				}
			}
		}
	}
}
