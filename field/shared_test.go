package field

import (
	"sync"
	"testing"

	"abide/grid"
)

// Goroutines that share a field draw what one alone does, in any order.
func TestFieldsAreShared(t *testing.T) {
	m := spdeMesh(t, 2, 8)
	circulant, err := NewCirculant(Matern{0.5, 0.1, 1}.Stationary, []int{9, 9}, []float64{0.1, 0.1}, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	axis := kroneckerAxis(9, Matern{0.5, 1, 1}.Covariance)
	kronecker, err := NewKronecker(0, axis, axis)
	if err != nil {
		t.Fatal(err)
	}
	fractional, err := NewFractionalSPDE(m, Matern{0.5, 0.3, 1}, SPDEOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []Sampler{
		spectralOf(t, Darcy, axesOf(grid.Neumann, grid.Vertex, 9, 9)), spectralOf(t, Darcy, axesOf(grid.Neumann, grid.Vertex, 10, 10)),
		circulant, kronecker, klOf(t, Matern{0.5, 0.3, 1}.Between, axesOf(grid.Neumann, grid.Vertex, 9, 9), 0.9),
		spdeOf(t, m, Matern{1, 0.3, 1}, SPDEOptions{}), spdeOf(t, m, Matern{2, 0.3, 1}, SPDEOptions{}), fractional,
		Pushed{circulant, LogNormal{}},
	} {
		want := make([][]float64, 32)
		for k := range want {
			want[k] = make([]float64, f.Size())
			f.Sample(want[k], 1, k)
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				dst := make([]float64, f.Size())
				for range 4 {
					for k := len(want) - 1; k >= 0; k-- {
						f.Sample(dst, 1, k)
						for i, u := range dst {
							if u != want[k][i] {
								t.Errorf("%T: draw %d differs between goroutines", f, k)
								return
							}
						}
					}
				}
			})
		}
		wait.Wait()
	}
}
