package fem

// By is the derivative of the residual at u by a function m that the integrands read
// with [Function.Dual]: a coefficient at the nodes, or in the cells where m is in P0; a
// load. m nil is by u itself, with the rows of fixed degrees of freedom as they are.
func (f *Nonlinear) By(m *Function, u []float64) (Differential, error) {
	n := f.space.n
	if m != nil {
		n = len(m.Coef)
	}
	work := make([]float64, f.space.n)
	return &byFunction{f, m, u, work}, f.checkDerivative(m, work, u, make([]float64, n))
}

type byFunction struct {
	f      *Nonlinear
	m      *Function
	u      []float64
	lambda []float64
}

func (b *byFunction) Apply(dst, v []float64) {
	if err := b.f.Derivative(dst, b.u, b.m, v); err != nil {
		panic(err)
	}
	if b.m != nil {
		b.f.fixed.clear(dst)
	}
}

func (b *byFunction) ApplyT(dst, lambda []float64) {
	if b.m != nil {
		copy(b.lambda, lambda)
		lambda = b.lambda
		b.f.fixed.clear(lambda)
	}
	if err := b.f.DerivativeT(dst, b.u, b.m, lambda); err != nil {
		panic(err)
	}
}

// clear sets the fixed degrees of freedom of a vector to zero.
func (f *Fixed) clear(v []float64) {
	for i, k := range f.Number {
		if k < 0 {
			v[i] = 0
		}
	}
}

// By is the derivative of A(c) u at u by the coefficients c of the cells,
//
//	(F_m)_K = A_K u,   ∂(λᵀA u)/∂c_K = λ_Kᵀ A_K u_K,
//
// or, where scale is c itself, by log c. It reads u and scale when it is applied, so that
// both may change between.
func (k *Weighted) By(u, scale []float64) (Differential, error) {
	if err := k.fits(nil, scale); err != nil {
		return nil, err
	}
	n := k.form.test.n
	b := &byCell{k, u, scale, k.form.fixed, make([]float64, n)}
	return b, k.Derivative(make([]float64, k.form.test.mesh.Count()), b.lambda, u)
}

type byCell struct {
	k        *Weighted
	u, scale []float64
	fixed    *Fixed // nil: none
	lambda   []float64
}

func (b *byCell) Apply(dst, v []float64) {
	test, trial := b.k.form.test, b.k.form.trial
	mustFit("derivative by cells", len(v), test.mesh.Count())
	clear(dst)
	size := test.perCell * trial.perCell
	for cell, c := range v {
		if b.scale != nil {
			c *= b.scale[cell]
		}
		local, cols := b.k.Element[cell*size:(cell+1)*size], trial.Cell(cell)
		for i, row := range test.Cell(cell) {
			var s float64
			for j, col := range cols {
				s += local[i*len(cols)+j] * b.u[col]
			}
			dst[row] += c * s
		}
	}
	if b.fixed != nil {
		b.fixed.clear(dst)
	}
}

func (b *byCell) ApplyT(dst, lambda []float64) {
	if b.fixed != nil {
		copy(b.lambda, lambda)
		lambda = b.lambda
		b.fixed.clear(lambda)
	}
	if err := b.k.Derivative(dst, lambda, b.u); err != nil {
		panic(err)
	}
	if b.scale != nil {
		for cell, c := range b.scale {
			dst[cell] *= c
		}
	}
}

// ByLoad is the derivative of F = A u − b by the parameters of the load b = M m, −M on
// the rows that are free: M is a mass matrix where m is a source at nodes. M nil is by
// b itself.
func (f *Fixed) ByLoad(m Differential) Differential {
	return &byLoad{f, m, make([]float64, f.space.n)}
}

type byLoad struct {
	fixed  *Fixed
	m      Differential
	lambda []float64
}

func (b *byLoad) Apply(dst, v []float64) {
	if b.m == nil {
		copy(dst, v)
	} else {
		b.m.Apply(dst, v)
	}
	for i, k := range b.fixed.Number {
		dst[i] = -dst[i]
		if k < 0 {
			dst[i] = 0
		}
	}
}

func (b *byLoad) ApplyT(dst, lambda []float64) {
	for i, k := range b.fixed.Number {
		b.lambda[i] = -lambda[i]
		if k < 0 {
			b.lambda[i] = 0
		}
	}
	if b.m == nil {
		copy(dst, b.lambda)
	} else {
		b.m.ApplyT(dst, b.lambda)
	}
}

// ByBoundary is the derivative by the prescribed values g, in ascending order of their
// degrees of freedom: of the free rows what full has in the fixed columns, and −g of the
// fixed rows. full is the derivative by u of all degrees of freedom: the matrix of
// [Space.Bilinear], or [Nonlinear.By] with m nil.
func (f *Fixed) ByBoundary(full Differential) Differential {
	b := &byBoundary{fixed: f, full: full, all: make([]float64, f.space.n), out: make([]float64, f.space.n)}
	for i, k := range f.Number {
		if k < 0 {
			b.at = append(b.at, int32(i))
		}
	}
	return b
}

type byBoundary struct {
	fixed    *Fixed
	full     Differential
	at       []int32
	all, out []float64
}

func (b *byBoundary) Apply(dst, g []float64) {
	mustFit("derivative by prescribed values", len(g), len(b.at))
	clear(b.all)
	for k, i := range b.at {
		b.all[i] = g[k]
	}
	b.full.Apply(dst, b.all)
	for k, i := range b.at {
		dst[i] = -g[k]
	}
}

func (b *byBoundary) ApplyT(dst, lambda []float64) {
	mustFit("derivative by prescribed values", len(dst), len(b.at))
	copy(b.all, lambda)
	b.fixed.clear(b.all)
	b.full.ApplyT(b.out, b.all)
	for k, i := range b.at {
		dst[k] = b.out[i] - lambda[i]
	}
}
