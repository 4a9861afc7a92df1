//go:build !goexperiment.simd || !amd64

package field

const vector = false

func products(dst *[4 * width]float64, t []float64, stride, rows int, x []float64) {
	plainProducts(dst, t, stride, rows, x)
}
