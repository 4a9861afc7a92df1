package testkit

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Mixture is a Gaussian mixture Σ_k weight_k N(mean_k, L_k L_kᵀ) in d dimensions.
type Mixture struct {
	Dim    int
	Weight []float64   // [K], any positive scale
	Mean   [][]float64 // [K][d]
	Factor [][]float64 // [K][d·d] row-major square roots L of the covariances, lower triangular or not
}

// Draw makes n exact draws, row-major n×d.
func (m Mixture) Draw(rng *rand.Rand, n int) []float64 {
	x, z := make([]float64, n*m.Dim), make([]float64, m.Dim)
	for i := range n {
		m.fill(rng, x[i*m.Dim:(i+1)*m.Dim], z)
	}
	return x
}

// fill makes one draw; z is room for its normals.
func (m Mixture) fill(rng *rand.Rand, x, z []float64) {
	k := m.component(rng)
	for j := range z {
		z[j] = rng.NormFloat64()
	}
	for i := range x {
		x[i] = m.Mean[k][i]
		for j, e := range z {
			x[i] += m.Factor[k][i*m.Dim+j] * e
		}
	}
}

func (m Mixture) component(rng *rand.Rand) int {
	sum := 0.0
	for _, w := range m.Weight {
		sum += w
	}
	u := rng.Float64() * sum
	for k, w := range m.Weight {
		if u -= w; u < 0 {
			return k
		}
	}
	return len(m.Weight) - 1
}

// InPolytope says whether A x ≤ b, A row-major.
func InPolytope(x, a, b []float64) bool {
	d := len(x)
	for i, bound := range b {
		sum := 0.0
		for j, v := range x {
			sum += a[i*d+j] * v
		}
		if !(sum <= bound) {
			return false
		}
	}
	return true
}

// Rejection makes n exact draws of the mixture given A x ≤ b by throwing away
// what lies outside, and returns the share that did not, an unbiased estimate
// of P(A x ≤ b). It gives up after 10⁵ trials per draw wanted.
func (m Mixture) Rejection(rng *rand.Rand, a, b []float64, n int) (x []float64, accepted float64, err error) {
	const perDraw = 100_000
	p, z := make([]float64, m.Dim), make([]float64, m.Dim)
	trials := 0
	for ; len(x) < n*m.Dim && trials < perDraw*n; trials++ {
		if m.fill(rng, p, z); InPolytope(p, a, b) {
			x = append(x, p...)
		}
	}
	if len(x) < n*m.Dim {
		return nil, 0, fmt.Errorf("testkit: rejection: %d of %d draws in %d trials; the polytope holds too little of the mixture", len(x)/m.Dim, n, trials)
	}
	// The last trial is accepted by construction; without it the share is unbiased
	// (inverse binomial sampling, J. B. S. Haldane, Biometrika 33, 1945).
	return x, float64(n-1) / math.Max(1, float64(trials-1)), nil
}
