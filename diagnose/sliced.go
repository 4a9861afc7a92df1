package diagnose

import (
	"math"
	"slices"

	"abide/internal/keyed"
)

// SlicedWasserstein is the squared sliced 2-Wasserstein distance between the
// uniform laws on the rows of x and of y,
//
//	SW₂² = mean over directions θ of W₂²(θ·x, θ·y),  θ uniform on the unit sphere of ℝᵈ,
//
// in squared units of the columns (no root is taken: a translation by δ gives
// ‖δ‖²/d). Directions depend on seed and d alone. NaN where a set is empty.
//
// Reference: N. Bonneel, J. Rabin, G. Peyré and H. Pfister, "Sliced and Radon
// Wasserstein barycenters of measures", J. Math. Imaging Vis. 51 (2015),
// definition 1.
func SlicedWasserstein(x, y []float64, d, directions int, seed uint64) float64 {
	if rows(x, d) == 0 || rows(y, d) == 0 || directions < 1 {
		return math.NaN()
	}
	squares := make([]float64, directions)
	each(directions, func(i int) {
		θ := direction(d, seed, i)
		squares[i] = wasserstein1D(project(x, θ), project(y, θ))
	})
	return total(squares) / float64(directions)
}

func direction(d int, seed uint64, i int) []float64 {
	θ := make([]float64, d)
	keyed.New(seed, "sliced-wasserstein", i, 0).Normal(θ)
	norm := 0.0
	for _, v := range θ {
		norm += v * v
	}
	norm = math.Sqrt(norm)
	for k := range θ {
		θ[k] /= norm
	}
	return θ
}

// project returns θ·x for every row, sorted.
func project(x, θ []float64) []float64 {
	d := len(θ)
	out := make([]float64, len(x)/d)
	for i := range out {
		for k, t := range θ {
			out[i] += t * x[i*d+k]
		}
	}
	slices.Sort(out)
	return out
}

// wasserstein1D is ∫₀¹ (F⁻¹(u) − G⁻¹(u))² du of two sorted samples. Positions u
// are counted in units of 1/(n·m), exactly.
func wasserstein1D(x, y []float64) float64 {
	n, m := len(x), len(y)
	sum, at := 0.0, 0
	for i, j := 0, 0; i < n && j < m; {
		next := min((i+1)*m, (j+1)*n)
		sum += float64(next-at) * (x[i] - y[j]) * (x[i] - y[j])
		at = next
		if next == (i+1)*m {
			i++
		}
		if next == (j+1)*n {
			j++
		}
	}
	return sum / (float64(n) * float64(m))
}
