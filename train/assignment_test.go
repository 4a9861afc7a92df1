package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"abide/internal/keyed"
)

// problem fills the costs with n×n draws.
func problem(n, stream int, draw func(s *keyed.Stream) float64) *assignment {
	a, s := newAssignment(n), keyed.New(5, "assignment", stream, 0)
	for i := range a.cost {
		a.cost[i] = draw(s)
	}
	return a
}

func (a *assignment) total() (sum float64) {
	for i, j := range a.column {
		sum += a.cost[i*a.n+j]
	}
	return sum
}

func isPermutation(p []int) bool {
	q := slices.Sorted(slices.Values(p))
	for i, v := range q {
		if i != v {
			return false
		}
	}
	return true
}

// Against all permutations of up to eight rows, with costs that tie and that do
// not, from fresh potentials and from arbitrary ones.
func TestAssignmentAgainstAllPermutations(t *testing.T) {
	draws := map[string]func(s *keyed.Stream) float64{
		"uniform":  func(s *keyed.Stream) float64 { return s.Uniform() },
		"ties":     func(s *keyed.Stream) float64 { return float64(s.Uint64() % 4) },
		"negative": func(s *keyed.Stream) float64 { return -1e3 * s.Uniform() * s.Uniform() },
		"zero":     func(s *keyed.Stream) float64 { return 0 },
	}
	for name, draw := range draws {
		for stream := range 60 {
			n := 1 + stream%8
			a := problem(n, stream, draw)
			if stream%3 == 2 {
				s := keyed.New(6, "potentials", stream, 0)
				s.Normal(a.v)
			}
			if !isPermutation(a.solve()) {
				t.Fatalf("%s, n = %d: %v is no permutation", name, n, a.column)
			}
			best := math.Inf(1)
			each(n, func(p []int) {
				var sum float64
				for i, j := range p {
					sum += a.cost[i*n+j]
				}
				best = min(best, sum)
			})
			near(t, name, a.total(), best, 1e-12*math.Max(1, math.Abs(best)))
		}
	}
}

// each calls f with all permutations of n.
func each(n int, f func(p []int)) {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	var walk func(k int)
	walk = func(k int) {
		if k == n {
			f(p)
			return
		}
		for i := k; i < n; i++ {
			p[k], p[i] = p[i], p[k]
			walk(k + 1)
			p[k], p[i] = p[i], p[k]
		}
	}
	walk(0)
}

// Optimality of large problems has a certificate: potentials u, v with uᵢ + vⱼ ≤ cᵢⱼ
// everywhere, which the definition of u ensures, and equal values of both problems.
// The pilot only makes it faster: the assignment is the same without.
func TestAssignmentIsCertified(t *testing.T) {
	const n = 512
	for _, d := range []int{1, 2, 10} {
		data := pool{dim: d, u: transportBatch(2000, d, 9).u}
		warm := newPilot(data, 2000, 1).assign(transportBatch(n, d, d))
		cold := (&pilot{}).assign(transportBatch(n, d, d))
		for name, a := range map[string]*assignment{"warm": warm, "cold": cold} {
			if !isPermutation(a.column) {
				t.Fatal("no permutation")
			}
			primal, dual := a.duality()
			near(t, fmt.Sprintf("d = %d, %s: dual value", d, name), dual, primal, 1e-11*math.Abs(primal))
		}
		if !slices.Equal(warm.column, cold.column) {
			t.Errorf("d = %d: another start gave another assignment", d)
		}
	}
}

// Vector and plain code find the same two costs and the same column, ties included.
func TestBestTwo(t *testing.T) {
	s := keyed.New(5, "best two", 0, 0)
	for n := 1; n < 70; n++ {
		for range 20 {
			cost, v := make([]float64, n), make([]float64, n)
			for i := range cost {
				cost[i], v[i] = float64(s.Uint64()%16), float64(s.Uint64()%3)
			}
			b1, s1, j1 := bestTwo(cost, v)
			if b2, s2, j2 := plainBestTwo(cost, v); b1 != b2 || s1 != s2 || j1 != j2 {
				t.Fatalf("n = %d: %g, %g at %d; plain %g, %g at %d", n, b1, s1, j1, b2, s2, j2)
			}
		}
	}
}

// In one dimension the optimal transport is monotone.
func TestAssignmentSortsOnTheLine(t *testing.T) {
	const n = 300
	b := transportBatch(n, 1, 3)
	(&pilot{}).couple(b)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		if b.u[i] < b.u[j] {
			return -1
		}
		return 1
	})
	for k := 1; k < n; k++ {
		if b.noise[order[k]] < b.noise[order[k-1]] {
			t.Fatalf("at place %d the noise is not sorted as the points are", k)
		}
	}
}

// transportBatch are n points around the corners of a cube, and their noise.
func transportBatch(n, d, stream int) *batch {
	b := &batch{n: n, dim: d, u: make([]float64, n*d), noise: make([]float64, n*d), logSigma: make([]float64, n)}
	s := keyed.New(7, "transport", stream, 0)
	s.Normal(b.u)
	s.Normal(b.noise)
	for i := range b.u {
		b.u[i] = math.Copysign(1, b.u[i]) + 0.3*(s.Uniform()+s.Uniform()-1)
	}
	return b
}

func BenchmarkCouple(b *testing.B) {
	for _, d := range []int{2, 64} {
		b.Run(fmt.Sprintf("d=%d", d), func(b *testing.B) {
			q := newPilot(pool{dim: d, u: transportBatch(4000, d, 99).u}, 4000, 1)
			all := []*batch{}
			for i := range 16 {
				all = append(all, transportBatch(512, d, i))
			}
			b.ResetTimer()
			for i := range b.N {
				q.couple(all[i%16])
			}
		})
	}
}
