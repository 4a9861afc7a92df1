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

// A matrix that is not positive definite gives way to the diagonal that majorises it,
// at the points that have one and at no others.
func TestSolveWithoutACovariance(t *testing.T) {
	const m = 3
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	s := []float64{
		2, 0.3, -0.1, 0.3, 1.5, 0.2, -0.1, 0.2, 1.2, // a covariance and the noise's
		1, 2, -0.5, 2, 1, 0.1, -0.5, 0.1, 0.2, // an indefinite matrix
	}
	r := []float64{1, -2, 3, 1, -2, 3}
	out, err := e.NewFunction("solve", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{solve(in[0], in[1])}
	}).Call(engine.Array{Shape: []int{2, m, m}, F64: s}, engine.Rows(r, m))
	if err != nil {
		t.Fatal(err)
	}
	want := solved(t, mat.NewDense(m, m, s[:m*m]), mat.NewVecDense(m, r[:m]))
	same(t, "definite", out[0].F64[:m], want.RawVector().Data, 1e-14)
	same(t, "indefinite", out[0].F64[m:], []float64{1 / 3.5, -2 / 3.1, 3. / 1}, 1e-14) // the last: Σ|S| = 0.8, but 1 at least
}
