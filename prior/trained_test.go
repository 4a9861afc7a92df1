package prior

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
)

// Below nearSigma the network, above farSigma the Gaussian of the covariance,
// between them in proportion of ln σ.
func TestTrainedHandsOver(t *testing.T) {
	const d = 3
	cov := []float64{1, 0.5, 0, 0.5, 1, -0.3, 0, -0.3, 1}
	net, mean := EDM{Network: small()}, []float64{0.5, -1, 0}
	p := NewTrained(net, mean, cov)
	gauss := law{[]float64{1}, [][]float64{mean}, []*mat.SymDense{mat.NewSymDense(d, cov)}}
	middle := math.Sqrt(nearSigma * farSigma)
	for _, c := range []struct{ sigma, network float64 }{
		{0.002, 1}, {1, 1}, {nearSigma, 1}, {middle, 0.5}, {farSigma, 0}, {80, 0},
	} {
		u := noisy(1, d, c.sigma)
		near1 := denoise(t, net, u, d, engine.Scalar(c.sigma))
		far, _, _ := gauss.posterior(u, same(d, c.sigma*c.sigma))
		want := make([]float64, d)
		for j := range want {
			want[j] = c.network*near1[j] + (1-c.network)*far[j]
		}
		near(t, "scalar level", denoise(t, p, u, d, engine.Scalar(c.sigma)), want, 1e-13)
		near(t, "level for each row", denoise(t, p, u, d, level(1, c.sigma)), want, 1e-13)
	}
}
