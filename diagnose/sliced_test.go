package diagnose

import (
	"math"
	"testing"

	"abide/internal/testkit"
)

// Law: a translation by δ moves every projection by θ·δ, so SW₂² is the mean of
// (θ·δ)² over directions: expectation ‖δ‖²/d, variance 2‖δ‖⁴(d−1)/(d²(d+2)) each.
// For δ = (1, …, 5)/5 that is 0.44.
func TestSlicedWassersteinOfTranslation(t *testing.T) {
	const d, directions = 5, 1000
	x := normals(newRand(7), 200*d)
	y := make([]float64, len(x))
	for i := range x {
		y[i] = x[i] + float64(i%d+1)/5
	}
	norm := 55. / 25
	se := norm * math.Sqrt(2*(d-1.)/(d*d*(d+2.))/directions)
	got := SlicedWasserstein(x, y, d, directions, 11)
	testkit.WithinSigma(t, "SW₂² of a translation", got, norm/d, se, 0)
	if again := SlicedWasserstein(x, y, d, directions, 11); again != got {
		t.Errorf("the same seed gives %v and %v", got, again)
	}
	if other := SlicedWasserstein(x, y, d, directions, 12); other == got {
		t.Error("another seed gives the same directions")
	}
}

// Two Gaussian samples a translation apart: the threshold for their distance to
// ‖δ‖²/d comes from a null simulation of the very same pair of laws; a shift
// half as large must be told from it.
func TestSlicedWassersteinOfGaussians(t *testing.T) {
	const d, n, directions = 3, 400, 60
	excess := func(seed uint64, scale float64) float64 {
		rng := newRand(seed)
		x, y := normals(rng, n*d), normals(rng, n*d)
		for i := range y {
			y[i] += scale * float64(i%d+1)
		}
		return math.Abs(SlicedWasserstein(x, y, d, directions, 1) - 14./d)
	}
	limit := testkit.NullQuantile(t, 200, func(seed uint64) float64 { return excess(seed, 1) }, 1-1e-6)
	if got := excess(999, 1); got > limit {
		t.Errorf("off by %g, %g allowed", got, limit)
	}
	if got := excess(999, 0.5); got <= limit {
		t.Errorf("a shift half as large is off by %g, within %g", got, limit)
	}
}

// On the line W₂² is known: scaling by s gives mean (1−s)²x², and a set
// compared with itself repeated gives 0.
func TestSlicedWassersteinOnTheLine(t *testing.T) {
	x := normals(newRand(8), 31)
	var scaled, twice []float64
	want := 0.0
	for _, v := range x {
		scaled = append(scaled, 3*v)
		twice = append(twice, v, v)
		want += 4 * v * v / 31
	}
	near(t, "scaled", SlicedWasserstein(x, scaled, 1, 3, 1), want, 31*10*0x1p-52*want)
	near(t, "repeated", SlicedWasserstein(x, twice, 1, 3, 1), 0, 0)
	// unequal sizes by hand: {0} against {0, 1, 2}: (0 + 1 + 4)/3
	near(t, "one to three", SlicedWasserstein([]float64{0}, []float64{2, 0, 1}, 1, 1, 1), 5./3, 1e-15)
	// {0, 3} against {0, 1, 2}: halves and thirds overlap as ⅓, ⅙, ⅙, ⅓: 0, 1, (3−1)², (3−2)²
	near(t, "two to three", SlicedWasserstein([]float64{0, 3}, []float64{2, 0, 1}, 1, 1, 1), (1+4)/6.+1/3., 1e-15)
	if got := SlicedWasserstein(nil, x, 1, 3, 1); !math.IsNaN(got) {
		t.Errorf("distance to nothing is %v", got)
	}
}
