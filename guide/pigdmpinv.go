package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/operator"
	"abide/potential"
	"abide/prior"
)

// PiGDMPinv is pseudo-inverse guidance without noise (Song, Vahdat, Mardani and Kautz
// 2023, equation 8, R = 0), in score form,
//
//	Pull = (∂D/∂u)ᵀ H⁺ (y − H D)/r²,   r² = σ²s²/(σ² + s²),
//
// with s² the variance of the data. For the prior N(μ, s²I) the guided estimate is the
// projection D + H⁺(y − H D) and the samples follow the law given H u = y exactly; for
// others they are biased. The noise of the measurement is not looked at: not for noisy
// data, whose noise the samples then show. H⁺ leaves out what H does not see, so rows
// may be dependent. One vector–Jacobian product.
type PiGDMPinv struct {
	Y            *potential.Measurement // linear
	DataVariance float64                // s², in sampler coordinates
	weights      [][]float64            // H⁺ = Hᵀ weights
}

var (
	_ Guide  = PiGDMPinv{}
	_ Puller = PiGDMPinv{}
)

// NewPiGDMPinv decomposes the operator.
func NewPiGDMPinv(y *potential.Measurement, dataVariance float64) (PiGDMPinv, error) {
	h, _, _ := y.Linear()
	svd, err := operator.Decompose(h)
	if err != nil {
		return PiGDMPinv{}, err
	}
	// H⁺ = V S⁻¹ Uᵀ = Hᵀ U S⁻² Uᵀ.
	m, r := len(y.Y), len(svd.S)
	g := PiGDMPinv{Y: y, DataVariance: dataVariance}
	unit, c := make([]float64, m), make([]float64, r)
	for i := range m {
		unit[i] = 1
		svd.U.Coefficients(c, unit)
		unit[i] = 0
		for k, s := range svd.S {
			c[k] /= s * s
		}
		row := make([]float64, m)
		svd.U.Combine(row, c)
		g.weights = append(g.weights, row)
	}
	return g, nil
}

// Guide returns D′.
func (g PiGDMPinv) Guide(d prior.Denoiser) prior.Denoiser { return Pulled(d, g) }

// Pull is [N, d].
func (g PiGDMPinv) Pull(mean, u, sigma *Node) *Node {
	h, y, _ := g.Y.Linear()
	seen := h.Apply(mean)
	f := MatMul(Sub(ConstAs(u, [][]float64{y}), seen), ConstAs(u, g.weights))
	s2 := Mul(sigma, sigma)
	r2 := Div(MulScalar(s2, g.DataVariance), AddScalar(s2, g.DataVariance))
	return engine.VJP(seen, u, Div(f, r2))
}
