package sparse

import "math"

// prolong makes P = (I − ω D⁻¹A') T and returns the near-null vectors of the next
// level. ω = 4/3 / ρ(D⁻¹A) makes (1 − ωλ)²λ least in the worst case over the spectrum.
func (l *amgLevel) prolong() [][]float64 {
	omega := 4. / 3 / l.radius()
	if l.block == 1 && len(l.near) == 1 {
		l.prolongOne(omega)
		return constants(l.count, 1)
	}
	t, next := l.tentative()
	l.prolongMany(omega, t)
	return next
}

// prolongOne is P of one near-null vector v and one unknown a node. T has v itself in
// the column of the aggregate, so that the next level's vector is 1. Weak entries act
// on v as ever, but through the own aggregate: P 1 = v − ωD⁻¹A v with and without them.
func (l *amgLevel) prolongOne(omega float64) {
	a, v := l.a, l.near[0]
	p := &CSR{Rows: a.Rows, Cols: l.count, Ptr: make([]int32, a.Rows+1), Index: make([]int32, 0, 5*a.Rows/2), Value: make([]float64, 0, 5*a.Rows/2)}
	mark := unmarked(l.count)
	for i := range a.Rows {
		own := l.aggregate[i]
		if own < 0 {
			p.Ptr[i+1] = int32(len(p.Index))
			continue
		}
		start := int32(len(p.Index))
		mark[own] = start
		p.Index, p.Value = append(p.Index, own), append(p.Value, v[i])
		strong := l.strong.index[l.strong.ptr[i]:l.strong.ptr[i+1]]
		lo, hi := a.Ptr[i], a.Ptr[i+1]
		value := a.Value[lo:hi]
		scale := omega * l.inverse[i]
		for k, j := range a.Index[lo:hi] {
			w := scale * value[k] * v[j]
			to := own
			if len(strong) > 0 && strong[0] == j {
				strong = strong[1:]
				to = l.aggregate[j]
			}
			if at := mark[to]; at >= start {
				p.Value[at] -= w
			} else {
				mark[to] = int32(len(p.Index))
				p.Index, p.Value = append(p.Index, to), append(p.Value, -w)
			}
		}
		p.Ptr[i+1] = int32(len(p.Index))
	}
	l.p = p
}

// tentative makes T, k numbers of each row in the k columns of its aggregate: the Q of
// the near-null vectors there, whose R are those vectors on the next level. Where
// vectors depend on each other within an aggregate, the column is zero and with it a
// row of the next matrix.
func (l *amgLevel) tentative() (t []float64, next [][]float64) {
	k, size := len(l.near), l.block
	t = make([]float64, l.a.Rows*k)
	next = make([][]float64, k)
	for c := range next {
		next[c] = make([]float64, l.count*k)
	}
	ptr := make([]int32, l.count+2)
	for _, g := range l.aggregate {
		if g >= 0 {
			ptr[g+2]++
		}
	}
	for g := range l.count {
		ptr[g+2] += ptr[g+1]
	}
	nodes := make([]int32, ptr[l.count+1])
	for i, g := range l.aggregate {
		if g >= 0 {
			nodes[ptr[g+1]] = int32(i)
			ptr[g+1]++
		}
	}
	var column [][]float64
	for g := range l.count {
		members := nodes[ptr[g]:ptr[g+1]]
		column = column[:0]
		for c, v := range l.near {
			q := make([]float64, 0, len(members)*size)
			for _, i := range members {
				q = append(q, v[int(i)*size:int(i)*size+size]...)
			}
			before := length(q)
			for range 2 {
				for d, u := range column {
					r := inner(u, q)
					next[c][g*k+d] += r
					addTo(q, -r, u)
				}
			}
			after := length(q)
			if after > 1e-10*before {
				next[c][g*k+c] = after
				scaleTo(q, 1/after, q)
			} else {
				clear(q)
			}
			column = append(column, q)
			for m, i := range members {
				for e := range size {
					t[(int(i)*size+e)*k+c] = q[m*size+e]
				}
			}
		}
	}
	return t, next
}

