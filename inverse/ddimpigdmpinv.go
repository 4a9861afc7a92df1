package inverse

import (
	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/operator"
	"abide/sampler"
)

// DDIMPiGDMPinv is pseudo-inverse guidance for exact data in its DDIM form (Song,
// Vahdat, Mardani and Kautz 2023, equation 8; the authors' own code),
//
//	z′ = a′x̂ + √(b′² − c²) ε̂ + c n + a a′ g,   g = (∂x̂/∂z)ᵀ H⁺(y − H x̂)
//
// c as for [DDIMPiGDM], from a start at a H⁺y + b n. y is taken for exact. A
// few-step heuristic, for 20 to 100 steps: the guidance is of order 1 at every step.
// One denoiser call and one vector–Jacobian product a step; linear H.
type DDIMPiGDMPinv struct {
	Grid     diffusion.Grid
	Spectrum *Spectrum
	Eta      float64

	eval Function
}

var (
	_ sampler.Counted = (*DDIMPiGDMPinv)(nil)
	_ sampler.Starter = (*DDIMPiGDMPinv)(nil)
)

// NewDDIMPiGDMPinv binds the method to a model with a linear measurement of spectrum sp.
func NewDDIMPiGDMPinv(m *Model, sp *Spectrum, g diffusion.Grid, eta float64) *DDIMPiGDMPinv {
	s := &DDIMPiGDMPinv{Grid: g, Spectrum: sp, Eta: eta}
	d, _ := m.Y.Op.Dims()
	rows := basisRows(sp.V, len(sp.S), d)
	s.eval = m.Function("denoiser and noiseless pseudo-inverse guidance", func(u, sigma *Node) []*Node {
		mean := m.Prior.Denoiser.Denoise(u, sigma)
		v := graph.ConstAs(u, rows) // [r, d]
		c := graph.MatMul(mean, graph.TransposeAllAxes(v, 1, 0))
		pull := graph.MatMul(graph.Sub(graph.ConstAs(u, [][]float64{sp.Y}), c), v) // H⁺y − H⁺H x̂
		return []*Node{mean, engine.VJP(mean, u, pull)}
	})
	return s
}

// basisRows writes out the r columns of a basis of length d, as rows.
func basisRows(v operator.Basis, r, d int) [][]float64 {
	rows, unit := make([][]float64, r), make([]float64, r)
	for i := range rows {
		rows[i] = make([]float64, d)
		unit[i] = 1
		v.Combine(rows[i], unit)
		unit[i] = 0
	}
	return rows
}

// Calls are those of one step.
func (s *DDIMPiGDMPinv) Calls(int) (denoiser, vjp int) { return 1, 1 }

// Begin noises the pseudo-inverse of y to the first level.
func (s *DDIMPiGDMPinv) Begin(p sampler.Points, noise func([]float64)) error {
	a, b := s.Grid.A[0], s.Grid.B[0]
	noise(p.Z)
	for i := range p.Z {
		p.Z[i] *= b
	}
	s.Spectrum.Rotate(p.Z, p.Dim, func(_ int, c []float64) {
		for i, y := range s.Spectrum.Y {
			c[i] += a * y
		}
	})
	return nil
}

// Step is one transition.
func (s *DDIMPiGDMPinv) Step(p sampler.Points, k int, _ sampler.Mean, noise func([]float64)) error {
	a, b, a1 := s.Grid.A[k], s.Grid.B[k], s.Grid.A[k+1]
	out, err := s.eval.At(p.Z, p.Dim, a, b)
	if err != nil {
		return err
	}
	x, pull := out[0], out[1]
	ddim(p.Z, x, s.Grid, k, s.Eta, noise)
	for i := range p.Z {
		p.Z[i] += a1 * pull[i] // a a′g, g a derivative by z
	}
	return nil
}
