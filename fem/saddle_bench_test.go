package fem

import (
	"fmt"
	"testing"

	"abide/mesh"
)

// Stokes flow on triangles: assembly, factor and solve apart; MINRES for comparison.
func BenchmarkStokes(b *testing.B) {
	for _, n := range []int{16, 32, 64} {
		s := saddleStokes(b, orderMesh(b, mesh.Triangle, n))
		s.F = saddleForce
		system, err := s.System()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("assemble/%d", n), func(b *testing.B) {
			for range b.N {
				if _, err := s.System(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(system.K.Rows), "unknowns")
		})
		factor, err := system.Factor()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("factor/%d", n), func(b *testing.B) {
			for range b.N {
				if _, err := system.Factor(); err != nil {
					b.Fatal(err)
				}
			}
		})
		x := make([]float64, system.K.Rows)
		b.Run(fmt.Sprintf("solve/%d", n), func(b *testing.B) {
			for range b.N {
				if err := factor.Solve(x, system.Load); err != nil {
					b.Fatal(err)
				}
			}
		})
		s.Solver, s.Schur = Multigrid, func(_ *Point, p, q *Basis) float64 { return 2 * p.Value * q.Value }
		if system, err = s.System(); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("minres/%d", n), func(b *testing.B) {
			for range b.N {
				if _, _, err := system.Solve(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
