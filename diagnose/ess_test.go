package diagnose

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// near compares up to a bound on the rounding of the computation at hand.
func near(t testing.TB, name string, got, want, bound float64) {
	t.Helper()
	if !(math.Abs(got-want) <= bound) {
		t.Errorf("%s = %v, want %v ± %.1g", name, got, want, bound)
	}
}

func TestESSExtremes(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name string
		logw []float64
		want float64
	}{
		{"equal", []float64{-5, -5, -5, -5}, 4},
		{"equal and huge", []float64{1e5, 1e5}, 2},
		{"equal and tiny", []float64{-1e5, -1e5, -1e5}, 3},
		{"one has all", []float64{0, -inf, -inf}, 1},
		{"one has nearly all", []float64{0, -800, -900}, 1},
		{"half have none", []float64{2, -inf, 2, -inf}, 2},
		{"weights 1 and 2", []float64{0, math.Log(2)}, 9. / 5},
		{"no weight at all", []float64{-inf, -inf}, 0},
		{"no weights", nil, 0},
	} {
		near(t, c.name, ESS(c.logw), c.want, 1e-14)
	}
	for _, bad := range [][]float64{{0, nan}, {nan, 0}, {0, inf}} {
		if got := ESS(bad); !math.IsNaN(got) {
			t.Errorf("ESS(%v) = %v", bad, got)
		}
		if got := LogMeanExp(bad); !math.IsNaN(got) {
			t.Errorf("LogMeanExp(%v) = %v", bad, got)
		}
	}
}

// Laws: 1 ≤ ESS ≤ n; a constant added to all log-weights changes no ESS and no
// normalised weight and is added to LogMeanExp; ESS is 1/Σw² of normalised
// weights. Bounds: exp(l−top) errs by |l−top| ≤ 20+20 roundings, sums by n ≤ 30.
func TestWeightLaws(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		logw := rapid.SliceOfN(rapid.Float64Range(-20, 20), 1, 30).Draw(r, "logw")
		shift := rapid.Float64Range(-1000, 1000).Draw(r, "shift")
		moved := make([]float64, len(logw))
		sum := 0.0
		for i, l := range logw {
			moved[i] = l + shift
			sum += math.Exp(l)
		}
		const eps = 0x1p-52
		bound := 1000 * eps * 100 // |shift|·ε in each exponent, and the sums
		ess, n := ESS(logw), float64(len(logw))
		if !(ess >= 1-bound && ess <= n*(1+bound)) {
			r.Fatalf("ESS %v of %v weights", ess, n)
		}
		squares, total := 0.0, 0.0
		for _, w := range Weights(moved) {
			squares += w * w
			total += w
		}
		for _, c := range [][2]float64{{ESS(moved), ess}, {1 / squares, ess}, {total, 1}} {
			if !(math.Abs(c[0]-c[1]) <= bound*c[1]) {
				r.Fatalf("got %v, want %v", c[0], c[1])
			}
		}
		for _, c := range [][2]float64{{LogMeanExp(logw), math.Log(sum / n)}, {LogMeanExp(moved), LogMeanExp(logw) + shift}} {
			if !(math.Abs(c[0]-c[1]) <= bound) {
				r.Fatalf("log mean %v, want %v", c[0], c[1])
			}
		}
	})
}

func TestLogMeanExpExtremes(t *testing.T) {
	near(t, "huge", LogMeanExp([]float64{1e5, 1e5}), 1e5, 0)
	near(t, "half", LogMeanExp([]float64{-1e5, math.Inf(-1)}), -1e5-math.Ln2, 1e-10)
	if got := LogMeanExp([]float64{math.Inf(-1)}); !math.IsInf(got, -1) {
		t.Errorf("no weight at all: %v", got)
	}
	if got := LogMeanExp(nil); !math.IsNaN(got) {
		t.Errorf("no weights: %v", got)
	}
	if got := Weights([]float64{math.Inf(-1)}); !math.IsNaN(got[0]) {
		t.Errorf("weights of nothing: %v", got)
	}
}
