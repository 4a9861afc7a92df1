package sparse

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// scipySolves reads NAME.mtx and NAME.b for every name and writes NAME.x. Its one step of
// refinement makes SuperLU's solution the better of the two.
const scipySolves = `
import sys, os, numpy as np, scipy.io, scipy.sparse.linalg as la
folder = sys.argv[1]
for f in sorted(os.listdir(folder)):
    if f.endswith('.mtx'):
        a = scipy.io.mmread(os.path.join(folder, f)).tocsc()
        b = np.loadtxt(os.path.join(folder, f[:-4] + '.b'), ndmin=1)
        x = la.spsolve(a, b, use_umfpack=False)
        x = x + la.spsolve(a, b - a @ x, use_umfpack=False)
        np.savetxt(os.path.join(folder, f[:-4] + '.x'), x, fmt='%.17g')
`

// scipyKind says which factors a case is for: each kind is for those above it too.
type scipyKind int

const (
	scipyGeneral scipyKind = iota
	scipySymmetric
	scipyPositive
)

type scipyCase struct {
	name string
	kind scipyKind
	a    *CSR
}

func scipyCases(t *testing.T) (cases []scipyCase) {
	random := rand.New(rand.NewPCG(25, 26))
	put := func(name string, kind scipyKind, a *CSR) { cases = append(cases, scipyCase{name, kind, a}) }
	poisson := func(n int, all bool, spread, shift float64) *CSR {
		a, _ := choleskyPoisson(t, n, all, spread, shift, 3)
		return a
	}
	put("poisson-10", scipyPositive, poisson(10, false, 0, 0))
	put("poisson-40", scipyPositive, poisson(40, false, 0, 0))
	put("lognormal", scipyPositive, poisson(30, false, 1.5, 0))
	put("contrast-10000", scipyPositive, poisson(30, false, 4.6, 0))
	put("neumann-mass", scipyPositive, poisson(30, true, 1, 0.01))
	box, _ := orderBox(t, 9)
	for i := range box.Rows {
		for p := box.Ptr[i]; p < box.Ptr[i+1]; p++ {
			if box.Value[p] = -1; int(box.Index[p]) == i {
				box.Value[p] = 6
			}
		}
	}
	put("box", scipyPositive, box)
	put("springs", scipyPositive, scipySprings(t, 14))
	put("beam", scipyPositive, scipyBeam(t, 40))
	put("random", scipyPositive, symbolicRandom(t, random, 200, 300))
	put("arrow", scipyPositive, scipyArrow(t, 400))
	for _, k2 := range []float64{0.1, 1.03, 3.9} {
		a, _ := ldlHelmholtz(t, 32, k2)
		put(fmt.Sprint("helmholtz-", k2), scipySymmetric, a)
	}
	for _, n := range []int{4, 20} {
		a, _, _ := ldlStokes(t, n)
		put(fmt.Sprint("stokes-", n), scipySymmetric, a)
	}
	put("kkt", scipySymmetric, scipyKKT(t, random, 150, 40))
	for _, d := range []float64{1, 1e-2, 1e-4} {
		put(fmt.Sprint("advection-", d), scipyGeneral, luAdvection(t, 30, d))
	}
	put("no-diagonal", scipyGeneral, luRandom(t, random, 100, 60))
	return cases
}

