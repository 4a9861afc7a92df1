package guide

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// As many iterations as values are TMPD to 1e-6, also with little noise, where the
// eigenvalues of the data's covariance are 1 to 10⁵ of the noise's.
func TestMMPSWithLittleNoise(t *testing.T) {
	const d, m, n = 16, 8, 3
	r := mat.NewSymDense(m, nil)
	for i := range m {
		r.SetSym(i, i, 1e-4)
	}
	y := measured(t, matrix(t, matrixRows("H", m, d)), normals("y", m, 1), r)
	for name, den := range denoisers(t, d) {
		if name == "network" {
			continue
		}
		for _, sigma := range []float64{0.03, 0.3, 3, 30} {
			u := normals(name, n*d, 1+sigma)
			want := at(t, TMPD{Y: y}.Guide(den), u, d, sigma)
			for _, gmres := range []bool{false, true} {
				same(t, fmt.Sprintf("%s, σ = %g, gmres %v", name, sigma, gmres), at(t, MMPS{y, m, gmres}.Guide(den), u, d, sigma), want, 1e-6)
			}
		}
	}
}
