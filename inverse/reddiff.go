package inverse

import (
	"math"

	"abide/diffusion"
	"abide/potential"
	"abide/sampler"
)

// REDDiff is regularisation by denoising diffusion (Mardani, Song, Kautz and Vahdat
// 2024, algorithm 1): Adam (Kingma and Ba 2015) on a clean point μ, one step at each
// noise level from the highest down, on the gradient of
//
//	v/(2m) |y − A(μ)|²/τ² + w/d ⟨ε̂ − ε, μ⟩,   z = a μ + b ε,  ε̂ = (z − a x̂)/b
//
// with ε̂ − ε held fixed and w = λ min(b/a, 200): the published processes end at
// about 150. τ² is the mean square scale of the columns, so that the loss is that of
// data of unit variance; noise of several sizes weighs values by R⁻¹ over its mean.
// Adam's averages have the published decays 0.9 and 0.99.
//
// An optimiser, no sampler: points end near one mode, as far apart as Adam's last
// steps are long. Not for uncertainty. Any operator with a derivative: linear ones
// start at H⁺y, others at a draw of the start. One denoiser call a step, and one
// product with ∂A/∂u on the host.
type REDDiff struct {
	Grid     diffusion.Grid
	Y        *potential.Measurement
	Spectrum *Spectrum // of a linear Y; nil for others
	Rate     float64   // Adam's step, in standard deviations
	Data     float64   // v
	Denoise  float64   // λ

	data float64 // v/τ² over the trace of R⁻¹: what the gradient of ½|L⁻¹(y − A)|² counts
}

var (
	_ sampler.Multistep = REDDiff{}
	_ sampler.Starter   = REDDiff{}
	_ sampler.Carrier   = REDDiff{}
)

// NewREDDiff binds the method to a model.
func NewREDDiff(m *Model, g diffusion.Grid, rate, data, denoise float64) (REDDiff, error) {
	s := REDDiff{Grid: g, Y: m.Y, Rate: rate, Data: data, Denoise: denoise}
	if _, _, linear := m.Y.Linear(); linear {
		var err error
		if s.Spectrum, err = NewSpectrum(m.Y); err != nil {
			return s, err
		}
	}
	noise, _ := m.Y.Gaussian()
	var trace, square float64
	for i, c := 0, make([]float64, len(m.Y.Y)); i < len(c); i++ {
		clear(c)
		c[i] = 1
		noise.PrecisionAt(c)
		trace += c[i]
	}
	for _, v := range m.Prior.Coordinates.Scale {
		square += v * v / float64(len(m.Prior.Coordinates.Scale))
	}
	s.data = data / (trace * square)
	return s, nil
}

const (
	decay1, decay2 = 0.9, 0.99 // of Adam's averages of the gradient and of its square
	tiny           = 1e-8
	steepest       = 200 // the largest b/a that weighs the denoiser
)

// Memory is Adam's two averages.
func (s REDDiff) Memory(d int) int { return 2 * d }

// Carries is μ, a clean point at every level.
func (s REDDiff) Carries(int) (a, b float64) { return 1, 0 }

// Begin puts μ at the pseudo-inverse of y, or draws it.
func (s REDDiff) Begin(p sampler.Points, _ func([]float64)) error {
	if s.Spectrum == nil {
		size := math.Hypot(s.Grid.A[0], s.Grid.B[0])
		for i := range p.Z {
			p.Z[i] /= size
		}
		return nil
	}
	clear(p.Z)
	s.Spectrum.Rotate(p.Z, p.Dim, func(_ int, c []float64) { copy(c, s.Spectrum.Y) })
	return nil
}

// Step is one step of Adam, at one level.
func (s REDDiff) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	a, b, d := s.Grid.A[k], s.Grid.B[k], p.Dim
	z, n := make([]float64, len(p.Z)), make([]float64, len(p.Z))
	noise(n)
	for i, mu := range p.Z {
		z[i] = a*mu + b*n[i]
	}
	x, err := mean(z, a, b)
	if err != nil {
		return err
	}
	w := s.Denoise * math.Min(b/a, steepest) / float64(d)
	unbias1, unbias2 := 1-math.Pow(decay1, float64(k+1)), 1-math.Pow(decay2, float64(k+1))
	g := make([]float64, d)
	for row := range len(p.Z) / d {
		mu := p.Z[row*d : (row+1)*d]
		average, square := p.Memory[2*row*d:(2*row+1)*d], p.Memory[(2*row+1)*d:(2*row+2)*d]
		s.Y.GradientAt(mu, g)
		for j := range mu {
			i := row*d + j
			h := s.data*g[j] + w*((z[i]-a*x[i])/b-n[i])
			average[j] = decay1*average[j] + (1-decay1)*h
			square[j] = decay2*square[j] + (1-decay2)*h*h
			mu[j] -= s.Rate * average[j] / unbias1 / (math.Sqrt(square[j]/unbias2) + tiny)
		}
	}
	return nil
}
