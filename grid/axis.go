// Package grid computes on boxes cut into equal cells: sine, cosine and Fourier
// transforms, direct solvers for equations with constant coefficients, and geometric
// multigrid for those with variable ones. It knows boundary conditions and no
// matrices; every solver has the method Solve(dst, b), so that it preconditions the
// iterative methods of package sparse.
//
// Arrays are row-major, the last axis running fastest.
package grid

import (
	"fmt"
	"math"
)

// Centring says where the numbers of an axis live.
type Centring int

const (
	Vertex Centring = iota // at the ends of cells
	Cell                   // in their middle
)

func (c Centring) String() string { return [...]string{"vertex", "cell"}[c] }

// Boundary is the homogeneous condition at both ends of an axis.
type Boundary int

const (
	Dirichlet Boundary = iota // u = 0
	Neumann                   // ∂u/∂n = 0
	Periodic                  // u(x + Length) = u(x)
)

func (b Boundary) String() string { return [...]string{"Dirichlet", "Neumann", "periodic"}[b] }

// Axis is one direction of a box. The numbers on it are the unknowns alone: vertices
// where a Dirichlet condition fixes the value have no place.
//
//	            Vertex                 Cell
//	Dirichlet   x = h, …, L − h        x = h/2, …, L − h/2
//	Neumann     x = 0, …, L            x = h/2, …, L − h/2
//	Periodic    x = 0, …, L − h        x = h/2, …, L − h/2
type Axis struct {
	Cells    int      // N, at least 1 (2 for Dirichlet vertices)
	Length   float64  // L, in the unit of x; 0: 1
	Centring Centring // Vertex unless said
	Boundary Boundary // Dirichlet unless said
}

func (a Axis) length() float64 {
	if a.Length == 0 {
		return 1
	}
	return a.Length
}

// H is the width of a cell, h = L/N.
func (a Axis) H() float64 { return a.length() / float64(a.Cells) }

// Size is the number of unknowns.
func (a Axis) Size() int {
	switch {
	case a.Centring == Vertex && a.Boundary == Dirichlet:
		return a.Cells - 1
	case a.Centring == Vertex && a.Boundary == Neumann:
		return a.Cells + 1
	}
	return a.Cells
}

// At is the coordinate of unknown i.
func (a Axis) At(i int) float64 {
	x := float64(i)
	switch {
	case a.Centring == Cell:
		x += 0.5
	case a.Boundary == Dirichlet:
		x++
	}
	return x * a.length() / float64(a.Cells)
}

// Weight is the share of a cell that unknown i stands for: ½ at Neumann vertices on
// the boundary, else 1. Sums with these weights are the trapezoidal and the midpoint
// rule, and difference operators are symmetric under them.
func (a Axis) Weight(i int) float64 {
	if a.Centring == Vertex && a.Boundary == Neumann && (i == 0 || i == a.Cells) {
		return 0.5
	}
	return 1
}

func (a Axis) check() error {
	switch {
	case a.Centring != Vertex && a.Centring != Cell:
		return fmt.Errorf("centring %d: allowed are Vertex and Cell", int(a.Centring))
	case a.Boundary < Dirichlet || a.Boundary > Periodic:
		return fmt.Errorf("boundary %d: allowed are Dirichlet, Neumann and Periodic", int(a.Boundary))
	case a.Cells < 1 || a.Size() < 1:
		return fmt.Errorf("%d cells have no unknown with %v %v conditions: make them more", a.Cells, a.Boundary, a.Centring)
	case !(a.Length >= 0) || math.IsInf(a.Length, 1):
		return fmt.Errorf("length %g: it is positive, or 0 for 1", a.Length)
	}
	return nil
}

// kind is the transform that diagonalises second differences on the axis.
func (a Axis) kind() Kind {
	switch {
	case a.Boundary == Periodic:
		return Fourier
	case a.Boundary == Dirichlet && a.Centring == Vertex:
		return DST1
	case a.Boundary == Dirichlet:
		return DST2
	case a.Centring == Vertex:
		return DCT1
	}
	return DCT2
}

// angle is θ of mode k in the order of the transform: −Δ_h has the eigenvalue
// (2 − 2 cos θ)/h², −Δ has (θ/h)².
func (a Axis) angle(k int) float64 {
	n := float64(a.Cells)
	switch a.Boundary {
	case Dirichlet:
		return math.Pi * float64(k+1) / n
	case Neumann:
		return math.Pi * float64(k) / n
	}
	return 2 * math.Pi * float64((k+1)/2) / n
}

// Frequency is that of mode k in the order of [NewModes], in radians per unit of x.
func (a Axis) Frequency(k int) float64 { return a.angle(k) / a.H() }

// Eigenvalue is that of −∂² for mode k: of second differences or of the derivative.
func (a Axis) Eigenvalue(symbol Symbol, k int) float64 {
	root := a.Frequency(k)
	if symbol == Stencil {
		root = 2 * math.Sin(a.angle(k)/2) / a.H()
	}
	return root * root
}

// sizes checks the axes of a box and returns its shape.
func sizes(axes []Axis) ([]int, error) {
	if len(axes) == 0 {
		return nil, fmt.Errorf("grid: a box has at least one axis")
	}
	var shape []int
	for d, a := range axes {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("grid: axis %d: %w", d, err)
		}
		shape = append(shape, a.Size())
	}
	return shape, nil
}
