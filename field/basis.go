package field

import (
	"fmt"
	"math"

	"abide/grid"
)

// basis is the eigenfunctions of −d²/dx² on one axis in the order of [grid.NewModes],
// of which the first modes are kept. They are orthonormal in L²(0, length).
type basis struct {
	grid.Axis
	length float64
	modes  int
}

// newBasis keeps the wave numbers up to highest, 0 for all that the points tell apart. An
// even number of periodic points sees of its highest wave number the cosine alone: that
// pair is left out, for fields to stay stationary.
func newBasis(axis grid.Axis, a, highest int) (basis, error) {
	b := basis{Axis: axis, length: axis.H() * float64(axis.Cells)}
	last := b.Size() // highest wave number
	switch b.Boundary {
	case grid.Neumann:
		last--
	case grid.Periodic:
		last = (last - 1) / 2
	}
	if highest < 0 || highest > last {
		return b, fmt.Errorf("field: wave numbers up to %d on axis %d, whose %d points tell apart those up to %d", highest, a, b.Size(), last)
	}
	if highest > 0 {
		last = highest
	}
	switch b.Boundary {
	case grid.Neumann:
		b.modes = last + 1
	case grid.Dirichlet:
		b.modes = last
	case grid.Periodic:
		b.modes = 2*last + 1
	}
	if last < 1 {
		return b, fmt.Errorf("field: %d points on axis %d carry no wave: take more", b.Size(), a)
	}
	return b, nil
}

// isSine tells the functions that are zero at the start.
func (b basis) isSine(j int) bool {
	return b.Boundary == grid.Dirichlet || b.Boundary == grid.Periodic && j > 0 && j%2 == 0
}

// norm makes function j a unit vector of L².
func (b basis) norm(j int) float64 {
	if b.Frequency(j) == 0 {
		return math.Sqrt(1 / b.length)
	}
	return math.Sqrt(2 / b.length)
}

// at is function j at x.
func (b basis) at(j int, x float64) float64 {
	sin, cos := math.Sincos(b.Frequency(j) * x)
	if b.isSine(j) {
		return b.norm(j) * sin
	}
	return b.norm(j) * cos
}

// square is the sum of φⱼ² over the points in the weights of the rule of the axis: 1, but
// for waves that are ±1 at all points 2.
func (b basis) square(j int) float64 {
	if b.Boundary == grid.Dirichlet && b.Centring == grid.Cell && j == b.Cells-1 ||
		b.Boundary == grid.Neumann && b.Centring == grid.Vertex && j == b.Cells {
		return 2
	}
	return 1
}

// weight is coefficient j of the transform of φⱼ.
func (b basis) weight(j int) float64 {
	w := b.square(j) * float64(b.Cells) / (b.norm(j) * b.length)
	switch {
	case b.Boundary != grid.Periodic:
		w *= 2
	case b.isSine(j):
		w = -w
	}
	return w
}

// turn moves the phases of the waves of a periodic axis of cells by sign·h/2: those of
// the transform start at the first point, those of the field at the end of the box. x is
// [.., points, inner].
func (b basis) turn(x []float64, inner int, sign float64) {
	if b.Boundary != grid.Periodic || b.Centring != grid.Cell {
		return
	}
	for outer := 0; outer < len(x); outer += b.Cells * inner {
		for j := 1; j < b.modes; j += 2 {
			sin, cos := math.Sincos(sign * b.Frequency(j) * b.H() / 2)
			p, q := x[outer+j*inner:][:inner], x[outer+(j+1)*inner:][:inner]
			for i, u := range p {
				v := q[i]
				p[i], q[i] = cos*u-sin*v, sin*u+cos*v
			}
		}
	}
}
