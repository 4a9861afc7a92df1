// Package poisson times the Poisson problem of bench/peers/poisson.py:
//
//	GOEXPERIMENT=simd go test -bench . -benchtime 3x -cpu 1 ./bench/poisson
//
// −Δu = 2π² sin πx sin πy on the unit square, u = 0 on its boundary, P1 elements on
// n×n squares split along one diagonal. "assemble" is pattern, matrix and load with the
// boundary values, from a mesh that is given; "solve" includes the set-up of the solver.
// Iterative solvers stop at a relative residual of 1e-8. One thread.
package poisson

import (
	"fmt"
	"math"
	"testing"
	"time"

	"abide/fem"
	"abide/mesh"
	"abide/sparse"
)

func exact(x fem.Vec) float64 { return math.Sin(math.Pi*x[0]) * math.Sin(math.Pi*x[1]) }

func BenchmarkPoisson(b *testing.B) {
	for _, n := range []int{64, 256, 512, 1000} {
		for _, solver := range []struct {
			name   string
			method fem.Method
			most   int
		}{{"multigrid", fem.Multigrid, 1 << 30}, {"direct", fem.Direct, 512}} {
			if n > solver.most {
				continue
			}
			b.Run(fmt.Sprintf("n=%d/%s", n, solver.name), func(b *testing.B) {
				m, err := mesh.NewRectangle(mesh.Triangle, n, n, 1, 1)
				if err != nil {
					b.Fatal(err)
				}
				assemble, solve, worst := math.Inf(1), math.Inf(1), 0.0
				for b.Loop() {
					start := time.Now()
					s, err := system(m, solver.method)
					if err != nil {
						b.Fatal(err)
					}
					between := time.Now()
					u, err := s.Solve()
					if err != nil {
						b.Fatal(err)
					}
					assemble = min(assemble, between.Sub(start).Seconds())
					solve = min(solve, time.Since(between).Seconds())
					worst = 0
					for i, v := range u.Coef {
						worst = max(worst, math.Abs(v-exact(u.Space.Place(i))))
					}
				}
				b.ReportMetric(assemble, "assemble-s")
				b.ReportMetric(solve, "solve-s")
				b.ReportMetric(assemble+solve, "sum-s")
				b.ReportMetric(worst, "error")
			})
		}
	}
}

// system is the problem as a user writes it.
func system(m *mesh.Mesh, method fem.Method) (*fem.System, error) {
	V, err := fem.NewSpace(m, fem.P1)
	if err != nil {
		return nil, err
	}
	one := make([]float64, m.Count())
	for i := range one {
		one[i] = 1
	}
	return fem.Problem{
		Space:     V,
		Diffusion: one,
		Source:    func(x fem.Vec) float64 { return 2 * math.Pi * math.Pi * exact(x) },
		Dirichlet: []fem.Dirichlet{{}},
		Solver:    method,
		Krylov:    sparse.Krylov{Tolerance: 1e-8},
	}.System()
}
