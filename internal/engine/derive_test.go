package engine

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// curve is the map f(a, b, c) = (a²b + sin c, e^a / (1 + b²)) of each row.
func curve(x *Node) *Node {
	a, b, c := column(x, 0), column(x, 1), column(x, 2)
	return graph.Concatenate([]*Node{
		graph.Add(graph.Mul(graph.Mul(a, a), b), graph.Sin(c)),
		graph.Div(graph.Exp(a), graph.AddScalar(graph.Mul(b, b), 1)),
	}, 1)
}

// column is x[:, i] by a unit vector; see JVP for why not by a slice.
func column(x *Node, i int) *Node {
	unit := make([][]float64, x.Shape().Dimensions[1])
	for j := range unit {
		unit[j] = []float64{0}
	}
	unit[i][0] = 1
	return graph.Dot(x, graph.ConstAs(x, unit)).Product()
}

// curveValue and curveJacobian are f and ∂f/∂(a, b, c) by hand.
func curveValue(x []float64) []float64 {
	a, b, c := x[0], x[1], x[2]
	return []float64{a*a*b + math.Sin(c), math.Exp(a) / (1 + b*b)}
}

func curveJacobian(x []float64) [2][3]float64 {
	a, b, c := x[0], x[1], x[2]
	q := 1 + b*b
	return [2][3]float64{
		{2 * a * b, a * a, math.Cos(c)},
		{math.Exp(a) / q, -2 * b * math.Exp(a) / (q * q), 0},
	}
}

// A few roundings of elementary functions whose own error is a few ulp.
const ulps = 64 * 0x1p-52

func TestDerivatives(t *testing.T) {
	const n = 17
	x, c, v := normals(3*n, 0), normals(2*n, 1), normals(3*n, 2)
	var value, vjp, jvp, jacobian []float64
	for i := range n {
		row := x[3*i : 3*i+3]
		j := curveJacobian(row)
		value = append(value, curveValue(row)...)
		for k := range 3 {
			vjp = append(vjp, c[2*i]*j[0][k]+c[2*i+1]*j[1][k])
		}
		for r := range 2 {
			jvp = append(jvp, j[r][0]*v[3*i]+j[r][1]*v[3*i+1]+j[r][2]*v[3*i+2])
			jacobian = append(jacobian, j[r][:]...)
		}
	}
	onBackends(t, func(t *testing.T, e *Engine) {
		out := call(t, e, Float64, func(in []*Node) []*Node {
			y := curve(in[0])
			return []*Node{y, VJP(y, in[0], in[1]), JVP(curve, in[0], in[2]), Jacobian(y, in[0])}
		}, Rows(x, 3), Rows(c, 2), Rows(v, 3))
		near(t, "value", out[0].F64, value, ulps)
		near(t, "vjp", out[1].F64, vjp, ulps)
		near(t, "jvp", out[2].F64, jvp, ulps)
		near(t, "jacobian", out[3].F64, jacobian, ulps)
		if s := out[3].Shape; len(s) != 3 || s[0] != n || s[1] != 2 || s[2] != 3 {
			t.Errorf("shape of the Jacobian is %v, want [%d 2 3]", s, n)
		}
	})
}

// Central differences of the compiled function itself: their error is of order
// h² from the third derivatives and ε/h from rounding, both below 1e-8 for h = 1e-5.
func TestVJPAgainstDifferences(t *testing.T) {
	const n, h = 5, 1e-5
	x, c := normals(3*n, 3), normals(2*n, 4)
	onBackends(t, func(t *testing.T, e *Engine) {
		f := e.NewFunction("f", Float64, func(in []*Node) []*Node { return []*Node{graph.ReduceAllSum(graph.Mul(curve(in[0]), in[1]))} })
		at := func(j int, d float64) float64 {
			moved := append([]float64(nil), x...)
			moved[j] += d
			out, err := f.Call(Rows(moved, 3), Rows(c, 2))
			if err != nil {
				t.Fatal(err)
			}
			return out[0].F64[0]
		}
		want := make([]float64, len(x))
		for j := range x {
			want[j] = (at(j, h) - at(j, -h)) / (2 * h)
		}
		out := call(t, e, Float64, func(in []*Node) []*Node { return []*Node{VJP(curve(in[0]), in[0], in[1])} }, Rows(x, 3), Rows(c, 2))
		near(t, "vjp", out[0].F64, want, 1e-8)
	})
}

