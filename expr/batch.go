package expr

import "slices"

// Batch evaluates a formula at Lanes points at once, each instruction as one loop over
// all of them: what is paid once per instruction is shared. Points are stored column by
// column, [dim × Lanes]. It owns work space: one goroutine at a time.
//
// Cost: one pass over Lanes numbers an instruction for values, three for slopes.
// Formulas over vectors have no batch.
type Batch struct {
	Lanes            int
	program          program
	scratch, adjoint []float64
}

// NewBatch is nil for a formula with vectors in it.
func (e *Expr) NewBatch(lanes int) *Batch {
	for _, in := range e.program.code {
		if in.vector || in.width != 1 || in.op == opList {
			return nil
		}
	}
	p := program{code: slices.Clone(e.program.code)}
	moved := func(o operand) operand {
		of := p.code[o.instr]
		o.at, o.width, o.step = of.at, of.width, 1
		if of.op == opConst {
			o.step = 0
		}
		return o
	}
	for i := range p.code {
		in := &p.code[i]
		value := e.program.scratch[in.at]
		in.at, in.vector = len(p.scratch), true
		if in.op == opConst {
			p.scratch = append(p.scratch, value)
			continue
		}
		if in.op == opSpan {
			in.k *= lanes
		}
		switch n := len(in.operands()); {
		case n == 2:
			in.a, in.b = moved(in.a), moved(in.b)
		case n == 1:
			in.a = moved(in.a)
		}
		in.width = lanes
		p.scratch = append(p.scratch, make([]float64, lanes)...)
	}
	return &Batch{Lanes: lanes, program: p, scratch: slices.Clone(p.scratch), adjoint: make([]float64, len(p.scratch))}
}

// Values writes the formula at the points x into dst (length Lanes).
func (b *Batch) Values(dst, x []float64) {
	for i := range b.program.code {
		b.program.code[i].evalLanes(b.scratch, x)
	}
	last := &b.program.code[len(b.program.code)-1]
	if last.width == 1 {
		for i := range dst {
			dst[i] = b.scratch[last.at]
		}
		return
	}
	copy(dst, b.scratch[last.at:last.at+last.width])
}

// Slopes is Values that also writes ∂/∂column at each point into g [dim × Lanes].
func (b *Batch) Slopes(dst, x, g []float64) {
	b.Values(dst, x)
	clear(g)
	clear(b.adjoint)
	last := &b.program.code[len(b.program.code)-1]
	if last.width == 1 {
		return
	}
	for i := range last.width {
		b.adjoint[last.at+i] = 1
	}
	for i := len(b.program.code) - 1; i >= 0; i-- {
		b.program.code[i].backLanes(b.scratch, b.adjoint, g)
	}
}

// lanes are the numbers of an operand: all of them, or nil for one that meets each.
func (o operand) lanes(s []float64, n int) ([]float64, float64) {
	if o.step == 0 {
		return nil, s[o.at]
	}
	return s[o.at : o.at+n : o.at+n], 0
}

// evalLanes is eval with the commonest instructions as plain loops.
func (in *instr) evalLanes(s, x []float64) {
	switch in.op {
	case opNeg, opAdd, opSub, opMul:
	default:
		in.eval(s, x)
		return
	}
	out := s[in.at : in.at+in.width]
	a, one := in.a.lanes(s, len(out))
	if in.op == opNeg {
		for i := range out {
			out[i] = -a[i]
		}
		return
	}
	b, other := in.b.lanes(s, len(out))
	switch {
	case a == nil && in.op == opAdd:
		for i, v := range b {
			out[i] = one + v
		}
	case a == nil && in.op == opSub:
		for i, v := range b {
			out[i] = one - v
		}
	case a == nil:
		for i, v := range b {
			out[i] = one * v
		}
	case b == nil && in.op == opAdd:
		for i, v := range a {
			out[i] = v + other
		}
	case b == nil && in.op == opSub:
		for i, v := range a {
			out[i] = v - other
		}
	case b == nil:
		for i, v := range a {
			out[i] = v * other
		}
	case in.op == opAdd:
		for i, v := range a {
			out[i] = v + b[i]
		}
	case in.op == opSub:
		for i, v := range a {
			out[i] = v - b[i]
		}
	default:
		for i, v := range a {
			out[i] = v * b[i]
		}
	}
}

// backLanes is back with the commonest instructions as plain loops. Constants need no
// adjoint.
func (in *instr) backLanes(s, adjoint, g []float64) {
	switch in.op {
	case opConst:
		return
	case opNeg, opAdd, opSub, opMul:
	default:
		in.back(s, adjoint, g)
		return
	}
	out := adjoint[in.at : in.at+in.width]
	n := len(out)
	a, one := in.a.lanes(s, n)
	da, _ := in.a.lanes(adjoint, n)
	if in.op == opNeg {
		for i, v := range out {
			da[i] -= v
		}
		return
	}
	b, other := in.b.lanes(s, n)
	db, _ := in.b.lanes(adjoint, n)
	switch in.op {
	case opAdd, opSub:
		for i := range da {
			da[i] += out[i]
		}
		for i := range db {
			if in.op == opAdd {
				db[i] += out[i]
			} else {
				db[i] -= out[i]
			}
		}
	default:
		for i := range da {
			if b != nil {
				da[i] += out[i] * b[i]
			} else {
				da[i] += out[i] * other
			}
		}
		for i := range db {
			if a != nil {
				db[i] += out[i] * a[i]
			} else {
				db[i] += out[i] * one
			}
		}
	}
}
