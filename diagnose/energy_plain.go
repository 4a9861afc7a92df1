//go:build !goexperiment.simd || !amd64

package diagnose

func distances(p []float64, columns [][]float64, from int, w []float64) float64 {
	return plainDistances(p, columns, from, w)
}
