package expr

// plainLoop tells of an instruction that has a loop of its own over lanes: the commonest
// ones, of operands that are not both constant.
func (in *instr) plainLoop() bool {
	switch in.op {
	case opNeg, opAdd, opSub, opMul, opMin, opMax:
		return true
	}
	return in.op == opPowInt && in.k == 2
}

// full are the lanes of an operand; one number is repeated into room.
func (o operand) full(s, room []float64) []float64 {
	n := len(room)
	if o.step == 1 {
		return s[o.at : o.at+n : o.at+n]
	}
	v := s[o.at]
	for i := range room {
		room[i] = v
	}
	return room
}

// evalLanes is eval with plain loops.
func (in *instr) evalLanes(s, x []float64, room *[2][]float64) {
	if !in.plainLoop() {
		in.eval(s, x)
		return
	}
	out := s[in.at : in.at+in.width]
	a := in.a.full(s, room[0])[:len(out)]
	switch in.op {
	case opNeg:
		for i, v := range a {
			out[i] = -v
		}
		return
	case opPowInt:
		for i, v := range a {
			out[i] = v * v
		}
		return
	}
	b := in.b.full(s, room[1])[:len(out)]
	switch in.op {
	case opAdd:
		for i, v := range a {
			out[i] = v + b[i]
		}
	case opSub:
		for i, v := range a {
			out[i] = v - b[i]
		}
	case opMul:
		for i, v := range a {
			out[i] = v * b[i]
		}
	case opMin:
		for i, v := range a {
			if w := b[i]; w < v || w != w {
				v = w
			}
			out[i] = v
		}
	default: // opMax
		for i, v := range a {
			if w := b[i]; w > v || w != w {
				v = w
			}
			out[i] = v
		}
	}
}

// backLanes is back with plain loops. A constant gets no adjoint: it has one number of
// room, which is written over.
func (in *instr) backLanes(s, adjoint, g []float64, room *[2][]float64) {
	if in.op == opConst {
		return
	}
	if !in.plainLoop() {
		in.back(s, adjoint, g)
		return
	}
	out := adjoint[in.at : in.at+in.width]
	n := len(out)
	var da, db []float64
	if in.a.step == 1 {
		da = adjoint[in.a.at : in.a.at+n : in.a.at+n]
	}
	switch in.op {
	case opNeg:
		for i := range da {
			da[i] -= out[i]
		}
		return
	case opPowInt:
		a := s[in.a.at : in.a.at+n]
		for i := range da {
			if out[i] != 0 { // as in back
				da[i] += 2 * a[i] * out[i]
			}
		}
		return
	}
	if in.b.step == 1 {
		db = adjoint[in.b.at : in.b.at+n : in.b.at+n]
	}
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
		return
	}
	a, b := in.a.full(s, room[0])[:n], in.b.full(s, room[1])[:n]
	if in.op == opMul {
		for i := range da {
			if out[i] != 0 {
				da[i] += out[i] * b[i]
			}
		}
		for i := range db {
			if out[i] != 0 {
				db[i] += out[i] * a[i]
			}
		}
		return
	}
	for i, v := range out {
		second := beats(in.op == opMin, b[i], a[i])
		switch {
		case second && db != nil:
			db[i] += v
		case !second && da != nil:
			da[i] += v
		}
	}
}
