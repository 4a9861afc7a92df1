package testkit

import (
	"math"
	"testing"
)

// Moments of a mixture: E x = Σ w m, E x xᵀ = Σ w (L Lᵀ + m mᵀ).
func TestMixtureMoments(t *testing.T) {
	m := Mixture{Dim: 2, Weight: []float64{0.5, 1.5}, Mean: [][]float64{{-2, 1}, {1, 0.5}}, Factor: [][]float64{{1, 0, 0.5, 0.2}, {0.3, 0, -0.1, 2}}}
	const n = 20_000
	x := m.Draw(newRand(3), n)
	values := make([]float64, n)
	average := func(f func(p []float64) float64) []float64 {
		for i := range values {
			values[i] = f(x[2*i : 2*i+2])
		}
		return values
	}
	moment := func(i, j int) (first, second float64) {
		for k, w := range []float64{0.25, 0.75} {
			l, μ := m.Factor[k], m.Mean[k]
			first += w * μ[i]
			second += w * (l[2*i]*l[2*j] + l[2*i+1]*l[2*j+1] + μ[i]*μ[j])
		}
		return first, second
	}
	for i := range 2 {
		for j := range 2 {
			first, second := moment(i, j)
			MeanWithin(t, "first moment", average(func(p []float64) float64 { return p[i] }), first, 0)
			MeanWithin(t, "second moment", average(func(p []float64) float64 { return p[i] * p[j] }), second, 0)
		}
	}
}

// A normal cut at x₀ + x₁ ≤ −√2, so that s = (x₀ + x₁)/√2 ≤ −1: E s = −φ(1)/Φ(−1),
// Var s = 1 + φ(1)/Φ(−1) − (φ(1)/Φ(−1))², the direction across is untouched, and
// the accepted share estimates Φ(−1) without bias.
func TestRejectionIsTheTruncatedLaw(t *testing.T) {
	m := Mixture{Dim: 2, Weight: []float64{2}, Mean: [][]float64{{0, 0}}, Factor: [][]float64{{1, 0, 0, 1}}}
	a, b := []float64{1, 1, -1, 0}, []float64{-math.Sqrt2, 100}
	const draws, repeats = 5, 2000
	mass := math.Erfc(1/math.Sqrt2) / 2
	ratio := math.Exp(-0.5) / math.Sqrt(2*math.Pi) / mass
	rng := newRand(4)
	var along, square, across, shares []float64
	for range repeats {
		x, accepted, err := m.Rejection(rng, a, b, draws)
		if err != nil || len(x) != 2*draws {
			t.Fatalf("%d numbers, %v", len(x), err)
		}
		shares = append(shares, accepted)
		for i := range draws {
			p := x[2*i : 2*i+2]
			if !InPolytope(p, a, b) {
				t.Fatalf("%v lies outside", p)
			}
			s, r := (p[0]+p[1])/math.Sqrt2, (p[0]-p[1])/math.Sqrt2
			along, across = append(along, s), append(across, r)
			square = append(square, (s+ratio)*(s+ratio))
		}
	}
	MeanWithin(t, "mean along the normal", along, -ratio, 0)
	MeanWithin(t, "variance along the normal", square, 1+ratio-ratio*ratio, 0)
	MeanWithin(t, "mean across", across, 0, 0)
	MeanWithin(t, "share accepted", shares, mass, 0)
}

func TestRejectionGivesUp(t *testing.T) {
	m := Mixture{Dim: 1, Weight: []float64{1}, Mean: [][]float64{{0}}, Factor: [][]float64{{1}}}
	if x, _, err := m.Rejection(newRand(5), []float64{1}, []float64{-40}, 1); err == nil {
		t.Errorf("drew %v", x)
	}
}
