package onnx

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// operator builds one operator of the specification.
type operator struct {
	min   int // inputs that must be there
	build func(c *call) []*value
}

// operators are all that are known, by the name the specification gives them.
var operators map[string]*operator

// The table refers to builders that look operators up only through it, hence init
// and not a literal.
func init() {
	operators = map[string]*operator{
		"If": {1, branch}, "GatherND": {2, gatherND}, "Identity": {1, identity}, "Dropout": {1, identity}, "Cast": {1, cast}, "CastLike": {2, castLike},
		"Constant": {0, constantOp}, "ConstantOfShape": {1, constantOfShape}, "Range": {3, rangeOp}, "EyeLike": {1, eyeLike},
		"Shape": {1, shapeOp}, "Size": {1, sizeOp}, "Reshape": {1, reshape}, "Flatten": {1, flatten},
		"Squeeze": {1, squeeze}, "Unsqueeze": {1, unsqueeze}, "Transpose": {1, transpose}, "Expand": {2, expand},
		"Tile": {2, tile}, "Concat": {1, concat}, "Split": {1, split}, "Slice": {1, slice}, "Gather": {2, gather},
		"DepthToSpace": {1, depthToSpace}, "SpaceToDepth": {1, spaceToDepth}, "Pad": {1, pad}, "Trilu": {1, trilu},
		"MatMul": {2, matMul}, "Gemm": {2, gemm}, "Einsum": {1, einsum},
		"Softmax": {1, softmax}, "LogSoftmax": {1, softmax}, "CumSum": {2, cumSum},
		"LayerNormalization": {2, layerNorm}, "RMSNormalization": {2, layerNorm}, "InstanceNormalization": {3, groupNorm},
		"GroupNormalization": {3, groupNorm}, "BatchNormalization": {5, batchNorm}, "LpNormalization": {1, lpNorm},
		"Conv": {2, conv}, "ConvTranspose": {2, convTranspose}, "AveragePool": {1, pool}, "MaxPool": {1, pool},
		"GlobalAveragePool": {1, globalPool}, "GlobalMaxPool": {1, globalPool}, "Resize": {1, resize}, "Upsample": {1, resize},
		"Where": {3, where}, "Clip": {1, clipOp}, "Sum": {1, sum}, "Mean": {1, mean}, "Max": {1, maximum}, "Min": {1, minimum},
		"LeakyRelu": {1, leakyRelu}, "Elu": {1, elu}, "Celu": {1, celu}, "Selu": {1, selu}, "PRelu": {2, pRelu}, "Gelu": {1, gelu},
		"HardSigmoid": {1, hardSigmoid}, "Swish": {1, swish}, "ThresholdedRelu": {1, thresholdedRelu},
	}
	for name, op := range unaries {
		operators[name] = &operator{1, op.build}
	}
	for name, op := range binaries {
		operators[name] = &operator{2, func(c *call) []*value { return op.build(c, false) }}
	}
	for name, op := range relations {
		operators[name] = &operator{2, func(c *call) []*value { return op.build(c, true) }}
	}
	for name, op := range reductions {
		operators[name] = &operator{1, op.build}
	}
}

// pointwise is an element-wise function, on the host and in a graph.
type pointwise struct {
	host func(float64) float64
	node func(*Node) *Node
}

func (u pointwise) build(c *call) []*value {
	if v := c.in[0]; v.host() && u.host != nil {
		out := make([]float64, len(v.data))
		for i, x := range v.data {
			out[i] = u.host(x)
		}
		return constant(v.shape, out, v.integer)
	}
	return result(u.node(c.node(0)))
}

