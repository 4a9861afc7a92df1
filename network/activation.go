package network

import . "github.com/gomlx/gomlx/core/graph"

// Activation is the algebraic form of SiLU, φ(x) = x·½(1 + x/√(1+x²)): smooth
// as SiLU is, but without an exponential, which on the pure-Go backend costs
// more than the products of a layer of width 128.
func Activation(x *Node) *Node {
	half := MulScalar(x, 0.5)
	return Add(half, Div(Mul(half, x), Sqrt(AddScalar(Mul(x, x), 1))))
}

// activationSlope is φ and φ′ = ½(1 + v(2 − v²)) with v = x/√(1+x²).
func activationSlope(x *Node) (y, slope *Node) {
	v := Div(x, Sqrt(AddScalar(Mul(x, x), 1)))
	half := MulScalar(x, 0.5)
	y = Add(half, Mul(half, v))
	slope = AddScalar(MulScalar(Mul(v, Sub(Scalar(x.Graph(), x.DType(), 2), Mul(v, v))), 0.5), 0.5)
	return y, slope
}
