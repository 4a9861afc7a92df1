package pde

import (
	"context"

	"abide/timestep"
)

func (f *heat) Linearise(e *Entries, _ Sample) {
	n, number := f.cells, f.number()
	boundary := f.steps * (n - 1)
	mass := boundary + 2*(f.steps+1)
	h := 1 / float64(n)
	for k := range f.steps + 1 {
		now, next := k*(n+1), (k+1)*(n+1)
		e.Add(boundary+2*k, 0, now, 1)
		e.Add(boundary+2*k+1, 0, now+n, 1)
		if k == f.steps {
			break
		}
		implicit, explicit := number*f.theta, number*(1-f.theta)
		for j := 1; j < n; j++ {
			row := k*(n-1) + j - 1
			e.Add(row, 0, next+j-1, -implicit)
			e.Add(row, 0, next+j, 1+2*implicit)
			e.Add(row, 0, next+j+1, -implicit)
			e.Add(row, 0, now+j-1, -explicit)
			e.Add(row, 0, now+j, 2*explicit-1)
			e.Add(row, 0, now+j+1, -explicit)
			e.Add(mass+k, 0, next+j, h)
			e.Add(mass+k, 0, now+j, -h)
		}
		// (right − left) h of the outermost fluxes.
		for _, p := range [2]struct{ from, to int }{{n - 1, n}, {1, 0}} {
			e.Add(mass+k, 0, next+p.to, -h*implicit)
			e.Add(mass+k, 0, next+p.from, h*implicit)
			e.Add(mass+k, 0, now+p.to, -h*explicit)
			e.Add(mass+k, 0, now+p.from, h*explicit)
		}
	}
}

// Complete keeps the initial state.
func (f *heat) Complete(s Sample) error {
	n := f.cells
	s[0][0], s[0][n] = 0, 0
	step := f.steppers.Get().(*timestep.Theta[float64])
	defer f.steppers.Put(step)
	for k := range f.steps {
		next := level(s[0], k+1, n+1)
		copy(next, level(s[0], k, n+1))
		step.Step(0, next[1:n])
	}
	return nil
}

func (f *vibration) Linearise(e *Entries, s Sample) {
	n, u := f.cells, s[1]
	square := f.c * f.dt * float64(n)
	square *= square
	equation := n - 1
	boundary := equation + (f.steps-1)*(n-1)
	energy := boundary + 2*(f.steps+1) + 2
	e.Add(boundary+2*(f.steps+1), 0, 0, 1)
	e.Add(boundary+2*(f.steps+1)+1, 0, n, 1)
	for k := range f.steps + 1 {
		now, next := k*(n+1), (k+1)*(n+1)
		e.Add(boundary+2*k, 1, now, 1)
		e.Add(boundary+2*k+1, 1, now+n, 1)
		if k == f.steps {
			break
		}
		for j := 1; j < n; j++ {
			row, own, bend := j-1, -1.0, square/2
			if k > 0 {
				row, own, bend = equation+(k-1)*(n-1)+j-1, -2, square
				e.Add(row, 1, now-(n+1)+j, 1)
			} else {
				e.Add(row, 0, j, -f.dt)
			}
			e.Add(row, 1, next+j, 1)
			e.Add(row, 1, now+j-1, -bend)
			e.Add(row, 1, now+j, own+2*bend)
			e.Add(row, 1, now+j+1, -bend)
		}
		if k > 0 {
			f.energyEntries(e, energy+k-1, u, k, 1)
			f.energyEntries(e, energy+k-1, u, 0, -1)
		}
	}
}

// energyEntries are sign times the derivative of Eᵏ⁺½.
func (f *vibration) energyEntries(e *Entries, row int, u []float64, k int, sign float64) {
	n := f.cells
	now, next := level(u, k, n+1), level(u, k+1, n+1)
	rate, strain := sign/(float64(n)*f.dt*f.dt), sign*f.c*f.c*float64(n)/2
	for j := 1; j <= n; j++ {
		d, b, a := rate*(next[j]-now[j]), strain*(next[j]-next[j-1]), strain*(now[j]-now[j-1])
		e.Add(row, 1, (k+1)*(n+1)+j, d+a)
		e.Add(row, 1, k*(n+1)+j, b-d)
		e.Add(row, 1, (k+1)*(n+1)+j-1, -a)
		e.Add(row, 1, k*(n+1)+j-1, -b)
	}
}