// The cotangent and the tangent are constants, even where they depend on x.
func TestCotangentIsConstant(t *testing.T) {
	x := normals(4, 5)
	onBackends(t, func(t *testing.T, e *Engine) {
		square := func(x *Node) *Node { return graph.Mul(x, x) }
		out := call(t, e, Float64, func(in []*Node) []*Node {
			return []*Node{VJP(square(in[0]), in[0], in[0]), JVP(square, in[0], in[0])}
		}, Rows(x, 2))
		for i, v := range x {
			near(t, "vjp", out[0].F64[i:i+1], []float64{2 * v * v}, ulps)
			near(t, "jvp", out[1].F64[i:i+1], []float64{2 * v * v}, ulps)
		}
	})
}

// A map that ignores some of its inputs has zeros there, not an error.
func TestDerivativeOfConstant(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		out := call(t, e, Float64, func(in []*Node) []*Node {
			first := func(x *Node) *Node { return column(x, 0) }
			return []*Node{VJP(first(in[0]), in[0], in[1]), JVP(first, in[0], in[2])}
		}, Rows([]float64{1, 2}, 2), Rows([]float64{3}, 1), Rows([]float64{5, 7}, 2))
		near(t, "vjp", out[0].F64, []float64{3, 0}, 0)
		near(t, "jvp", out[1].F64, []float64{5}, 0)
	})
}

// Second derivatives by the gradient of a gradient: (x³)″ = 6x.
func TestGradientOfGradient(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		out := call(t, e, Float64, func(in []*Node) []*Node {
			x := in[0]
			g := graph.Gradient(graph.ReduceAllSum(graph.Mul(x, graph.Mul(x, x))), x)[0]
			return []*Node{g, graph.Gradient(graph.ReduceAllSum(g), x)[0]}
		}, Rows([]float64{1, 2, 3}, 1))
		near(t, "first", out[0].F64, []float64{3, 12, 27}, 0)
		near(t, "second", out[1].F64, []float64{6, 12, 18}, 0)
	})
}

// Rows of a batch do not interact: a row alone has the derivative it has in company.
func TestDerivativesPerSample(t *testing.T) {
	x, c := normals(9, 6), normals(6, 7)
	onBackends(t, func(t *testing.T, e *Engine) {
		f := e.NewFunction("f", Float64, func(in []*Node) []*Node { return []*Node{VJP(curve(in[0]), in[0], in[1])} })
		all, err := f.Call(Rows(x, 3), Rows(c, 2))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			one, err := f.Call(Rows(x[3*i:3*i+3], 3), Rows(c[2*i:2*i+2], 2))
			if err != nil {
				t.Fatal(err)
			}
			near(t, "row", one[0].F64, all[0].F64[3*i:3*i+3], ulps)
		}
	})
}

// A Jacobian has a gradient itself: for f = (ab, b²), Σ J² = a² + 5b².
func TestGradientOfJacobian(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		out := call(t, e, Float64, func(in []*Node) []*Node {
			a, b := column(in[0], 0), column(in[0], 1)
			j := Jacobian(graph.Concatenate([]*Node{graph.Mul(a, b), graph.Mul(b, b)}, 1), in[0])
			return []*Node{graph.Gradient(graph.ReduceAllSum(graph.Mul(j, j)), in[0])[0]}
		}, Rows([]float64{2, 3, -1, 5}, 2))
		near(t, "gradient", out[0].F64, []float64{4, 30, -2, 50}, 0)
	})
}
