package particle

import "math"

// Small dense matrices, row-major d×d in flat slices, without allocation: the
// inner loop of the twisted kernels runs these once or more per particle.

// cholesky overwrites the lower triangle of a with L, a = L Lᵀ, and reports
// whether a was positive definite. The upper triangle is not read.
func cholesky(a []float64, d int) bool {
	for j := range d {
		s := a[j*d+j]
		for k := range j {
			s -= a[j*d+k] * a[j*d+k]
		}
		if !(s > 0) {
			return false
		}
		s = math.Sqrt(s)
		a[j*d+j] = s
		for i := j + 1; i < d; i++ {
			t := a[i*d+j]
			for k := range j {
				t -= a[i*d+k] * a[j*d+k]
			}
			a[i*d+j] = t / s
		}
	}
	return true
}

// forward solves L y = r in place.
func forward(l, r []float64, d int) {
	for i := range d {
		s := r[i]
		for k := range i {
			s -= l[i*d+k] * r[k]
		}
		r[i] = s / l[i*d+i]
	}
}

// logDet is Σ log Lᵢᵢ, half the log-determinant of L Lᵀ.
func logDet(l []float64, d int) float64 {
	var s float64
	for i := range d {
		s += math.Log(l[i*d+i])
	}
	return s
}

// dot keeps four sums, which do not wait for each other.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	for len(a) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += v * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

// symv writes S a into out for a symmetric S stored in full.
func symv(s, a, out []float64, d int) {
	for i := range d {
		out[i] = dot(s[i*d:(i+1)*d], a)
	}
}

// semidefinite replaces the symmetric matrix a by its nearest positive
// semi-definite one in Frobenius norm (negative eigenvalues set to zero;
// Higham 1988, theorem 2.1), by cyclic Jacobi rotations. q and b are scratch of
// length d². Most calls end at the first test, a Cholesky factorisation.
func semidefinite(a, b, q []float64, d int) {
	copy(b, a)
	trace := 0.0
	for i := range d {
		trace += math.Abs(a[i*d+i])
	}
	for i := range d {
		b[i*d+i] += 1e-12*trace + 1e-300
	}
	if cholesky(b, d) {
		return
	}
	jacobi(a, b, q, d)
	for i := range d {
		for j := range i + 1 {
			var s float64
			for k := range d {
				if l := b[k*d+k]; l > 0 {
					s += l * q[i*d+k] * q[j*d+k]
				}
			}
			a[i*d+j], a[j*d+i] = s, s
		}
	}
}

// jacobi diagonalises a = Q diag(b) Qᵀ; b's diagonal holds the eigenvalues.
func jacobi(a, b, q []float64, d int) {
	copy(b, a)
	clear(q)
	for i := range d {
		q[i*d+i] = 1
	}
	for range 30 {
		var off, diag float64
		for i := range d {
			diag += b[i*d+i] * b[i*d+i]
			for j := range i {
				off += b[i*d+j] * b[i*d+j]
			}
		}
		if off <= 1e-26*diag {
			return
		}
		for i := 1; i < d; i++ {
			for j := range i {
				rotate(b, q, i, j, d)
			}
		}
	}
}

func rotate(b, q []float64, i, j, d int) {
	bij := b[i*d+j]
	if bij == 0 {
		return
	}
	theta := (b[j*d+j] - b[i*d+i]) / (2 * bij)
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range d {
		x, y := b[k*d+i], b[k*d+j]
		b[k*d+i], b[k*d+j] = c*x-s*y, s*x+c*y
	}
	for k := range d {
		x, y := b[i*d+k], b[j*d+k]
		b[i*d+k], b[j*d+k] = c*x-s*y, s*x+c*y
		u, v := q[k*d+i], q[k*d+j]
		q[k*d+i], q[k*d+j] = c*u-s*v, s*u+c*v
	}
}
