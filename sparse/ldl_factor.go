package sparse

// factor is the numbers of P A Pᵀ = L D Lᵀ, L with ones on its diagonal: the part
// that positive definite and indefinite matrices share. Row k of L is the solution
// of a triangular system with the rows above it,
//
//	L[:k,:k] y = A[:k,k],   L[k,j] = y_j/d_j,   d_k = A[k,k] − Σ_j y_j L[k,j].
//
// Reference: T. A. Davis, "Algorithm 849: a concise sparse Cholesky factorization
// package", ACM TOMS 31 (2005); here whole supernodes (runs of columns with the same
// rows) are taken at a time, four columns abreast, so that four products share one
// access of y. Cost: Σ c_j² operations for columns of c_j entries; 12 bytes an entry.
type factor struct {
	s       *Symbolic
	value   []float64 // L in the places of s.Row; those of the diagonal are not used
	d, over []float64 // D and 1/D
	x       []float64 // row k while it is solved for; all zero between rows
	done    []int32   // rows of each supernode, below its triangle, that are there
}

func newFactor(s *Symbolic) *factor {
	return &factor{s: s, value: make([]float64, s.NNZ()), d: make([]float64, s.N), over: make([]float64, s.N),
		x: make([]float64, s.N), done: make([]int32, len(s.super)-1)}
}

// run factors the matrix with these values. pivot has the last word on d_k, whose
// matrix entry is a; it ends the run by returning false, with k as the result.
func (f *factor) run(values []float64, pivot func(k int, d, a float64) (float64, bool)) (int, bool) {
	s := f.s
	clear(f.done)
	own := 0 // supernode of k
	for k := range s.N {
		if k == int(s.super[own+1]) {
			own++
		}
		lo, diagonal := s.LowerPtr[k], s.LowerPtr[k+1]-1
		for p := lo; p < diagonal; p++ {
			f.x[s.LowerIndex[p]] = values[s.LowerFrom[p]]
		}
		a := values[s.LowerFrom[diagonal]]
		d := a
		for _, c := range s.touch[s.touchPtr[k]:s.touchPtr[k+1]] {
			done := int(f.done[c])
			f.done[c]++
			first, end := int(s.super[c]), int(s.super[c+1])
			d -= f.eliminate(first, end, end+done, s.below(int(c))[:done])
		}
		d -= f.eliminate(int(s.super[own]), k, k, nil)
		d, ok := pivot(k, d, a)
		if !ok {
			clear(f.x)
			return k, false
		}
		f.d[k], f.over[k] = d, 1/d
	}
	return s.N, true
}

// eliminate makes row k in the columns first…end of one supernode, of which the rows
// down to end and the rows below are there; in column j it is number at−j. It
// returns the columns' share of Σ y_j L[k,j].
func (f *factor) eliminate(first, end, at int, below []int32) float64 {
	f.forward(f.x, first, end, below)
	var sum float64
	x, over, col := f.x[first:end], f.over[first:end], f.s.Col[first:end]
	for j, y := range x {
		u := y * over[j]
		f.value[int(col[j])+at-first-j] = u
		sum += y * u
		x[j] = 0
	}
	return sum
}

// forward takes the columns first…end of a supernode, in their rows down to end and
// below, out of x: x −= L[:,j] x_j.
func (f *factor) forward(x []float64, first, end int, below []int32) {
	col := f.s.Col
	j := first
	for ; j+4 <= end; j += 4 {
		m := end - j
		l0, l1, l2, l3 := f.value[col[j]:col[j+1]], f.value[col[j+1]:col[j+2]], f.value[col[j+2]:col[j+3]], f.value[col[j+3]:col[j+4]]
		y0 := x[j]
		y1 := x[j+1] - l0[1]*y0
		y2 := x[j+2] - l0[2]*y0 - l1[1]*y1
		y3 := x[j+3] - l0[3]*y0 - l1[2]*y1 - l2[1]*y2
		x[j+1], x[j+2], x[j+3] = y1, y2, y3
		if m > 4 {
			minus4(x[j+4:end], l0[4:], l1[3:], l2[2:], l3[1:], y0, y1, y2, y3)
		}
		if len(below) > 0 {
			a, b, c, d := l0[m:][:len(below)], l1[m-1:][:len(below)], l2[m-2:][:len(below)], l3[m-3:][:len(below)]
			for p, i := range below {
				x[i] -= a[p]*y0 + b[p]*y1 + (c[p]*y2 + d[p]*y3)
			}
		}
	}
	for ; j < end; j++ {
		l := f.value[col[j]:col[j+1]]
		y := x[j]
		for i := j + 1; i < end; i++ {
			x[i] -= l[i-j] * y
		}
		a := l[end-j:][:len(below)]
		for p, i := range below {
			x[i] -= a[p] * y
		}
	}
}

