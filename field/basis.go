package field

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// basis is the eigenfunctions of −d²/dx² on one axis, in order of their wave
// number: number j has wave number j (cosines), j+1 (sines), or 0, 1, 1, 2, 2, …
// (cosine and sine in turn). They are orthonormal in L²(0, length).
type basis struct {
	points, modes int
	length        float64
	boundary      Boundary
	centring      Centring
}

// newBasis keeps the wave numbers up to highest, 0 for all that n points tell
// apart. An even number of periodic points sees of its highest wave number the
// cosine alone: that pair is left out, for fields to stay stationary.
func newBasis(g Grid, a int, boundary Boundary, highest int) (basis, error) {
	b := basis{points: g.Shape[a], length: g.Extent[a], boundary: boundary, centring: g.Centring}
	last := b.points - 1 // highest wave number
	switch {
	case boundary == Periodic:
		last = (b.points - 1) / 2
	case boundary == Dirichlet && g.Centring == Vertex:
		last = b.points - 2
	case boundary == Dirichlet:
		last = b.points
	}
	if highest < 0 || highest > last {
		return b, fmt.Errorf("field: wave numbers up to %d on axis %d, whose %d points tell apart those up to %d", highest, a, b.points, last)
	}
	if highest > 0 {
		last = highest
	}
	switch boundary {
	case Neumann:
		b.modes = last + 1
	case Dirichlet:
		b.modes = last
	case Periodic:
		b.modes = 2*last + 1
	}
	if last < 1 {
		return b, fmt.Errorf("field: %d points on axis %d carry no wave: take more", b.points, a)
	}
	return b, nil
}

func (b basis) wave(j int) int {
	switch b.boundary {
	case Neumann:
		return j
	case Dirichlet:
		return j + 1
	}
	return (j + 1) / 2
}

// frequency is the wave number in radians per length, λⱼ = frequency².
func (b basis) frequency(j int) float64 {
	f := math.Pi * float64(b.wave(j)) / b.length
	if b.boundary == Periodic {
		f *= 2
	}
	return f
}

// norm makes function j a unit vector of L².
func (b basis) norm(j int) float64 {
	if b.wave(j) == 0 {
		return math.Sqrt(1 / b.length)
	}
	return math.Sqrt(2 / b.length)
}

// at is function j at x.
func (b basis) at(j int, x float64) float64 {
	sin, cos := math.Sincos(b.frequency(j) * x)
	if b.boundary == Dirichlet || b.boundary == Periodic && j > 0 && j%2 == 0 {
		return b.norm(j) * sin
	}
	return b.norm(j) * cos
}

// weight is the factor of coefficient j that makes a line transform, whose sums
// have no factor or two of them, one of the orthonormal functions.
func (b basis) weight(j int) float64 {
	w := b.norm(j)
	switch {
	case b.boundary == Neumann && j == 0,
		b.boundary == Neumann && b.centring == Vertex && j == b.points-1,
		b.boundary == Dirichlet && b.centring == Cell && j == b.points-1,
		b.boundary == Periodic && j == 0:
		return w
	}
	return w / 2
}

// A transform replaces weighted coefficients at the front of a line of values, the
// rest of which is zero, by the sums over the functions at all points. It owns work
// space.
type transform func(line []float64)

func (b basis) transform() transform {
	n := b.points
	switch {
	case b.awkward():
		return b.sums()
	case b.boundary == Neumann && b.centring == Vertex:
		t := fourier.NewDCT(n)
		return func(line []float64) { t.Transform(line, line) }
	case b.boundary == Neumann:
		t := fourier.NewQuarterWaveFFT(n)
		return func(line []float64) { t.CosCoefficients(line, line) }
	case b.boundary == Dirichlet && b.centring == Vertex:
		t := fourier.NewDST(n - 2)
		return func(line []float64) {
			copy(line[1:], line[:n-2])
			line[0], line[n-1] = 0, 0
			t.Transform(line[1:n-1], line[1:n-1])
		}
	case b.boundary == Dirichlet:
		t := fourier.NewQuarterWaveFFT(n)
		return func(line []float64) { t.SinCoefficients(line, line) }
	}
	t := fourier.NewFFT(n)
	c := make([]complex128, n/2+1) // [wave number] of a cosine and b sines: (a − ib)/2
	turn := make([]complex128, n/2+1)
	for k := range turn { // the first point's place
		shift := 0.0
		if b.centring == Cell {
			shift = math.Pi * float64(k) / float64(n)
		}
		sin, cos := math.Sincos(shift)
		turn[k] = complex(cos, sin)
	}
	return func(line []float64) {
		clear(c)
		c[0] = complex(line[0], 0)
		for j := 1; j < b.modes; j += 2 {
			k := (j + 1) / 2
			c[k] = complex(line[j], -line[j+1]) * turn[k]
		}
		t.Sequence(line, c)
	}
}
