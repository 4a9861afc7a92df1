package sparse

// prolong makes P = (I − ω D⁻¹A') T and returns the near-null vectors of the next
// level. ω = 4/3 / ρ(D⁻¹A) makes (1 − ωλ)²λ least in the worst case over the spectrum.
func (l *amgLevel) prolong(omega float64) (p *CSR, near [][]float64) {
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

// unmarked are n times −1.
func unmarked(n int) []int32 {
	m := make([]int32, n)
	for i := range m {
		m[i] = -1
	}
	return m
}
