package report

import (
	"image/color"
	"math"
)

// levels is the range of a picture: what is beyond is clipped.
type levels struct{ lo, hi float64 }

// levelsOf spans all numbers of the pictures.
func levelsOf(pictures ...[]float64) levels {
	l := extent(pictures...)
	if !(l.lo < l.hi) {
		l = levels{0, 1}
	}
	return l
}

// extent is the smallest and the largest number of the pictures; lo > hi where they have none.
func extent(pictures ...[]float64) levels {
	l := levels{math.Inf(1), math.Inf(-1)}
	for _, p := range pictures {
		for _, v := range p {
			if drawable(v) {
				l.lo, l.hi = math.Min(l.lo, v), math.Max(l.hi, v)
			}
		}
	}
	return l
}

func (l levels) byte(v float64) uint8 {
	if !drawable(v) {
		return 0
	}
	return uint8(math.Round(255 * min(max((v-l.lo)/(l.hi-l.lo), 0), 1)))
}

// size is the largest absolute value in the range.
func (l levels) size() float64 { return math.Max(math.Abs(l.lo), math.Abs(l.hi)) }

// scale is how a number becomes a colour. Without a map lo is black and hi is white.
type scale struct {
	levels
	colours colourMap
}

// oneSided is how small the numbers of one sign are at most, as a share of those of the
// other, to be taken for error on a quantity of one sign. rounding is what a number may
// differ by in rounding, as a share of the largest.
const oneSided, rounding = 0.1, 1e-9

// touching is less than a hundredth of what a colour stands for.
const touching = 5e-7

// fieldScale is that of the numbers of fields: white at zero between symmetric limits where
// they have both signs, else from the smallest to the largest. The limits have two
// significant digits and lie outside, so that a bar can say them as they are; fields that
// are constant but for rounding stand between zero and their value.
func fieldScale(l levels) scale {
	if !(l.lo <= l.hi) {
		return scale{levels{0, 1}, sequential}
	}
	size := l.size()
	if below, above := -l.lo, l.hi; below > 0 && above > 0 && math.Min(below, above) >= oneSided*size {
		if l = (levels{-size, size}).outward(size); l.lo < l.hi {
			return scale{l, diverging}
		}
		return scale{levels{-1, 1}, diverging}
	}
	if l.hi-l.lo <= rounding*size {
		l = levels{math.Min(l.lo, 0), math.Max(l.hi, 0)}
	}
	if l = l.outward(l.hi - l.lo); !(l.lo < l.hi) {
		l = levels{0, 1}
	}
	return scale{l, sequential}
}

// spreadScale is that of standard deviations up to largest: from zero.
func spreadScale(largest float64) scale { return fieldScale(levels{0, math.Max(largest, 0)}) }

// outward moves the limits to the next multiples of the second digit of a width; what lies
// beyond one by less than touching of the width, as tables in single precision lie beyond
// zero, does not move it. Widths that float64 has no digits for become none.
func (l levels) outward(width float64) levels {
	if !(width > 1e-290) {
		return levels{}
	}
	exponent := int(math.Floor(math.Log10(width))) - 1
	unit := scaled(1, exponent)
	slack := math.Max(1e-6, touching*width/unit)
	lo, hi := math.Floor(l.lo/unit+slack), math.Ceil(l.hi/unit-slack)
	return levels{scaled(lo, exponent) + 0, scaled(hi, exponent) + 0} // no negative zero
}

// unseen and unseenField are the colours of a pixel without a number: no grey among greys,
// and grey among colours.
var unseen, unseenField = color.NRGBA{0x56, 0xb4, 0xe9, 0x60}, color.NRGBA{0xd0, 0xd0, 0xd0, 0xff}

// colour of one number.
func (s scale) colour(v float64) color.NRGBA {
	switch {
	case s.colours == nil && !drawable(v):
		return unseen
	case !drawable(v):
		return unseenField
	case s.colours == nil:
		grey := s.byte(v)
		return color.NRGBA{grey, grey, grey, 255}
	}
	// Halves before the difference: limits of opposite sign may be as large as 1e300.
	return s.colours.at((v/2 - s.lo/2) / (s.hi/2 - s.lo/2))
}
