package operator

import (
	"math"

	"abide/internal/keyed"
)

// maxWritten bounds the numbers of a matrix that is written out for a graph.
const maxWritten = 1 << 25

// written is a matrix of m rows that are filled by hand; rows may be zero.
func written(kind string, d, m int) (*Matrix, error) {
	if m < 1 || d*m > maxWritten {
		return nil, fault(kind, "%d rows of %d columns: want at least one row and at most %d numbers", m, d, maxWritten)
	}
	return &Matrix{d: d, m: m, a: make([]float64, d*m)}, nil
}

// NewBox sees an image but for a box of pixels, whose top left corner and size are
// given.
func NewBox(in Image, top, left, height, width int) (*Mask, error) {
	if height < 1 || width < 1 || top < 0 || left < 0 || top+height > in.Height || left+width > in.Width {
		return nil, fault("box", "%d×%d pixels at row %d, column %d do not lie in an image of %d×%d", height, width, top, left, in.Height, in.Width)
	}
	if height == in.Height && width == in.Width {
		return nil, fault("box", "it hides the whole image of %d×%d: leave some pixels to be seen", in.Height, in.Width)
	}
	return seen(in, func(i, j int) bool { return i < top || i >= top+height || j < left || j >= left+width })
}

// NewRandom sees each pixel of an image, with all its channels, with the given
// probability, the same pixels for the same seed; at least one.
func NewRandom(in Image, share float64, seed uint64) (*Mask, error) {
	if !(share > 0 && share <= 1) {
		return nil, fault("random-mask", "share is %g: want the share of pixels that are seen, above 0 and at most 1", share)
	}
	s := keyed.New(seed, "random mask", 0, 0)
	hit := make([]bool, in.Height*in.Width)
	any := false
	for i := range hit {
		hit[i] = s.Uniform() < share
		any = any || hit[i]
	}
	if !any {
		hit[int(s.Uniform()*float64(len(hit)))] = true
	}
	return seen(in, func(i, j int) bool { return hit[i*in.Width+j] })
}

func seen(in Image, see func(i, j int) bool) (*Mask, error) {
	var index []int
	for p := range in.Height * in.Width {
		for c := range in.Channels {
			if see(p/in.Width, p%in.Width) {
				index = append(index, p*in.Channels+c)
			}
		}
	}
	return NewMask(in.Size(), index)
}

// NewRadon is parallel-beam tomography of a one-channel image: for each angle
// (degrees), what every detector of a row collects, as wide as a pixel, the row
// centred on the image. Each pixel's mass is shared between the two detectors next
// to its projection, so that a row that is wide enough keeps the total.
func NewRadon(in Image, angles []float64, detectors int) (*Matrix, error) {
	if in.Channels != 1 {
		return nil, fault("radon", "the image has %d channels: want one", in.Channels)
	}
	if len(angles) == 0 || detectors < 1 {
		return nil, fault("radon", "%d angles and %d detectors: want at least one of each", len(angles), detectors)
	}
	a, err := written("radon", in.Size(), len(angles)*detectors)
	if err != nil {
		return nil, err
	}
	for r, angle := range angles {
		if math.IsNaN(angle) || math.IsInf(angle, 0) {
			return nil, fault("radon", "angles[%d] is %g: want a finite number of degrees", r, angle)
		}
		sin, cos := math.Sincos(angle * math.Pi / 180)
		for p := range in.Size() {
			y := float64(in.Height-1)/2 - float64(p/in.Width)
			x := float64(p%in.Width) - float64(in.Width-1)/2
			t := x*cos + y*sin + float64(detectors-1)/2
			k := int(math.Floor(t))
			for i, w := range []float64{1 - (t - float64(k)), t - float64(k)} {
				if k+i >= 0 && k+i < detectors {
					a.a[(r*detectors+k+i)*a.d+p] += w
				}
			}
		}
	}
	return a, nil
}

// NewPoints sees an image or field at places (row, column) between its pixels, in
// pixels from 0, by bilinear interpolation; (place) alone on a curve. All channels
// of a place stand beside each other.
func NewPoints(in Image, places [][]float64) (*Matrix, error) {
	a, err := written("points", in.Size(), len(places)*in.Channels)
	if err != nil {
		return nil, err
	}
	for r, p := range places {
		row, column := 0.0, 0.0
		switch {
		case len(p) == 1 && in.Height == 1:
			column = p[0]
		case len(p) == 2:
			row, column = p[0], p[1]
		default:
			return nil, fault("points", "place %d has %d numbers: want row and column, or one place on a curve", r, len(p))
		}
		if !(row >= 0 && row <= float64(in.Height-1) && column >= 0 && column <= float64(in.Width-1)) {
			return nil, fault("points", "place %d, (%g, %g), lies outside a grid of %d×%d points", r, row, column, in.Height, in.Width)
		}
		k := make([][]float64, in.Height)
		for i := range k {
			k[i] = make([]float64, in.Width)
		}
		splat(k, row, column, 1)
		for q := range in.Height * in.Width {
			for c := range in.Channels {
				a.a[(r*in.Channels+c)*a.d+q*in.Channels+c] = k[q/in.Width][q%in.Width]
			}
		}
	}
	return a, nil
}
