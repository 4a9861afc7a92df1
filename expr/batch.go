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
	room             [2][]float64 // constants repeated
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
	return &Batch{Lanes: lanes, program: p, scratch: slices.Clone(p.scratch), adjoint: make([]float64, len(p.scratch)),
		room: [2][]float64{make([]float64, lanes), make([]float64, lanes)}}
}

// Values writes the formula at the points x into dst (length Lanes).
func (b *Batch) Values(dst, x []float64) {
	for i := range b.program.code {
		b.program.code[i].evalLanes(b.scratch, x, &b.room)
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
		b.program.code[i].backLanes(b.scratch, b.adjoint, g, &b.room)
	}
}
