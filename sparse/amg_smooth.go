package sparse

// Sweeps of Gauss–Seidel: x_i ← (b_i − Σ_{j≠i} a_ij x_j)/a_ii. Each row waits for the
// one before it, so the number that was just computed enters last.

// forward sweeps upwards from x = 0: (L + D) x = b, of which only L is read.
func (l *amgLevel) forward(x, b []float64) {
	ptr, diag, inverse := l.a.Ptr, l.diag, l.inverse
	b, x = b[:len(diag)], x[:len(diag)]
	for i, end := range diag {
		index := l.a.Index[ptr[i]:end]
		value := l.a.Value[ptr[i]:end]
		value = value[:len(index)]
		s := b[i]
		for k, j := range index {
			s -= value[k] * x[j]
		}
		x[i] = s * inverse[i]
	}
}

// restrict is c = Pᵀ(b − A x) after forward, where b − A x = −U x.
func (l *amgLevel) restrict(c, x []float64) {
	end, r := l.a.Ptr[1:], l.r
	for i, d := range l.diag {
		index := l.a.Index[d+1 : end[i]]
		value := l.a.Value[d+1 : end[i]]
		value = value[:len(index)]
		var s float64
		for k, j := range index {
			s -= value[k] * x[j]
		}
		r[i] = s
	}
	l.pt.Apply(c, r)
}

// correct is x += P c, by the rows of Pᵀ: they are long, and all alike short rows of P
// would cost a branch gone wrong each.
func (l *amgLevel) correct(x, c []float64) {
	lo := l.pt.Ptr[0]
	for k, hi := range l.pt.Ptr[1:] {
		index := l.pt.Index[lo:hi]
		value := l.pt.Value[lo:hi]
		value = value[:len(index)]
		s := c[k]
		for e, i := range index {
			x[i] += value[e] * s
		}
		lo = hi
	}
}

// backward sweeps downwards.
func (l *amgLevel) backward(x, b []float64) {
	ptr, diag := l.a.Ptr, l.diag
	for i := len(diag) - 1; i >= 0; i-- {
		d := diag[i]
		index := l.a.Index[ptr[i]:d]
		value := l.a.Value[ptr[i]:d]
		value = value[:len(index)]
		var lower float64
		for k, j := range index {
			lower += value[k] * x[j]
		}
		index = l.a.Index[d+1 : ptr[i+1]]
		value = l.a.Value[d+1 : ptr[i+1]]
		value = value[:len(index)]
		s := b[i] - lower
		for k := len(index) - 1; k >= 0; k-- {
			s -= value[k] * x[index[k]]
		}
		x[i] = s * l.inverse[i]
	}
}
