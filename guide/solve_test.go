package guide

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
)

// Elimination of many systems, and of one with many right-hand sides, against LU.
func TestEliminate(t *testing.T) {
	const n, m, k = 3, 6, 4
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	s, r := make([]float64, 0, n*m*m), normals("right-hand sides", n*m*k, 1)
	for i := range n {
		c := spd(string(rune('a'+i)), m, 0.01)
		for j := range m {
			s = append(s, mat.Row(nil, j, c)...)
		}
	}
	out, err := e.NewFunction("eliminate", engine.Float64, func(in []*engine.Node) []*engine.Node {
		x, pivot := eliminate(in[0], in[1])
		return []*engine.Node{x, pivot}
	}).Call(engine.Array{Shape: []int{n, m, m}, F64: s}, engine.Array{Shape: []int{n, m, k}, F64: r})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		var want mat.Dense
		a := mat.NewDense(m, m, s[i*m*m:(i+1)*m*m])
		if err := want.Solve(a, mat.NewDense(m, k, r[i*m*k:(i+1)*m*k])); err != nil {
			t.Fatal(err)
		}
		same(t, "solution", out[0].F64[i*m*k:(i+1)*m*k], want.RawMatrix().Data, 1e-11)
		var chol mat.Cholesky
		chol.Factorize(mat.NewSymDense(m, a.RawMatrix().Data))
		var l mat.TriDense
		chol.LTo(&l)
		smallest := l.At(0, 0)
		for j := range m {
			smallest = min(smallest, l.At(j, j))
		}
		same(t, "pivot", out[1].F64[i:i+1], []float64{smallest * smallest}, 1e-12)
	}
}
