package expr

import "slices"

// opcode names what an instruction computes.
type opcode uint8

const (
	opConst opcode = iota // numbers that stand in the scratch from the start
	opSpan                // columns k … k+width−1 of the point
	opList                // the operands in a row

	opSum   // Σᵢ aᵢ
	opNorm  // √Σᵢ aᵢ²
	opLeast // the smallest entry
	opMost  // the largest entry

	// Entry by entry, one operand.
	opNeg
	opAbs
	opExp
	opLog
	opSqrt
	opSin
	opCos
	opTanh
	opPowInt  // a^k
	opPowReal // a^c, c not a whole number

	// Entry by entry, two operands; a single number meets every entry of a vector.
	opAdd
	opSub
	opMul
	opDiv
	opPow
	opMin
	opMax
)

// instr computes width numbers and writes them to the scratch.
type instr struct {
	op     opcode
	vector bool // a vector of width entries; else one number
	width  int
	at     int // its first slot in the scratch
	a, b   operand
	list   []operand
	k      int     // first column of opSpan; exponent of opPowInt
	c      float64 // exponent of opPowReal
}

// operand is an earlier instruction seen from a later one.
type operand struct {
	instr     int
	at, width int
	step      int // 1 for a vector; 0 where one number meets every entry
}

// operands lists what the instruction reads.
func (in *instr) operands() []operand {
	switch {
	case in.op <= opSpan:
		return nil
	case in.op == opList:
		return in.list
	case in.op < opAdd:
		return []operand{in.a}
	}
	return []operand{in.a, in.b}
}

// program is a formula as a list of instructions, operands first; the last one
// is the result. A flat list makes evaluation a loop: no recursion, however
// deep the formula, and no allocation.
type program struct {
	code    []instr
	scratch []float64 // image of the scratch: constants filled in
}

// value runs the program at x in the scratch s, which holds the constants.
func (p *program) value(s, x []float64) float64 {
	for i := range p.code {
		p.code[i].eval(s, x)
	}
	return s[len(p.scratch)-1]
}

// eval computes one instruction.
func (in *instr) eval(s, x []float64) {
	out := s[in.at : in.at+in.width]
	a, b := in.a, in.b
	switch {
	case in.op == opConst:
	case in.op == opSpan:
		copy(out, x[in.k:in.k+in.width])
	case in.op == opList:
		for i, o := range in.list {
			out[i] = s[o.at]
		}
	case in.op < opNeg:
		out[0] = reduce(in.op, s[a.at:a.at+a.width])
	case in.op < opAdd:
		for i := range out {
			out[i] = unary(in, s[a.at+i*a.step])
		}
	default:
		for i := range out {
			out[i] = binary(in.op, s[a.at+i*a.step], s[b.at+i*b.step])
		}
	}
}

// gradient runs the program at x and adds ∂/∂x of its result into g; adjoint
// has the length of the scratch and is overwritten. Reverse mode: one walk
// forward, one back.
func (p *program) gradient(s, adjoint, x, g []float64) float64 {
	y := p.value(s, x)
	clear(adjoint)
	adjoint[len(adjoint)-1] = 1
	for i := len(p.code) - 1; i >= 0; i-- {
		p.code[i].back(s, adjoint, g)
	}
	return y
}

// back hands the adjoint of one instruction on to what it read. An adjoint of
// zero is not handed on: an operand that was not chosen by a minimum stays out
// of the result even where its own derivative is infinite.
func (in *instr) back(s, adjoint, g []float64) {
	out := adjoint[in.at : in.at+in.width]
	a, b := in.a, in.b
	switch {
	case in.op == opConst:
	case in.op == opSpan:
		for i, v := range out {
			g[in.k+i] += v
		}
	case in.op == opList:
		for i, o := range in.list {
			adjoint[o.at] += out[i]
		}
	case in.op < opNeg:
		if out[0] != 0 {
			reduceBack(in.op, s[a.at:a.at+a.width], s[in.at], out[0], adjoint[a.at:a.at+a.width])
		}
	case in.op < opAdd:
		for i, v := range out {
			if v != 0 {
				adjoint[a.at+i*a.step] += v * unarySlope(in, s[a.at+i*a.step], s[in.at+i])
			}
		}
	default:
		for i, v := range out {
			if v != 0 {
				da, db := binarySlopes(in.op, s[a.at+i*a.step], s[b.at+i*b.step], s[in.at+i])
				adjoint[a.at+i*a.step] += v * da
				adjoint[b.at+i*b.step] += v * db
			}
		}
	}
}

// compact keeps the instructions that the one at root needs, in their order,
// and places them anew.
func (p *program) compact(root int) program {
	needed := make([]bool, len(p.code))
	needed[root] = true
	for i := root; i >= 0; i-- {
		if needed[i] {
			for _, o := range p.code[i].operands() {
				needed[o.instr] = true
			}
		}
	}
	q, moved := program{}, make([]int, root+1)
	move := func(o operand) operand {
		o.instr = moved[o.instr]
		o.at = q.code[o.instr].at
		return o
	}
	for i, in := range p.code[:root+1] {
		if !needed[i] {
			continue
		}
		values := p.scratch[in.at : in.at+in.width]
		switch n := len(in.operands()); {
		case in.op == opList:
			in.list = slices.Clone(in.list)
			for k, o := range in.list {
				in.list[k] = move(o)
			}
		case n == 2:
			in.a, in.b = move(in.a), move(in.b)
		case n == 1:
			in.a = move(in.a)
		}
		in.at = len(q.scratch)
		moved[i] = len(q.code)
		q.code = append(q.code, in)
		q.scratch = append(q.scratch, values...)
	}
	return q
}

// degree is 0 for a constant result, 1 for an affine one and 2 for any other,
// judged by the shape of the formula alone.
func (p *program) degree() int {
	degrees := make([]int, len(p.code))
	for i := range p.code {
		in := &p.code[i]
		d := 0
		for _, o := range in.operands() {
			d = max(d, degrees[o.instr])
		}
		switch in.op {
		case opConst:
		case opSpan:
			d = 1
		case opList, opSum, opNeg, opAdd, opSub:
		case opMul:
			d = degrees[in.a.instr] + degrees[in.b.instr]
		case opDiv:
			d = degrees[in.a.instr] + 2*degrees[in.b.instr]
		default:
			d *= 2
		}
		degrees[i] = min(d, 2)
	}
	return degrees[len(degrees)-1]
}
