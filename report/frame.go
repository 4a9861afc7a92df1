package report

import (
	"math"
	"slices"
)

// interval is a range of values on one axis.
type interval struct{ lo, hi float64 }

// drawable says whether a number can stand on an axis. Beyond 1e300 the width
// of an interval would overflow.
func drawable(v float64) bool { return finite(v) && math.Abs(v) < 1e300 }

// span is the range an axis needs for the values: all of them, a little padded.
// Where a few strays would squeeze the rest (the full range is more than four
// times that of the central 98 %), it is the central range, widened by a half.
func span(groups ...[]float64) interval {
	var v []float64
	for _, g := range groups {
		for _, x := range g {
			if drawable(x) {
				v = append(v, x)
			}
		}
	}
	if len(v) == 0 {
		return interval{0, 1}
	}
	slices.Sort(v)
	lo, hi := v[0], v[len(v)-1]
	cut := len(v) / 100
	a, b := v[cut], v[len(v)-1-cut]
	if b > a && hi-lo > 4*(b-a) {
		lo, hi = max(lo, a-(b-a)/2), min(hi, b+(b-a)/2)
	}
	return interval{lo, hi}.padded(0.04)
}

// padded widens by a share of the width at both ends; a point gets a width.
func (s interval) padded(share float64) interval {
	pad := share * (s.hi - s.lo)
	if largest := max(math.Abs(s.lo), math.Abs(s.hi)); s.hi-s.lo <= 1e-9*largest || s.hi == s.lo {
		pad = max(0.1*largest, 1e-280)
		if largest == 0 {
			pad = 1
		}
	}
	return interval{s.lo - pad, s.hi + pad}
}

// widened has the same middle and the given width.
func (s interval) widened(width float64) interval {
	middle := s.lo + (s.hi-s.lo)/2
	return interval{middle - width/2, middle + width/2}
}

// frame maps data coordinates into a rectangle of the drawing, y upwards.
type frame struct {
	x, y                     interval
	left, top, width, height float64
}

func (f frame) px(x float64) float64 { return f.left + f.width*(x-f.x.lo)/(f.x.hi-f.x.lo) }
func (f frame) py(y float64) float64 { return f.top + f.height*(f.y.hi-y)/(f.y.hi-f.y.lo) }

// contains is false for points that are not finite as well.
func (f frame) contains(x, y float64) bool {
	return x >= f.x.lo && x <= f.x.hi && y >= f.y.lo && y <= f.y.hi
}
