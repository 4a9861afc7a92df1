package keyed

import (
	"math"
	"testing"
)

// phi is the distribution function of N(0, 1).
func phi(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// The layers have equal areas and the topmost one closes at the height 1; the
// rounding of 255 steps is far below 1e-9.
func TestLayersClose(t *testing.T) {
	height := func(x float64) float64 { return math.Exp(-0.5 * x * x) }
	area := edge[0] * height(tail)
	for i := 1; i < layers; i++ {
		if a := edge[i] * (height(edge[i+1]) - height(edge[i])); math.Abs(a-area) > 1e-9*area || !(edge[i] > edge[i+1]) {
			t.Errorf("layer %d, from %g to %g, has area %.12g, want %.12g", i, edge[i+1], edge[i], a, area)
		}
	}
	if edge[layers] != 0 {
		t.Errorf("the top is at %g, want 0", edge[layers])
	}
}

// Counts in bins of equal probability: χ² and the largest difference of the
// distribution functions at the bins' edges, both with false alarms of about 1e-6:
// for χ² by the approximation of Wilson and Hilferty (1931), for the difference by
// the inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990).
func TestNormalDistribution(t *testing.T) {
	const n, bins = 8_000_000, 128
	x := make([]float64, 4000)
	var count [bins]float64
	s := New(11, "distribution", 0, 0)
	for range n / len(x) {
		s.Normal(x)
		for _, v := range x {
			count[min(int(phi(v)*bins), bins-1)]++
		}
	}
	chi, sum, far := 0.0, 0.0, 0.0
	for i, c := range count {
		chi += (c - n/bins) * (c - n/bins) / (n / bins)
		sum += c
		far = math.Max(far, math.Abs(sum/n-float64(i+1)/bins))
	}
	const df = bins - 1
	h := 2.0 / (9 * df)
	if limit := df * math.Pow(1-h+4.76*math.Sqrt(h), 3); chi > limit {
		t.Errorf("χ² = %g with %d degrees of freedom, limit %g", chi, df, limit)
	}
	if limit := math.Sqrt(math.Log(2e6) / (2 * n)); far > limit {
		t.Errorf("largest difference of the distribution functions %g, limit %g", far, limit)
	}
}

// Counts beyond points in both tails, most of them where the tail of the lowest
// layer begins or beyond, within 4.9 standard deviations (and one count, as the
// expected ones are small) of the exact probabilities.
func TestNormalTails(t *testing.T) {
	const n = 8_000_000
	points := []float64{3, 3.5, tail, 3.8, 4, 4.5}
	low, high := make([]float64, len(points)), make([]float64, len(points))
	x := make([]float64, 4000)
	s := New(12, "tails", 0, 0)
	for range n / len(x) {
		s.Normal(x)
		for _, v := range x {
			if math.Abs(v) < points[0] {
				continue
			}
			for i, p := range points {
				if v > p {
					high[i]++
				} else if v < -p {
					low[i]++
				}
			}
		}
	}
	for i, p := range points {
		want := n * phi(-p)
		for _, got := range []float64{low[i], high[i]} {
			if math.Abs(got-want) > 4.9*math.Sqrt(want)+1 {
				t.Errorf("%g draws beyond %g, want %g ± %g", got, p, want, 4.9*math.Sqrt(want))
			}
		}
	}
}

// Draws beyond the lowest layer alone, against their conditional law (Dvoretzky–
// Kiefer–Wolfowitz, false alarm 1e-6).
func TestTail(t *testing.T) {
	const n, bins = 1_000_000, 4096
	s := New(13, "tail", 0, 0)
	var count [bins]float64
	for range n {
		v := s.tail()
		if !(v > tail) {
			t.Fatalf("%g is not beyond %g", v, tail)
		}
		count[min(int(phi(-v)/phi(-tail)*bins), bins-1)]++
	}
	sum, far := 0.0, 0.0
	for i, c := range count {
		sum += c
		far = math.Max(far, math.Abs(sum/n-float64(i+1)/bins))
	}
	if limit := math.Sqrt(math.Log(2e6) / (2 * n)); far > limit {
		t.Errorf("largest difference of the distribution functions %g, limit %g", far, limit)
	}
}

// A stream is one sequence of words and of draws, however it is asked for.
func TestNormalInPieces(t *testing.T) {
	const n = 10_000
	whole, pieces := make([]float64, n), make([]float64, n)
	New(14, "pieces", 0, 0).Normal(whole)
	s := New(14, "pieces", 0, 0)
	for i, k := 0, 1; i < n; i, k = i+k, k%7+1 {
		s.Normal(pieces[i:min(i+k, n)])
	}
	for i := range whole {
		if whole[i] != pieces[i] {
			t.Fatalf("draw %d is %g in pieces, %g at once", i, pieces[i], whole[i])
		}
	}
}
