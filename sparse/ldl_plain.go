package sparse

// Solves for four right-hand sides in plain Go, which are always built; what is used is
// in ldl_simd.go or ldl_nosimd.go.

// plainForward4 is w = L⁻¹ w for four right-hand sides in each w.
func plainForward4(w [][4]float64, col, row []int32, value []float64) {
	for j := range w {
		y := w[j]
		lo, hi := col[j]+1, col[j+1]
		l := value[lo:hi]
		for p, i := range row[lo:hi] {
			t, v := &w[i], l[p]
			t[0], t[1], t[2], t[3] = t[0]-float64(v*y[0]), t[1]-float64(v*y[1]), t[2]-float64(v*y[2]), t[3]-float64(v*y[3])
		}
	}
}

// plainBackward4 is w = L⁻ᵀ D⁻¹ w.
func plainBackward4(w [][4]float64, over []float64, col, row []int32, value []float64) {
	for j := len(w) - 1; j >= 0; j-- {
		y, o := w[j], over[j]
		y[0], y[1], y[2], y[3] = o*y[0], o*y[1], o*y[2], o*y[3]
		lo, hi := col[j]+1, col[j+1]
		l := value[lo:hi]
		for p, i := range row[lo:hi] {
			t, v := &w[i], l[p]
			y[0], y[1], y[2], y[3] = y[0]-float64(v*t[0]), y[1]-float64(v*t[1]), y[2]-float64(v*t[2]), y[3]-float64(v*t[3])
		}
		w[j] = y
	}
}
