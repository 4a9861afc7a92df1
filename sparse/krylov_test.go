package sparse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

type iterMethod func(ctx context.Context, a Operator, m Solver, x, b []float64, o Krylov) (Convergence, error)

var iterMethods = map[string]struct {
	solve    iterMethod
	definite bool // wants a definite matrix
	general  bool // takes one that is not symmetric
}{
	"CG":       {CG, true, false},
	"MINRES":   {MINRES, false, false},
	"GMRES":    {GMRES, false, true},
	"BiCGSTAB": {BiCGSTAB, false, true},
}

// Every method finds the solution of a dense factorisation, with and without a
// preconditioner, on each kind of matrix it claims, and a residual that it reports is
// the true one.
func TestKrylovAgainstDense(t *testing.T) {
	const n = 80
	definite := iterSymmetric(n, 1, func(int) float64 { return 12 })
	indefinite := iterSymmetric(n, 2, func(i int) float64 { return 10 - 20*float64(i%2) })
	general := iterUnsymmetric(n, 3)
	for name, method := range iterMethods {
		matrices := map[string]*CSR{"definite": definite}
		if !method.definite {
			matrices["indefinite"] = indefinite
		}
		if method.general {
			matrices["general"] = general
		}
		for kind, a := range matrices {
			b := iterVector(n, 4)
			want := iterSolve(t, a, b)
			for _, m := range []Solver{nil, iterJacobi(a)} {
				x := iterVector(n, 5)
				c, err := method.solve(t.Context(), a, m, x, b, Krylov{Tolerance: 1e-13, Restart: n})
				if err != nil {
					t.Errorf("%s, %s: %v", name, kind, err)
					continue
				}
				if d := iterDistance(x, want); d > 1e-10 {
					t.Errorf("%s, %s: differs from the dense solution by %.2g", name, kind, d)
				}
				if r := iterResidual(a, x, b); math.Abs(r-c.Residual) > 1e-15 || r > 1e-13 {
					t.Errorf("%s, %s: reports a residual of %.3g, it is %.3g", name, kind, c.Residual, r)
				}
			}
		}
	}
}

// In exact arithmetic a method ends after as many steps as there are different
// eigenvalues (BiCGSTAB: it contains BiCG).
func TestKrylovEndsAfterDistinctEigenvalues(t *testing.T) {
	const n, distinct = 60, 6
	q := new(mat.QR)
	q.Factorize(mat.NewDense(n, n, iterVector(n*n, 7)))
	var orthogonal, a mat.Dense
	q.QTo(&orthogonal)
	d := mat.NewDiagDense(n, nil)
	for i := range n {
		d.SetDiag(i, float64(1+i%distinct))
	}
	a.Product(&orthogonal, d, orthogonal.T())
	operator := iterFunc(func(dst, x []float64) {
		mat.NewVecDense(n, dst).MulVec(&a, mat.NewVecDense(n, x))
	})
	for name, method := range iterMethods {
		x := make([]float64, n)
		c, err := method.solve(t.Context(), operator, nil, x, iterVector(n, 8), Krylov{Tolerance: 1e-11})
		if err != nil || c.Iterations > distinct {
			t.Errorf("%s: %d steps for %d eigenvalues, error %v", name, c.Iterations, distinct, err)
		}
		if c.Iterations < distinct-1 {
			t.Errorf("%s: only %d steps for %d eigenvalues", name, c.Iterations, distinct)
		}
	}
}

// iterSpace is an orthonormal basis of span{b, Ab, …, Aᵏ⁻¹b}.
func iterSpace(a Operator, b []float64, k int) [][]float64 {
	var basis [][]float64
	w := slices.Clone(b)
	for range k {
		for range 2 {
			for _, v := range basis {
				addTo(w, -inner(v, w), v)
			}
		}
		scaleTo(w, 1/length(w), w)
		basis = append(basis, slices.Clone(w))
		next := make([]float64, len(b))
		a.Apply(next, w)
		w = next
	}
	return basis
}

