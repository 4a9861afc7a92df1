//go:build !goexperiment.simd || !amd64

package grid

func relaxRow(u, f, inverse []float64, e, x *four) { plainRelax(u, f, inverse, e, x) }

func flowRow(r []float64, e, x *four) { plainFlow(r, e, x) }

func applyRow(q, d, p []float64, e, x *four, sum *[4]float64) { plainApply(q, d, p, e, x, sum) }

func dotRow(a, b []float64) float64 { return plainDot(a, b) }

func directionRow(p, z []float64, beta float64) { plainDirection(p, z, beta) }

func stepRow(x, r, p, q []float64, alpha float64) float64 { return plainStep(x, r, p, q, alpha) }

func productRow(u, f, inverse []float64) { plainProduct(u, f, inverse) }
