//go:build goexperiment.simd && amd64

package train

import (
	"math/bits"
	"simd/archsimd"
)

func bestTwo(cost, v []float32) (best, second float32, j int) {
	n := len(v) &^ 15
	if !vector || n == 0 {
		return plainBestTwo(cost, v)
	}
	// The least and second least of sixteen lanes, then of four.
	inf := archsimd.BroadcastFloat32x8(inf32)
	a1, a2, b1, b2 := inf, inf, inf, inf
	for k := 0; k < n; k += 16 {
		c, w := cost[k:k+16], v[k:k+16]
		x := archsimd.LoadFloat32x8Slice(c).Sub(archsimd.LoadFloat32x8Slice(w))
		y := archsimd.LoadFloat32x8Slice(c[8:]).Sub(archsimd.LoadFloat32x8Slice(w[8:]))
		a2, b2 = a2.Min(a1.Max(x)), b2.Min(b1.Max(y))
		a1, b1 = a1.Min(x), b1.Min(y)
	}
	a1, a2 = a1.Min(b1), a1.Max(b1).Min(a2).Min(b2)
	lo, hi := a1.GetLo(), a1.GetHi()
	var least, next [4]float32
	lo.Min(hi).Store(&least)
	lo.Max(hi).Min(a2.GetLo()).Min(a2.GetHi()).Store(&next)
	archsimd.ClearAVXUpperBits()
	best, second = least[0], next[0]
	for l := 1; l < 4; l++ {
		second = min(second, next[l], max(best, least[l]))
		best = min(best, least[l])
	}
	for k := n; k < len(v); k++ {
		r := cost[k] - v[k]
		second = min(second, max(best, r))
		best = min(best, r)
	}
	b := archsimd.BroadcastFloat32x8(best)
	for ; j < n; j += 16 {
		c, w := cost[j:j+16], v[j:j+16]
		x := archsimd.LoadFloat32x8Slice(c).Sub(archsimd.LoadFloat32x8Slice(w)).Equal(b)
		y := archsimd.LoadFloat32x8Slice(c[8:]).Sub(archsimd.LoadFloat32x8Slice(w[8:])).Equal(b)
		if m := uint16(x.ToBits()) | uint16(y.ToBits())<<8; m != 0 {
			archsimd.ClearAVXUpperBits()
			return best, second, j + bits.TrailingZeros16(m)
		}
	}
	archsimd.ClearAVXUpperBits()
	for cost[j]-v[j] != best {
		j++
	}
	return best, second, j
}

func nearest(cost, v []float32) float32 {
	if !vector {
		return plainNearest(empty, cost, v, 0)
	}
	n := len(v) &^ 15
	x := archsimd.BroadcastFloat32x8(inf32)
	y := x
	for k := 0; k < n; k += 16 {
		c, w := cost[k:k+16], v[k:k+16]
		x = x.Min(archsimd.LoadFloat32x8Slice(c).Sub(archsimd.LoadFloat32x8Slice(w)))
		y = y.Min(archsimd.LoadFloat32x8Slice(c[8:]).Sub(archsimd.LoadFloat32x8Slice(w[8:])))
	}
	var least [8]float32
	x.Min(y).Store(&least)
	archsimd.ClearAVXUpperBits()
	return plainNearest(least, cost, v, n)
}

func within(columns []int32, cost, v []float32, bound float32) []int32 {
	if !vector {
		return plainWithin(columns, cost, v, bound, 0)
	}
	n := len(v) &^ 15
	b := archsimd.BroadcastFloat32x8(bound)
	for k := 0; k < n; k += 16 {
		c, w := cost[k:k+16], v[k:k+16]
		x := archsimd.LoadFloat32x8Slice(c).Sub(archsimd.LoadFloat32x8Slice(w)).LessEqual(b)
		y := archsimd.LoadFloat32x8Slice(c[8:]).Sub(archsimd.LoadFloat32x8Slice(w[8:])).LessEqual(b)
		for m := uint16(x.ToBits()) | uint16(y.ToBits())<<8; m != 0; m &= m - 1 {
			columns = append(columns, int32(k+bits.TrailingZeros16(m)))
		}
	}
	archsimd.ClearAVXUpperBits()
	return plainWithin(columns, cost, v, bound, n)
}

func under(cost, v []float64, bound float64) bool {
	if !vector {
		return plainUnder(cost, v, bound, 0)
	}
	n := len(v) &^ 15
	b := archsimd.BroadcastFloat64x4(bound)
	for k := 0; k < n; k += 16 {
		c, w := cost[k:k+16], v[k:k+16]
		x := archsimd.LoadFloat64x4Slice(c).Sub(archsimd.LoadFloat64x4Slice(w))
		x = x.Min(archsimd.LoadFloat64x4Slice(c[4:]).Sub(archsimd.LoadFloat64x4Slice(w[4:])))
		y := archsimd.LoadFloat64x4Slice(c[8:]).Sub(archsimd.LoadFloat64x4Slice(w[8:]))
		y = y.Min(archsimd.LoadFloat64x4Slice(c[12:]).Sub(archsimd.LoadFloat64x4Slice(w[12:])))
		if x.Min(y).Less(b).ToBits() != 0 {
			archsimd.ClearAVXUpperBits()
			return true
		}
	}
	archsimd.ClearAVXUpperBits()
	return plainUnder(cost, v, bound, n)
}

func lower(v, cost []float32, f float32) {
	if !vector {
		plainLower(v, cost, f, 0)
		return
	}
	n := len(v) &^ 15
	b := archsimd.BroadcastFloat32x8(f)
	for k := 0; k < n; k += 16 {
		c, w := cost[k:k+16], v[k:k+16]
		archsimd.LoadFloat32x8Slice(c).Sub(b).Min(archsimd.LoadFloat32x8Slice(w)).StoreSlice(w)
		archsimd.LoadFloat32x8Slice(c[8:]).Sub(b).Min(archsimd.LoadFloat32x8Slice(w[8:])).StoreSlice(w[8:])
	}
	archsimd.ClearAVXUpperBits()
	plainLower(v, cost, f, n)
}
