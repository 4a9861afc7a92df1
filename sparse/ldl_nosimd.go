//go:build !goexperiment.simd || !amd64

package sparse

func forward4(w [][4]float64, col, row []int32, value []float64) {
	plainForward4(w, col, row, value)
}

func backward4(w [][4]float64, over []float64, col, row []int32, value []float64) {
	plainBackward4(w, over, col, row, value)
}
