package report

import (
	"math"
	"strconv"
	"strings"
)

// Tick is a place on an axis with its label.
type Tick struct {
	Value float64
	Label string
}

// Ticks places round ticks in [lo, hi]: multiples of 1, 2 or 5 times a power of
// ten, at most limit (≥ 2) of them, of the finest such step. Labels share their
// number of decimals. It returns nil unless lo < hi, both finite, and the
// interval is wide enough for float64 to tell ticks apart.
func Ticks(lo, hi float64, limit int) []Tick {
	if !finite(lo) || !finite(hi) || !finite(hi-lo) || limit < 2 {
		return nil
	}
	if !(hi-lo > 1e-12*max(math.Abs(lo), math.Abs(hi))) || hi-lo < 1e-290 {
		return nil
	}
	exponent := int(math.Floor(math.Log10((hi-lo)/float64(limit)))) - 1
	for ; ; exponent++ {
		for _, m := range []float64{1, 2, 5} {
			first := math.Ceil(lo/scaled(m, exponent) - 1e-9)
			last := math.Floor(hi/scaled(m, exponent) + 1e-9)
			if n := int(last-first) + 1; n <= limit {
				return ticks(first, n, m, exponent)
			}
		}
	}
}

// scaled is m·10^e, rounded once: a division by a power of ten is exact where
// a multiplication by its inverse is not.
func scaled(m float64, e int) float64 {
	if e < 0 && e > -300 {
		return m / math.Pow10(-e)
	}
	return m * math.Pow10(e)
}

func ticks(first float64, n int, m float64, exponent int) []Tick {
	largest := scaled(m*max(math.Abs(first), math.Abs(first+float64(n-1))), exponent)
	powers := largest < 1e-4 || largest >= 1e6 && exponent > 0 // one notation for the whole axis
	out := make([]Tick, n)
	for i := range out {
		k := (first + float64(i)) * m // the tick is k·10^exponent, k whole
		out[i] = Tick{scaled(k, exponent), tickLabel(k, exponent, powers)}
	}
	return out
}

// tickLabel writes k·10^e from the whole number k, so that no rounding shows.
func tickLabel(k float64, e int, powers bool) string {
	if k == 0 {
		return "0"
	}
	v := scaled(k, e)
	s := strconv.FormatFloat(v, 'f', max(-e, 0), 64)
	if powers {
		s = scientific(v, len(strconv.FormatFloat(math.Abs(k), 'f', 0, 64)))
	} else if !strings.Contains(s, ".") {
		s = grouped(s)
	}
	return strings.ReplaceAll(s, "-", "−")
}
