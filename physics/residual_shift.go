package physics

import (
	"fmt"
	"math"
	"sync"

	"abide/grid"
	"abide/pde"
)

// Shift projects trajectories onto the nearest exact transport around a circle,
// ûⁿ_k = gⁿ_k a_k with g_k = e^{−2πikβΔt}: each wave's amplitude is the mean of all states, shifted
// back,
//
//	a_k = Σ_n ḡⁿ_k ûⁿ_k / Σ_n |g_k|²ⁿ,
//
// the least squares of one number on each wave. Where the rows say so the mean is
// zero, and where they say that energy is kept the highest wave of an even number of points,
// of which only the cosine is seen, is left out.
//
// Rows: those of [pde.Shifted]. Cost: two real FFTs a state. W = I alone.
type Shift struct {
	Constraint
	points, levels int
	power          []complex128 // [levels × waves] gⁿ/√Σ|g|²ⁿ, 0 where a wave is left out
	work           sync.Pool
}

type shiftWork struct {
	fft  *grid.RealFFT
	x    []complex128 // [levels × waves]
	mean []complex128
}

// NewShift makes the projection for the rows of a choice; all arrays are unknown.
func NewShift(f pde.Shifted, c Choice) (*Shift, error) {
	p, err := FromFamily(f, c)
	if err != nil {
		return nil, err
	}
	shape := f.Arrays()[0].Shape
	s := &Shift{Constraint: p, levels: shape[0], points: shape[1]}
	turn := f.Turn()
	n := len(turn)
	s.power = make([]complex128, s.levels*n)
	for k, g := range turn {
		var sum float64
		x := complex(1, 0)
		for t := range s.levels {
			s.power[t*n+k] = x
			sum += real(x)*real(x) + imag(x)*imag(x)
			x *= g
		}
		for t := range s.levels {
			s.power[t*n+k] /= complex(math.Sqrt(sum), 0)
		}
	}
	equation := false
	for _, r := range p.Rows() {
		switch r.Name {
		case "equation":
			equation = true
		case "mass":
			s.leaveOut(0, n)
		case "energy":
			if g := turn[n-1]; s.points%2 == 0 && real(g)*real(g) < 1 {
				s.leaveOut(n-1, n)
			}
		}
	}
	if !equation {
		return nil, fmt.Errorf("physics: a shift without its equation among the rows: use NewNewton")
	}
	s.work.New = func() any {
		fft, err := grid.NewRealFFT(s.points)
		if err != nil {
			panic(err) // the family has the same
		}
		return &shiftWork{fft, make([]complex128, s.levels*n), make([]complex128, n)}
	}
	return s, nil
}

func (s *Shift) leaveOut(k, waves int) {
	for t := range s.levels {
		s.power[t*waves+k] = 0
	}
}

// Project moves u to the nearest transported field.
func (s *Shift) Project(u []float64) error {
	if len(u) != s.Dim() {
		return fmt.Errorf("physics: a field of %d numbers for a constraint on %d", len(u), s.Dim())
	}
	w := s.work.Get().(*shiftWork)
	defer s.work.Put(w)
	n := len(w.mean)
	clear(w.mean)
	for t := range s.levels {
		x, p := w.x[t*n:(t+1)*n], s.power[t*n:(t+1)*n]
		w.fft.Forward(x, u[t*s.points:(t+1)*s.points])
		for k, g := range p {
			w.mean[k] += complex(real(g), -imag(g)) * x[k]
		}
	}
	for t := range s.levels {
		x, p := w.x[t*n:(t+1)*n], s.power[t*n:(t+1)*n]
		for k, g := range p {
			x[k] = g * w.mean[k]
		}
		w.fft.Inverse(u[t*s.points:(t+1)*s.points], x)
	}
	return nil
}

// Tangent is the same map: rows of energy follow from the others.
func (s *Shift) Tangent(_, v []float64) error { return s.Project(v) }
