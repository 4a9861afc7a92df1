package report

import (
	"math"
	"testing"

	"abide/dataio"

	"pgregory.net/rapid"
)

// closeStats compares two summaries to rounding.
func closeStats(t *rapid.T, what string, got, want Stats, slack float64) {
	a, b := got.values(), want.values()
	for i := range a {
		if math.Abs(a[i]-b[i]) > slack {
			t.Fatalf("%s: statistic %d is %g, want %g", what, i, a[i], b[i])
		}
	}
}

// Whole weights are repetitions (mean, std, ends), weight zero is absence, and
// x → a·x + b moves every statistic along.
func TestSummariesAreConsistent(t *testing.T) {
	const slack = 1e-9 // values below 1e3 in size, at most 120 terms: rounding stays below 1e-10
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 30).Draw(t, "n")
		v := rapid.SliceOfN(rapid.Float64Range(-100, 100), n, n).Draw(t, "v")
		repeats := rapid.SliceOfN(rapid.IntRange(0, 4), n, n).Draw(t, "repeats")
		repeats[0] = 1
		var logw, long []float64
		for i, k := range repeats {
			logw = append(logw, math.Log(float64(k))) // -Inf for none
			for range k {
				long = append(long, v[i])
			}
		}
		got := Summarise([]string{"a"}, v, logw, nil)[0].Samples
		want := Summarise([]string{"a"}, long, nil, nil)[0].Samples
		for i, pair := range [][2]float64{{got.Mean, want.Mean}, {got.Std, want.Std}, {got.Min, want.Min}, {got.Max, want.Max}} {
			if math.Abs(pair[0]-pair[1]) > slack {
				t.Fatalf("statistic %d: weighted %g, repeated %g", i, pair[0], pair[1])
			}
		}
		if !(got.Min <= got.Q05+slack && got.Q05 <= got.Q50+slack && got.Q50 <= got.Q95+slack && got.Q95 <= got.Max+slack) {
			t.Fatalf("out of order: %+v", got)
		}

		a, b := rapid.Float64Range(0.1, 5).Draw(t, "a"), rapid.Float64Range(-50, 50).Draw(t, "b")
		moved := make([]float64, n)
		for i, x := range v {
			moved[i] = a*x + b
		}
		w := got
		for _, p := range []*float64{&w.Mean, &w.Min, &w.Q05, &w.Q50, &w.Q95, &w.Max} {
			*p = a**p + b
		}
		w.Std *= a
		// A std that is zero but for rounding is known to its square root only.
		closeStats(t, "affine", Summarise([]string{"a"}, moved, logw, nil)[0].Samples, w, 1e-6)
	})
}

func TestSummariseMatchesColumnsByName(t *testing.T) {
	table := &dataio.Table{Names: []string{"b", "c"}, Rows: 2, Data: []float64{1, 10, 3, 20}}
	got := Summarise([]string{"a", "b"}, []float64{5, 7, 5, 9}, nil, table)
	if got[0].Data != nil || got[1].Data == nil || got[1].Data.Mean != 2 || got[1].Samples.Mean != 8 || got[0].Samples.Std != 0 {
		t.Errorf("%+v", got)
	}
	if s := Summarise([]string{"a"}, nil, nil, nil)[0].Samples; !math.IsNaN(s.Mean) || !math.IsNaN(s.Q50) {
		t.Errorf("no samples, yet %+v", s)
	}
}

func TestNewNovelty(t *testing.T) {
	n := NewNovelty(&Neighbours{Samples: []float64{0, 1e-7, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Data: []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}})
	if *n != (Novelty{Median: 5, Q10: 1e-7, Q90: 9, DataMedian: 6, DataP90: 10, Copies: 2}) {
		t.Errorf("%+v", *n)
	}
	if NewNovelty(nil) != nil || NewNovelty(&Neighbours{Samples: []float64{1}}) != nil {
		t.Error("novelty without data")
	}
}
