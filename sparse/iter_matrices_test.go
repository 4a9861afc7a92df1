package sparse

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// iterTriplets makes a matrix from entries, adding up those of the same place.
type iterTriplets struct {
	n    int
	rows []map[int32]float64
}

func iterNew(n int) *iterTriplets {
	t := &iterTriplets{n: n, rows: make([]map[int32]float64, n)}
	for i := range t.rows {
		t.rows[i] = map[int32]float64{}
	}
	return t
}

func (t *iterTriplets) add(i, j int, v float64) { t.rows[i][int32(j)] += v }

func (t *iterTriplets) csr() *CSR {
	a := &CSR{Rows: t.n, Cols: t.n, Ptr: make([]int32, 1, t.n+1)}
	for _, row := range t.rows {
		columns := make([]int32, 0, len(row))
		for j := range row {
			columns = append(columns, j)
		}
		slices.Sort(columns)
		for _, j := range columns {
			a.Index, a.Value = append(a.Index, j), append(a.Value, row[j])
		}
		a.Ptr = append(a.Ptr, int32(len(a.Index)))
	}
	return a
}

func iterDense(a *CSR) *mat.Dense {
	d := mat.NewDense(a.Rows, a.Cols, nil)
	for i := range a.Rows {
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			d.Set(i, int(a.Index[k]), a.Value[k])
		}
	}
	return d
}

// iterLaplace is tridiag(−1, 2, −1).
func iterLaplace(n int) *CSR {
	t := iterNew(n)
	for i := range n {
		t.add(i, i, 2)
		if i > 0 {
			t.add(i, i-1, -1)
			t.add(i-1, i, -1)
		}
	}
	return t.csr()
}

// iterGrid is the finite-difference operator −div k grad on an interior grid of
// nx×ny×nz points, h = 1, with k harmonic between points and zero outside the grid,
// or no flux there.
func iterGrid(nx, ny, nz int, k func(x, y, z int) float64, dirichlet bool) *CSR {
	at := func(x, y, z int) int { return (z*ny+y)*nx + x }
	a := &CSR{Rows: nx * ny * nz, Cols: nx * ny * nz, Ptr: []int32{0}}
	for z := range nz {
		for y := range ny {
			for x := range nx {
				here := k(x, y, z)
				var diagonal float64
				at0 := -1
				one := func(dx, dy, dz int) {
					u, v, w := x+dx, y+dy, z+dz
					if u < 0 || u >= nx || v < 0 || v >= ny || w < 0 || w >= nz {
						if dirichlet && (dx == 0 || nx > 1) && (dy == 0 || ny > 1) && (dz == 0 || nz > 1) {
							diagonal += here
						}
						return
					}
					there := k(u, v, w)
					c := 2 * here * there / (here + there)
					diagonal += c
					a.Index, a.Value = append(a.Index, int32(at(u, v, w))), append(a.Value, -c)
				}
				one(0, 0, -1)
				one(0, -1, 0)
				one(-1, 0, 0)
				at0 = len(a.Index)
				a.Index, a.Value = append(a.Index, int32(at(x, y, z))), append(a.Value, 0)
				one(1, 0, 0)
				one(0, 1, 0)
				one(0, 0, 1)
				a.Value[at0] = diagonal
				a.Ptr = append(a.Ptr, int32(len(a.Index)))
			}
		}
	}
	return a
}

func iterOne(_, _, _ int) float64 { return 1 }

// iterSymmetric is a random sparse symmetric matrix with the given diagonal added.
func iterSymmetric(n int, seed uint64, diagonal func(i int) float64) *CSR {
	r := rand.New(rand.NewPCG(seed, 1))
	t := iterNew(n)
	for i := range n {
		t.add(i, i, diagonal(i))
		for range 2 {
			j, v := r.IntN(n), r.NormFloat64()
			t.add(i, j, v)
			t.add(j, i, v)
		}
	}
	return t.csr()
}

// iterUnsymmetric is a random sparse matrix, dominated by its diagonal.
func iterUnsymmetric(n int, seed uint64) *CSR {
	r := rand.New(rand.NewPCG(seed, 2))
	t := iterNew(n)
	for i := range n {
		t.add(i, i, 6+r.Float64())
		for range 4 {
			t.add(i, r.IntN(n), r.NormFloat64())
		}
	}
	return t.csr()
}

func iterVector(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 3))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

func iterSolve(t *testing.T, a *CSR, b []float64) []float64 {
	t.Helper()
	var x mat.VecDense
	if err := x.SolveVec(iterDense(a), mat.NewVecDense(len(b), slices.Clone(b))); err != nil {
		t.Fatal(err)
	}
	return x.RawVector().Data
}

// iterDistance is ‖x − y‖/‖y‖.
func iterDistance(x, y []float64) float64 {
	var s, q float64
	for i := range x {
		s += (x[i] - y[i]) * (x[i] - y[i])
		q += y[i] * y[i]
	}
	return math.Sqrt(s / q)
}

// iterResidual is ‖b − A x‖/‖b‖.
func iterResidual(a Operator, x, b []float64) float64 {
	r := make([]float64, len(b))
	a.Apply(r, x)
	return iterDistance(r, b)
}

// iterFunc is a Solver or an Operator from a function.
type iterFunc func(dst, b []float64)

func (f iterFunc) Solve(dst, b []float64) { f(dst, b) }
func (f iterFunc) Apply(dst, b []float64) { f(dst, b) }

// iterJacobi is the inverse of the moduli of the diagonal.
func iterJacobi(a *CSR) Solver {
	d := make([]float64, a.Rows)
	for i := range d {
		d[i] = 1 / math.Abs(a.At(i, i))
	}
	return iterFunc(func(dst, b []float64) {
		for i := range dst {
			dst[i] = d[i] * b[i]
		}
	})
}
