package keyed

import (
	"math"
	"testing"
)

// Known answers of Philox-4×32-10 from the reference implementation
// (Random123, kat_vectors, rows philox4x32 10).
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		a, b := philox(c.counter[0], c.counter[1], c.counter[2], c.counter[3], c.key[0], c.key[1])
		got := [4]uint32{uint32(a), uint32(a >> 32), uint32(b), uint32(b >> 32)}
		if got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

// Streams of different keys must be uncorrelated, and each must have the
// moments of N(0,1). 4.9-σ bands: two-sided false alarm 1e-6 per check.
func TestNormalMomentsAndIndependence(t *testing.T) {
	const n = 200_000
	a, b := make([]float64, n), make([]float64, n)
	New(7, "noise", 3, 5).Normal(a)
	New(7, "noise", 3, 6).Normal(b)
	var m, v, k, c float64
	for i := range a {
		m += a[i]
		v += a[i] * a[i]
		k += a[i] * a[i] * a[i] * a[i]
		c += a[i] * b[i]
	}
	band := 4.9 / math.Sqrt(n)
	for _, s := range []struct {
		name           string
		got, want, std float64
	}{{"mean", m / n, 0, 1}, {"variance", v / n, 1, math.Sqrt2}, {"fourth moment", k / n, 3, math.Sqrt(96)}, {"correlation", c / n, 0, 1}} {
		if math.Abs(s.got-s.want) > band*s.std {
			t.Errorf("%s = %g, want %g ± %g", s.name, s.got, s.want, band*s.std)
		}
	}
}

func TestSameKeySameStream(t *testing.T) {
	a, b := New(1, "x", 2, 3), New(1, "x", 2, 3)
	for range 1000 {
		if a.Uint64() != b.Uint64() {
			t.Fatal("equal keys gave different streams")
		}
	}
}
