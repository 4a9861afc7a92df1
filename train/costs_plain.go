//go:build !goexperiment.simd || !amd64

package train

func inner32(out, a, t []float32) { plainInner(out, a, t, 0) }

func inner64(out, a, t []float64) { plainInner(out, a, t, 0) }
