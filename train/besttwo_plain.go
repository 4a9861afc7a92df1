//go:build !goexperiment.simd || !amd64

package train

func bestTwo(cost, v []float64) (best, second float64, j int) { return plainBestTwo(cost, v) }
