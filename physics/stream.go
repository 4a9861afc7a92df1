package physics

import "fmt"

// Stream makes plane flows of a [MAC] grid from a stream function on the corners of its
// cells, first axis x, second y,
//
//	u = ∂ψ/∂y,   v = −∂ψ/∂x   by differences of neighbouring corners,
//
// whose divergence is zero in every cell to rounding, whatever ψ is (C. S. Peskin and
// others; J. Guermond, P. Minev and J. Shen, Comput. Methods Appl. Mech. Eng. 195
// (2006), §2). A chart rather than a projection: sample ψ, or differentiate through
// Velocity with Adjoint. Walls that let nothing through have ψ constant along them.
// Cost: 4 FLOPs a face. Not for a mean flow through a periodic box, which has no
// periodic ψ.
type Stream struct{ m *MAC }

// NewStream is the chart of a plane grid.
func NewStream(m *MAC) (*Stream, error) {
	if len(m.cells) != 2 {
		return nil, fmt.Errorf("physics: a stream function of a flow with %d axes: want two", len(m.cells))
	}
	return &Stream{m}, nil
}

// Corners is the shape of ψ.
func (s *Stream) Corners() [2]int {
	var n [2]int
	for a := range n {
		n[a] = s.m.cells[a] + 1
		if s.m.periodic[a] {
			n[a]--
		}
	}
	return n
}

// Velocity writes the faces' velocities of ψ.
func (s *Stream) Velocity(dst, psi []float64) {
	s.each(func(face, from, to int, factor float64) { dst[face] = (psi[to] - psi[from]) * factor })
}

// Adjoint writes the transpose: the gradient in ψ of wᵀ Velocity(ψ).
func (s *Stream) Adjoint(dst, w []float64) {
	clear(dst)
	s.each(func(face, from, to int, factor float64) {
		dst[to] += w[face] * factor
		dst[from] -= w[face] * factor
	})
}

// each calls f for every face with the corners at its ends.
func (s *Stream) each(f func(face, from, to int, factor float64)) {
	n, m := s.Corners(), s.m
	face := 0
	for i := range n[0] { // faces of x: one line for each column of corners
		for j := range m.cells[1] {
			f(face, i*n[1]+j, i*n[1]+(j+1)%n[1], 1/m.h[1])
			face++
		}
	}
	for i := range m.cells[0] {
		for j := range n[1] {
			f(face, i*n[1]+j, (i+1)%n[0]*n[1]+j, -1/m.h[0])
			face++
		}
	}
}
