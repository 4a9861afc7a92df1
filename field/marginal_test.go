package field

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
	"abide/sparse"
)

// marginalCase is a random symmetric matrix with a heavy diagonal, random masses and a
// random order of elimination.
func marginalCase(t *testing.T, n int) (*sparse.CSR, []float64, *sparse.Symbolic) {
	t.Helper()
	stream := keyed.New(6, "marginal", n, 0)
	dense := mat.NewSymDense(n, nil)
	for i := range n {
		dense.SetSym(i, i, 4+stream.Uniform())
		for j := range i {
			if stream.Uniform() < 4/float64(n) {
				dense.SetSym(i, j, stream.Uniform()-0.5)
			}
		}
	}
	ptr, index, value := []int32{0}, []int32(nil), []float64(nil)
	m, perm := make([]float64, n), make([]int32, n)
	for i := range n {
		for j := range n {
			if v := dense.At(i, j); v != 0 {
				index, value = append(index, int32(j)), append(value, v)
			}
		}
		ptr = append(ptr, int32(len(index)))
		m[i] = 0.5 + stream.Uniform()
		perm[i] = int32(i * 7 % n)
	}
	k, err := sparse.NewCSR(n, n, ptr, index, value)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sparse.Analyse(k, perm)
	if err != nil {
		t.Fatal(err)
	}
	return k, m, s
}

// Diagonals of K⁻¹ and of K⁻¹ M K⁻¹ … are those of the dense inverse.
func TestMarginals(t *testing.T) {
	const n = 60
	k, m, s := marginalCase(t, n)
	got, err := marginals(k, m, s, 4)
	if err != nil {
		t.Fatal(err)
	}
	dense := mat.NewDense(n, n, nil)
	for i := range n {
		for q := k.Ptr[i]; q < k.Ptr[i+1]; q++ {
			dense.Set(i, int(k.Index[q]), k.Value[q])
		}
	}
	var inverse mat.Dense
	if err := inverse.Inverse(dense); err != nil {
		t.Fatal(err)
	}
	want := mat.DenseCopyOf(&inverse)
	for p := range got {
		for i, v := range got[p] {
			if w := want.At(i, i); !(math.Abs(v-w) < 1e-13*math.Max(1, w)) {
				t.Fatalf("power %d, row %d: %.15g, want %.15g", p+1, i, v, w)
			}
		}
		var next mat.Dense
		next.Mul(want, mat.NewDiagDense(n, m))
		want.Mul(&next, &inverse)
	}
	for order := 1; order < 4; order++ {
		less, err := marginals(k, m, s, order)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range less[order-1] {
			if !(math.Abs(v-got[order-1][i]) < 1e-14) {
				t.Fatalf("order %d alone differs at row %d", order, i)
			}
		}
	}
	k.Value[k.Position(3, 3)] = -1
	if _, err := marginals(k, m, s, 1); err == nil {
		t.Error("an indefinite matrix was taken")
	}
}
