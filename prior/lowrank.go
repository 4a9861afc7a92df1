package prior

import "math"

// lowRank is the covariance Σ λᵣ vᵣ vᵣᵀ of few orthonormal vectors v, in sampler
// coordinates.
type lowRank struct {
	dim    int
	lambda []float64 // > 0
	v      []float64 // [rank, dim]
}

var _ Structure = lowRank{}

// Colouring adds (√(a²λ + b²) − b) v vᵀ to b times the identity: the symmetric root.
func (s lowRank) Colouring(a, b float64) (func(dst, white []float64), error) {
	gain := make([]float64, len(s.lambda))
	for r, l := range s.lambda {
		gain[r] = math.Sqrt(a*a*l+b*b) - b
	}
	return func(dst, white []float64) {
		for j, w := range white {
			dst[j] = b * w
		}
		for r, g := range gain {
			v := s.v[r*s.dim : (r+1)*s.dim]
			var along float64
			for j, x := range v {
				along += x * white[j]
			}
			along *= g
			for j, x := range v {
				dst[j] += along * x
			}
		}
	}, nil
}
