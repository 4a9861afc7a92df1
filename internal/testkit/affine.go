package testkit

// Gaussian is a law N(Mean, Cov) that is carried along exactly.
type Gaussian struct {
	Mean []float64 // [d]
	Cov  []float64 // [d·d], row-major
}

// Step carries the law through x ← A x + b + n, n ~ N(0, Q):
//
//	M ← A M + b,   V ← A V Aᵀ + Q.
//
// With a Gaussian prior and linear observations every step of a guided sampler
// is affine in its noisy point, so the law of its output is known to rounding.
// A and Q are d×d row-major, b has d numbers; nil b and Q are zero.
func (g Gaussian) Step(a, b, q []float64) Gaussian {
	d := len(g.Mean)
	next := Gaussian{Mean: make([]float64, d), Cov: make([]float64, d*d)}
	copy(next.Mean, b)
	copy(next.Cov, q)
	half := make([]float64, d*d) // A V
	for i := range d {
		for k := range d {
			next.Mean[i] += a[i*d+k] * g.Mean[k]
			for j := range d {
				half[i*d+j] += a[i*d+k] * g.Cov[k*d+j]
			}
		}
	}
	for i := range d {
		for j := range d {
			for k := range d {
				next.Cov[i*d+j] += half[i*d+k] * a[j*d+k]
			}
		}
	}
	return next
}
