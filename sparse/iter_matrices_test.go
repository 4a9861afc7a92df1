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

// iterP1 is the stiffness matrix of −div k grad by linear elements on the unit square
// of n×n squares, each cut along its diagonal, with zero on the boundary eliminated:
// (n−1)² unknowns. Inner points are moved by up to jitter·h. k is of cells.
func iterP1(n int, jitter float64, k func(x, y float64) float64) *CSR {
	r := rand.New(rand.NewPCG(uint64(n), 4))
	h := 1 / float64(n)
	m := n + 1
	px, py := make([]float64, m*m), make([]float64, m*m)
	for j := range m {
		for i := range m {
			at := j*m + i
			px[at], py[at] = float64(i)*h, float64(j)*h
			if i > 0 && i < n && j > 0 && j < n {
				px[at] += jitter * h * (2*r.Float64() - 1)
				py[at] += jitter * h * (2*r.Float64() - 1)
			}
		}
	}
	slot := map[int]int{-m - 1: 0, -m: 1, -1: 2, 0: 3, 1: 4, m: 5, m + 1: 6}
	stencil := make([]float64, 7*m*m)
	cell := func(p [3]int) {
		var gx, gy [3]float64
		for a := range 3 {
			b, c := p[(a+1)%3], p[(a+2)%3]
			gx[a], gy[a] = py[b]-py[c], px[c]-px[b]
		}
		twice := gx[0]*gy[1] - gx[1]*gy[0]
		w := k((px[p[0]]+px[p[1]]+px[p[2]])/3, (py[p[0]]+py[p[1]]+py[p[2]])/3) / (2 * twice)
		for a := range 3 {
			for b := range 3 {
				stencil[7*p[a]+slot[p[b]-p[a]]] += w * (gx[a]*gx[b] + gy[a]*gy[b])
			}
		}
	}
	for j := range n {
		for i := range n {
			at := j*m + i
			cell([3]int{at, at + 1, at + m + 1})
			cell([3]int{at, at + m + 1, at + m})
		}
	}
	a := &CSR{Rows: (n - 1) * (n - 1), Cols: (n - 1) * (n - 1), Ptr: []int32{0}}
	offset := [7][2]int{{-1, -1}, {0, -1}, {-1, 0}, {0, 0}, {1, 0}, {0, 1}, {1, 1}}
	for j := 1; j < n; j++ {
		for i := 1; i < n; i++ {
			for s, d := range offset {
				if u, v := i+d[0], j+d[1]; u > 0 && u < n && v > 0 && v < n {
					a.Index = append(a.Index, int32((v-1)*(n-1)+u-1))
					a.Value = append(a.Value, stencil[7*(j*m+i)+s])
				}
			}
			a.Ptr = append(a.Ptr, int32(len(a.Index)))
		}
	}
	return a
}

func iterUnit(_, _ float64) float64 { return 1 }

// iterElastic is plane-strain elasticity (E = 1, ν) by bilinear elements on nx×ny unit
// squares, the left side clamped (its nodes eliminated) or free, and its points.
func iterElastic(nx, ny int, nu float64, clamped bool) (a *CSR, points []float64) {
	lambda, mu := nu/((1+nu)*(1-2*nu)), 1/(2*(1+nu))
	first := 0
	if clamped {
		first = 1
	}
	columns := nx + 1 - first
	t := iterNew(2 * columns * (ny + 1))
	var element [8][8]float64
	corner := [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}
	for _, gx := range []float64{-1, 1} {
		for _, gy := range []float64{-1, 1} {
			x, y := gx/math.Sqrt(3), gy/math.Sqrt(3)
			var strain [3][8]float64 // ε_xx, ε_yy, 2ε_xy
			for c, s := range corner {
				dx, dy := s[0]*(1+s[1]*y)/2, s[1]*(1+s[0]*x)/2
				strain[0][2*c], strain[1][2*c+1] = dx, dy
				strain[2][2*c], strain[2][2*c+1] = dy, dx
			}
			d := [3][3]float64{{lambda + 2*mu, lambda, 0}, {lambda, lambda + 2*mu, 0}, {0, 0, mu}}
			for i := range 8 {
				for j := range 8 {
					for p := range 3 {
						for q := range 3 {
							element[i][j] += strain[p][i] * d[p][q] * strain[q][j] / 4
						}
					}
				}
			}
		}
	}
	for y := range ny {
		for x := range nx {
			for ci, si := range corner {
				for cj, sj := range corner {
					xi, yi := x+int(si[0]+1)/2-first, y+int(si[1]+1)/2
					xj, yj := x+int(sj[0]+1)/2-first, y+int(sj[1]+1)/2
					if xi < 0 || xj < 0 {
						continue
					}
					for p := range 2 {
						for q := range 2 {
							t.add(2*(yi*columns+xi)+p, 2*(yj*columns+xj)+q, element[2*ci+p][2*cj+q])
						}
					}
				}
			}
		}
	}
	for y := range ny + 1 {
		for x := range columns {
			points = append(points, float64(x+first), float64(y))
		}
	}
	return t.csr(), points
}
