package sparse

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The factor undoes the product, to rounding times the condition number, on dominant
// matrices of random numbers; a pivot that is zero is named.
func TestTridiagonal(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{1, 2, 3, 17, 200} {
		a := NewTridiagonal(n)
		x, b := make([]float64, n), make([]float64, n)
		for i := range n {
			a.Lower[i], a.Upper[i], x[i] = r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
			a.Diagonal[i] = 0.5 + math.Abs(a.Lower[i]) + math.Abs(a.Upper[i])
		}
		a.Apply(b, x)
		f, err := a.Factor()
		if err != nil {
			t.Fatal(err)
		}
		f.Solve(b, b)
		for i := range x {
			if !(math.Abs(b[i]-x[i]) <= 1e-12) {
				t.Fatalf("n = %d: x[%d] is %g, want %g", n, i, b[i], x[i])
			}
		}
	}
	if _, err := (Tridiagonal{Lower: []float64{0, 1}, Diagonal: []float64{1, 1}, Upper: []float64{1, 0}}).Factor(); err == nil {
		t.Error("a singular matrix has a factor")
	}
}
