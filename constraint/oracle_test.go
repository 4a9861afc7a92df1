package constraint

import (
	"math"

	"abide/internal/keyed"
	"gonum.org/v1/gonum/mat"
)

// fatal is what helpers need of a test, [testing.TB] or rapid's.
type fatal interface {
	Helper()
	Fatal(...any)
}

// system is a set of linear rows in plain form, for oracles that know nothing of
// the package: a·x ≤ b, or = b.
type system struct {
	d        int
	a        [][]float64
	b        []float64
	equality []bool
	scale    []float64
}

func (s *system) constraints(t fatal) []Constraint {
	t.Helper()
	var cs []Constraint
	for i := range s.a {
		make := NewPolytope
		if s.equality[i] {
			make = NewLinearEquality
		}
		c, err := make("row", s.a[i:i+1], s.b[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		cs = append(cs, c)
	}
	return cs
}

func (s *system) projector(t fatal) *Projector {
	t.Helper()
	p, err := NewProjector(s.constraints(t), s.scale)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// permuted is the same set with its rows in another order.
func (s *system) permuted(order []int) *system {
	out := &system{d: s.d, scale: s.scale}
	for _, i := range order {
		out.a, out.b, out.equality = append(out.a, s.a[i]), append(out.b, s.b[i]), append(out.equality, s.equality[i])
	}
	return out
}

// randomSystem has m rows in d columns, the first of them equalities, and holds
// at least one point: every row passes through or beyond a common one. Some rows
// touch it (degenerate), some are bounds of one column, some are copies.
func randomSystem(s *keyed.Stream, d, m, equalities int) *system {
	out := &system{d: d, scale: make([]float64, d)}
	inside := make([]float64, d)
	s.Normal(inside)
	for j := range out.scale {
		out.scale[j] = math.Exp(2*s.Uniform() - 1)
	}
	for i := range m {
		a := make([]float64, d)
		switch u := s.Uniform(); {
		case i < equalities || u < 0.5:
			s.Normal(a)
		case u < 0.8 || i == equalities:
			a[int(s.Uint64()%uint64(d))] = math.Copysign(1, s.Uniform()-0.5)
		default:
			for j, v := range out.a[equalities+int(s.Uint64()%uint64(i-equalities))] {
				a[j] = 2 * v
			}
		}
		room := 0.0
		if i >= equalities && s.Uniform() < 0.7 {
			room = s.Uniform()
		}
		out.a, out.b, out.equality = append(out.a, a), append(out.b, dot(a, inside)+room), append(out.equality, i < equalities)
	}
	return out
}

// distance is Σ((x − y)/scale)² to the power ½.
func (s *system) distance(x, y []float64) float64 {
	var sum float64
	for j := range x {
		v := (x[j] - y[j]) / s.scale[j]
		sum += v * v
	}
	return math.Sqrt(sum)
}

// normalised is row i in standard units, of length 1, and its slack at x there.
func (s *system) normalised(i int, x []float64) (n []float64, slack float64) {
	n = make([]float64, s.d)
	for j, v := range s.a[i] {
		n[j] = v * s.scale[j]
	}
	size := mat.Norm(mat.NewVecDense(s.d, n), 2)
	for j := range n {
		n[j] /= size
	}
	return n, (s.b[i] - dot(s.a[i], x)) / size
}

// bruteForce projects by trying every set of active rows: the nearest feasible
// one among the projections on the affine subspaces of the subsets.
func (s *system) bruteForce(x []float64) []float64 {
	best, nearest := math.Inf(1), []float64(nil)
	for set := range 1 << len(s.a) {
		var rows []float64
		var slack []float64
		ok := true
		for i := range s.a {
			in := set>>i&1 == 1
			ok = ok && (in || !s.equality[i])
			if in {
				n, r := s.normalised(i, x)
				rows, slack = append(rows, n...), append(slack, r)
			}
		}
		if !ok {
			continue
		}
		y := append([]float64(nil), x...)
		if len(slack) > 0 {
			var svd mat.SVD
			svd.Factorize(mat.NewDense(len(slack), s.d, rows), mat.SVDThin)
			var step mat.VecDense
			svd.SolveVecTo(&step, mat.NewVecDense(len(slack), slack), svd.Rank(1e-10))
			for j := range y {
				y[j] += s.scale[j] * step.AtVec(j)
			}
		}
		for i := range s.a {
			_, r := s.normalised(i, y)
			ok = ok && r > -1e-9 && (!s.equality[i] || r < 1e-9)
		}
		if r := s.distance(x, y); ok && r < best {
			best, nearest = r, y
		}
	}
	return nearest
}

// stationarity is how far (x − y)/scale, the direction from the projection y back
// to x, is from the cone of the normals of the rows that are tight at y: 0 at the
// projection (Karush–Kuhn–Tucker). The cone's multipliers are found by
// nonnegative least squares (Lawson and Hanson 1974, chapter 23).
func (s *system) stationarity(x, y []float64) float64 {
	var normals [][]float64
	for i := range s.a {
		n, slack := s.normalised(i, y)
		if slack > 1e-8 {
			continue
		}
		normals = append(normals, n)
		if s.equality[i] {
			negative := make([]float64, s.d)
			axpy(-1, n, negative)
			normals = append(normals, negative)
		}
	}
	rest := make([]float64, s.d)
	for j := range rest {
		rest[j] = (x[j] - y[j]) / s.scale[j]
	}
	return nonnegative(normals, rest)
}

// nonnegative is min ‖Σ λᵢ nᵢ − v‖ over λ ≥ 0.
func nonnegative(normals [][]float64, v []float64) float64 {
	lambda := make([]float64, len(normals))
	passive := make([]bool, len(normals))
	for range 50 * (len(normals) + 1) {
		rest := append([]float64(nil), v...)
		for i, n := range normals {
			axpy(-lambda[i], n, rest)
		}
		best, at := 1e-11*(1+norm(v)), -1
		for i, n := range normals {
			if g := dot(n, rest); !passive[i] && g > best {
				best, at = g, i
			}
		}
		if at < 0 {
			return norm(rest)
		}
		passive[at] = true
		for {
			trial := leastSquares(normals, passive, v)
			step, blocked := 1.0, -1
			for i := range trial {
				if passive[i] && trial[i] <= 0 {
					if t := lambda[i] / (lambda[i] - trial[i]); t < step || blocked < 0 {
						step, blocked = min(step, t), i
					}
				}
			}
			for i := range lambda {
				lambda[i] += step * (trial[i] - lambda[i])
			}
			if blocked < 0 {
				break
			}
			lambda[blocked], passive[blocked] = 0, false
		}
	}
	return math.Inf(1)
}

func leastSquares(normals [][]float64, use []bool, v []float64) []float64 {
	var columns []int
	for i, u := range use {
		if u {
			columns = append(columns, i)
		}
	}
	out := make([]float64, len(normals))
	if len(columns) == 0 {
		return out
	}
	a := mat.NewDense(len(v), len(columns), nil)
	for k, i := range columns {
		a.SetCol(k, normals[i])
	}
	var svd mat.SVD
	svd.Factorize(a, mat.SVDThin)
	var c mat.VecDense
	svd.SolveVecTo(&c, mat.NewVecDense(len(v), v), max(1, svd.Rank(1e-10)))
	for k, i := range columns {
		out[i] = c.AtVec(k)
	}
	return out
}
