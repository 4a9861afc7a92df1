package grid

// Solve is one V-cycle from zero: dst ≈ A⁻¹ b, symmetric in the weights of the axes and
// positive, for nodal arrays of the unknowns. dst and b may be the same slice.
func (m *Multigrid) Solve(dst, b []float64) {
	l := m.levels[0]
	m.spread(&l.f, b, true)
	m.cycle(0)
	m.gather(dst, &l.u, false)
}

// Apply is dst = A u in flux form.
func (m *Multigrid) Apply(dst, u []float64) {
	m.spread(&m.p, u, false)
	m.levels[0].apply(&m.q, &m.p)
	m.gather(dst, &m.q, true)
}

// spread writes the unknowns to their colours, integrated over their volumes if asked.
func (m *Multigrid) spread(c *colours, x []float64, integrate bool) {
	l, at := m.levels[0], 0
	width := l.hi[1] - l.lo[1] + 1
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		row := m.natural[l.lo[1]:][:width]
		copy(row, x[at:at+width])
		if integrate {
			v, w := l.volume[0][i], l.volume[1][l.lo[1]:][:width]
			for j := range row {
				row[j] *= v * w[j]
			}
		}
		l.part(c, m.natural, i)
		at += width
	}
}

// gather writes the unknowns in their order, divided by their volumes if asked.
func (m *Multigrid) gather(x []float64, c *colours, density bool) {
	l, at := m.levels[0], 0
	width := l.hi[1] - l.lo[1] + 1
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		l.join(m.natural, c, i)
		out := x[at : at+width]
		copy(out, m.natural[l.lo[1]:])
		if density {
			v, w := l.volume[0][i], l.volume[1][l.lo[1]:][:width]
			for j := range out {
				out[j] /= v * w[j]
			}
		}
		at += width
	}
}

// cycle solves A u = f of level k approximately, from u = 0. Before the coarse grid red
// vertices are relaxed first, after it black ones: the cycle is symmetric.
func (m *Multigrid) cycle(k int) {
	l := m.levels[k]
	if k == len(m.levels)-1 {
		m.coarsest.solve(l)
		return
	}
	next := m.levels[k+1]
	productRow(l.u.of[0], l.f.of[0], l.inverse.of[0]) // red, where u = 0
	l.relax(1)
	l.redResidual()
	l.restrict(next)
	m.cycle(k + 1)
	m.prolong(next, l)
	l.relax(1)
	l.relax(0)
}

// relax makes the equations of one colour hold: 0 red, 1 black.
func (l *level) relax(colour int) {
	var p places
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		l.places(&p, colour, i)
		relaxRow(l.u.of[colour], l.f.of[colour], l.inverse.of[colour], l.u.of[1-colour], l.edges(colour), &p)
	}
}

// redResidual writes f − A u at red vertices after they and then black ones were
// relaxed from zero: red equations held until black vertices got their values. At black
// ones the residual is zero.
func (l *level) redResidual() {
	var p places
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		l.places(&p, 0, i)
		flowRow(l.r, l.u.of[1], &l.edge, &p)
	}
}

// restrict is the transpose of bilinear prolongation, of a residual that red vertices
// alone have: of the nine weights those of the centre, 1, and of the corners, ¼.
func (l *level) restrict(c *level) {
	for i := c.lo[0]; i <= c.hi[0]; i++ {
		at, n := l.start(2*i), c.cells[1]+1
		here := l.r[at : at+n]
		above, below := l.r[at-l.width-1:at-l.width+n], l.r[at+l.width-1:at+l.width+n]
		for colour := range 2 {
			f := c.row(c.f.of[colour], i)
			for j := c.lo[1] + (i+c.lo[1]+colour)&1; j <= c.hi[1]; j += 2 {
				f[j>>1] = here[j] + 0.25*((above[j]+below[j])+(above[j+1]+below[j+1]))
			}
		}
	}
}

// prolong adds the bilinear interpolant of c to the red vertices of l; black ones are
// relaxed next and lose what they had.
func (m *Multigrid) prolong(c, l *level) {
	e, g := m.natural, m.after
	c.join(g, &c.u, l.lo[0]/2)
	for i := l.lo[0]; i <= l.hi[0]; i++ {
		u := l.row(l.u.of[0], i)
		if i%2 == 0 {
			for p := range (l.hi[1] + 2) / 2 {
				u[p] += g[p]
			}
			continue
		}
		e, g = g, e
		c.join(g, &c.u, i/2+1)
		for p := range (l.hi[1] + 1) / 2 {
			u[p] += 0.25 * ((e[p] + e[p+1]) + (g[p] + g[p+1]))
		}
	}
}

// apply is q = A x; x·q is returned.
func (l *level) apply(q, x *colours) float64 {
	var p places
	var sum [4]float64
	for colour := range 2 {
		for i := l.lo[0]; i <= l.hi[0]; i++ {
			l.places(&p, colour, i)
			applyRow(q.of[colour], l.diagonal.of[colour], x.of[colour], x.of[1-colour], l.edges(colour), &p, &sum)
		}
	}
	return (sum[0] + sum[2]) + (sum[1] + sum[3])
}
