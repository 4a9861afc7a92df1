//go:build !goexperiment.simd || !amd64

package grid

func relaxRow(u, f, inverse, x []float64, e *[4][]float64, p *places) {
	plainRelax(u, f, inverse, x, e, p)
}

func flowRow(r, x []float64, e *[4][]float64, p *places) { plainFlow(r, x, e, p) }

func applyRow(q, d, u, x []float64, e *[4][]float64, p *places, sum *[4]float64) {
	plainApply(q, d, u, x, e, p, sum)
}

func dotRow(a, b []float64) float64 { return plainDot(a, b) }

func directionRow(p, z []float64, beta float64) { plainDirection(p, z, beta) }

func stepRow(x, r, p, q []float64, alpha float64) float64 { return plainStep(x, r, p, q, alpha) }

func productRow(u, f, inverse []float64) { plainProduct(u, f, inverse) }
