package field

import (
	"fmt"
	"testing"

	"abide/grid"
)

// Draws per time; ns/value is to be held against one normal number (about 4 ns) and
// 5 log₂ N operations of a fast transform.
func BenchmarkSpectral(b *testing.B) {
	for _, c := range []struct {
		name     string
		law      Law
		boundary grid.Boundary
		shape    []int
		centring grid.Centring
	}{
		{"Darcy", Darcy, grid.Neumann, []int{65, 65}, grid.Vertex}, {"Darcy", Darcy, grid.Neumann, []int{64, 64}, grid.Vertex}, {"Darcy", Darcy, grid.Neumann, []int{64, 64}, grid.Cell},
		{"Darcy", Darcy, grid.Neumann, []int{129, 129}, grid.Vertex}, {"Darcy", Darcy, grid.Neumann, []int{128, 128}, grid.Vertex}, {"Darcy", Darcy, grid.Neumann, []int{128, 128}, grid.Cell},
		{"Burgers", Burgers, grid.Periodic, []int{1024}, grid.Vertex},
		{"NavierStokes", NavierStokes, grid.Periodic, []int{64, 64}, grid.Vertex}, {"NavierStokes", NavierStokes, grid.Periodic, []int{256, 256}, grid.Vertex},
	} {
		b.Run(fmt.Sprintf("%s/%v/%v", c.name, c.shape, c.centring), func(b *testing.B) {
			f := spectralOf(b, c.law, axesOf(c.boundary, c.centring, c.shape...))
			dst := make([]float64, f.Size())
			k := 0
			b.ReportAllocs()
			for b.Loop() {
				f.Sample(dst, 1, k)
				k++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(dst)), "ns/value")
		})
	}
}
