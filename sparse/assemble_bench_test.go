package sparse

import (
	"fmt"
	"testing"
)

// Sizes are 10³ to 10⁶ unknowns of P1 on a square, as in fem's design.
func BenchmarkAssembly(b *testing.B) {
	for _, n := range []int{33, 101, 317, 1001} {
		dofs, cells := assembleGrid(n, false)
		b.Run(fmt.Sprintf("pattern/%d", dofs), func(b *testing.B) {
			for b.Loop() {
				if _, err := NewAssembly(dofs, dofs, cells, 3, cells, 3); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(cells)/3), "ns/cell")
		})
		s, err := NewAssembly(dofs, dofs, cells, 3, cells, 3)
		if err != nil {
			b.Fatal(err)
		}
		local, a := make([]float64, len(s.Scatter)), s.Pattern.Like()
		for k := range local {
			local[k] = float64(k % 7)
		}
		// 12 bytes of each entry are read once; what they are added to stays in cache.
		bytes := float64(12*len(local) + 16*a.NNZ())
		b.Run(fmt.Sprintf("values/%d", dofs), func(b *testing.B) {
			for b.Loop() {
				clear(a.Value)
				s.AddAll(a.Value, local)
			}
			b.ReportMetric(bytes*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GB/s")
		})
		b.Run(fmt.Sprintf("cells/%d", dofs), func(b *testing.B) {
			for b.Loop() {
				clear(a.Value)
				for c := range len(cells) / 3 {
					s.Add(a.Value, c, local[9*c:9*c+9])
				}
			}
			b.ReportMetric(bytes*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GB/s")
		})
	}
}
