package sparse

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// iluDense is M⁻¹ by columns, inverted: the matrix that a Solver solves with.
func iluDense(t *testing.T, n int, m Solver) *mat.Dense {
	t.Helper()
	inverse := mat.NewDense(n, n, nil)
	e, x := make([]float64, n), make([]float64, n)
	for j := range n {
		clear(e)
		e[j] = 1
		m.Solve(x, e)
		inverse.SetCol(j, x)
	}
	var a mat.Dense
	if err := a.Inverse(inverse); err != nil {
		t.Fatal(err)
	}
	return &a
}

// L U = A on the pattern of A, which defines both factors; off it they differ.
func TestIncompleteFactorsOnThePattern(t *testing.T) {
	general, definite := iterUnsymmetric(60, 101), iterP1(9, 0.05, amgJumps)
	ilu, err := NewILU0(general)
	if err != nil {
		t.Fatal(err)
	}
	both, err := NewILU0(definite)
	if err != nil {
		t.Fatal(err)
	}
	ic, err := NewIC0(definite)
	if err != nil {
		t.Fatal(err)
	}
	if ic.Shift != 0 {
		t.Errorf("IC(0) of a matrix near an M-matrix is shifted by %g", ic.Shift)
	}
	for name, c := range map[string]struct {
		a *CSR
		m Solver
	}{"ILU(0)": {general, ilu}, "ILU(0) of a symmetric matrix": {definite, both}, "IC(0)": {definite, ic}} {
		lu := iluDense(t, c.a.Rows, c.m)
		var off float64
		for i := range c.a.Rows {
			for j := range c.a.Rows {
				d := math.Abs(lu.At(i, j) - c.a.At(i, j))
				if c.a.Position(i, j) < 0 {
					off = max(off, d)
				} else if d > 1e-12 {
					t.Fatalf("%s: entry (%d, %d) is %.15g, should be %.15g", name, i, j, lu.At(i, j), c.a.At(i, j))
				}
			}
		}
		if off < 1e-3 {
			t.Errorf("%s: nothing off the pattern: the test does not test", name)
		}
	}
}

