package operator

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Stack measures through several operators at once: y = (A₁x, A₂x, …). It is
// linear where all of them are; affine ones are split first.
func Stack(parts ...Operator) Operator {
	if len(parts) == 1 {
		return parts[0]
	}
	linear := make(linearStack, len(parts))
	var offset []float64
	for i, p := range parts {
		h, b, ok := Split(p)
		if !ok {
			return stack(slices.Clone(parts))
		}
		linear[i] = h
		offset = append(offset, b...)
	}
	if slices.ContainsFunc(offset, func(v float64) bool { return v != 0 }) {
		return Shifted(linear, offset)
	}
	return linear
}

type stack []Operator

func (s stack) Dims() (d, m int) {
	for _, p := range s {
		n := 0
		d, n = p.Dims()
		m += n
	}
	return d, m
}

func (s stack) Apply(x *Node) *Node {
	out := make([]*Node, len(s))
	for i, p := range s {
		out[i] = p.Apply(x)
	}
	return graph.Concatenate(out, -1)
}

func (s stack) ApplyAt(y, x []float64) {
	for _, p := range s {
		_, m := p.Dims()
		p.ApplyAt(y[:m], x)
		y = y[m:]
	}
}

func (s stack) VJPAt(g, x, c []float64) {
	part := make([]float64, len(g))
	clear(g)
	for _, p := range s {
		_, m := p.Dims()
		p.VJPAt(part, x, c[:m])
		c = c[m:]
		for j, v := range part {
			g[j] += v
		}
	}
}

type linearStack []Linear

var _ Linear = linearStack(nil)

func (s linearStack) operators() stack {
	out := make(stack, len(s))
	for i, p := range s {
		out[i] = p
	}
	return out
}

func (s linearStack) Dims() (d, m int)        { return s.operators().Dims() }
func (s linearStack) Apply(x *Node) *Node     { return s.operators().Apply(x) }
func (s linearStack) ApplyAt(y, x []float64)  { s.operators().ApplyAt(y, x) }
func (s linearStack) VJPAt(g, x, c []float64) { s.operators().VJPAt(g, x, c) }

// AdjointAt is Σ Aᵢᵀ yᵢ.
func (s linearStack) AdjointAt(x, y []float64) { s.operators().VJPAt(x, nil, y) }

// Adjoint is Σ Aᵢᵀ yᵢ; the parts of y are taken by products with selections, since
// a slice has no second derivative.
func (s linearStack) Adjoint(y *Node) *Node {
	_, total := s.Dims()
	var sum *Node
	from := 0
	for _, p := range s {
		_, m := p.Dims()
		index := make([]int, m)
		for i := range index {
			index[i] = from + i
		}
		part := (&Mask{total, index}).Apply(y)
		from += m
		if x := p.Adjoint(part); sum == nil {
			sum = x
		} else {
			sum = graph.Add(sum, x)
		}
	}
	return sum
}

// Shifted is A x + b. It is not a [Linear]: see [Split].
func Shifted(a Linear, b []float64) Affine { return shifted{a, b} }

type shifted struct {
	a Linear
	b []float64
}

func (s shifted) Dims() (d, m int)           { return s.a.Dims() }
func (s shifted) Parts() (Linear, []float64) { return s.a, s.b }
func (s shifted) VJPAt(g, _, c []float64)    { s.a.AdjointAt(g, c) }

func (s shifted) Apply(x *Node) *Node {
	return graph.Add(s.a.Apply(x), graph.ConstAs(x, [][]float64{s.b}))
}

func (s shifted) ApplyAt(y, x []float64) {
	s.a.ApplyAt(y, x)
	for i, v := range s.b {
		y[i] += v
	}
}
