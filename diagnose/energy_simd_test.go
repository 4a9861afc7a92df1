//go:build goexperiment.simd && amd64

package diagnose

import "testing"

// Vector registers give the bits of plain arithmetic, whatever the length.
func TestVectorsGiveTheSameBits(t *testing.T) {
	if !vector {
		t.Skip("this processor has no 256-bit registers")
	}
	rng := newRand(5)
	for d := 1; d <= 4; d++ {
		for n := range 20 {
			columns := make([][]float64, d)
			for k := range columns {
				columns[k] = normals(rng, n+3)
			}
			p, w := normals(rng, d), normals(rng, n)
			for i := range w {
				w[i] *= w[i]
			}
			if got, want := distances(p, columns, 3, w), plainDistances(p, columns, 3, w); got != want {
				t.Errorf("d = %d, n = %d: %v, plain arithmetic %v", d, n, got, want)
			}
		}
	}
}
