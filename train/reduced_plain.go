//go:build !goexperiment.simd || !amd64

package train

func bestTwo(cost, v []float32) (best, second float32, j int) { return plainBestTwo(cost, v) }

func nearest(cost, v []float32) float32 { return plainNearest(empty, cost, v, 0) }

func within(columns []int32, cost, v []float32, bound float32) []int32 {
	return plainWithin(columns, cost, v, bound, 0)
}

func under(cost, v []float64, bound float64) bool { return plainUnder(cost, v, bound, 0) }

func lower(v, cost []float32, f float32) { plainLower(v, cost, f, 0) }
