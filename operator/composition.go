package operator

// Compose is A(B(x)): linear where both are, affine where both are affine.
func Compose(outer, inner Operator) (Operator, error) {
	_, k := inner.Dims()
	if d, _ := outer.Dims(); d != k {
		return nil, fault("compose", "the inner operator gives %d numbers, the outer one takes %d", k, d)
	}
	a, b, ok := Split(outer)
	c, e, too := Split(inner)
	if !ok || !too {
		return composed{outer, inner}, nil
	}
	linear := linearComposed{a, c}
	offset := make([]float64, len(b)) // A(Bx + e) + b
	a.ApplyAt(offset, e)
	zero := true
	for i := range offset {
		offset[i] += b[i]
		zero = zero && offset[i] == 0
	}
	if zero {
		return linear, nil
	}
	return Shifted(linear, offset), nil
}

type composed struct{ outer, inner Operator }

func (a composed) Dims() (d, m int) {
	d, _ = a.inner.Dims()
	_, m = a.outer.Dims()
	return d, m
}

func (a composed) Apply(x *Node) *Node { return a.outer.Apply(a.inner.Apply(x)) }

func (a composed) between() []float64 {
	_, k := a.inner.Dims()
	return make([]float64, k)
}

func (a composed) ApplyAt(y, x []float64) {
	u := a.between()
	a.inner.ApplyAt(u, x)
	a.outer.ApplyAt(y, u)
}

func (a composed) VJPAt(g, x, c []float64) {
	u, v := a.between(), a.between()
	a.inner.ApplyAt(u, x)
	a.outer.VJPAt(v, u, c)
	a.inner.VJPAt(g, x, v)
}

type linearComposed struct{ outer, inner Linear }

var _ Linear = linearComposed{}

func (a linearComposed) chain() composed         { return composed{a.outer, a.inner} }
func (a linearComposed) Dims() (d, m int)        { return a.chain().Dims() }
func (a linearComposed) Apply(x *Node) *Node     { return a.chain().Apply(x) }
func (a linearComposed) ApplyAt(y, x []float64)  { a.chain().ApplyAt(y, x) }
func (a linearComposed) Adjoint(y *Node) *Node   { return a.inner.Adjoint(a.outer.Adjoint(y)) }
func (a linearComposed) VJPAt(g, _, c []float64) { a.AdjointAt(g, c) }

func (a linearComposed) AdjointAt(x, y []float64) {
	v := a.chain().between()
	a.outer.AdjointAt(v, y)
	a.inner.AdjointAt(x, v)
}
