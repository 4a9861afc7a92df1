package field

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/grid"
	"abide/internal/keyed"
)

// checkAdjoint holds ⟨L ξ, u⟩ against ⟨ξ, Lᵀ u⟩ for random ξ and u.
func checkAdjoint(t *testing.T, name string, f Gaussian) {
	t.Helper()
	stream := keyed.New(8, name, 0, 0)
	white, back := make([]float64, f.White()), make([]float64, f.White())
	u, v, mean := make([]float64, f.Size()), make([]float64, f.Size()), make([]float64, f.Size())
	f.Map(mean, white)
	stream.Normal(white)
	stream.Normal(u)
	f.Map(v, white)
	var left, right, size float64
	for i := range u {
		left += (v[i] - mean[i]) * u[i]
		size += (v[i] - mean[i]) * (v[i] - mean[i])
	}
	f.Adjoint(back, u)
	for k := range white {
		right += white[k] * back[k]
	}
	if !(math.Abs(left-right) < 1e-12*math.Sqrt(size*float64(len(u)))) {
		t.Errorf("%s: ⟨Lξ, u⟩ = %.15g, ⟨ξ, Lᵀu⟩ = %.15g", name, left, right)
	}
}

func TestAdjoints(t *testing.T) {
	for _, boundary := range []grid.Boundary{grid.Neumann, grid.Dirichlet, grid.Periodic} {
		for _, centring := range []grid.Centring{grid.Vertex, grid.Cell} {
			for _, shape := range [][]int{{8}, {9}, {18}, {17}, {5, 8}, {18, 26}, {4, 5, 6}} {
				l := Law{Sigma: 2, Alpha: 2, Tau: 3, Mean: 1}
				{
					f := spectralOf(t, l, axesOf(boundary, centring, shape...))
					checkAdjoint(t, boundary.String()+" "+centring.String(), f)
					white, u := make([]float64, f.White()), make([]float64, f.Size())
					keyed.New(3, "white", 0, 0).Normal(white)
					f.Map(u, white)
					back := make([]float64, f.White())
					f.Whiten(back, u)
					for k := range white {
						if d := math.Abs(white[k] - back[k]); !(d < 1e-9) && (boundary == grid.Dirichlet || k > 0) {
							t.Fatalf("%v %v %v: coefficient %d of %d is off by %g after a return", boundary, centring, shape, k, len(white), d)
						}
					}
				}
			}
		}
	}
	for _, shape := range [][]int{{9}, {5, 8}, {3, 4, 5}} {
		f, err := NewCirculant(Matern{0.5, 0.1, 1}.Stationary, shape, []float64{0.1, 0.1, 0.2}[:len(shape)], 1.3, 1)
		if err != nil {
			t.Fatal(err)
		}
		checkAdjoint(t, "circulant", f)
	}
	f, err := NewKronecker(1, kroneckerAxis(4, Matern{0.5, 1, 1}.Covariance), kroneckerAxis(5, Matern{1.5, 0.7, 2}.Covariance), mat.NewSymDense(2, []float64{1, 1, 1, 1}))
	if err != nil {
		t.Fatal(err)
	}
	checkAdjoint(t, "Kronecker", f)
	checkAdjoint(t, "KL", klOf(t, Matern{1.5, 0.4, 2}.Between, axesOf(grid.Neumann, grid.Vertex, 6, 7), 0.95))
}
