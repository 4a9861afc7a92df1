package grid

// Solve is one V-cycle from zero: dst ≈ A⁻¹ b, symmetric in the weights of the axes and
// positive, for nodal arrays of the unknowns. dst and b may be the same slice.
func (m *Multigrid) Solve(dst, b []float64) {
	l := m.levels[0]
	m.spread(l.f, b, true)
	m.cycle(0)
	m.gather(dst, l.u)
}

// Apply is dst = A u in flux form.
func (m *Multigrid) Apply(dst, u []float64) {
	l := m.levels[0]
	m.spread(m.p, u, false)
	l.apply(m.q, m.p)
	at := 0
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		for j := l.lo[1]; j <= l.hi[1]; j++ {
			dst[at] = m.q[(i+1)*l.stride+j] / (l.volume[0][i] * l.volume[1][j])
			at++
		}
	}
}

// spread writes the unknowns to a padded array, integrated over their volumes if asked.
func (m *Multigrid) spread(padded, x []float64, integrate bool) {
	l, at := m.levels[0], 0
	width := l.hi[1] - l.lo[1] + 1
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		row := padded[(i+1)*l.stride+l.lo[1]:][:width]
		copy(row, x[at:at+width])
		if integrate {
			v, w := l.volume[0][i], l.volume[1][l.lo[1]:][:width]
			for j := range row {
				row[j] *= v * w[j]
			}
		}
		at += width
	}
}

func (m *Multigrid) gather(x, padded []float64) {
	l, at := m.levels[0], 0
	width := l.hi[1] - l.lo[1] + 1
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		copy(x[at:at+width], padded[(i+1)*l.stride+l.lo[1]:][:width])
		at += width
	}
}

// cycle solves A u = f of level k approximately, from u = 0. Red vertices have i+j
// even. Before the coarse grid red ones come first, after it black ones: the cycle is
// symmetric.
func (m *Multigrid) cycle(k int) {
	l := m.levels[k]
	if k == len(m.levels)-1 {
		m.coarsest.solve(l)
		return
	}
	next := m.levels[k+1]
	l.firstRed()
	l.relax(1)
	l.redResidual()
	l.restrict(next)
	m.cycle(k + 1)
	next.prolong(l)
	l.relax(1)
	l.relax(0)
}

// firstRed relaxes red vertices where u = 0.
func (l *level) firstRed() {
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		u, f, inv := l.row(l.u, i), l.row(l.f, i), l.row(l.inverse, i)
		for j := l.lo[1] + (i+l.lo[1])&1; j <= l.hi[1]; j += 2 {
			u[j] = f[j] * inv[j]
		}
	}
}

// row has the vertices of row i.
func (l *level) row(x []float64, i int) []float64 {
	at := (i + 1) * l.stride
	return x[at : at+l.stride : at+l.stride]
}

// relax makes the equations of one colour hold: 0 red, 1 black.
func (l *level) relax(colour int) {
	s := l.stride
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		first := l.lo[1] + (i+l.lo[1]+colour)&1
		at := (i+1)*s + first
		n := l.hi[1] - first + 1
		if n < 1 {
			continue
		}
		u, west, east := l.u[at:at+n], l.u[at-1:at-1+n], l.u[at+1:at+1+n]
		north, south := l.u[at-s:at-s+n], l.u[at+s:at+s+n]
		ew, ee, en, es := l.east[at-1:at-1+n], l.east[at:at+n], l.south[at-s:at-s+n], l.south[at:at+n]
		f, inv := l.f[at:at+n], l.inverse[at:at+n]
		for j := 0; j < n; j += 2 {
			u[j] = (f[j] + ew[j]*west[j] + ee[j]*east[j] + en[j]*north[j] + es[j]*south[j]) * inv[j]
		}
	}
}

// redResidual writes f − A u at red vertices after firstRed and a relaxation of the
// black ones: what was zero before black vertices got their values. At black ones it
// is zero and not written.
func (l *level) redResidual() {
	s := l.stride
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		first := l.lo[1] + (i+l.lo[1])&1
		at := (i+1)*s + first
		n := l.hi[1] - first + 1
		if n < 1 {
			continue
		}
		r, west, east := l.r[at:at+n], l.u[at-1:at-1+n], l.u[at+1:at+1+n]
		north, south := l.u[at-s:at-s+n], l.u[at+s:at+s+n]
		ew, ee, en, es := l.east[at-1:at-1+n], l.east[at:at+n], l.south[at-s:at-s+n], l.south[at:at+n]
		for j := 0; j < n; j += 2 {
			r[j] = ew[j]*west[j] + ee[j]*east[j] + en[j]*north[j] + es[j]*south[j]
		}
	}
}

// restrict is the transpose of bilinear prolongation, of a residual that red vertices
// alone have: of the nine weights those of the centre, 1, and of the corners, ¼.
func (l *level) restrict(c *level) {
	for i := c.lo[0]; i <= c.hi[0]; i++ {
		above, here, below := l.row(l.r, 2*i-1), l.row(l.r, 2*i), l.row(l.r, 2*i+1)
		f := c.row(c.f, i)
		before := 0.0
		if 2*c.lo[1]-1 >= 0 {
			before = above[2*c.lo[1]-1] + below[2*c.lo[1]-1]
		}
		for j := c.lo[1]; j <= c.hi[1]; j++ {
			after := above[2*j+1] + below[2*j+1]
			f[j] = here[2*j] + 0.25*(before+after)
			before = after
		}
	}
}

// prolong adds the bilinear interpolant of c to the red vertices of l; black ones are
// relaxed next and lose what they had.
func (c *level) prolong(l *level) {
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		u := l.row(l.u, i)
		if i%2 == 0 {
			e := c.row(c.u, i/2)
			for j := l.lo[1] + l.lo[1]&1; j <= l.hi[1]; j += 2 {
				u[j] += e[j/2]
			}
			continue
		}
		e, g := c.row(c.u, i/2), c.row(c.u, i/2+1)
		for j := l.lo[1] | 1; j <= l.hi[1]; j += 2 {
			u[j] += 0.25 * (e[j/2] + e[j/2+1] + g[j/2] + g[j/2+1])
		}
	}
}

// apply is q = A p of padded arrays; p·q is returned.
func (l *level) apply(q, p []float64) float64 {
	s, n := l.stride, l.hi[1]-l.lo[1]+1
	total := 0.0
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		at := (i+1)*s + l.lo[1]
		here, west, east := p[at:at+n], p[at-1:at-1+n], p[at+1:at+1+n]
		north, south := p[at-s:at-s+n], p[at+s:at+s+n]
		ew, ee, en, es := l.east[at-1:at-1+n], l.east[at:at+n], l.south[at-s:at-s+n], l.south[at:at+n]
		d, out := l.diagonal[at:at+n], q[at:at+n]
		sum := 0.0
		for j, v := range here {
			w := d[j]*v - ew[j]*west[j] - ee[j]*east[j] - en[j]*north[j] - es[j]*south[j]
			out[j] = w
			sum += v * w
		}
		total += sum
	}
	return total
}
