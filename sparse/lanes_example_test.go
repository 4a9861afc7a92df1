package sparse_test

import (
	"context"
	"fmt"

	"abide/sparse"
)

// Ten rods of three unknown temperatures, −(a u′)′ = 1 with a conductivity a for
// each: 1/u = 8a in the middle.
func ExampleSolveMany() {
	a, _ := sparse.NewCSR(3, 3, []int32{0, 2, 5, 7}, []int32{0, 1, 0, 1, 2, 1, 2}, nil)
	s, _ := sparse.Analyse(a, nil)
	dofs := [][2]int32{{-1, 0}, {0, 1}, {1, 2}, {2, -1}}
	var scatter []int32
	var unit []float64
	for _, cell := range dofs {
		for i, r := range cell {
			for j, q := range cell {
				at := -1
				if r >= 0 && q >= 0 {
					at = a.Position(int(r), int(q))
				}
				scatter, unit = append(scatter, int32(at)), append(unit, [2]float64{4, -4}[(i+j)%2])
			}
		}
	}
	middle := make([]float64, 10)
	fill := func(w *sparse.BatchBlock) error {
		cells := make([][8]float64, 4)
		for l := range w.Count {
			for c := range cells {
				cells[c][l] = float64(w.First + l + 1)
			}
			for i := range w.B {
				w.B[i][l] = .25
			}
		}
		return sparse.AssembleBatch(w.Values, scatter, unit, cells)
	}
	use := func(w *sparse.BatchBlock) error {
		for l := range w.Count {
			middle[w.First+l] = 1 / w.X[1][l]
		}
		return nil
	}
	if err := sparse.SolveMany(context.Background(), s, 10, 2, fill, use); err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", middle)
	// Output: [8.000 16.000 24.000 32.000 40.000 48.000 56.000 64.000 72.000 80.000]
}
