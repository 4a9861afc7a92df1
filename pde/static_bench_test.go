package pde

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkDraw is one sample on one goroutine, and in parallel on all processors.
func BenchmarkDraw(b *testing.B) {
	for _, k := range []Kind{darcyKind, poissonKind} {
		for _, n := range []int{32, 64, 128, 512} {
			f, err := k.Make(Values{"grid": n})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/%d", k.Name, n), func(b *testing.B) {
				i := 0
				for b.Loop() {
					if _, err := f.Draw(context.Background(), 1, i); err != nil {
						b.Fatal(err)
					}
					i++
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*n), "ns/cell")
			})
			b.Run(fmt.Sprintf("%s/%d/parallel", k.Name, n), func(b *testing.B) {
				b.RunParallel(func(p *testing.PB) {
					for i := 0; p.Next(); i++ {
						if _, err := f.Draw(context.Background(), 1, i); err != nil {
							b.Fatal(err)
						}
					}
				})
			})
		}
	}
}