// backward is the transpose: x_j −= L[:,j]ᵀ x, j descending.
func (f *factor) backward(x []float64, first, end int, below []int32) {
	col := f.s.Col
	j := end
	for ; (j-first)%4 != 0; j-- {
		l := f.value[col[j-1]:col[j]]
		s := 0.0
		for i := j; i < end; i++ {
			s += l[i-j+1] * x[i]
		}
		a := l[end-j+1:][:len(below)]
		for p, i := range below {
			s += a[p] * x[i]
		}
		x[j-1] -= s
	}
	for j -= 4; j >= first; j -= 4 {
		m := end - j
		l0, l1, l2, l3 := f.value[col[j]:col[j+1]], f.value[col[j+1]:col[j+2]], f.value[col[j+2]:col[j+3]], f.value[col[j+3]:col[j+4]]
		var s0, s1, s2, s3 float64
		t := x[j+4 : end]
		a, b, c, d := l0[4:][:len(t)], l1[3:][:len(t)], l2[2:][:len(t)], l3[1:][:len(t)]
		for i, y := range t {
			s0, s1, s2, s3 = s0+a[i]*y, s1+b[i]*y, s2+c[i]*y, s3+d[i]*y
		}
		a, b, c, d = l0[m:][:len(below)], l1[m-1:][:len(below)], l2[m-2:][:len(below)], l3[m-3:][:len(below)]
		for p, i := range below {
			y := x[i]
			s0, s1, s2, s3 = s0+a[p]*y, s1+b[p]*y, s2+c[p]*y, s3+d[p]*y
		}
		y3 := x[j+3] - s3
		y2 := x[j+2] - s2 - l2[1]*y3
		y1 := x[j+1] - s1 - l1[1]*y2 - l1[2]*y3
		x[j], x[j+1], x[j+2], x[j+3] = x[j]-s0-l0[1]*y1-l0[2]*y2-l0[3]*y3, y1, y2, y3
	}
}

// solveL is x = L⁻¹ x and solveLT is x = L⁻ᵀ x, both in the order of P.
func (f *factor) solveL(x []float64) {
	s := f.s
	for c := range len(s.super) - 1 {
		f.forward(x, int(s.super[c]), int(s.super[c+1]), s.below(c))
	}
}

func (f *factor) solveLT(x []float64) {
	s := f.s
	for c := len(s.super) - 2; c >= 0; c-- {
		f.backward(x, int(s.super[c]), int(s.super[c+1]), s.below(c))
	}
}

// solve is dst = A⁻¹ b with w as work space.
func (f *factor) solve(dst, b, w []float64) {
	for k, i := range f.s.Perm {
		w[k] = b[i]
	}
	f.solveL(w)
	for k, o := range f.over {
		w[k] *= o
	}
	f.solveLT(w)
	for k, i := range f.s.Perm {
		dst[i] = w[k]
	}
}

// solve4 is solve for four right-hand sides, each n numbers after the one before:
// every number of L is read once for the four.
func (f *factor) solve4(dst, b []float64, w [][4]float64) {
	n := f.s.N
	for k, i := range f.s.Perm {
		i := int(i)
		w[k] = [4]float64{b[i], b[n+i], b[2*n+i], b[3*n+i]}
	}
	forward4(w, f.s.Col, f.s.Row, f.value)
	backward4(w, f.over, f.s.Col, f.s.Row, f.value)
	for k, i := range f.s.Perm {
		i, t := int(i), w[k]
		dst[i], dst[n+i], dst[2*n+i], dst[3*n+i] = t[0], t[1], t[2], t[3]
	}
}

// solveMany solves for right-hand sides one after the other, four at a time.
func (f *factor) solveMany(dst, b, w []float64, four [][4]float64) {
	n := f.s.N
	for len(b) >= 4*n && n > 0 {
		f.solve4(dst[:4*n], b[:4*n], four)
		dst, b = dst[4*n:], b[4*n:]
	}
	for len(b) >= n && n > 0 {
		f.solve(dst[:n], b[:n], w)
		dst, b = dst[n:], b[n:]
	}
}

// minus4 is x −= a y₀ + b y₁ + c y₂ + d y₃.
func minus4(x, a, b, c, d []float64, y0, y1, y2, y3 float64) {
	a, b, c, d = a[:len(x)], b[:len(x)], c[:len(x)], d[:len(x)]
	for i := range x {
		x[i] -= a[i]*y0 + b[i]*y1 + (c[i]*y2 + d[i]*y3)
	}
}
