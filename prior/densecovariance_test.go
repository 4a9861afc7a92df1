package prior

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

// A covariance known by its structure, written out: a field's is its kernel between its
// points, and a product's has the covariances of its parts on the diagonal.
func TestDenseCovariance(t *testing.T) {
	field, err := NewField(Field{Shape: []int{5}, Extent: []float64{4}, Kernel: "matern32", Length: 1, Variance: 1, Nugget: 0.01, Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	c := mat.NewSymDense(2, []float64{2, 0.6, 0.6, 1})
	pair, err := NewGaussian([]float64{1, 2}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewProduct([]*Prior{pair, field})
	if err != nil {
		t.Fatal(err)
	}
	kernel := field.Denoiser.(*Spectral).dense()
	want := make([]float64, 49)
	for i := range 2 {
		for j := range 2 {
			want[i*7+j] = pair.Covariance[i*2+j]
		}
	}
	for i := range 5 {
		for j := range 5 {
			want[(2+i)*7+2+j] = kernel.At(i, j)
		}
	}
	got, err := p.DenseCovariance()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "product", got, want, 1e-12)
	if got, err = pair.DenseCovariance(); err != nil {
		t.Fatal(err)
	}
	near(t, "written out", got, pair.Covariance, 0)
}
