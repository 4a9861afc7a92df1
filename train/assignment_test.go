package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"abide/internal/keyed"
)

// problem has n×n draws for costs: inner products with the axes of n dimensions.
func problem(n, stream int, draw func(s *keyed.Stream) float64) *assignment {
	a, s := newAssignment(n), keyed.New(5, "assignment", stream, 0)
	noise, u := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		noise[i*n+i] = -1
	}
	for i := range u {
		u[i] = draw(s)
	}
	a.cost.set(n, n, noise, u)
	return a
}

func (a *assignment) total() (sum float64) {
	for i, j := range a.column {
		sum += a.cost.at(i, j)
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
				for j := range a.w {
					a.w[j] = float32(s.Uniform())
				}
			}
			if !isPermutation(a.solve()) {
				t.Fatalf("%s, n = %d: %v is no permutation", name, n, a.column)
			}
			best := math.Inf(1)
			each(n, func(p []int) {
				var sum float64
				for i, j := range p {
					sum += a.cost.at(i, j)
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

// Points that are the same tie, as rows of data that a batch draws more than once.
func TestAssignmentOfPointsThatTieIsCertified(t *testing.T) {
	for _, d := range []int{1, 2, 10} {
		b := transportBatch(200, d, d)
		for i, x := range b.u {
			b.u[i] = math.Round(x)
		}
		a := (&pilot{}).assign(b)
		if !isPermutation(a.column) {
			t.Fatal("no permutation")
		}
		primal, dual := a.duality()
		near(t, fmt.Sprintf("d = %d: dual value", d), dual, primal, 1e-11*math.Abs(primal))
	}
}

// Vector and plain code find the same in a row of costs, ties included.
func TestReducedCosts(t *testing.T) {
	s := keyed.New(5, "reduced costs", 0, 0)
	for n := 1; n < 70; n++ {
		for range 20 {
			cost, v := make([]float32, n), make([]float32, n)
			cost64, v64 := make([]float64, n), make([]float64, n)
			for i := range cost {
				cost[i], v[i] = float32(s.Uint64()%16), float32(s.Uint64()%3)
				cost64[i], v64[i] = float64(cost[i]), float64(v[i])
			}
			b1, s1, j1 := bestTwo(cost, v)
			if b2, s2, j2 := plainBestTwo(cost, v); b1 != b2 || s1 != s2 || j1 != j2 {
				t.Fatalf("n = %d: %g, %g at %d; plain %g, %g at %d", n, b1, s1, j1, b2, s2, j2)
			}
			bound := nearest(cost, v)
			if plain := plainNearest(empty, cost, v, 0); bound != plain {
				t.Fatalf("n = %d: nearest within %g; plain %g", n, bound, plain)
			}
			list := within(nil, cost, v, bound)
			if plain := plainWithin(nil, cost, v, bound, 0); !slices.Equal(list, plain) || len(list) < min(n, 8) {
				t.Fatalf("n = %d: columns %v; plain %v", n, list, plain)
			}
			for _, bound := range []float64{float64(b1), float64(b1) + 0.5} {
				if got := under(cost64, v64, bound); got != (bound > float64(b1)) {
					t.Fatalf("n = %d: a cost less than %g, the least being %g: %v", n, bound, b1, got)
				}
			}
			lowered, plain := slices.Clone(v), slices.Clone(v)
			lower(lowered, cost, 3)
			plainLower(plain, cost, 3, 0)
			if !slices.Equal(lowered, plain) {
				t.Fatalf("n = %d: lowered to %v; plain %v", n, lowered, plain)
			}
		}
	}
}

// A cost is the same to the bit alone, in its row and in plain code, and no larger
// than the bound. In single precision it has the error of that many roundings
// (Higham 2002, §3.1).
func TestCosts(t *testing.T) {
	for _, c := range []struct{ n, d int }{{1, 1}, {7, 3}, {40, 2}, {70, 17}} {
		b := transportBatch(c.n, c.d, 4)
		var costs costs
		costs.set(c.n, c.d, b.noise, b.u)
		line := make([]float32, c.n)
		plain := make([]float64, c.n)
		for i := range c.n {
			plainInner(line, costs.noise32[i*c.d:(i+1)*c.d], costs.t32, 0)
			if !slices.Equal(line, costs.roughly(i)) {
				t.Errorf("n = %d, d = %d: row %d in single precision is not that of plain code", c.n, c.d, i)
			}
			plainInner(plain, b.noise[i*c.d:(i+1)*c.d], costs.t, 0)
			for j, cost := range costs.row(i) {
				if cost != costs.at(i, j) || cost != plain[j] || math.Abs(cost) > costs.bound {
					t.Fatalf("n = %d, d = %d: cost %d, %d is %g in its row, %g alone, %g in plain code, bound %g", c.n, c.d, i, j, cost, costs.at(i, j), plain[j], costs.bound)
				}
				rough := costs.scale * float64(costs.roughly(i)[j])
				near(t, fmt.Sprintf("n = %d, d = %d: cost %d, %d", c.n, c.d, i, j), rough, cost, float64(c.d+3)*0x1p-24*costs.bound)
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
