package fem

// sample is what goes into an integrand at a point and comes out.
type sample struct {
	u      DualVec
	grad   DualMat
	flux   DualMat
	source DualVec
}

func (t *nonlinearTerm) evaluate(p *Point, s *sample) {
	if t.scalar != nil {
		s.flux[0], s.source[0] = t.scalar(p, s.u[0], s.grad[0])
	} else {
		s.flux, s.source = t.vector(p, &s.u, &s.grad)
	}
}

// node is the shape function that the components of node i share.
func (w *walk) node(i, components int) (float64, *Vec) {
	b := &w.test[i*components]
	if w.spaces[0].space.vector {
		return b.Vector[0], &b.Jacobian[0]
	}
	return b.Value, &b.Grad
}

// values are u and ∇u at the point from u on the cell; slopes are those of a direction
// on the cell.
func (w *walk) values(coef []float64, s *sample) {
	s.u, s.grad = DualVec{}, DualMat{}
	k := w.spaces[0].space.components
	for i := range len(coef) / k {
		value, grad := w.node(i, k)
		for c := range k {
			x := coef[i*k+c]
			g := &s.grad[c]
			s.u[c].Value += x * value
			g[0].Value += x * grad[0]
			g[1].Value += x * grad[1]
			g[2].Value += x * grad[2]
		}
	}
}

func (w *walk) slopes(coef []float64, s *sample) {
	k := w.spaces[0].space.components
	for i := range len(coef) / k {
		value, grad := w.node(i, k)
		for c := range k {
			x := coef[i*k+c]
			g := &s.grad[c]
			s.u[c].Slope += x * value
			g[0].Slope += x * grad[0]
			g[1].Slope += x * grad[1]
			g[2].Slope += x * grad[2]
		}
	}
}

// scatter adds ∫ σ·∇φᵢ + s φᵢ.
func (w *walk) scatter(r []float64, dofs []int32, s *sample) {
	k := w.spaces[0].space.components
	for i := range len(dofs) / k {
		value, grad := w.node(i, k)
		for c := range k {
			f := &s.flux[c]
			r[dofs[i*k+c]] += w.weight * (s.source[c].Value*value + f[0].Value*grad[0] + f[1].Value*grad[1] + f[2].Value*grad[2])
		}
	}
}

// tangent adds the matrix of the cell at the point.
func (w *walk) tangent(local []float64, d *differential) {
	k, slots := w.spaces[0].space.components, 1+w.geometry.dim
	n := len(w.test)
	if !w.spaces[0].space.vector {
		w.tangentScalar(local, d[:slots])
		return
	}
	for j := range n / k {
		phi, slope := w.node(j, k)
		for b := range k {
			// The change of source and flux by the coefficient of node j, component b.
			var source Vec
			var flux Mat
			in := d[b*slots : (b+1)*slots]
			for c := range k {
				x := w.weight * phi
				source[c] = x * in[0].source[c]
				flux[c] = in[0].flux[c].Times(x)
				for t := 1; t < slots; t++ {
					x := w.weight * slope[t-1]
					source[c] += x * in[t].source[c]
					g := &in[t].flux[c]
					flux[c][0] += x * g[0]
					flux[c][1] += x * g[1]
					flux[c][2] += x * g[2]
				}
			}
			col := local[j*k+b:]
			for i := range n / k {
				value, grad := w.node(i, k)
				for c := range k {
					f := &flux[c]
					col[(i*k+c)*n] += source[c]*value + f[0]*grad[0] + f[1]*grad[1] + f[2]*grad[2]
				}
			}
		}
	}
}

// tangentScalar is the same for one component, in two thirds of the time (P2).
func (w *walk) tangentScalar(local []float64, d []change) {
	n, weight := len(w.test), w.weight
	for j := range w.test {
		b, in := &w.test[j], &d[0]
		x := weight * b.Value
		source, f0, f1, f2 := x*in.source[0], x*in.flux[0][0], x*in.flux[0][1], x*in.flux[0][2]
		for t := 1; t < len(d); t++ {
			in, x := &d[t], weight*b.Grad[t-1]
			source += x * in.source[0]
			f0 += x * in.flux[0][0]
			f1 += x * in.flux[0][1]
			f2 += x * in.flux[0][2]
		}
		for i := range w.test {
			v := &w.test[i]
			local[i*n+j] += source*v.Value + f0*v.Grad[0] + f1*v.Grad[1] + f2*v.Grad[2]
		}
	}
}

// differential is the derivatives of source and flux by the inputs at a point: number
// c(1+d) is u_c, those after it ∂u_c/∂x₀ and so on.
type differential [12]change

type change struct {
	source Vec
	flux   Mat
}

// byState takes the derivatives by u and ∇u, one call each.
func (d *differential) byState(t *nonlinearTerm, s *sample) {
	w := t.walk
	k, dim := w.spaces[0].space.components, w.geometry.dim
	at := 0
	for c := range k {
		for i := range 1 + dim {
			slope := &s.u[c].Slope
			if i > 0 {
				slope = &s.grad[c][i-1].Slope
			}
			*slope = 1
			t.evaluate(&w.p, s)
			*slope = 0
			d.take(at, k, s)
			at++
		}
	}
}

// take reads the slopes of a sample.
func (d *differential) take(at, components int, s *sample) {
	e := &d[at]
	for a := range components {
		f := &s.flux[a]
		e.source[a] = s.source[a].Slope
		e.flux[a] = Vec{f[0].Slope, f[1].Slope, f[2].Slope}
	}
}

// picard keeps σ_∇u, or the ratio of flux and gradient where they are parallel, and s_u
// where it is not negative.
func (d *differential) picard(components, slots int, s *sample) {
	var dot, flux, grad float64
	for c := range components {
		for k := range slots - 1 {
			f, g := s.flux[c][k].Value, s.grad[c][k].Value
			dot, flux, grad = dot+f*g, flux+f*f, grad+g*g
		}
	}
	parallel := dot > 0 && dot*dot >= (1-1e-12)*flux*grad
	for c := range components {
		for t := range slots {
			e := &d[c*slots+t]
			kept := max(0, e.source[c])
			e.source = Vec{}
			switch {
			case t == 0:
				e.source[c], e.flux = kept, Mat{}
			case parallel:
				e.flux = Mat{}
				e.flux[c][t-1] = dot / grad
			}
		}
	}
}
