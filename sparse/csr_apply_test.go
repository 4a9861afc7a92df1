package sparse

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Apply against sums one by one, over rows of 0 to 12 entries in all orders, and ApplyT
// as its adjoint, ⟨y, A x⟩ = ⟨Aᵀy, x⟩.
func TestApply(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 8))
	const cols = 40
	a := &CSR{Rows: 300, Cols: cols, Ptr: []int32{0}}
	for range a.Rows {
		row := r.Perm(cols)[:r.IntN(13)]
		slices.Sort(row)
		for _, j := range row {
			a.Index, a.Value = append(a.Index, int32(j)), append(a.Value, r.NormFloat64())
		}
		a.Ptr = append(a.Ptr, int32(len(a.Index)))
	}
	x, y := iterVector(cols, 1), iterVector(a.Rows, 2)
	ax, aty := make([]float64, a.Rows), make([]float64, cols)
	a.Apply(ax, x)
	a.ApplyT(aty, y)
	for i := range a.Rows {
		var s float64
		for j := range cols {
			s += a.At(i, j) * x[j]
		}
		if math.Abs(s-ax[i]) > 1e-14 {
			t.Errorf("row %d of %d entries: %g, should be %g", i, a.Ptr[i+1]-a.Ptr[i], ax[i], s)
		}
	}
	if p, q := inner(y, ax), inner(aty, x); math.Abs(p-q) > 1e-12 {
		t.Errorf("⟨y, A x⟩ = %g, ⟨Aᵀy, x⟩ = %g", p, q)
	}
}
