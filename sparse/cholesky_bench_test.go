package sparse

import (
	"fmt"
	"testing"
)

// choleskyWork is the floating-point operations of a factorisation: Σ c² over the
// columns of L, a multiplication and an addition for each pair in a column.
func choleskyWork(s *Symbolic) float64 {
	sum := 0.0
	for j := range s.N {
		c := float64(s.Col[j+1] - s.Col[j])
		sum += c * c
	}
	return sum
}

// P1 on a square of 10³, 10⁴ and 10⁵ unknowns, one thread. Factors report operations
// a second, and entries of L a row; solves the bytes of L, 12 an entry and read twice.
func BenchmarkDirect(b *testing.B) {
	for _, n := range []int{33, 101, 317} {
		a, coords := choleskyPoisson(b, n, false, 0.5, 0, 1)
		size := a.Rows
		b.Run(fmt.Sprintf("dissection/%d", size), func(b *testing.B) {
			for b.Loop() {
				if _, err := OrderCoordinates(a, coords, 2); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("degree/%d", size), func(b *testing.B) {
			for b.Loop() {
				if _, err := Order(a); err != nil {
					b.Fatal(err)
				}
			}
		})
		perm, err := OrderCoordinates(a, coords, 2)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("analyse/%d", size), func(b *testing.B) {
			for b.Loop() {
				if _, err := Analyse(a, perm); err != nil {
					b.Fatal(err)
				}
			}
		})
		s, err := Analyse(a, perm)
		if err != nil {
			b.Fatal(err)
		}
		c, err := NewCholesky(s, a)
		if err != nil {
			b.Fatal(err)
		}
		l, err := NewLDL(s, a, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range []struct {
			name     string
			refactor func(*CSR) error
		}{{"cholesky", c.Refactor}, {"ldl", l.Refactor}} {
			b.Run(fmt.Sprintf("%s/%d", f.name, size), func(b *testing.B) {
				for b.Loop() {
					if err := f.refactor(a); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(choleskyWork(s)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
				b.ReportMetric(float64(s.NNZ())/float64(size), "entries/row")
			})
		}
		x := make([]float64, 8*size)
		for i := range x {
			x[i] = float64(i % 17)
		}
		rate := func(b *testing.B, solves int) {
			b.ReportMetric(24*float64(s.NNZ())*float64(b.N)*float64(solves)/float64(b.Elapsed().Nanoseconds()), "GB/s")
		}
		b.Run(fmt.Sprintf("solve/%d", size), func(b *testing.B) {
			for b.Loop() {
				c.Solve(x[:size], x[:size])
			}
			rate(b, 1)
		})
		b.Run(fmt.Sprintf("solve8/%d", size), func(b *testing.B) {
			for b.Loop() {
				c.SolveMany(x, x)
			}
			rate(b, 2)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(8*b.N), "ns/solve")
		})
		if n > 101 {
			continue
		}
		m := luAdvection(b, n-1, 0.1)
		b.Run(fmt.Sprintf("lu/%d", size), func(b *testing.B) {
			f, err := NewLU(m, perm)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := f.Refactor(m); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(f.NNZ())/float64(size), "entries/row")
		})
	}
}