// Where elimination fills nothing in, the factors are exact.
func TestIncompleteFactorsExact(t *testing.T) {
	full := iterNew(20)
	for i := range 20 {
		for j := range 20 {
			full.add(i, j, 1/float64(1+i+j))
		}
		full.add(i, i, 1)
	}
	for _, a := range []*CSR{iterLaplace(200), full.csr()} {
		b := iterVector(a.Rows, 102)
		want := iterSolve(t, a, b)
		ilu, err := NewILU0(a)
		if err != nil {
			t.Fatal(err)
		}
		ic, err := NewIC0(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []Solver{ilu, ic} {
			x := append([]float64(nil), b...)
			m.Solve(x, x) // in place
			if d := iterDistance(x, want); d > 1e-11 {
				t.Errorf("%T: differs by %.2g", m, d)
			}
		}
	}
}

// Each preconditioner saves iterations, and the stronger one more.
func TestIncompleteFactorsPrecondition(t *testing.T) {
	a := iterP1(60, 0.125, amgLogNormal(6))
	d, err := DiagonalOf(a)
	if err != nil {
		t.Fatal(err)
	}
	ic, err := NewIC0(a)
	if err != nil {
		t.Fatal(err)
	}
	none, jacobi, incomplete := amgIterations(t, a, nil), amgIterations(t, a, d), amgIterations(t, a, ic)
	t.Logf("CG: %d, %d with Jacobi, %d with IC(0)", none, jacobi, incomplete)
	if jacobi >= none || incomplete >= jacobi {
		t.Errorf("CG: %d, %d with Jacobi, %d with IC(0)", none, jacobi, incomplete)
	}
	// Advection against diffusion, cell Péclet number 2, upwind.
	n := 50
	up := iterNew(n * n)
	for j := range n {
		for i := range n {
			at := j*n + i
			up.add(at, at, 8)
			for _, s := range [][3]int{{-1, 0, 3}, {1, 0, 1}, {0, -1, 3}, {0, 1, 1}} {
				if u, v := i+s[0], j+s[1]; u >= 0 && v >= 0 && u < n && v < n {
					up.add(at, v*n+u, -float64(s[2]))
				}
			}
		}
	}
	c := up.csr()
	m, err := NewILU0(c)
	if err != nil {
		t.Fatal(err)
	}
	b := iterVector(n*n, 103)
	for name, method := range map[string]iterMethod{"GMRES": GMRES, "BiCGSTAB": BiCGSTAB} {
		x := make([]float64, n*n)
		plain, err := method(t.Context(), c, nil, x, b, Krylov{})
		if err != nil {
			t.Fatal(err)
		}
		clear(x)
		with, err := method(t.Context(), c, m, x, b, Krylov{})
		if err != nil || 2*with.Iterations > plain.Iterations {
			t.Errorf("%s: %d iterations, %d with ILU(0), %v", name, plain.Iterations, with.Iterations, err)
		}
	}
}

// A positive definite matrix without an incomplete factor gets a shifted one.
func TestIC0Shift(t *testing.T) {
	// D. S. Kershaw, "The Incomplete Cholesky–Conjugate Gradient Method for the Iterative
	// Solution of Systems of Linear Equations", J. Comput. Phys. 26 (1978): definite, but
	// the last pivot is negative.
	k := iterNew(4)
	for i, row := range [4][4]float64{{3, -2, 0, 2}, {-2, 3, -2, 0}, {0, -2, 3, -2}, {2, 0, -2, 3}} {
		for j, v := range row {
			if v != 0 {
				k.add(i, j, v)
			}
		}
	}
	a := k.csr()
	f, err := NewIC0(a)
	if err != nil || f.Shift == 0 {
		t.Fatalf("shift %g, error %v", f.Shift, err)
	}
	x, b := make([]float64, 4), []float64{1, 2, 3, 4}
	if c, err := CG(t.Context(), a, f, x, b, Krylov{Tolerance: 1e-12}); err != nil || c.Iterations > 4 {
		t.Errorf("%d iterations, %v", c.Iterations, err)
	}
}

func TestIncompleteFactorErrors(t *testing.T) {
	hole := &CSR{Rows: 2, Cols: 2, Ptr: []int32{0, 1, 2}, Index: []int32{1, 0}, Value: []float64{1, 1}}
	wide := &CSR{Rows: 1, Cols: 2, Ptr: []int32{0, 1}, Index: []int32{1}, Value: []float64{1}}
	zero := iterLaplace(5)
	zero.Value[0] = 0
	for _, c := range []struct {
		a    *CSR
		says string
	}{{hole, "row 0"}, {wide, "1×2"}, {zero, "row 0"}} {
		_, ilu := NewILU0(c.a)
		_, ic := NewIC0(c.a)
		for _, err := range []error{ilu, ic} {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v should say %q", err, c.says)
			}
		}
	}
	if _, err := DiagonalOf(hole); err == nil || !strings.Contains(err.Error(), "row 0") {
		t.Errorf("a zero diagonal: %v", err)
	}
	f, err := NewIC0(iterLaplace(5))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Refactor(iterLaplace(6)); err == nil || !strings.Contains(err.Error(), "made for 5×5") {
		t.Errorf("another pattern: %v", err)
	}
}

// A Diagonal is both an operator and its inverse.
func TestDiagonal(t *testing.T) {
	d := Diagonal{2, -3, 0.5}
	x := []float64{1, 2, 3}
	d.Apply(x, x)
	if x[0] != 2 || x[1] != -6 || x[2] != 1.5 {
		t.Errorf("D x = %v", x)
	}
	d.Solve(x, x)
	if x[0] != 1 || x[1] != 2 || x[2] != 3 {
		t.Errorf("D⁻¹ D x = %v", x)
	}
}