// Complete keeps the initial state and velocity.
func (f *vibration) Complete(s Sample) error {
	n := f.cells
	s[0][0], s[0][n], s[1][0], s[1][n] = 0, 0, 0, 0
	step := f.steppers.Get().(*timestep.Leapfrog)
	defer f.steppers.Put(step)
	step.Start(s[0][1:n])
	for k := range f.steps {
		next := level(s[1], k+1, n+1)
		copy(next, level(s[1], k, n+1))
		step.Step(0, next[1:n])
		next[0], next[n] = 0, 0
	}
	return nil
}

func (f *burgersShock) Linearise(e *Entries, s Sample) {
	u, n := s[2], f.cells
	for j := range n {
		e.Add(j, 2, j, 1)
		v := f.initial(s[0][0], j)
		e.Add(j, 0, 0, -v*(1-v)/0.02)
	}
	dt := 1 / float64(f.steps)
	for k := range f.steps {
		now, mass := level(u, k, n), n+f.steps*n+k
		left := s[1][0]
		var byLeft, byRight float64 // of the flux at the left face of a cell
		for j := range n + 1 {
			right := left
			if j < n {
				right = now[j]
			}
			l, r := f.slope(left, right)
			if j > 0 { // its right face closes cell j−1
				row := n + k*n + j - 1
				e.Add(row, 2, (k+1)*n+j-1, 1)
				if j == 1 {
					e.Add(row, 1, 0, -f.ratio()*byLeft)
				} else {
					e.Add(row, 2, k*n+j-2, -f.ratio()*byLeft)
				}
				own := l - byRight
				if j == n {
					own += r
				} else {
					e.Add(row, 2, k*n+j, f.ratio()*r)
				}
				e.Add(row, 2, k*n+j-1, f.ratio()*own-1)
				e.Add(mass, 2, (k+1)*n+j-1, 1/float64(n))
				e.Add(mass, 2, k*n+j-1, -1/float64(n))
			}
			switch j {
			case 0:
				e.Add(mass, 1, 0, -dt*l)
				e.Add(mass, 2, k*n, -dt*r)
			case n:
				e.Add(mass, 2, k*n+n-1, dt*(l+r))
			}
			byLeft, byRight, left = l, r, right
		}
	}
}

// Complete keeps p and b.
func (f *burgersShock) Complete(s Sample) error {
	face := make([]float64, f.cells+1)
	for j := range f.cells {
		s[2][j] = f.initial(s[0][0], j)
	}
	for n := range f.steps {
		now, next := level(s[2], n, f.cells), level(s[2], n+1, f.cells)
		cellFluxes(face, now, s[1][0], f.flux)
		for j, v := range now {
			next[j] = v - f.ratio()*(face[j+1]-face[j])
		}
	}
	return nil
}

func (f *reactionDiffusion) Linearise(e *Entries, s Sample) {
	u, n := s[2], f.cells
	h := 1 / float64(n)
	d := f.nu * f.dt / (2 * h * h)
	for k := range f.steps {
		mass := f.steps*n + k
		weight := 0.0
		if k > 0 {
			weight = 0.5
		}
		for j := range n {
			row, now, next := k*n+j, k*n+j, (k+1)*n+j
			inner := 0.0
			for _, side := range [2]int{-1, 1} {
				if i := j + side; i >= 0 && i < n {
					inner++
					e.Add(row, 2, now+side, -d)
					e.Add(row, 2, next+side, -d)
				}
			}
			rate := f.dt * f.rho * (1 + weight) * (1 - 2*u[now])
			e.Add(row, 2, now, -1+inner*d-rate)
			e.Add(row, 2, next, 1+inner*d)
			e.Add(mass, 2, now, -h-h*rate)
			e.Add(mass, 2, next, h)
			if k > 0 {
				before := f.dt * f.rho * weight * (1 - 2*u[now-n])
				e.Add(row, 2, now-n, before)
				e.Add(mass, 2, now-n, h*before)
			}
		}
		e.Add(k*n, 0, 0, -f.dt/h)
		e.Add(k*n+n-1, 1, 0, f.dt/h)
		e.Add(mass, 0, 0, -f.dt)
		e.Add(mass, 1, 0, f.dt)
	}
}

// Complete keeps the fluxes and the initial state.
func (f *reactionDiffusion) Complete(s Sample) error {
	return f.march(context.Background(), s)
}

