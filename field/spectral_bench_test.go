package field

import (
	"fmt"
	"testing"
)

// Draws per time; ns/value is to be held against one normal number (about 4 ns) and
// 5 log₂ N operations of a fast transform.
func BenchmarkSpectral(b *testing.B) {
	for _, c := range []struct {
		name     string
		law      Law
		shape    []int
		centring Centring
	}{
		{"Darcy", Darcy, []int{65, 65}, Vertex}, {"Darcy", Darcy, []int{64, 64}, Vertex}, {"Darcy", Darcy, []int{64, 64}, Cell},
		{"Darcy", Darcy, []int{129, 129}, Vertex}, {"Darcy", Darcy, []int{128, 128}, Vertex}, {"Darcy", Darcy, []int{128, 128}, Cell},
		{"Burgers", Burgers, []int{1024}, Vertex},
		{"NavierStokes", NavierStokes, []int{64, 64}, Vertex}, {"NavierStokes", NavierStokes, []int{256, 256}, Vertex},
	} {
		b.Run(fmt.Sprintf("%s/%v/%v", c.name, c.shape, c.centring), func(b *testing.B) {
			f := spectralOf(b, c.law, Grid{Shape: c.shape, Centring: c.centring})
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
