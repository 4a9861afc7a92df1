package sparse

import "math"

// prolong makes P = (I − ω D⁻¹A') T and returns the near-null vectors of the next
// level. ω = 4/3 / ρ(D⁻¹A) makes (1 − ωλ)²λ least in the worst case over the spectrum.
func (l *amgLevel) prolong() (p *CSR, near [][]float64) {
	omega := 4. / 3 / l.radius()
	if l.block == 1 && len(l.near) == 1 {
		return l.prolongOne(omega), constants(l.count, 1)
	}
	t, near := l.tentative()
	return l.prolongMany(omega, t), near
}

// prolongOne is P of one near-null vector v and one unknown a node. T has v itself in
// the column of the aggregate, so that the next level's vector is 1. Weak entries act
// on v as ever, but through the own aggregate: P 1 = v − ωD⁻¹A v with and without them.
func (l *amgLevel) prolongOne(omega float64) *CSR {
	a, v := l.a, l.near[0]
	p := newRows(a.Rows, l.count)
	mark := unmarked(l.count)
	for i, own := range l.aggregate {
		if own < 0 {
			p.end(i, 0)
			continue
		}
		lo, hi := a.Ptr[i], a.Ptr[i+1]
		index, value := a.Index[lo:hi], a.Value[lo:hi]
		value = value[:len(index)]
		strong := l.strong.index[l.strong.ptr[i]:l.strong.ptr[i+1]]
		columns, sum := p.room(i, 1+len(strong))
		start := int32(len(p.Index))
		mark[own] = start
		columns[0], sum[0] = own, v[i]
		n := int32(1)
		scale := -omega * l.inverse[i]
		for k, j := range index {
			w := scale * value[k] * v[j]
			if len(strong) == 0 || strong[0] != j {
				sum[0] += w
				continue
			}
			strong = strong[1:]
			to := l.aggregate[j]
			if at := mark[to] - start; at >= 0 {
				sum[at] += w
			} else {
				mark[to] = start + n
				columns[n], sum[n] = to, w
				n++
			}
		}
		p.end(i, int(n))
	}
	return p
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
func (l *amgLevel) prolongMany(omega float64, t []float64) *CSR {
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
	return p
}

// radius estimates ρ(D⁻¹A) from below, by a few per cent, as the largest eigenvalue of
// six steps of Lanczos' process with D⁻¹A in the inner product of D:
//
//	w = A v,  α = vᵀw,  u = D⁻¹w − αv − βv⁻,  β′² = uᵀD u = uᵀw
func (l *amgLevel) radius() float64 {
	const steps = 6
	n := l.a.Rows
	v, before, w := make([]float64, n), make([]float64, n), make([]float64, n)
	// A fixed vector without structure: the fractional parts of multiples of the golden ratio.
	var square float64
	for i, d := range l.inverse {
		if d > 0 {
			f := float64(i+1) * 0.6180339887498949
			v[i] = f - math.Floor(f) - 0.5
			square += v[i] * v[i] / d
		}
	}
	scaleTo(v, 1/math.Sqrt(square), v)
	var alpha, beta [steps]float64
	for k := range steps {
		l.a.Apply(w, v)
		a, b := inner(v, w), 0.0
		if k > 0 {
			b = beta[k-1]
		}
		alpha[k] = a
		if k == steps-1 {
			break
		}
		var square float64
		for i, d := range l.inverse {
			u := d*w[i] - a*v[i] - b*before[i]
			before[i] = u
			square += u * w[i]
		}
		if !(square > 1e-24*a*a) { // the space is invariant
			return largestOf(alpha[:k+1], beta[:k])
		}
		beta[k] = math.Sqrt(square)
		scaleTo(before, 1/beta[k], before)
		before, v = v, before
	}
	return largestOf(alpha[:], beta[:steps-1])
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