func (f *allenCahn) Linearise(e *Entries, s Sample) {
	u, n := s[0], f.cells
	b := f.dt * f.epsilon * f.epsilon * float64(n) * float64(n)
	for k := range f.steps {
		for j := range n {
			row, next := k*n+j, (k+1)*n+j
			v := u[next]
			own := 1 + 3*f.dt*v*v
			if j > 0 {
				own += b
				e.Add(row, 0, next-1, -b)
			}
			if j+1 < n {
				own += b
				e.Add(row, 0, next+1, -b)
			}
			e.Add(row, 0, next, own)
			e.Add(row, 0, k*n+j, -1-f.dt)
		}
		f.energyEntries(e, f.steps*n+k, u, k+1, 1)
		f.energyEntries(e, f.steps*n+k, u, k, -1)
	}
}

// energyEntries are sign times the derivative of E(uᵏ).
func (f *allenCahn) energyEntries(e *Entries, row int, u []float64, k int, sign float64) {
	n := f.cells
	now := level(u, k, n)
	h := sign / float64(n)
	bend := h * f.epsilon * f.epsilon * float64(n) * float64(n)
	for j, v := range now {
		d := h * (v*v*v - v)
		if j > 0 {
			d += bend * (v - now[j-1])
		}
		if j+1 < n {
			d += bend * (v - now[j+1])
		}
		e.Add(row, 0, k*n+j, d)
	}
}

// Upper is the energy, which does not rise.
func (f *allenCahn) Upper() []int { return []int{1} }

func (f *allenCahn) SignedResidual(dst []float64, s Sample) error {
	energy := dst[f.steps*f.cells:]
	before := f.energy(s[0][:f.cells])
	for n := range f.steps {
		now, next := level(s[0], n, f.cells), level(s[0], n+1, f.cells)
		f.step(dst[n*f.cells:(n+1)*f.cells], now, next)
		e := f.energy(next)
		energy[n] = e - before
		before = e
	}
	return nil
}

// Complete keeps the initial state.
func (f *allenCahn) Complete(s Sample) error { return f.march(context.Background(), s) }

// JVP: the shift is linear, and orthogonal but for the highest wave.
func (f *advection) JVP(dst []float64, s, v Sample) {
	step := f.shifts.Get().(*shift)
	defer f.shifts.Put(step)
	n := f.points
	propagated(dst, v[0], n, step.apply)
	mass := dst[f.steps*n:]
	energy := mass[f.steps+1:]
	var first float64
	for k := range f.steps + 1 {
		u, du := level(s[0], k, n), level(v[0], k, n)
		var square float64
		for j, x := range u {
			square += 2 * x * du[j]
		}
		mass[k] = sum(du) / float64(n)
		if k == 0 {
			first = square
		} else {
			energy[k-1] = (square - first) / float64(n)
		}
	}
}

// VJP: the transpose of a shift is the shift back.
func (f *advection) VJP(dst, s Sample, w []float64) {
	back := f.backs.Get().(*shift)
	defer f.backs.Put(back)
	n := f.points
	mass := w[f.steps*n:]
	energy := mass[f.steps+1:]
	state := make([]float64, n)
	var all float64
	for _, x := range energy[:f.steps] {
		all += x
	}
	for k := range f.steps + 1 {
		g, u := level(dst[0], k, n), level(s[0], k, n)
		clear(g)
		if k > 0 {
			copy(g, level(w, k-1, n))
		}
		if k < f.steps {
			copy(state, level(w, k, n))
			back.apply(state)
			for j, x := range state {
				g[j] -= x
			}
		}
		scale := -all
		if k > 0 {
			scale = energy[k-1]
		}
		for j, x := range u {
			g[j] += (mass[k] + 2*scale*x) / float64(n)
		}
	}
}

// Complete keeps the initial state.
func (f *advection) Complete(s Sample) error {
	step := f.shifts.Get().(*shift)
	defer f.shifts.Put(step)
	for k := range f.steps {
		next := level(s[0], k+1, f.points)
		copy(next, level(s[0], k, f.points))
		step.apply(next)
	}
	return nil
}

var (
	_ Linearised = (*darcy)(nil)
	_ Linearised = (*helmholtz)(nil)
	_ Linearised = (*heat)(nil)
	_ Linearised = (*vibration)(nil)
	_ Linearised = (*burgersShock)(nil)
	_ Linearised = (*reactionDiffusion)(nil)
	_ Signed     = (*allenCahn)(nil)
	_ Products   = (*advection)(nil)
	_ Products   = (*navierStokes)(nil)
	_ Products   = (*burgers)(nil)
	_ Products   = (*fitzHughNagumo)(nil)
	_ Completed  = (*navierStokes)(nil)
	_ Completed  = (*burgers)(nil)
	_ Completed  = (*fitzHughNagumo)(nil)
)
