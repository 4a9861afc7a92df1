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

// whole tells the functions that a line transform sums once, all others twice: where
// the sum has no factor of two.
func (b basis) whole(j int) bool {
	switch {
	case b.boundary == Neumann && b.centring == Vertex:
		return j == 0 || j == b.points-1
	case b.boundary == Dirichlet:
		return b.centring == Cell && j == b.points-1
	}
	return j == 0
}

// weight is the factor of coefficient j that makes a line transform one of the
// orthonormal functions.
func (b basis) weight(j int) float64 {
	if b.whole(j) {
		return b.norm(j)
	}
	return b.norm(j) / 2
}

// slow tells whether fast transforms of the axis take longer than the matrix: up to some
// hundreds of points with vector units, and without where its length is a large prime
// times little. 128 vertices, of length 127, are such a case.
func (b basis) slow() bool {
	if vector && b.points <= 400 {
		return true
	}
	length := b.points
	if b.centring == Vertex && b.boundary != Periodic {
		length--
	}
	largest, rest := 1, length
	for p := 2; p <= rest; p++ {
		for rest%p == 0 {
			largest, rest = p, rest/p
		}
	}
	return largest > 11 && 5*largest > length
}

// A transform works on a line of values in place. Synthesis replaces weighted
// coefficients at the front of a line, the rest of which is zero, by the sums over the
// functions at all points; analysis is its transpose. They own work space.
type transform func(line []float64)

func (b basis) transforms() (synthesis, analysis transform) {
	n := b.points
	switch {
	case b.boundary == Neumann && b.centring == Vertex:
		t := fourier.NewDCT(n)
		return func(line []float64) { t.Transform(line, line) }, func(line []float64) {
			line[0] *= 2
			line[n-1] *= 2
			t.Transform(line, line)
			line[0] /= 2
			line[n-1] /= 2
		}
	case b.boundary == Dirichlet && b.centring == Vertex:
		t := fourier.NewDST(n - 2)
		return func(line []float64) {
				copy(line[1:], line[:n-2])
				line[0], line[n-1] = 0, 0
				t.Transform(line[1:n-1], line[1:n-1])
			}, func(line []float64) {
				t.Transform(line[:n-2], line[1:n-1])
				line[n-2], line[n-1] = 0, 0
			}
	case b.boundary == Periodic:
		return b.fourier()
	}
	t := fourier.NewQuarterWaveFFT(n)
	halve := func(line []float64, whole int) {
		for j := range line {
			line[j] /= 2
		}
		line[whole] /= 2
	}
	if b.boundary == Neumann {
		return func(line []float64) { t.CosCoefficients(line, line) },
			func(line []float64) { t.CosSequence(line, line); halve(line, 0) }
	}
	return func(line []float64) { t.SinCoefficients(line, line) },
		func(line []float64) { t.SinSequence(line, line); halve(line, n-1) }
}

// fourier is the transforms of a periodic axis.
func (b basis) fourier() (synthesis, analysis transform) {
	n := b.points
	t := fourier.NewFFT(n)
	c := make([]complex128, n/2+1) // [wave number] of a cosine and b sines: (a − ib)/2
	turn := make([]complex128, n/2+1)
	for k := range turn { // to the place of the first point
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
		}, func(line []float64) {
			t.Coefficients(c, line)
			line[0] = real(c[0])
			for j := 1; j < b.modes; j += 2 {
				k := (j + 1) / 2
				v := c[k] * complex(real(turn[k]), -imag(turn[k]))
				line[j], line[j+1] = 2*real(v), -2*imag(v)
			}
		}
}
