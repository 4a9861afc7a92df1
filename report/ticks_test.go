package report

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func parsedLabel(t *rapid.T, label string) float64 {
	v, err := strconv.ParseFloat(strings.NewReplacer("−", "-", ",", "").Replace(label), 64)
	if err != nil {
		t.Fatalf("label %q: %v", label, err)
	}
	return v
}

// Ticks lie in the interval, are equally spaced by 1, 2 or 5 times a power of
// ten, and their labels say exactly what they are. The step is the finest that
// fits: a finer one, at least 2/5 of it, would have given more than limit, so
// there are at least ⌊limit·2/5⌋.
func TestTicksProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(2, 30).Draw(t, "limit")
		width := math.Pow(10, rapid.Float64Range(-250, 250).Draw(t, "log width"))
		lo := width * rapid.Float64Range(-1e5, 1e5).Draw(t, "offset")
		hi := lo + width
		got := Ticks(lo, hi, limit)
		if len(got) > limit || len(got) < limit*2/5 {
			t.Fatalf("%d ticks, limit %d", len(got), limit)
		}
		var step float64
		if len(got) > 1 {
			step = (got[len(got)-1].Value - got[0].Value) / float64(len(got)-1)
			mantissa, _, _ := strings.Cut(strconv.FormatFloat(step, 'e', 3, 64), "e")
			if !slices.Contains([]string{"1.000", "2.000", "5.000"}, mantissa) {
				t.Fatalf("step %g is not round", step)
			}
		}
		slack := 1e-8 * width
		for i, tick := range got {
			if tick.Value < lo-slack || tick.Value > hi+slack {
				t.Fatalf("tick %g outside [%g, %g]", tick.Value, lo, hi)
			}
			if i > 0 && math.Abs(tick.Value-got[i-1].Value-step) > 1e-6*step {
				t.Fatalf("spacing %g, step %g", tick.Value-got[i-1].Value, step)
			}
			if v := parsedLabel(t, tick.Label); math.Abs(v-tick.Value) > 1e-14*math.Abs(tick.Value) {
				t.Fatalf("label %q on %g", tick.Label, tick.Value)
			}
		}
	})
}

func TestTicksRefuseWhatHasNoTicks(t *testing.T) {
	for _, c := range [][2]float64{{1, 1}, {2, 1}, {math.NaN(), 1}, {0, math.Inf(1)}, {-1.5e308, 1.5e308}, {1, 1 + 1e-15}, {0, 5e-324}} {
		if got := Ticks(c[0], c[1], 5); got != nil {
			t.Errorf("Ticks(%g, %g) = %v", c[0], c[1], got)
		}
	}
	if got := Ticks(0, 1, 1); got != nil {
		t.Errorf("limit 1: %v", got)
	}
}

func TestTickLabels(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 1, "0 0.2 0.4 0.6 0.8 1.0"},
		{-3, 3, "−2 0 2"},
		{0, 500, "0 100 200 300 400 500"},
		{0, 52000, "0 10,000 20,000 30,000 40,000 50,000"},
		{0, 3.1e7, "0 1e7 2e7 3e7"},
		{0, 3.1e-6, "0 1e-6 2e-6 3e-6"},
		{99.95, 100.05, "99.96 99.98 100.00 100.02 100.04"},
	} {
		var got []string
		for _, tick := range Ticks(c.lo, c.hi, 6) {
			got = append(got, tick.Label)
		}
		if want := strings.ReplaceAll(c.want, "-", "−"); strings.Join(got, " ") != want {
			t.Errorf("[%g, %g]: %v, want %v", c.lo, c.hi, got, want)
		}
	}
}

// A frame shows at least the central 98 % of its values, all of them when none strays.
func TestSpanCovers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(anyFloat(), 1, 300).Draw(t, "values")
		s := span(values)
		if !(s.lo < s.hi) || !finite(s.hi-s.lo) {
			t.Fatalf("span %v", s)
		}
		in, all := 0, 0
		for _, v := range values {
			if drawable(v) {
				all++
				if v >= s.lo && v <= s.hi {
					in++
				}
			}
		}
		if all-in > 2*(all/100) {
			t.Fatalf("%d of %d values outside %v", all-in, all, s)
		}
	})
	var even []float64
	for i := range 501 {
		even = append(even, float64(i))
	}
	// The central 98 % are [5, 495]: 1900 is within four times that, 1e9 is not.
	if s := span(even, []float64{1900}); s.lo > 0 || s.hi < 1900 {
		t.Errorf("no stray, yet cut: %v", s)
	}
	if s := span(even, []float64{1e9}); s.lo > 0 || s.hi > 1.05*(496+490/2) {
		t.Errorf("a stray point squeezes the rest: %v", s)
	}
	if s := span(even, []float64{-1e9}); s.hi < 500 || s.lo < -1.15*490/2 {
		t.Errorf("a stray point squeezes the rest: %v", s)
	}
}
