package pde

import (
	"math"

	"abide/grid"
	"abide/timestep"
)

// vorticityStepper advances vorticity at n² points. Its state is the spectrum in the band
// alone, [2K + 1 × K + 1] for K = band(n): wave numbers along x in the order 0, …, K, −K, …,
// −1, those along y from 0 on, for the rest are conjugates. Where the wave number along
// y is 0 those below 0 along x are conjugates too, and not looked at.
type vorticityStepper struct {
	n, band          int
	scheme           timestep.Stepper[complex128]
	forward, inverse func(x []complex128)
	plane            []complex128 // [n × n] two real arrays a + ib at points, or the spectrum of that
	state            []complex128
	force            []complex128 // spectrum of f
	waves            []float64    // 2πk along x; the first K + 1 are those along y
}

func newVorticityStepper(n int, nu, dt float64, explicit bool) *vorticityStepper {
	k := band(n)
	size := (2*k + 1) * (k + 1)
	s := &vorticityStepper{
		n: n, band: k, plane: make([]complex128, n*n), state: make([]complex128, size), force: make([]complex128, size),
		waves: make([]float64, 2*k+1),
	}
	s.forward, s.inverse = planeTransforms(n)
	for i := range s.waves {
		s.waves[i] = 2 * math.Pi * float64(i)
		if i > k {
			s.waves[i] = 2 * math.Pi * float64(i-2*k-1)
		}
	}
	l := make([]complex128, 0, size)
	for _, p := range s.waves {
		for _, q := range s.waves[:k+1] {
			l = append(l, complex(-nu*(p*p+q*q), 0))
		}
	}
	var err error
	if explicit {
		s.scheme, err = timestep.NewIMEX(timestep.NewDiagonal(l), dt, s.rate, timestep.Euler)
	} else {
		s.scheme, err = timestep.NewETDRK4(l, dt, s.rate)
	}
	if err != nil {
		panic(err) // sizes and steps were checked as parameters
	}
	return s
}

// planeTransforms are the transforms of [n × n], eight lines at a time where n allows.
func planeTransforms(n int) (forward, inverse func(x []complex128)) {
	if f, err := grid.NewArrayFFT(n, n); err == nil {
		return f.Forward, f.Inverse
	}
	f, err := grid.NewFFT(n, n)
	if err != nil {
		panic(err) // n was checked as a parameter
	}
	return func(x []complex128) { f.Forward(x, x) }, func(x []complex128) { f.Inverse(x, x) }
}

// setForce takes f = 0.1 √2 sin(2π(x + y) + φ).
func (s *vorticityStepper) setForce(phi float64) {
	for i := range s.plane {
		s.plane[i] = complex(0.1*math.Sqrt2*math.Sin(2*math.Pi*float64(i/s.n+i%s.n)/float64(s.n)+phi), 0)
	}
	s.forward(s.plane)
	s.gather(s.force)
}

// row is where row i of the band begins in the plane, and opposite where that of −k does.
func (s *vorticityStepper) row(i int) (row, opposite int) {
	if i > s.band {
		i += s.n - 2*s.band - 1
	}
	return i * s.n, (s.n - i) % s.n * s.n
}

// gather takes the band out of the spectrum of a real array.
func (s *vorticityStepper) gather(w []complex128) {
	width := s.band + 1
	for i := range s.waves {
		row, _ := s.row(i)
		copy(w[i*width:(i+1)*width], s.plane[row:])
	}
}

// rate is the spectrum of f − u·∇w.
func (s *vorticityStepper) rate(_ float64, w, dw []complex128) {
	s.velocity(w)
	s.inverse(s.plane)
	for i, z := range s.plane {
		u, v := real(z), imag(z)
		s.plane[i] = complex(u*v, (v-u)*(v+u))
	}
	s.advection(dw, s.force)
}

// advection is the spectrum of f − (∂_xx − ∂_yy) a − ∂_xy b for real arrays a + ib in the plane.
func (s *vorticityStepper) advection(dw, force []complex128) {
	s.forward(s.plane)
	width := s.band + 1
	for i, p := range s.waves {
		row, opposite := s.row(i)
		for j, q := range s.waves[:width] {
			z, c := s.plane[row+j], s.plane[opposite+(s.n-j)%s.n]
			a := complex(real(z)+real(c), imag(z)-imag(c)) // twice the spectrum of a
			b := complex(imag(z)+imag(c), real(c)-real(z)) // and of b
			x, y := (p*p-q*q)/2, p*q/2
			at := i*width + j
			dw[at] = force[at] + complex(x*real(a)+y*real(b), x*imag(a)+y*imag(b))
		}
	}
}

// velocity writes the spectrum of u + iv, (ψ_y, −ψ_x) with −Δψ = w.
func (s *vorticityStepper) velocity(w []complex128) {
	clear(s.plane)
	width := s.band + 1
	for i, p := range s.waves {
		row, opposite := s.row(i)
		for j, q := range s.waves[:width] {
			if i+j == 0 || j == 0 && i > s.band {
				continue
			}
			square := 1 / (p*p + q*q)
			re, im := real(w[i*width+j])*square, imag(w[i*width+j])*square
			// û = iqψ, v̂ = −ipψ: û + iv̂, and at −k the conjugates likewise.
			s.plane[row+j] = complex(-q*im+p*re, q*re+p*im)
			s.plane[opposite+(s.n-j)%s.n] = complex(-q*im-p*re, -q*re+p*im)
		}
	}
}

// advance takes n steps; waves beyond the band are dropped first.
func (s *vorticityStepper) advance(w []float64, n int) {
	s.take(s.state, w)
	s.scheme.Reset()
	timestep.March(s.scheme, 0, n, s.state)
	s.give(w, s.state)
}

// take is the band of values at points.
func (s *vorticityStepper) take(spectrum []complex128, w []float64) {
	for i, v := range w {
		s.plane[i] = complex(v, 0)
	}
	s.forward(s.plane)
	s.gather(spectrum)
}

// give writes the values of a band at points.
func (s *vorticityStepper) give(w []float64, spectrum []complex128) {
	s.spread(spectrum)
	s.inverse(s.plane)
	for i, z := range s.plane {
		w[i] = real(z)
	}
}

// spread writes the spectrum of a real array from its band.
func (s *vorticityStepper) spread(w []complex128) {
	clear(s.plane)
	width := s.band + 1
	for i := range s.waves {
		row, opposite := s.row(i)
		for j := range width {
			if j == 0 && i > s.band {
				continue
			}
			z := w[i*width+j]
			s.plane[row+j] = z
			if i+j > 0 {
				s.plane[opposite+(s.n-j)%s.n] = complex(real(z), -imag(z))
			}
		}
	}
}
