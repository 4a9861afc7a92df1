package diagnose

import "math"

// The inner loop of the energy distance adds in four lanes, pair j into lane j
// mod 4, and the lanes at the end: (0 + 1) + (2 + 3). Square roots overlap this
// way, and vector registers give the same bits as plain arithmetic.

// plainDistances is Σ_j w_j ‖p − y_j‖, where y_j holds element from+j of each
// column.
func plainDistances(p []float64, columns [][]float64, from int, w []float64) float64 {
	var s0, s1, s2, s3 float64
	j, n := 0, len(w)
	for ; j+4 <= n; j += 4 {
		var q0, q1, q2, q3 float64
		for k, c := range columns {
			v, o := c[from+j:from+j+4], p[k]
			q0 += (v[0] - o) * (v[0] - o)
			q1 += (v[1] - o) * (v[1] - o)
			q2 += (v[2] - o) * (v[2] - o)
			q3 += (v[3] - o) * (v[3] - o)
		}
		s0 += w[j] * math.Sqrt(q0)
		s1 += w[j+1] * math.Sqrt(q1)
		s2 += w[j+2] * math.Sqrt(q2)
		s3 += w[j+3] * math.Sqrt(q3)
	}
	var rest [3]float64
	for lane := range n - j {
		square := 0.0
		for k, c := range columns {
			a := c[from+j+lane] - p[k]
			square += a * a
		}
		rest[lane] = w[j+lane] * math.Sqrt(square)
	}
	return ((s0 + rest[0]) + (s1 + rest[1])) + ((s2 + rest[2]) + s3)
}
