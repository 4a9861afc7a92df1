package correct

import (
	"math"

	"abide/physics"
)

// Loss is how guidance counts the residuals c of a law, m numbers in the law's own unit.
type Loss int

const (
	NormLoss  Loss = iota // ‖c‖₂/m: J. Huang et al. 2024, "DiffusionPDE", section 3.3
	HuberLoss             // Σ h(cᵢ)/m, h(c) = c²/2 up to |c| = 1, then |c| − ½: J. Yao et al. 2025, "FunDPS"
)

// Slope writes ∂/∂u of the sum over laws of a loss at rows of u, [n, d] → [n, d], each
// point by itself. A norm has no direction where it is zero: what is within its rows'
// tolerances counts as that, smoothly, √(‖c‖² + Σ tolerance²) in its place. Cost: a
// residual and a product with Jᵀ a law and point.
func (r *Residuals) Slope(dst, u []float64, loss Loss) {
	d := r.coordinates.Dim()
	eachField(r.coordinates, u, func(i int, x []float64) {
		part, g := make([]float64, d), dst[i*d:(i+1)*d]
		clear(g)
		for _, law := range r.laws {
			c := make([]float64, physics.Size(law))
			law.Residual(c, x)
			slope(c, law.Rows(), loss)
			law.VJP(part, x, c)
			for j := range g {
				g[j] += r.coordinates.Scale[j] * part[j]
			}
		}
	})
}

// slope turns residuals into the derivatives of their loss.
func slope(c []float64, rows []physics.Row, loss Loss) {
	square, at := 0.0, 0
	for _, row := range rows {
		for i := at; i < at+row.Size; i++ {
			if row.Upper {
				c[i] = max(c[i], 0)
			}
			square += c[i] * c[i]
		}
		t := row.Tolerance * row.Unit
		square += t * t * float64(row.Size)
		at += row.Size
	}
	m := float64(len(c))
	for i, v := range c {
		if loss == HuberLoss {
			c[i] = min(max(v, -1), 1) / m
		} else {
			c[i] = v / (m * math.Sqrt(square))
		}
	}
}
