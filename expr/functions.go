package expr

import "math"

// The functions of formulas on the host, each value beside its slope. At kinks
// and at the edge of a domain a slope is one-sided or taken as 0, so that no
// gradient is NaN where the value is finite:
//
//	abs        0 at 0
//	min, max   that of the first of equal entries
//	norm       0 at the origin
//	sqrt, a**c 0 where the base is 0 (c not a whole number)
//
// A NaN operand gives NaN: it is never outvoted by min or max.

func unary(in *instr, a float64) float64 {
	switch in.op {
	case opNeg:
		return -a
	case opAbs:
		return math.Abs(a)
	case opExp:
		return math.Exp(a)
	case opLog:
		return math.Log(a)
	case opSqrt:
		return math.Sqrt(a)
	case opSin:
		return math.Sin(a)
	case opCos:
		return math.Cos(a)
	case opTanh:
		return math.Tanh(a)
	case opPowInt:
		return powInt(a, in.k)
	}
	return math.Pow(a, in.c) // opPowReal
}

// unarySlope is ∂y/∂a where y is the value at a.
func unarySlope(in *instr, a, y float64) float64 {
	switch in.op {
	case opNeg:
		return -1
	case opAbs:
		if a == 0 {
			return 0
		}
		return math.Copysign(1, a)
	case opExp:
		return y
	case opLog:
		return 1 / a
	case opSqrt:
		if a == 0 {
			return 0
		}
		return 0.5 / y
	case opSin:
		return math.Cos(a)
	case opCos:
		return -math.Sin(a)
	case opTanh:
		return 1 - y*y
	case opPowInt:
		return float64(in.k) * powInt(a, in.k-1)
	}
	if a == 0 { // opPowReal
		return 0
	}
	return in.c * math.Pow(a, in.c-1)
}

func binary(op opcode, a, b float64) float64 {
	switch op {
	case opAdd:
		return a + b
	case opSub:
		return a - b
	case opMul:
		return a * b
	case opDiv:
		return a / b
	case opPow:
		return math.Pow(a, b)
	}
	if beats(op == opMin, b, a) {
		return b
	}
	return a
}

// binarySlopes is (∂y/∂a, ∂y/∂b) where y is the value at (a, b).
func binarySlopes(op opcode, a, b, y float64) (da, db float64) {
	switch op {
	case opAdd:
		return 1, 1
	case opSub:
		return 1, -1
	case opMul:
		return b, a
	case opDiv:
		return 1 / b, -y / b
	case opPow:
		if a == 0 {
			return 0, 0
		}
		return b * math.Pow(a, b-1), y * math.Log(a)
	}
	if beats(op == opMin, b, a) {
		return 0, 1
	}
	return 1, 0
}

// beats tells whether a challenger takes the place of the smallest (largest)
// entry so far. NaN beats every number and is beaten by none.
func beats(smaller bool, challenger, holder float64) bool {
	return smaller && challenger < holder || !smaller && challenger > holder || challenger != challenger
}

func reduce(op opcode, v []float64) float64 {
	switch op {
	case opSum:
		sum := 0.0
		for _, a := range v {
			sum += a
		}
		return sum
	case opNorm:
		sum := 0.0
		for _, a := range v {
			sum += a * a
		}
		return math.Sqrt(sum)
	}
	return v[extreme(op, v)]
}

// extreme is the place of the first smallest (largest) entry.
func extreme(op opcode, v []float64) int {
	best := 0
	for i, a := range v {
		if beats(op == opLeast, a, v[best]) {
			best = i
		}
	}
	return best
}

// reduceBack adds adjoint·∂y/∂v into out.
func reduceBack(op opcode, v []float64, y, adjoint float64, out []float64) {
	switch op {
	case opSum:
		for i := range out {
			out[i] += adjoint
		}
	case opNorm:
		if y == 0 {
			return
		}
		for i := range out {
			out[i] += adjoint * (v[i] / y)
		}
	default:
		out[extreme(op, v)] += adjoint
	}
}

// powInt is a^k by repeated squaring, for negative bases too.
func powInt(a float64, k int) float64 {
	n := max(k, -k)
	y := 1.0
	for {
		if n&1 == 1 {
			y *= a
		}
		if n >>= 1; n == 0 {
			break
		}
		a *= a
	}
	if k < 0 {
		return 1 / y
	}
	return y
}
