package pde

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkElements is one sample of the families on finite elements.
func BenchmarkElements(b *testing.B) {
	for _, k := range []Kind{stokesKind, elasticityKind, nonlinearPoissonKind} {
		for _, n := range []int{8, 16, 32} {
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
			})
		}
	}
}
