package report

import (
	"image/color"
	"math"
)

// colourMap are colours at equal distances on [0, 1], straight lines in sRGB between them.
type colourMap []uint32

// sequential runs from dark to light in equal steps of lightness, for numbers of one sign:
// every 15th of the 256 colours of viridis, which lie within 5 of 255 of the lines between
// these. Viridis is by N. J. Smith, S. van der Walt and E. Firing, CC0 1.0,
// https://github.com/BIDS/colormap (option_d.py).
var sequential = colourMap{
	0x440154, 0x481769, 0x472a7a, 0x433d84, 0x3d4e8a, 0x355e8d, 0x2e6d8e, 0x297b8e, 0x23898e,
	0x1f978b, 0x21a585, 0x2eb37c, 0x46c06f, 0x65cb5e, 0x89d548, 0xb0dd2f, 0xd8e219, 0xfde725,
}

// diverging is white in its middle, for zero, and as dark on the blue side as on the red one:
// CIELAB of lightness 30, 44, …, 100 at hues of 270° and 30°, with as much chroma up to 62 as
// sRGB has there.
var diverging = colourMap{
	0x084978, 0x116cad, 0x1a90e6, 0x76b4fd, 0xc1d9fe, 0xffffff,
	0xfecbc5, 0xfd938a, 0xe6605b, 0xbe3638, 0x91071b,
}

// at is the colour at t; beyond [0, 1] it is that of the end.
func (m colourMap) at(t float64) color.NRGBA {
	place := min(max(t, 0), 1) * float64(len(m)-1)
	k := min(int(place), len(m)-2)
	u := place - float64(k)
	mix := func(shift int) uint8 {
		a, b := m[k]>>shift&0xff, m[k+1]>>shift&0xff
		return uint8(math.Round(float64(a)*(1-u) + float64(b)*u))
	}
	return color.NRGBA{mix(16), mix(8), mix(0), 255}
}
