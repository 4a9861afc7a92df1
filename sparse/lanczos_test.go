package sparse

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// lanczosDense are the eigenvalues of A x = λ M x, ascending, by dense factors.
func lanczosDense(t *testing.T, a, m *CSR) []float64 {
	t.Helper()
	n := a.Rows
	c := iterDense(a)
	if m != nil {
		var chol mat.Cholesky
		if !chol.Factorize(mat.NewSymDense(n, iterDense(m).RawMatrix().Data)) {
			t.Fatal("M is not definite")
		}
		var l mat.TriDense
		chol.LTo(&l)
		var left, both mat.Dense
		if err := left.Solve(&l, c); err != nil {
			t.Fatal(err)
		}
		if err := both.Solve(&l, left.T()); err != nil {
			t.Fatal(err)
		}
		c = &both
	}
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sym.SetSym(i, j, (c.At(i, j)+c.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(sym, false) {
		t.Fatal("no dense eigenvalues")
	}
	return eigen.Values(nil)
}

// lanczosInverse solves with a − σm by a dense LU.
func lanczosInverse(t *testing.T, a, m *CSR, sigma float64) Solver {
	t.Helper()
	c := iterDense(a)
	for i := range a.Rows {
		for j := range a.Rows {
			d := 0.0
			if m != nil {
				d = m.At(i, j)
			} else if i == j {
				d = 1
			}
			c.Set(i, j, c.At(i, j)-sigma*d)
		}
	}
	var lu mat.LU
	lu.Factorize(c)
	return iterFunc(func(dst, b []float64) {
		var x mat.VecDense
		if err := lu.SolveVecTo(&x, false, mat.NewVecDense(len(b), slices.Clone(b))); err != nil {
			t.Error(err)
		}
		copy(dst, x.RawVector().Data)
	})
}

// lanczosCheck holds pairs to exact values: within 1e-10, within their bounds, with
// vectors orthonormal in M.
func lanczosCheck(t *testing.T, name string, e Eigenpairs, err error, want []float64, mass Operator) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for i, w := range want {
		d := math.Abs(e.Values[i] - w)
		if d > 1e-10*max(1, math.Abs(w)) {
			t.Errorf("%s: eigenvalue %d is %.14g, should be %.14g", name, i, e.Values[i], w)
		}
		if d > e.Bounds[i]+1e-13*max(1, math.Abs(w)) {
			t.Errorf("%s: eigenvalue %d is off by %.3g, which claims %.3g", name, i, d, e.Bounds[i])
		}
		for j := range i + 1 {
			x := e.Vectors[j]
			if mass != nil {
				x = make([]float64, len(x))
				mass.Apply(x, e.Vectors[j])
			}
			s := inner(e.Vectors[i], x)
			if i == j {
				s--
			}
			if math.Abs(s) > 1e-12 {
				t.Errorf("%s: ⟨%d, %d⟩ is off by %.2g", name, i, j, s)
			}
		}
	}
}

func TestLanczosAgainstDense(t *testing.T) {
	const n, k = 120, 6
	a := iterSymmetric(n, 111, func(i int) float64 { return float64(i%7) - 3 })
	m := iterSymmetric(n, 112, func(int) float64 { return 15 })
	massSolver := lanczosInverse(t, m, nil, 0)
	for _, mass := range []*CSR{nil, m} {
		values := lanczosDense(t, a, mass)
		o, name := Lanczos{}, "plain"
		if mass != nil {
			o.Mass, o.MassSolver, name = mass, massSolver, "generalised"
		}
		e, err := EigenSmallest(t.Context(), a, n, k, o)
		lanczosCheck(t, name+" smallest", e, err, values[:k], o.Mass)
		slices.Reverse(values)
		e, err = EigenLargest(t.Context(), a, n, k, o)
		lanczosCheck(t, name+" largest", e, err, values[:k], o.Mass)
		const sigma = 0.05
		slices.SortFunc(values, func(p, q float64) int {
			return int(math.Copysign(1, math.Abs(p-sigma)-math.Abs(q-sigma)))
		})
		e, err = EigenNearest(t.Context(), lanczosInverse(t, a, mass, sigma), sigma, n, k, Lanczos{Mass: o.Mass})
		lanczosCheck(t, name+" nearest", e, err, values[:k], o.Mass)
	}
}

// −u″ by differences: 4 sin²(πj/2(n+1)), from both ends and through the inverse; the
// square's are sums of two, so most of them double, and both are found.
func TestLanczosLaplace(t *testing.T) {
	const n, k = 200, 5
	line := func(n, j int) float64 {
		s := math.Sin(math.Pi * float64(j) / float64(2*(n+1)))
		return 4 * s * s
	}
	a := iterLaplace(n)
	var small, large []float64
	for j := 1; j <= k; j++ {
		small, large = append(small, line(n, j)), append(large, line(n, n+1-j))
	}
	e, err := EigenSmallest(t.Context(), a, n, k, Lanczos{})
	lanczosCheck(t, "smallest", e, err, small, nil)
	e, err = EigenLargest(t.Context(), a, n, k, Lanczos{})
	lanczosCheck(t, "largest", e, err, large, nil)
	direct := e.Products
	e, err = EigenNearest(t.Context(), newSemidefinite(a), 0, n, k, Lanczos{})
	lanczosCheck(t, "nearest", e, err, small, nil)
	if e.Products > direct/2 {
		t.Errorf("%d products through the inverse, %d without", e.Products, direct)
	}

	const side = 18
	square := iterGrid(side, side, 1, iterOne, true)
	var all []float64
	for i := 1; i <= side; i++ {
		for j := 1; j <= side; j++ {
			// Its outer conductances are whole, so h to the outside is that of inside.
			all = append(all, line(side, i)+line(side, j))
		}
	}
	slices.Sort(all)
	for _, k := range []int{1, 2, 3, 8, 15} {
		e, err = EigenNearest(t.Context(), newSemidefinite(square), 0, side*side, k, Lanczos{})
		lanczosCheck(t, "square, nearest", e, err, all[:k], nil)
		e, err = EigenSmallest(t.Context(), square, side*side, k, Lanczos{})
		lanczosCheck(t, "square, smallest", e, err, all[:k], nil)
	}
}

// −u″ = λu by linear elements: λ = 6/h² (1 − c)/(2 + c), c = cos πjh; with the lumped
// mass 2/h² (1 − c).
func TestLanczosElements(t *testing.T) {
	const n, k = 150, 4
	h := 1. / (n + 1)
	stiffness, mass := iterLaplace(n), iterLaplace(n)
	lumped := make(Diagonal, n)
	for i := range n {
		lumped[i] = h
	}
	for i := range stiffness.Value {
		if stiffness.Value[i] == 2 {
			mass.Value[i] = 4 * h / 6
		} else {
			mass.Value[i] = h / 6
		}
		stiffness.Value[i] /= h
	}
	var consistent, diagonal []float64
	for j := 1; j <= k; j++ {
		c := math.Cos(math.Pi * float64(j) * h)
		consistent = append(consistent, 6/(h*h)*(1-c)/(2+c))
		diagonal = append(diagonal, 2/(h*h)*(1-c))
	}
	inverse := newSemidefinite(stiffness)
	e, err := EigenNearest(t.Context(), inverse, 0, n, k, Lanczos{Mass: mass})
	lanczosCheck(t, "consistent", e, err, consistent, mass)
	e, err = EigenNearest(t.Context(), inverse, 0, n, k, Lanczos{Mass: lumped})
	lanczosCheck(t, "lumped", e, err, diagonal, lumped)
	slices.Reverse(diagonal)
	var large []float64
	for j := range k {
		large = append(large, 2/(h*h)*(1-math.Cos(math.Pi*float64(n-j)*h)))
	}
	e, err = EigenLargest(t.Context(), stiffness, n, k, Lanczos{Mass: lumped, MassSolver: lumped})
	lanczosCheck(t, "lumped, largest", e, err, large, lumped)
}

// The bounds of pairs that are not exact are the residuals in the norm of M, brought
// from θ to λ, and hold.
func TestLanczosBounds(t *testing.T) {
	const n, k, sigma = 120, 4, 0.5
	a := iterSymmetric(n, 113, func(i int) float64 { return float64(i%7) - 3 })
	m := iterSymmetric(n, 114, func(int) float64 { return 15 })
	values := lanczosDense(t, a, m)
	nearest := func(x float64) float64 {
		d := math.Inf(1)
		for _, v := range values {
			d = min(d, math.Abs(v-x))
		}
		return d
	}
	massSolver, inverse := lanczosInverse(t, m, nil, 0), lanczosInverse(t, a, m, sigma)
	o := Lanczos{Mass: m, MassSolver: massSolver, Tolerance: 0.02, Basis: k + 4}
	large, err := EigenLargest(t.Context(), a, n, k, o)
	if err != nil {
		t.Fatal(err)
	}
	near, err := EigenNearest(t.Context(), inverse, sigma, n, k, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range k {
		y, r := make([]float64, n), make([]float64, n)
		norm := func() float64 { m.Apply(y, r); return math.Sqrt(inner(r, y)) }
		x := large.Vectors[i]
		a.Apply(y, x)
		massSolver.Solve(r, y)
		addTo(r, -large.Values[i], x)
		if want := norm(); math.Abs(want-large.Bounds[i]) > 1e-10 || nearest(large.Values[i]) > want {
			t.Errorf("largest %d: bound %.10g, should be %.10g; off by %.3g", i, large.Bounds[i], want, nearest(large.Values[i]))
		}
		x, theta := near.Vectors[i], 1/(near.Values[i]-sigma)
		m.Apply(y, x)
		inverse.Solve(r, y)
		addTo(r, -theta, x)
		// The farther of 1/(θ ± residual) from 1/θ.
		size := norm()
		want := max(math.Abs(1/(theta+size)-1/theta), math.Abs(1/(theta-size)-1/theta))
		if math.Abs(want-near.Bounds[i]) > 1e-10 || nearest(near.Values[i]) > want {
			t.Errorf("nearest %d: bound %.10g, should be %.10g; off by %.3g", i, near.Bounds[i], want, nearest(near.Values[i]))
		}
		if i == 0 && large.Bounds[0] < 1e-6 {
			t.Error("the pairs are too exact to test their bounds")
		}
	}
}

// Krylov spaces that end early: the identity, few eigenvalues, zero, one row.
func TestLanczosInvariantSpaces(t *testing.T) {
	few := make(Diagonal, 90)
	for i := range few {
		few[i] = float64(i % 3)
	}
	e, err := EigenLargest(t.Context(), few, 90, 35, Lanczos{Basis: 40})
	lanczosCheck(t, "three eigenvalues", e, err, append(slices.Repeat([]float64{2}, 30), slices.Repeat([]float64{1}, 5)...), nil)
	e, err = EigenSmallest(t.Context(), make(Diagonal, 90), 90, 2, Lanczos{})
	lanczosCheck(t, "zero", e, err, []float64{0, 0}, nil)
	e, err = EigenSmallest(t.Context(), Diagonal{-3}, 1, 1, Lanczos{})
	lanczosCheck(t, "one row", e, err, []float64{-3}, nil)
	e, err = EigenLargest(t.Context(), Diagonal{1, 2, 3, 4}, 4, 4, Lanczos{})
	lanczosCheck(t, "all", e, err, []float64{4, 3, 2, 1}, nil)
}

func TestCondition(t *testing.T) {
	const n = 100
	a := iterLaplace(n)
	want := math.Pow(math.Tan(math.Pi/(2*(n+1))), -2)
	for _, inverse := range []Solver{nil, newSemidefinite(a)} {
		got, err := Condition(t.Context(), a, inverse, n)
		if err != nil || got > want*(1+1e-10) || got < want*(1-1e-3) {
			t.Errorf("condition %.6g, estimated %.6g, %v", want, got, err)
		}
	}
	indefinite := Diagonal{-8, 1, 0.5, -0.25, 3}
	if got, err := Condition(t.Context(), indefinite, indefinite, 5); err != nil || math.Abs(got-32) > 1e-10 {
		t.Errorf("condition 32, estimated %g, %v", got, err)
	}
	if _, err := Condition(t.Context(), indefinite, nil, 5); !errors.Is(err, ErrIndefinite) {
		t.Errorf("indefinite without a solver: %v", err)
	}
}

func TestLanczosErrors(t *testing.T) {
	a := iterLaplace(300)
	nan := iterFunc(func(dst, b []float64) { scaleTo(dst, math.NaN(), b) })
	skew := iterFunc(func(dst, x []float64) {
		for i := range dst {
			dst[i] = x[i]*float64(i) + 0.1*x[(i+1)%300]
		}
	})
	rough := newSemidefinite(a)
	rounding := iterFunc(func(dst, b []float64) {
		rough.Solve(dst, b)
		for i := range dst {
			dst[i] = math.Float64frombits(math.Float64bits(dst[i]) &^ (1<<24 - 1))
		}
	})
	for _, c := range []struct {
		says string
		is   error
		run  func() (Eigenpairs, error)
	}{
		{"1 to 300", nil, func() (Eigenpairs, error) { return EigenLargest(t.Context(), a, 300, 301, Lanczos{}) }},
		{"300×300", nil, func() (Eigenpairs, error) { return EigenLargest(t.Context(), a, 200, 2, Lanczos{}) }},
		{"larger by two", nil, func() (Eigenpairs, error) { return EigenLargest(t.Context(), a, 300, 20, Lanczos{Basis: 21}) }},
		{"Solver for M", nil, func() (Eigenpairs, error) { return EigenLargest(t.Context(), a, 300, 2, Lanczos{Mass: a}) }},
		{"", ErrNonFinite, func() (Eigenpairs, error) { return EigenSmallest(t.Context(), nan, 300, 2, Lanczos{}) }},
		{"use EigenNearest", ErrNotConverged, func() (Eigenpairs, error) { return EigenSmallest(t.Context(), a, 300, 2, Lanczos{Products: 50}) }},
		{"not symmetric", nil, func() (Eigenpairs, error) { return EigenLargest(t.Context(), skew, 300, 2, Lanczos{}) }},
		{"exact", ErrNotConverged, func() (Eigenpairs, error) { return EigenNearest(t.Context(), rounding, 0, 300, 2, Lanczos{}) }},
	} {
		if _, err := c.run(); err == nil || !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("error %v should be %v and say %q", err, c.is, c.says)
		}
	}
}
