package sparse

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// choleskyPoisson is ∫ κ ∇u·∇v + shift ∫ u on triangles of a square (the five-point
// stencil where κ is 1), κ drawn cell by cell from e^±spread; with all points the
// boundary is free. coords lie on the grid.
func choleskyPoisson(t testing.TB, n int, all bool, spread, shift float64, seed uint64) (a *CSR, coords []float64) {
	t.Helper()
	dofs, cells := assembleGrid(n, all)
	s, err := NewAssembly(dofs, dofs, cells, 3, cells, 3)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	m := shift / 3
	lower := []float64{0.5, -0.5, 0, -0.5, 1, -0.5, 0, -0.5, 0.5} // right angle at the second point
	upper := []float64{0.5, 0, -0.5, 0, 0.5, -0.5, -0.5, -0.5, 1} // and at the third
	a = s.Pattern.Like()
	local := make([]float64, 9)
	for c := range len(cells) / 3 {
		k := math.Exp(spread * (2*random.Float64() - 1))
		from := lower
		if c%2 == 1 {
			from = upper
		}
		for e := range local {
			local[e] = k * from[e]
		}
		local[0], local[4], local[8] = local[0]+m, local[4]+m, local[8]+m
		s.Add(a.Value, c, local)
	}
	lo, hi := 1, n
	if all {
		lo, hi = 0, n+1
	}
	for j := lo; j < hi; j++ {
		for i := lo; i < hi; i++ {
			coords = append(coords, float64(i), float64(j))
		}
	}
	return a, coords
}

func choleskyDissected(t testing.TB, a *CSR, coords []float64, dim int) *Symbolic {
	t.Helper()
	perm, err := OrderCoordinates(a, coords, dim)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Analyse(a, perm)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func directNormal(random *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = random.NormFloat64()
	}
	return x
}

// directResidual is ‖A x − b‖∞ / (‖A‖∞ ‖x‖∞ + ‖b‖∞), the normwise backward error.
func directResidual(a *CSR, x, b []float64) float64 {
	r := make([]float64, len(b))
	a.Apply(r, x)
	var norm, rest, big, right float64
	for i := range b {
		sum := 0.0
		for _, v := range a.Value[a.Ptr[i]:a.Ptr[i+1]] {
			sum += math.Abs(v)
		}
		norm, rest = max(norm, sum), max(rest, math.Abs(r[i]-b[i]))
		big, right = max(big, math.Abs(x[i])), max(right, math.Abs(b[i]))
	}
	return rest / (norm*big + right)
}

func directNear(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	var off, size float64
	for i := range want {
		off, size = max(off, math.Abs(got[i]-want[i])), max(size, math.Abs(want[i]))
	}
	if !(off <= tolerance*size) {
		t.Errorf("%s is off by %.3g of %.3g", what, off, size)
	}
}

