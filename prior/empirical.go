package prior

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Empirical is the exact denoiser of a finite data set {uᵢ}:
//
//	D(u, σ) = Σᵢ softmaxᵢ(−‖u − uᵢ‖²/2σ²) uᵢ
//
// A sampler that follows it to σ = 0 returns rows of the data set: it is a
// reference, not a generator of new points. Cost per sample: 4 M d FLOPs and M
// exponentials for M rows.
type Empirical struct {
	dim  int
	rows []float64 // [M, d]
	half []float64 // [M] ½‖uᵢ‖²
}

var _ Denoiser = (*Empirical)(nil)

func newEmpirical(rows []float64, d int) *Empirical {
	e := &Empirical{dim: d, rows: rows, half: make([]float64, len(rows)/d)}
	for i := range e.half {
		for _, v := range rows[i*d : (i+1)*d] {
			e.half[i] += 0.5 * v * v
		}
	}
	return e
}

// Denoise is D; see [Denoiser] for shapes.
func (e *Empirical) Denoise(u, sigma *Node) *Node {
	g, m := u.Graph(), len(e.half)
	rows := ConvertDType(Reshape(Const(g, e.rows), m, e.dim), u.DType())
	half := ConvertDType(Reshape(Const(g, e.half), 1, m), u.DType())
	// −‖u − uᵢ‖²/2 up to a term that is the same for all i.
	logits := Sub(Dot(u, Transpose(rows, 0, 1)).Product(), half)
	return Dot(softmax(Div(logits, Mul(sigma, sigma))), rows).Product()
}
