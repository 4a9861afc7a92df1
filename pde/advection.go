package pde

import (
	"context"
	"fmt"
	"math"
	"sync"

	"abide/grid"
	"abide/internal/keyed"
)

// advectionKind is transport at speed β around a circle,
//
//	u_t + β u_x = 0,  x ∈ [0, 1) periodic, t ∈ [0, 2],  u(0, x) = Σᵢ Aᵢ sin(2πkᵢ x + φᵢ),
//
// of two waves with kᵢ ∈ {1, …, 8}, A ~ U(0, 1), φ ~ U(0, 2π). A step is the exact shift in
// Fourier space, ûⁿ⁺¹_k = e^{−2πikβΔt} ûⁿ_k, for waves below half the number of points.
//
// M. Takamoto et al., "PDEBench", NeurIPS 2022: β ∈ {0.1, …, 7}, 1,024 points,
// 201 times; a tenth of its states is folded (|u|) or windowed, which no finite sum of
// waves is: left out here.
//
// Cost: the waves at each point. Not for speeds that vary.
var advectionKind = Kind{
	Name:     "advection",
	Equation: "u_t + β u_x = 0 on the circle of length 1",
	Scheme:   "exact shift in Fourier space",
	Source:   "Takamoto et al. 2022 (NeurIPS), PDEBench",
	Parameters: []Parameter{
		pointsParameter(128, 4, "points on the circle"),
		timesParameter(100, "steps from t = 0 to 2"),
		{Name: "beta", Default: 1.0, Min: -100, Max: 100, Doc: "speed β"},
		{Name: "waves", Default: 2, Min: 1, Max: 64, Doc: "waves of an initial state"},
		{Name: "highest", Default: 8, Min: 1, Max: 1024, Doc: "highest wave number, below grid/2"},
	},
	New: func(v Values) (Family, error) {
		f := &advection{points: v.Int("grid"), steps: v.Int("times"), waves: v.Int("waves"), highest: v.Int("highest"), beta: v.Float("beta")}
		if 2*f.highest >= f.points {
			return nil, fmt.Errorf("pde: advection: wave number %d on %d points, which tell apart those below %g: take more points or a lower highest", f.highest, f.points, float64(f.points)/2)
		}
		f.shifts.New = func() any { return newShift(f.points, f.beta*2/float64(f.steps)) }
		f.backs.New = func() any { return newShift(f.points, -f.beta*2/float64(f.steps)) }
		return f, nil
	},
}

type advection struct {
	points, steps, waves, highest int
	beta                          float64
	shifts, backs                 sync.Pool // there, and back for the transpose
}

// shift moves values on a circle by a distance.
type shift struct {
	fft      *grid.RealFFT
	spectrum []complex128
	turn     []complex128
}

// newShift prepares a distance in lengths of the circle. The highest wave of an even
// number of points, of which they see the cosine alone, keeps that.
func newShift(n int, distance float64) *shift {
	fft, err := grid.NewRealFFT(n)
	if err != nil {
		panic(err) // n was checked as a parameter
	}
	s := &shift{fft: fft, spectrum: make([]complex128, fft.Modes()), turn: make([]complex128, fft.Modes())}
	for k := range s.turn {
		sin, cos := math.Sincos(-2 * math.Pi * float64(k) * distance)
		if 2*k == n {
			sin = 0
		}
		s.turn[k] = complex(cos, sin)
	}
	return s
}

func (s *shift) apply(u []float64) {
	s.fft.Forward(s.spectrum, u)
	for k, t := range s.turn {
		s.spectrum[k] *= t
	}
	s.fft.Inverse(u, s.spectrum)
}

func (f *advection) Arrays() []Array {
	return []Array{{Name: "u", Shape: []int{f.steps + 1, f.points}, Doc: "states (t, x), t from 0 to 2, x = j/points"}}
}

func (f *advection) Rows() []Row {
	return []Row{
		{Name: "equation", Size: f.steps * f.points, Unit: float64(f.waves), Doc: "uⁿ⁺¹ − S uⁿ, S the shift by βΔt of the trigonometric interpolant"},
		{Name: "mass", Size: f.steps + 1, Unit: float64(f.waves), Doc: "mean of u: zero"},
		{Name: "energy", Size: f.steps, Unit: float64(f.waves * f.waves), Doc: "mean of u² less that of the initial state"},
	}
}

func (f *advection) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := NewSample(f)
	waves := drawWaves(keyed.New(seed, "pde advection", index, 0), f.waves, f.highest)
	for n := range f.steps + 1 {
		moved := 2 * f.beta * float64(n) / float64(f.steps)
		for j, u := 0, level(s[0], n, f.points); j < f.points; j++ {
			u[j] = waveSum(waves, float64(j)/float64(f.points)-moved)
		}
	}
	return s, nil
}

func (f *advection) Residual(dst []float64, s Sample) error {
	step := f.shifts.Get().(*shift)
	defer f.shifts.Put(step)
	propagated(dst, s[0], f.points, step.apply)
	mass := dst[f.steps*f.points:]
	energy := mass[f.steps+1:]
	var first float64
	for n := range f.steps + 1 {
		var square float64
		u := level(s[0], n, f.points)
		for _, v := range u {
			square += v * v
		}
		mass[n] = sum(u) / float64(f.points)
		if n == 0 {
			first = square
		} else {
			energy[n-1] = (square - first) / float64(f.points)
		}
	}
	return nil
}