// Nodes that are whole numbers or steps have gradient zero, as in the frameworks
// they come from.
var unaries = map[string]pointwise{
	"Abs": {math.Abs, Abs}, "Neg": {func(x float64) float64 { return -x }, Neg}, "Exp": {math.Exp, Exp}, "Log": {math.Log, Log},
	"Sqrt": {math.Sqrt, Sqrt}, "Reciprocal": {func(x float64) float64 { return 1 / x }, func(x *Node) *Node { return Div(OnesLike(x), x) }},
	"Sin": {math.Sin, Sin}, "Cos": {math.Cos, Cos}, "Tanh": {math.Tanh, Tanh}, "Erf": {math.Erf, Erf},
	"Tan":   {math.Tan, func(x *Node) *Node { return Div(Sin(x), Cos(x)) }},
	"Sinh":  {math.Sinh, func(x *Node) *Node { return MulScalar(Sub(Exp(x), Exp(Neg(x))), 0.5) }},
	"Cosh":  {math.Cosh, func(x *Node) *Node { return MulScalar(Add(Exp(x), Exp(Neg(x))), 0.5) }},
	"Floor": {math.Floor, func(x *Node) *Node { return StopGradient(Floor(x)) }}, "Ceil": {math.Ceil, func(x *Node) *Node { return StopGradient(Ceil(x)) }},
	"Round": {math.RoundToEven, func(x *Node) *Node { return StopGradient(Round(x)) }}, "Sign": {sign, func(x *Node) *Node { return StopGradient(Sign(x)) }},
	"Not":     {func(x float64) float64 { return truth(x == 0) }, func(x *Node) *Node { return Equal(x, ZerosLike(x)) }},
	"IsNaN":   {func(x float64) float64 { return truth(math.IsNaN(x)) }, func(x *Node) *Node { return NotEqual(x, x) }},
	"Sigmoid": {nil, Sigmoid}, "Relu": {nil, relu}, "Softplus": {nil, softplus}, "Softsign": {nil, func(x *Node) *Node { return Div(x, AddScalar(Abs(x), 1)) }},
	"Mish":      {nil, func(x *Node) *Node { return Mul(x, Tanh(softplus(x))) }},
	"HardSwish": {nil, func(x *Node) *Node { return Mul(x, clamp(AddScalar(MulScalar(x, 1.0/6), 0.5), 0, 1)) }},
}

func sign(x float64) float64 {
	if x == 0 {
		return 0
	}
	return math.Copysign(1, x)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// pairwise is a function of two tensors that are broadcast.
type pairwise struct {
	host func(a, b float64) float64
	node func(a, b *Node) *Node
}

func (f pairwise) build(c *call, truth bool) []*value {
	a, b := c.in[0], c.in[1]
	if c.allHost() {
		shape := broadcast(a.shape, b.shape)
		out := make([]float64, c.bounded(shape))
		i, j := stretched(a.shape, shape), stretched(b.shape, shape)
		whole := a.integer && b.integer
		for k := range out {
			out[k] = f.host(a.data[i(k)], b.data[j(k)])
			if whole && c.op == "Div" {
				out[k] = math.Trunc(out[k])
			}
		}
		return constant(shape, out, whole || truth)
	}
	if c.op == "Pow" && b.host() && len(b.data) == 1 {
		if p := powers[b.data[0]]; p != nil {
			return result(p(c.node(0)))
		}
	}
	x, y := pair(c.node(0), c.node(1))
	return result(f.node(x, y))
}

// powers avoid a general power, whose gradient takes logarithms.
var powers = map[float64]func(x *Node) *Node{
	2: Square, 3: func(x *Node) *Node { return Mul(x, Square(x)) }, 0.5: Sqrt,
	-1: Reciprocal, -0.5: func(x *Node) *Node { return Reciprocal(Sqrt(x)) },
}

var binaries = map[string]pairwise{
	"Add": {func(a, b float64) float64 { return a + b }, Add}, "Sub": {func(a, b float64) float64 { return a - b }, Sub},
	"Mul": {func(a, b float64) float64 { return a * b }, Mul}, "Div": {func(a, b float64) float64 { return a / b }, Div},
	"Pow": {math.Pow, Pow}, "Mod": {mod, func(a, b *Node) *Node { return Sub(a, Mul(b, StopGradient(Floor(Div(a, b))))) }},
}

// relations give truth values: 1 and 0 on the host.
var relations = map[string]pairwise{
	"Equal":          {func(a, b float64) float64 { return truth(a == b) }, Equal},
	"Less":           {func(a, b float64) float64 { return truth(a < b) }, LessThan},
	"LessOrEqual":    {func(a, b float64) float64 { return truth(a <= b) }, LessOrEqual},
	"Greater":        {func(a, b float64) float64 { return truth(a > b) }, GreaterThan},
	"GreaterOrEqual": {func(a, b float64) float64 { return truth(a >= b) }, GreaterOrEqual},
	"And":            {func(a, b float64) float64 { return truth(a != 0 && b != 0) }, Mul},
	"Or":             {func(a, b float64) float64 { return truth(a != 0 || b != 0) }, Max},
	"Xor":            {func(a, b float64) float64 { return truth((a != 0) != (b != 0)) }, func(a, b *Node) *Node { return Abs(Sub(a, b)) }},
}

func mod(a, b float64) float64 { return a - b*math.Floor(a/b) }
