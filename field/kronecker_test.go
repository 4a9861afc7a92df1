package field

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// kroneckerAxis is a covariance at points that are not regular.
func kroneckerAxis(n int, c func(r float64) float64) *mat.SymDense {
	s := mat.NewSymDense(n, nil)
	at := func(i int) float64 { return math.Sqrt(float64(i)) }
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, c(math.Abs(at(i)-at(j))))
		}
	}
	return s
}

// L Lᵀ is the product of the covariances, singular ones too; Whiten undoes Map; the
// density and its gradient are those of the dense Gaussian.
func TestKronecker(t *testing.T) {
	time := kroneckerAxis(4, Matern{0.5, 1, 1}.Covariance)
	space := kroneckerAxis(5, Matern{1.5, 0.7, 2}.Covariance)
	ones := mat.NewSymDense(3, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1}) // rank one
	for _, axes := range [][]mat.Symmetric{{space}, {time, space}, {space, ones}, {ones, time, space}} {
		f, err := NewKronecker(0.5, axes...)
		if err != nil {
			t.Fatal(err)
		}
		dense := mat.NewDense(1, 1, []float64{1})
		for _, c := range axes {
			var next mat.Dense
			next.Kronecker(dense, c)
			dense = &next
		}
		for i, row := range covarianceOf(f) {
			for j, got := range row {
				if want := dense.At(i, j); !(math.Abs(got-want) < 1e-13*4) {
					t.Fatalf("%d axes: covariance (%d, %d) is %g, want %g", len(axes), i, j, got, want)
				}
			}
		}
		u, white := make([]float64, f.Size()), make([]float64, f.Size())
		f.Sample(u, 1, 3)
		gradient := make([]float64, f.Size())
		got, err := f.LogDensity(gradient, u)
		if !f.definite {
			if err == nil || !strings.Contains(err.Error(), "singular") {
				t.Errorf("the density of a singular covariance: %g, %v", got, err)
			}
			continue
		}
		n := f.Size()
		var cholesky mat.Cholesky
		cholesky.Factorize(mat.NewSymDense(n, dense.RawMatrix().Data))
		x := mat.NewVecDense(n, nil)
		for i := range n {
			x.SetVec(i, u[i]-0.5)
		}
		var solved mat.VecDense
		if err := cholesky.SolveVecTo(&solved, x); err != nil {
			t.Fatal(err)
		}
		want := -mat.Dot(x, &solved)/2 - cholesky.LogDet()/2 - float64(n)/2*math.Log(2*math.Pi)
		if err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%d axes: log density %.12g, want %.12g (%v)", len(axes), got, want, err)
		}
		for i, g := range gradient {
			if !(math.Abs(g+solved.AtVec(i)) < 1e-9) {
				t.Fatalf("%d axes: gradient %d is %g, want %g", len(axes), i, g, -solved.AtVec(i))
			}
		}
		if err := f.Whiten(white, u); err != nil {
			t.Fatal(err)
		}
		f.Map(white, white)
		for i := range u {
			if !(math.Abs(u[i]-white[i]) < 1e-12) {
				t.Fatalf("whitened and back, value %d is %g, was %g", i, white[i], u[i])
			}
		}
	}
	if _, err := NewKronecker(0, mat.NewSymDense(2, []float64{1, 2, 2, 1})); err == nil || !strings.Contains(err.Error(), "not negative") {
		t.Errorf("error %v for an indefinite covariance", err)
	}
	if _, err := NewKronecker(0, mat.NewSymDense(1, []float64{math.NaN()})); err == nil || !strings.Contains(err.Error(), "(0, 0)") {
		t.Errorf("error %v for an entry that is no number", err)
	}
}