// After k steps the residual of GMRES and of MINRES is the least over the Krylov
// space, which a dense least-squares problem finds; that of CG is orthogonal to it.
func TestKrylovOptimality(t *testing.T) {
	const n = 40
	definite := iterSymmetric(n, 11, func(int) float64 { return 12 })
	indefinite := iterSymmetric(n, 12, func(i int) float64 { return 8 - 16*float64(i%2) })
	general := iterUnsymmetric(n, 13)
	b := iterVector(n, 14)
	for k := 1; k <= 12; k++ {
		o := Krylov{Tolerance: 1e-15, Iterations: k}
		for _, c := range []struct {
			name  string
			solve iterMethod
			a     *CSR
		}{{"MINRES", MINRES, definite}, {"MINRES", MINRES, indefinite}, {"GMRES", GMRES, indefinite}, {"GMRES", GMRES, general}} {
			x := make([]float64, n)
			c.solve(t.Context(), c.a, nil, x, b, o)
			image := mat.NewDense(n, k, nil)
			for j, v := range iterSpace(c.a, b, k) {
				w := make([]float64, n)
				c.a.Apply(w, v)
				image.SetCol(j, w)
			}
			var y, fit mat.VecDense
			if err := y.SolveVec(image, mat.NewVecDense(n, slices.Clone(b))); err != nil {
				t.Fatal(err)
			}
			fit.MulVec(image, &y)
			want := iterDistance(fit.RawVector().Data, b)
			if got := iterResidual(c.a, x, b); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s after %d steps: residual %.15g, the least is %.15g", c.name, k, got, want)
			}
		}
		x, r := make([]float64, n), make([]float64, n)
		CG(t.Context(), definite, nil, x, b, o)
		definite.Apply(r, x)
		for i := range r {
			r[i] = b[i] - r[i]
		}
		for j, v := range iterSpace(definite, b, k) {
			if s := inner(v, r) / length(b); math.Abs(s) > 1e-12 {
				t.Errorf("CG after %d steps: residual has %.2g along direction %d", k, s, j)
			}
		}
	}
}

// What MINRES calls its residual, also with a preconditioner, is the true one, and
// rᵀM r never grows.
func TestMINRESResidual(t *testing.T) {
	a := iterSymmetric(100, 21, func(i int) float64 { return float64(1+i%9) * float64(1-2*(i%2)) * 3 })
	b := iterVector(100, 22)
	for _, m := range []Solver{nil, iterJacobi(a)} {
		x, r, z := make([]float64, 100), make([]float64, 100), make([]float64, 100)
		last := math.Inf(1)
		_, err := MINRES(t.Context(), a, m, x, b, Krylov{Tolerance: 1e-10, Monitor: func(c Convergence) error {
			a.Apply(r, x)
			for i := range r {
				r[i] = b[i] - r[i]
			}
			if got := length(r) / length(b); math.Abs(got-c.Residual) > 1e-12 {
				return fmt.Errorf("step %d: says %.15g, is %.15g", c.Iterations, c.Residual, got)
			}
			precondition(m, z, r)
			now := math.Sqrt(inner(r, z))
			if now > last*(1+1e-12) {
				return fmt.Errorf("step %d: grows from %.15g to %.15g", c.Iterations, last, now)
			}
			last = now
			return nil
		}})
		if err != nil {
			t.Error(err)
		}
	}
}

// GMRES with restarts and with a preconditioner that changes in every step.
func TestGMRESFlexible(t *testing.T) {
	a := iterUnsymmetric(200, 31)
	b := iterVector(200, 32)
	want := iterSolve(t, a, b)
	step := 0
	changing := iterFunc(func(dst, r []float64) {
		step++
		for i := range dst {
			dst[i] = r[i] / (a.At(i, i) * (1 + 0.5*math.Sin(float64(i+step))))
		}
	})
	for _, restart := range []int{3, 10, 200} {
		x := make([]float64, 200)
		if _, err := GMRES(t.Context(), a, changing, x, b, Krylov{Tolerance: 1e-12, Restart: restart}); err != nil {
			t.Error(err)
		}
		if d := iterDistance(x, want); d > 1e-10 {
			t.Errorf("restart %d: differs by %.2g", restart, d)
		}
	}
}

