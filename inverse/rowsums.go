package inverse

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"abide/guide"
	"abide/internal/engine"
	"abide/operator"
	"abide/potential"
	"abide/problem"
)

// rowSums is pseudo-inverse guidance with the row sums of r²H Hᵀ + R in place of
// that matrix: exact where it is diagonal, as it is for masks with independent noise.
type rowSums struct {
	h            operator.Linear
	y            []float64
	gram, noise  []float64 // H Hᵀ1 and R1
	dataVariance float64
}

var _ guide.Puller = (*rowSums)(nil)

// newRowSums refuses operators whose row sums are not positive: the pull would be
// away from the measurement.
func newRowSums(y *potential.Measurement, dataVariance float64) (*rowSums, error) {
	h, data, _ := y.Linear()
	d, m := h.Dims()
	ones, at := make([]float64, m), make([]float64, d)
	for i := range ones {
		ones[i] = 1
	}
	s := &rowSums{h: h, y: data, gram: make([]float64, m), noise: make([]float64, m), dataVariance: dataVariance}
	h.AdjointAt(at, ones)
	h.ApplyAt(s.gram, at)
	n, _ := y.Gaussian()
	for i, v := range n.Covariance() {
		s.noise[i/m] += v
	}
	for i := range m {
		if s.gram[i] < 0 || !(s.noise[i] > 0) {
			return nil, &problem.UnsupportedError{
				Method: "ddim-pigdm", Needs: "positive row sums of H Hᵀ and R",
				Has: fmt.Sprintf("%.3g and %.3g for value %d of %q", s.gram[i], s.noise[i], i, y.Name()), Try: "use rows = \"full\"; sums are for masks and independent noise",
			}
		}
	}
	return s, nil
}

// Pull is [N, d].
func (s *rowSums) Pull(mean, u, sigma *Node) *Node {
	s2 := graph.Mul(sigma, sigma)
	r2 := graph.Div(graph.MulScalar(s2, s.dataVariance), graph.AddScalar(s2, s.dataVariance))
	sums := graph.Add(graph.Mul(graph.ConstAs(u, [][]float64{s.gram}), r2), graph.ConstAs(u, [][]float64{s.noise}))
	f := graph.Div(graph.Sub(graph.ConstAs(u, [][]float64{s.y}), s.h.Apply(mean)), sums)
	return engine.VJP(s.h.Apply(mean), u, f)
}