// Each part of the factor against gonum's dense one, on matrices whose orderings
// give supernodes of all widths.
func TestCholeskyIsTheDenseOne(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for round := range 60 {
		n := 1 + random.IntN(70)
		a := symbolicRandom(t, random, n, []int{0, n / 2, n, 4 * n}[round%4])
		n = a.Rows
		perm := symbolicPermutation(random, n)
		s, err := Analyse(a, perm)
		if err != nil {
			t.Fatal(err)
		}
		c, err := NewCholesky(s, a)
		if err != nil {
			t.Fatal(err)
		}
		full := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range i + 1 {
				full.SetSym(i, j, a.At(int(perm[i]), int(perm[j])))
			}
		}
		var dense mat.Cholesky
		if !dense.Factorize(full) {
			t.Fatal("gonum does not factor it")
		}
		var l mat.TriDense
		dense.LTo(&l)
		b := directNormal(random, n)
		pb, want, got := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil), make([]float64, n)
		for k, i := range perm {
			pb.SetVec(k, b[i])
		}
		back := func(v *mat.VecDense) []float64 {
			x := make([]float64, n)
			for k, i := range perm {
				x[i] = v.AtVec(k)
			}
			return x
		}
		if err := dense.SolveVecTo(want, pb); err != nil {
			t.Fatal(err)
		}
		c.Solve(got, b)
		directNear(t, "A⁻¹ b", got, back(want), 1e-12)
		if err := want.SolveVec(&l, pb); err != nil {
			t.Fatal(err)
		}
		c.SolveL(got, b)
		directNear(t, "L⁻¹ P b", got, want.RawVector().Data, 1e-12)
		if err := want.SolveVec(l.T(), mat.NewVecDense(n, b)); err != nil {
			t.Fatal(err)
		}
		c.SolveLT(got, b)
		directNear(t, "Pᵀ L⁻ᵀ b", got, back(want), 1e-12)
		if d := c.LogDet() - dense.LogDet(); math.Abs(d) > 1e-10 {
			t.Errorf("log det is off by %g", d)
		}
		copy(got, b)
		c.Solve(got, got)
		c.Solve(b, b)
		if !slices.Equal(got, b) {
			t.Error("solving in place differs")
		}
	}
}

// Many right-hand sides are as many solves; every remainder of four.
func TestCholeskySolveMany(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 1))
	a, coords := choleskyPoisson(t, 13, false, 1, 0, 1)
	c, err := NewCholesky(choleskyDissected(t, a, coords, 2), a)
	if err != nil {
		t.Fatal(err)
	}
	for many := range 10 {
		b := directNormal(random, many*a.Rows)
		want, got := make([]float64, len(b)), make([]float64, len(b))
		for i := 0; i < len(b); i += a.Rows {
			c.Solve(want[i:i+a.Rows], b[i:i+a.Rows])
		}
		c.SolveMany(got, b)
		directNear(t, fmt.Sprint(many, " right-hand sides"), got, want, 1e-13)
	}
}

// Kernels with vector registers, where there are any, give the plain ones' numbers.
func TestCholeskyKernelsAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(29, 30))
	a, coords := choleskyPoisson(t, 13, false, 1, 0, 1)
	c, err := NewCholesky(choleskyDissected(t, a, coords, 2), a)
	if err != nil {
		t.Fatal(err)
	}
	v, w := make([][4]float64, a.Rows), make([][4]float64, a.Rows)
	for i := range v {
		v[i] = [4]float64(directNormal(random, 4))
	}
	copy(w, v)
	s := c.f.s
	forward4(v, s.Col, s.Row, c.f.value)
	plainForward4(w, s.Col, s.Row, c.f.value)
	if !slices.Equal(v, w) {
		t.Error("forward differs")
	}
	backward4(v, c.f.over, s.Col, s.Row, c.f.value)
	plainBackward4(w, c.f.over, s.Col, s.Row, c.f.value)
	if !slices.Equal(v, w) {
		t.Error("backward differs")
	}
}

// The eigenvalues of the five-point stencil on a square are known, so the solution
// for an eigenvector and the determinant are too.
func TestCholeskyOfTheFivePointStencil(t *testing.T) {
	const n = 64
	a, coords := choleskyPoisson(t, n, false, 0, 0, 1)
	c, err := NewCholesky(choleskyDissected(t, a, coords, 2), a)
	if err != nil {
		t.Fatal(err)
	}
	eigenvalue := func(i, j int) float64 {
		p, q := math.Sin(math.Pi*float64(i)/(2*n)), math.Sin(math.Pi*float64(j)/(2*n))
		return 4*p*p + 4*q*q
	}
	b, x, want, det := make([]float64, a.Rows), make([]float64, a.Rows), make([]float64, a.Rows), 0.0
	for j := 1; j < n; j++ {
		for i := 1; i < n; i++ {
			k := (j-1)*(n-1) + i - 1
			b[k] = math.Sin(3*math.Pi*float64(i)/n) * math.Sin(5*math.Pi*float64(j)/n)
			want[k] = b[k] / eigenvalue(3, 5)
			det += math.Log(eigenvalue(i, j))
		}
	}
	c.Solve(x, b)
	directNear(t, "the solution", x, want, 1e-12)
	if math.Abs(c.LogDet()-det) > 1e-9 {
		t.Errorf("log det %v, want %v", c.LogDet(), det)
	}
}