// Without Dirichlet conditions the constants are a null space: a right-hand side of
// mean zero has solutions, which all methods find, and from x = 0 the one of mean
// zero; another right-hand side has none, which all say.
func TestKrylovSingular(t *testing.T) {
	const n = 12
	a := iterGrid(n, n, 1, iterOne, false)
	want := iterVector(n*n, 41)
	var mean float64
	for _, v := range want {
		mean += v / float64(n*n)
	}
	for i := range want {
		want[i] -= mean
	}
	b := make([]float64, n*n)
	a.Apply(b, want)
	off := slices.Clone(b)
	for i := range off {
		off[i] += 0.1
	}
	for name, method := range iterMethods {
		x := make([]float64, n*n)
		if _, err := method.solve(t.Context(), a, nil, x, b, Krylov{Tolerance: 1e-12, Restart: 200}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := iterDistance(x, want); d > 1e-10 {
			t.Errorf("%s: differs by %.2g", name, d)
		}
		clear(x)
		if _, err := method.solve(t.Context(), a, nil, x, off, Krylov{Iterations: 500}); err == nil {
			t.Errorf("%s: claims to have solved a system without a solution", name)
		}
	}
}

// What goes wrong has a name and a remedy.
func TestKrylovErrors(t *testing.T) {
	const n = 50
	definite := iterLaplace(n)
	indefinite := iterSymmetric(n, 51, func(i int) float64 { return 10 - 20*float64(i%2) })
	rotation := iterNew(n) // skew: no real part
	for i := 0; i < n; i += 2 {
		rotation.add(i, i+1, 1)
		rotation.add(i+1, i, -1)
	}
	skew := rotation.csr()
	negative := iterFunc(func(dst, b []float64) { scaleTo(dst, -1, b) })
	nan := iterFunc(func(dst, b []float64) { scaleTo(dst, math.NaN(), b) })
	b := iterVector(n, 52)
	bad := slices.Clone(b)
	bad[7] = math.Inf(1)
	stop := errors.New("enough")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name  string
		solve iterMethod
		ctx   context.Context
		a     Operator
		m     Solver
		b     []float64
		o     Krylov
		is    error
		says  string
	}{
		{"indefinite matrix", CG, t.Context(), indefinite, nil, b, Krylov{}, ErrIndefinite, "use MINRES"},
		{"negative preconditioner", CG, t.Context(), definite, negative, b, Krylov{}, ErrIndefinite, "the preconditioner"},
		{"negative preconditioner", MINRES, t.Context(), definite, negative, b, Krylov{}, ErrIndefinite, "the preconditioner"},
		{"skew matrix", BiCGSTAB, t.Context(), skew, nil, b, Krylov{}, ErrBreakdown, "use GMRES"},
		{"too few", CG, t.Context(), definite, nil, b, Krylov{Iterations: 5}, ErrNotConverged, "after 5 iterations"},
		{"too few", GMRES, t.Context(), definite, nil, b, Krylov{Iterations: 5}, ErrNotConverged, "preconditioner"},
		{"too exact", CG, t.Context(), definite, nil, b, Krylov{Tolerance: 1e-18}, ErrRounding, "no less"},
		{"too exact", MINRES, t.Context(), definite, nil, b, Krylov{Tolerance: 1e-18}, ErrNotConverged, "rounding"},
		{"too exact", BiCGSTAB, t.Context(), definite, nil, b, Krylov{Tolerance: 1e-18}, ErrRounding, ""},
		{"too exact", GMRES, t.Context(), definite, nil, b, Krylov{Tolerance: 1e-18}, ErrRounding, ""},
		{"standing still", GMRES, t.Context(), skew, nil, b, Krylov{Restart: 1}, ErrNotConverged, "larger Restart"},
		{"infinite data", MINRES, t.Context(), definite, nil, bad, Krylov{}, ErrNonFinite, "right-hand side"},
		{"NaN preconditioner", CG, t.Context(), definite, nan, b, Krylov{}, ErrNonFinite, "preconditioner"},
		{"NaN preconditioner", GMRES, t.Context(), definite, nan, b, Krylov{}, ErrNonFinite, "preconditioner"},
		{"NaN preconditioner", MINRES, t.Context(), definite, nan, b, Krylov{}, ErrNonFinite, "preconditioner"},
		{"NaN preconditioner", BiCGSTAB, t.Context(), definite, nan, b, Krylov{}, ErrNonFinite, "preconditioner"},
		{"sizes", CG, t.Context(), definite, nil, b[:n-1], Krylov{}, nil, "50 unknowns and a right-hand side of 49"},
		{"tolerance", CG, t.Context(), definite, nil, b, Krylov{Tolerance: -1}, nil, "tolerance of -1"},
		{"cancelled", BiCGSTAB, cancelled, definite, nil, b, Krylov{}, context.Canceled, ""},
		{"stopped", MINRES, t.Context(), definite, nil, b, Krylov{Monitor: func(Convergence) error { return stop }}, stop, ""},
	} {
		_, err := c.solve(c.ctx, c.a, c.m, make([]float64, n), c.b, c.o)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v; should be %v and say %q", c.name, err, c.is, c.says)
		}
	}
	for name, method := range iterMethods {
		x := iterVector(n, 53)
		if _, err := method.solve(t.Context(), definite, nil, x, make([]float64, n), Krylov{}); err != nil || length(x) != 0 {
			t.Errorf("%s: b = 0 gives ‖x‖ = %g, error %v", name, length(x), err)
		}
		want := iterVector(n, 54)
		definite.Apply(b, want)
		copy(x, want)
		if c, err := method.solve(t.Context(), definite, nil, x, b, Krylov{}); err != nil || c.Iterations != 0 {
			t.Errorf("%s: the solution as a guess takes %d iterations, error %v", name, c.Iterations, err)
		}
	}
}