// prolongMany is P of any T. Weak entries stay where they are: brought to the
// diagonal they would not map rotations to zero.
func (l *amgLevel) prolongMany(omega float64, t []float64) {
	a, k, size := l.a, len(l.near), l.block
	p := &CSR{Rows: a.Rows, Cols: l.count * k, Ptr: make([]int32, a.Rows+1)}
	mark := unmarked(l.count)
	for i := range a.Rows {
		own := l.aggregate[i/size]
		if own < 0 {
			p.Ptr[i+1] = int32(len(p.Index))
			continue
		}
		start := int32(len(p.Index))
		add := func(to int32, w float64, row []float64) {
			at := mark[to]
			if at < start {
				at = int32(len(p.Index))
				mark[to] = at
				for c := range int32(k) {
					p.Index, p.Value = append(p.Index, to*int32(k)+c), append(p.Value, 0)
				}
			}
			addTo(p.Value[at:int(at)+k], w, row)
		}
		add(own, 1, t[i*k:i*k+k])
		scale := omega * l.inverse[i]
		for e := a.Ptr[i]; e < a.Ptr[i+1]; e++ {
			j := int(a.Index[e])
			if to := l.aggregate[j/size]; to >= 0 && a.Value[e] != 0 {
				add(to, -scale*a.Value[e], t[j*k:j*k+k])
			}
		}
		p.Ptr[i+1] = int32(len(p.Index))
	}
	l.p = p
}

// radius estimates ρ(D⁻¹A) from below, by a few per cent, as the largest eigenvalue of
// ten steps of Lanczos' process with D^{−1/2} A D^{−1/2}.
func (l *amgLevel) radius() float64 {
	const steps = 10
	n := l.a.Rows
	root := make([]float64, n)
	for i, d := range l.inverse {
		root[i] = math.Sqrt(d)
	}
	v, before, w, s := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	// A fixed vector without structure: the fractional parts of multiples of the golden ratio.
	for i := range v {
		_, f := math.Modf(float64(i+1) * 0.6180339887498949)
		if d := l.inverse[i]; d > 0 {
			v[i] = f - 0.5
		}
	}
	scaleTo(v, 1/length(v), v)
	var alpha, beta [steps]float64
	for k := range steps {
		for i, x := range v {
			s[i] = root[i] * x
		}
		l.a.Apply(w, s)
		var last float64
		if k > 0 {
			last = beta[k-1]
		}
		var across float64
		for i, x := range v {
			y := root[i]*w[i] - last*before[i]
			w[i] = y
			across += x * y
		}
		alpha[k] = across
		addTo(w, -across, v)
		beta[k] = length(w)
		if beta[k] <= 1e-12*math.Abs(across) || k == steps-1 {
			return largestOf(alpha[:k+1], beta[:k])
		}
		scaleTo(w, 1/beta[k], w)
		before, v, w = v, w, before
	}
	panic("unreachable")
}

// largestOf is the largest eigenvalue of a symmetric tridiagonal matrix, by bisection
// with Sturm's sequence.
func largestOf(diagonal, off []float64) float64 {
	var lo, hi float64
	for i, d := range diagonal {
		r := d
		if i > 0 {
			r += math.Abs(off[i-1])
		}
		if i < len(off) {
			r += math.Abs(off[i])
		}
		lo, hi = max(lo, d), max(hi, r)
	}
	for range 40 {
		middle := (lo + hi) / 2
		above := false // a pivot of T − middle·I that is positive: an eigenvalue above
		q := -1.0
		for i, d := range diagonal {
			q2 := 0.0
			if i > 0 {
				q2 = off[i-1] * off[i-1] / q
			}
			q = d - middle - q2
			if q >= 0 {
				above = true
				break
			}
		}
		if above {
			lo = middle
		} else {
			hi = middle
		}
	}
	return hi
}

func unmarked(n int) []int32 {
	m := make([]int32, n)
	for i := range m {
		m[i] = -1
	}
	return m
}
