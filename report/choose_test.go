package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestChosenIsAChoice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, limit := rapid.IntRange(0, 500).Draw(t, "n"), rapid.IntRange(1, 600).Draw(t, "limit")
		var logw []float64
		if rapid.Bool().Draw(t, "weighted") {
			logw = rapid.SliceOfN(anyFloat(), n, n).Draw(t, "logw")
		}
		got := chosen(n, limit, logw)
		if len(got) > limit {
			t.Fatalf("%d points, limit %d", len(got), limit)
		}
		for k, i := range got {
			if i < 0 || i >= n || k > 0 && i <= got[k-1] {
				t.Fatalf("not an increasing choice from %d: %v", n, got)
			}
		}
		if n > 0 && len(got) == 0 {
			t.Fatal("nothing chosen")
		}
		if logw == nil && len(got) != min(n, limit) {
			t.Fatalf("%d of %d chosen", len(got), min(n, limit))
		}
	})
}

// Systematic selection of m points takes from any run of neighbours a number
// that differs from m times their share of the weight by less than one, as long
// as no single weight exceeds 1/m (else that point is taken once).
func TestChosenFollowsTheWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(40, 400).Draw(t, "n")
		weights := rapid.SliceOfN(rapid.Float64Range(0.5, 1), n, n).Draw(t, "weights")
		m := n / 4 // weights are at most twice their mean: below 1/m
		logw := make([]float64, n)
		total := 0.0
		for i, w := range weights {
			logw[i] = math.Log(w) - 700
			total += w
		}
		if relative(logw) == nil {
			t.Skip("equal weights")
		}
		got := chosen(n, m, logw)
		a := rapid.IntRange(0, n).Draw(t, "a")
		b := rapid.IntRange(a, n).Draw(t, "b")
		expected, found := 0.0, 0
		for i := a; i < b; i++ {
			expected += float64(m) * weights[i] / total
			if slices.Contains(got, i) {
				found++
			}
		}
		if math.Abs(expected-float64(found)) >= 1+1e-9 {
			t.Fatalf("[%d, %d): %d points, expected %g", a, b, found, expected)
		}
	})
}

func TestBest(t *testing.T) {
	in := &Input{
		Report: &Report{}, Names: []string{"a"}, X: []float64{0, 1, 1, 3, 4, 5},
		Rank: []float64{9, 1, 1, math.NaN(), 0, 2}, Feasible: []bool{true, true, true, true, false, true}, Top: 3,
	}
	// 4 is infeasible, 3 has no rank, 2 is a copy of 1.
	if got := in.best(); !slices.Equal(got, []int{1, 5, 0}) {
		t.Errorf("best = %v", got)
	}
	in.Rank = nil
	if got := in.best(); !slices.Equal(got, []int{0, 1, 3}) {
		t.Errorf("without a ranking: %v", got)
	}
	in.LogW = []float64{-1, -2, -3, -4, 0, 0.5}
	if got := in.best(); !slices.Equal(got, []int{5, 0, 1}) {
		t.Errorf("by weight: %v", got)
	}
	in.Feasible = make([]bool, 6)
	if got := in.best(); len(got) != 0 {
		t.Errorf("infeasible rows among the best: %v", got)
	}
}

func TestFigureCapsItsPoints(t *testing.T) {
	in := fullInput(2500, 4000)
	in.Feasible, in.Rank, in.MaxPoints = nil, nil, 300
	var b strings.Builder
	must(t, WriteFigure(&b, in))
	s := b.String()
	if n := strings.Count(s, "<circle"); n > 301 || n < 280 { // one in the legend; strays are outside the frame
		t.Errorf("%d points drawn for a cap of 300", n)
	}
	in.XAxis.Samples[4], in.YAxis.Data[6] = math.NaN(), math.Inf(-1) // both chosen: every eighth, every thirteenth
	in.XAxis.Samples[12] = 1e12
	b.Reset()
	must(t, WriteFigure(&b, in))
	if !strings.Contains(b.String(), "1 point outside the frame · 2 points not finite and not drawn") {
		t.Error("figure does not say what is lost")
	}
	for _, want := range []string{"300 of 2500 proposals drawn, evenly chosen", "300 of 4000 real rows drawn"} {
		if !strings.Contains(s, want) {
			t.Errorf("figure does not say %q", want)
		}
	}
}