// Refactoring is factoring, bit for bit, also after a failure, and allocates nothing;
// neither does a solve.
func TestCholeskyRefactor(t *testing.T) {
	a, coords := choleskyPoisson(t, 20, false, 1, 0, 1)
	other, _ := choleskyPoisson(t, 20, false, 1, 0, 2)
	s := choleskyDissected(t, a, coords, 2)
	c, err := NewCholesky(s, a)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := NewCholesky(s, other)
	if err != nil {
		t.Fatal(err)
	}
	bad := a.Like()
	copy(bad.Value, a.Value)
	bad.Value[bad.Position(200, 200)] = -1
	if err := c.Refactor(bad); err == nil {
		t.Error("a negative diagonal is factored")
	}
	if n := testing.AllocsPerRun(5, func() {
		if err := c.Refactor(other); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("refactoring allocates %v times", n)
	}
	if !slices.Equal(c.f.value, fresh.f.value) || !slices.Equal(c.f.d, fresh.f.d) {
		t.Error("a factor depends on what was factored before")
	}
	x := make([]float64, a.Rows)
	if n := testing.AllocsPerRun(5, func() { c.Solve(x, x) }); n != 0 {
		t.Errorf("a solve allocates %v times", n)
	}
}

// A pure Neumann matrix is singular: no rounding of its last pivot passes for a
// positive number, whatever the size, the ordering and the coefficient. One number
// added to one diagonal entry makes it regular.
func TestCholeskyNamesTheSingularRow(t *testing.T) {
	for _, n := range []int{1, 2, 5, 16, 47, 100} {
		for seed := range uint64(4) {
			a, coords := choleskyPoisson(t, n, true, float64(seed), 0, seed)
			s := choleskyDissected(t, a, coords, 2)
			_, err := NewCholesky(s, a)
			if err == nil || !strings.Contains(err.Error(), "not positive definite") || !strings.Contains(err.Error(), "pin a value") {
				t.Errorf("n = %d, seed %d: %v", n, seed, err)
				continue
			}
			if want := fmt.Sprintf("row %d ", s.Perm[s.N-1]); !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v: want %s", err, want)
			}
			a.Value[a.Position(0, 0)] += 1
			if _, err := NewCholesky(s, a); err != nil {
				t.Errorf("n = %d with a pinned value: %v", n, err)
			}
		}
	}
	// A mass of 10⁻¹² is above rounding, and units of the unknowns are nothing bad.
	a, coords := choleskyPoisson(t, 10, true, 0, 1e-12, 0)
	for i := range a.Rows {
		for p := a.Ptr[i]; p < a.Ptr[i+1]; p++ {
			a.Value[p] *= math.Pow(10, float64(i%13-6)+float64(a.Index[p]%13-6))
		}
	}
	if _, err := NewCholesky(choleskyDissected(t, a, coords, 2), a); err != nil {
		t.Errorf("a small mass in mixed units: %v", err)
	}
	a, coords = choleskyPoisson(t, 5, true, 0, 1, 0)
	s := choleskyDissected(t, a, coords, 2)
	c, err := NewCholesky(s, a)
	if err != nil {
		t.Fatal(err)
	}
	a.Value[a.Position(7, 7)] = math.NaN()
	if err := c.Refactor(a); err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Errorf("NaN: %v", err)
	}
	b, _ := choleskyPoisson(t, 6, true, 0, 1, 0)
	if err := c.Refactor(b); err == nil || !strings.Contains(err.Error(), "pattern that was analysed") {
		t.Errorf("another pattern: %v", err)
	}
}
