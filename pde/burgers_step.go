package pde

import (
	"math"

	"abide/grid"
	"abide/timestep"
)

// flows are how many a burgersStepper advances at once.
const flows = 16

// burgersStepper advances sixteen flows at n points, a power of two: eight lanes of complex
// arrays a + ib ([grid.LaneFFT]), of which a and b are flows. All that is done to a spectrum
// is real in x, so that a and b need not be taken apart: with ẑ the spectrum of a + ib in
// the band, −K ≤ k ≤ K,
//
//	dẑ/dt = −ν (2πk)² ẑ − iπk F(a² + ib²).
//
// The parts meet in rounding alone; lanes never do.
type burgersStepper struct {
	scheme *timestep.ETDRK4[float64]
	fft    *grid.LaneFFT
	state  []float64       // [2K+1][2][8], k = 0, …, K, −K, …, −1
	values []grid.Complex8 // [n]
}

func newBurgersStepper(n int, nu, dt float64) *burgersStepper {
	fft, err := grid.NewLaneFFT(n)
	if err != nil {
		panic(err) // n was checked as a parameter
	}
	s := &burgersStepper{fft: fft, values: make([]grid.Complex8, n)}
	var l []float64
	for r := range 2*band(n) + 1 {
		k, _ := s.wave(r)
		for range flows {
			l = append(l, -nu*4*math.Pi*math.Pi*k*k)
		}
	}
	s.state = make([]float64, len(l))
	if s.scheme, err = timestep.NewETDRK4(l, dt, s.rate); err != nil {
		panic(err)
	}
	return s
}

// wave is the wave number of row r of the band, and its place in the whole spectrum.
func (s *burgersStepper) wave(r int) (k float64, place int) {
	n := len(s.values)
	if k := band(n); r > k {
		return float64(r - 2*k - 1), n + r - 2*k - 1
	}
	return float64(r), r
}

// rate is the spectrum of −(u²/2)_x in the band.
func (s *burgersStepper) rate(_ float64, u, du []float64) {
	s.spread(u)
	s.fft.Inverse(s.values)
	for i := range s.values {
		z := &s.values[i]
		for l := range 8 {
			z[0][l] *= z[0][l]
			z[1][l] *= z[1][l]
		}
	}
	s.slope(du)
}

// slope is the spectrum of −½ ∂_x of what values are at points.
func (s *burgersStepper) slope(du []float64) {
	s.fft.Forward(s.values)
	for r := range len(du) / flows {
		k, place := s.wave(r)
		z, out := &s.values[place], (*[flows]float64)(du[r*flows:])
		for l := range 8 {
			out[l], out[8+l] = math.Pi*k*z[1][l], -math.Pi*k*z[0][l]
		}
	}
}

// spread writes the whole spectrum from its band.
func (s *burgersStepper) spread(u []float64) {
	s.clearBeyond()
	for r := range len(u) / flows {
		_, place := s.wave(r)
		z, in := &s.values[place], (*[flows]float64)(u[r*flows:])
		copy(z[0][:], in[:8])
		copy(z[1][:], in[8:])
	}
}

// clearBeyond clears what is beyond the band.
func (s *burgersStepper) clearBeyond() {
	k := band(len(s.values))
	clear(s.values[k+1 : len(s.values)-k])
}

// advance takes n steps of at most sixteen flows; waves beyond the band are dropped first.
func (s *burgersStepper) advance(u [][]float64, n int) {
	s.take(s.state, u)
	timestep.March(s.scheme, 0, n, s.state)
	s.give(u, s.state)
}

// take is the band of flows at points.
func (s *burgersStepper) take(spectrum []float64, u [][]float64) {
	clear(s.values)
	for f, values := range u {
		for j, v := range values {
			s.values[j][f%2][f/2] = v
		}
	}
	s.fft.Forward(s.values)
	s.gather(spectrum)
}

// gather takes the band out of the whole spectrum.
func (s *burgersStepper) gather(spectrum []float64) {
	for r := range len(spectrum) / flows {
		_, place := s.wave(r)
		copy(spectrum[r*flows:], s.values[place][0][:])
		copy(spectrum[r*flows+8:], s.values[place][1][:])
	}
}

// give writes the flows of a band at points.
func (s *burgersStepper) give(u [][]float64, spectrum []float64) {
	s.spread(spectrum)
	s.fft.Inverse(s.values)
	for f, values := range u {
		for j := range values {
			values[j] = s.values[j][f%2][f/2]
		}
	}
}