// Iterations allocate nothing: ten times as many cost as many allocations.
func TestKrylovAllocations(t *testing.T) {
	const n = 400
	a := iterLaplace(n)
	b, x := iterVector(n, 61), make([]float64, n)
	m := iterJacobi(a)
	for name, method := range iterMethods {
		allocations := func(iterations int) float64 {
			o := Krylov{Work: new(Work), Restart: 5, Tolerance: 1e-15, Monitor: func(c Convergence) error {
				if c.Iterations == iterations {
					return context.Canceled
				}
				return nil
			}}
			return testing.AllocsPerRun(5, func() {
				clear(x)
				method.solve(t.Context(), a, m, x, b, o)
			})
		}
		few, many := allocations(10), allocations(100)
		if many > few || few > 10 {
			t.Errorf("%s: %v allocations in 10 iterations, %v in 100", name, few, many)
		}
	}
}

// Where squares leave the range of float64 no method claims a solution that it has not,
// and CG says at once what is wrong. MINRES ends where a singular matrix leaves nothing to
// divide by, near the least-squares solution, which SciPy's does too; it does not go on
// into what rounding makes of zero.
func TestKrylovAtTheEndsOfFloat64(t *testing.T) {
	const n = 50
	second := func(scale float64, free bool) *CSR {
		a := iterDifference(t, n, scale)
		if free {
			a.Value[a.Position(0, 0)], a.Value[a.Position(n-1, n-1)] = scale, scale
		}
		return a
	}
	relative := func(a *CSR, x, b []float64) float64 {
		r, size, rest := make([]float64, len(b)), 0.0, 0.0
		a.Apply(r, x)
		for i := range b {
			size, rest = math.Hypot(size, b[i]), math.Hypot(rest, b[i]-r[i])
		}
		return rest / size
	}
	methods := map[string]func(context.Context, Operator, Solver, []float64, []float64, Krylov) (Convergence, error){"CG": CG, "MINRES": MINRES, "GMRES": GMRES, "BiCGSTAB": BiCGSTAB}
	for _, scale := range []float64{1e150, 1e-150, 1e-158, 1e-160, 1e-300, 1e200} {
		a, b := second(scale, false), make([]float64, n)
		for i := range b {
			b[i] = scale * math.Sin(float64(3*i+1))
		}
		for name, method := range methods {
			x := make([]float64, n)
			c, err := method(t.Context(), a, nil, x, b, Krylov{})
			if r := relative(a, x, b); err == nil && !(r <= 1.01e-8) {
				t.Errorf("%s, scale %g: no error and a residual of %g", name, scale, r)
			}
			if name == "CG" && (err == nil || errors.Is(err, ErrIndefinite) || errors.Is(err, ErrNotConverged) || c.Iterations > n) {
				t.Errorf("CG, scale %g: %v after %d iterations", scale, err, c.Iterations)
			}
		}
	}
	a, b, x := second(1, true), make([]float64, n), make([]float64, n)
	b[0] = 1 // of which the mean is not in the range
	c, err := MINRES(t.Context(), a, nil, x, b, Krylov{})
	if r := relative(a, x, b); !errors.Is(err, ErrBreakdown) || !(math.Abs(r-1/math.Sqrt(n)) <= 1e-10) || c.Iterations > n {
		t.Errorf("MINRES of an inconsistent system: %v, residual %g, want %g", err, r, 1/math.Sqrt(n))
	}
}

// iterDifference is scale times the matrix −1, 2, −1.
func iterDifference(t *testing.T, n int, scale float64) *CSR {
	t.Helper()
	var row, col []int32
	var value []float64
	for i := range n {
		for j := max(i-1, 0); j <= min(i+1, n-1); j++ {
			row, col, value = append(row, int32(i)), append(col, int32(j)), append(value, scale*[]float64{2, -1}[max(i-j, j-i)])
		}
	}
	a, err := FromTriplets(n, n, row, col, value)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The size of the right-hand side does not matter, where its square is a number.
func TestKrylovScale(t *testing.T) {
	a := iterUnsymmetric(60, 3)
	for name, method := range iterMethods {
		if !method.general {
			continue
		}
		unit := iterVector(60, 4)
		want := iterSolve(t, a, unit)
		for _, scale := range []float64{1e-150, 1e-140, 1e140, 1e150} {
			b, x := make([]float64, 60), make([]float64, 60)
			for i := range b {
				b[i] = unit[i] * scale
			}
			if _, err := method.solve(t.Context(), a, nil, x, b, Krylov{Tolerance: 1e-12}); err != nil {
				t.Errorf("%s, %g: %v", name, scale, err)
			}
			for i := range x {
				x[i] /= scale
			}
			if d := iterDistance(x, want); d > 1e-10 {
				t.Errorf("%s, %g: differs from the dense solution by %.2g", name, scale, d)
			}
		}
	}
	for i := range a.Value {
		a.Value[i] *= 1e160
	}
	x := make([]float64, 60)
	if _, err := BiCGSTAB(t.Context(), a, nil, x, iterVector(60, 4), Krylov{}); err == nil || !strings.Contains(err.Error(), "scale") {
		t.Errorf("a matrix of squares that are no numbers: %v", err)
	}
}