// scipySprings is the stiffness of a triangulated plate of springs, two displacements a
// point, its left side clamped: Σ k d dᵀ over springs of direction d.
func scipySprings(t *testing.T, n int) *CSR {
	var row, col []int32
	var value []float64
	dof := func(i, j, c int) int32 { return int32(2*((j*n)+i-1) + c) }
	for j := range n {
		for i := range n + 1 {
			for _, s := range [][2]int{{1, 0}, {0, 1}, {1, 1}} {
				p, q := i+s[0], j+s[1]
				if p > n || q >= n {
					continue
				}
				scale := 1 / float64(s[0]*s[0]+s[1]*s[1])
				for _, from := range [][3]int{{i, j, 1}, {p, q, -1}} {
					for _, to := range [][3]int{{i, j, 1}, {p, q, -1}} {
						if from[0] == 0 || to[0] == 0 {
							continue
						}
						for c := range 2 {
							for d := range 2 {
								row, col = append(row, dof(from[0], from[1], c)), append(col, dof(to[0], to[1], d))
								value = append(value, scale*float64(from[2]*to[2]*s[c]*s[d]))
							}
						}
					}
				}
			}
		}
	}
	a, err := FromTriplets(2*n*n, 2*n*n, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// scipyBeam is the square of tridiag(−1, 2, −1): fourth differences.
func scipyBeam(t *testing.T, n int) *CSR {
	var row, col []int32
	var value []float64
	second := []float64{-1, 2, -1}
	for k := range n {
		for d, u := range second {
			for e, v := range second {
				if i, j := k+d-1, k+e-1; i >= 0 && j >= 0 && i < n && j < n {
					row, col, value = append(row, int32(i)), append(col, int32(j)), append(value, u*v)
				}
			}
		}
	}
	a, err := FromTriplets(n, n, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func scipyArrow(t *testing.T, n int) *CSR {
	var row, col []int32
	var value []float64
	for i := range int32(n) {
		row, col, value = append(row, i), append(col, i), append(value, 2+float64(i%5))
		if i > 0 {
			row, col, value = append(row, 0, i), append(col, i, 0), append(value, 1, 1)
		}
	}
	value[0] = float64(n)
	a, err := FromTriplets(n, n, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// scipyKKT is a quadratic programme's [H Bᵀ; B 0], H positive definite.
func scipyKKT(t *testing.T, random *rand.Rand, n, m int) *CSR {
	h := symbolicRandom(t, random, n, n)
	var row, col []int32
	var value []float64
	for i := range int32(n) {
		for p := h.Ptr[i]; p < h.Ptr[i+1]; p++ {
			row, col, value = append(row, i), append(col, h.Index[p]), append(value, h.Value[p])
		}
	}
	for k := range int32(m) {
		i := int32(n) + k
		row, col, value = append(row, i), append(col, i), append(value, 0)
		for e := range int32(4) {
			j, v := (k*3+e*37)%int32(n), random.NormFloat64()
			row, col, value = append(row, i, j), append(col, j, i), append(value, v, v)
		}
	}
	a, err := FromTriplets(n+m, n+m, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func scipyWrite(t *testing.T, path string, print func(w *bufio.Writer)) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	print(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// SciPy's SuperLU on the same twenty matrices, in Matrix Market's format: every factor
// that a matrix is for agrees to 1e-10 of the largest unknown.
func TestDirectSolversAgreeWithSciPy(t *testing.T) {
	if err := exec.Command("python3", "-c", "import scipy.sparse.linalg").Run(); err != nil {
		t.Skip("python3 with scipy is not installed: ", err)
	}
	folder := t.TempDir()
	cases, right := scipyCases(t), map[string][]float64{}
	if len(cases) != 20 {
		t.Errorf("%d cases", len(cases))
	}
	random := rand.New(rand.NewPCG(27, 28))
	for _, c := range cases {
		b := directNormal(random, c.a.Rows)
		right[c.name] = b
		scipyWrite(t, filepath.Join(folder, c.name+".mtx"), func(w *bufio.Writer) {
			fmt.Fprintf(w, "%%%%MatrixMarket matrix coordinate real general\n%d %d %d\n", c.a.Rows, c.a.Cols, c.a.NNZ())
			for i := range c.a.Rows {
				for p := c.a.Ptr[i]; p < c.a.Ptr[i+1]; p++ {
					fmt.Fprintf(w, "%d %d %.17g\n", i+1, c.a.Index[p]+1, c.a.Value[p])
				}
			}
		})
		scipyWrite(t, filepath.Join(folder, c.name+".b"), func(w *bufio.Writer) {
			for _, v := range b {
				fmt.Fprintf(w, "%.17g\n", v)
			}
		})
	}
	if out, err := exec.Command("python3", "-c", scipySolves, folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range cases {
		text, err := os.ReadFile(filepath.Join(folder, c.name+".x"))
		if err != nil {
			t.Fatal(err)
		}
		var want []float64
		for _, field := range strings.Fields(string(text)) {
			v, err := strconv.ParseFloat(field, 64)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, v)
		}
		for name, s := range scipySolvers(t, c) {
			x := make([]float64, c.a.Rows)
			s.Solve(x, right[c.name])
			var off, size float64
			for i := range x {
				off, size = max(off, math.Abs(x[i]-want[i])), max(size, math.Abs(want[i]))
			}
			t.Logf("%s by %s: %.1e", c.name, name, off/size)
			if !(off <= 1e-10*size) {
				t.Errorf("%s by %s is off by %.2g of %.2g", c.name, name, off, size)
			}
		}
	}
}

func scipySolvers(t *testing.T, c scipyCase) map[string]Solver {
	solvers := map[string]Solver{}
	put := func(name string, s Solver, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(c.name, ": ", err)
		}
		solvers[name] = s
	}
	lu, err := NewLU(c.a, nil)
	put("LU", lu, err)
	if c.kind >= scipySymmetric {
		l, err := NewLDL(nil, c.a, nil)
		put("LDLᵀ", l, err)
		if c.kind == scipyPositive {
			l, err := NewCholesky(nil, c.a)
			put("LLᵀ", l, err)
		}
	}
	return solvers
}
