package physics

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/sparse"
)

// lawsFit is the weighted least-squares fit of v by a basis, by a dense QR factor.
func lawsFit(basis [][]float64, v []float64, w Metric) []float64 {
	n := len(v)
	a, b := mat.NewDense(n, len(basis), nil), mat.NewVecDense(n, nil)
	for i := range n {
		root := math.Sqrt(w[i])
		for k := range basis {
			a.Set(i, k, root*basis[k][i])
		}
		b.SetVec(i, root*v[i])
	}
	var c mat.VecDense
	_ = c.SolveVec(a, b)
	u := make([]float64, n)
	for k := range basis {
		for i := range u {
			u[i] += c.AtVec(k) * basis[k][i]
		}
	}
	return u
}

// Initial condition and mass: free nodes of each level move by one constant where
// W = diag(w), the first level is the initial condition.
func TestStackInitialMass(t *testing.T) {
	const n = 100
	trapezium := lawsTrapezium(n)
	var w Metric
	for range n {
		w = append(w, trapezium...)
	}
	law, initial, mass := lawsInitialMass(t, n, w)
	before := lawsRandom(n*n, 3)
	u := slices.Clone(before)
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	for s := 1; s < n; s++ {
		first := u[s*n] - before[s*n]
		for i := range n {
			if got := u[s*n+i] - before[s*n+i]; math.Abs(got-first) > 1e-13 {
				t.Fatalf("level %d moves by %g at 0 and by %g at %d", s, first, got, i)
			}
		}
	}
	if !slices.Equal(u[:n], initial.values) {
		t.Error("the first level is not the initial condition")
	}
	for _, part := range []Constraint{initial, mass} {
		if v, _, _ := Violation(part, u); v > 1e-13 {
			t.Errorf("%s violated by %g", part.Rows()[0].Name, v)
		}
	}
}

// Rows that others imply are dropped, as many as the rank says.
func TestStackDropsDependentRows(t *testing.T) {
	const levels, points = 6, 7
	n := levels * points
	weights := lawsTrapezium(points)
	mass := lawsMust[*Linear](t)(NewMass(weights, []float64{1, 1.5, 1.5, 2, 2.5, 2.5}, nil, Label{}))
	balance := lawsMust[*Linear](t)(NewBalance(weights, []float64{0.5, 0, 0.5, 0.5, 0}, nil, Label{}))
	h := lawsInterpolation(t, 3, n)
	y := make([]float64, 3)
	h.Apply(y, lawsRandom(n, 4))
	sensors := lawsMust[*Linear](t)(NewSensors(h, y, nil, Label{}))
	law := lawsMust[*Linear](t)(NewStack(lawsMetric(n), mass, balance, sensors, sensors))
	if got := len(law.Dropped()); got != 5+3 {
		t.Errorf("%d rows dropped: %v, the rank says 8", got, law.Dropped())
	}
	for _, d := range law.Dropped() {
		if d.Pivot > Dependent {
			t.Errorf("dropped with a pivot of %g", d.Pivot)
		}
	}
	u := lawsRandom(n, 5)
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	if v, row, _ := Violation(law, u); v > 1e-12 {
		t.Errorf("%s violated by %g", law.Rows()[row].Name, v)
	}
}

func TestStackContradictions(t *testing.T) {
	const levels, points = 3, 5
	n := levels * points
	weights := lawsTrapezium(points)
	plane := lawsMust[[]int32](t)(Plane([]int{levels, points}, 0, 0))
	initial := lawsMust[*Fixed](t)(NewFixed(n, plane, make([]float64, points), Label{Name: "initial condition"}))
	other := lawsMust[*Fixed](t)(NewFixed(n, []int32{0, 5}, []float64{1, 1}, Label{Name: "left boundary"}))
	mass := lawsMust[*Linear](t)(NewMass(weights, []float64{1, 1, 1}, nil, Label{}))
	zero := lawsMust[*Linear](t)(NewMass(weights, []float64{0, 0, 0}, nil, Label{}))
	balance := lawsMust[*Linear](t)(NewBalance(weights, []float64{0, 0.5}, nil, Label{}))
	for _, c := range []struct {
		name string
		laws []Constraint
		want []string
	}{
		{"two values of a node", []Constraint{initial, other}, []string{"left boundary", "initial condition", "row 0"}},
		{"mass of fixed nodes", []Constraint{initial, mass}, []string{"mass", "initial condition", "row 0"}},
		{"linked rows", []Constraint{zero, balance}, []string{"balance", "mass"}},
	} {
		_, err := NewStack(nil, c.laws...)
		if !errors.Is(err, ErrInfeasible) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, word := range c.want {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q does not name %q", c.name, err, word)
			}
		}
	}
	bounds := lawsMust[*Bounds](t)(NewBounds(n, []float64{0}, []float64{1}, Label{}))
	if _, err := NewStack(nil, initial, bounds); err == nil || !strings.Contains(err.Error(), "Dykstra") {
		t.Errorf("bounds in a stack: %v", err)
	}
}

// One-sided differences are exact for polynomials of their order, at both ends.
func TestFluxOrder(t *testing.T) {
	for _, order := range []int{2, 4} {
		for _, far := range []bool{false, true} {
			c, err := Gradients([]int{2, 6}, 1, far, 0.3, order)
			if err != nil {
				t.Fatal(err)
			}
			for degree := range order + 2 {
				u, at := make([]float64, 12), 0.
				if far {
					at = 5 * 0.3
				}
				for i := range u {
					u[i] = math.Pow(0.3*float64(i%6), float64(degree))
				}
				want := float64(degree) * math.Pow(at, float64(degree-1))
				if degree == 0 {
					want = 0
				}
				got := make([]float64, 2)
				c.Apply(got, u)
				if exact := math.Abs(got[1]-want) < 1e-12; exact != (degree <= order) {
					t.Errorf("order %d, far %v, degree %d: %g, want %g", order, far, degree, got[1], want)
				}
			}
		}
	}
}

// The step of noisy sensors is the mean of the Gaussian posterior, computed densely in
// information form, and tends to the exact projection with R.
func TestNoisySensors(t *testing.T) {
	const n, m = 12, 4
	h := lawsInterpolation(t, m, n)
	w, y := lawsMetric(n), lawsRandom(m, 2)
	variance := []float64{0.1, 0.5, 2, 0.01}
	law, err := NewNoisySensors(h, y, variance, w, Label{})
	if err != nil {
		t.Fatal(err)
	}
	u := lawsRandom(n, 3)
	a, b := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
	for i := range n {
		a.Set(i, i, w[i])
		b.SetVec(i, w[i]*u[i])
		for r := range m {
			b.SetVec(i, b.AtVec(i)+h.At(r, i)*y[r]/variance[r])
			for k := range n {
				a.Set(i, k, a.At(i, k)+h.At(r, i)*h.At(r, k)/variance[r])
			}
		}
	}
	var want mat.VecDense
	if err := want.SolveVec(a, b); err != nil {
		t.Fatal(err)
	}
	if err := law.Update(u); err != nil {
		t.Fatal(err)
	}
	for i := range u {
		if math.Abs(u[i]-want.AtVec(i)) > 1e-12 {
			t.Errorf("number %d is %g, the posterior mean %g", i, u[i], want.AtVec(i))
		}
	}
	sharp, _ := NewNoisySensors(h, y, slices.Repeat([]float64{1e-14}, m), w, Label{})
	exact := lawsMust[*Linear](t)(NewSensors(h, y, w, Label{}))
	p, q := lawsRandom(n, 4), lawsRandom(n, 4)
	if err := errors.Join(sharp.Update(p), exact.Project(q)); err != nil {
		t.Fatal(err)
	}
	for i := range p {
		if math.Abs(p[i]-q[i]) > 1e-10 {
			t.Errorf("number %d: %g with little noise, %g without", i, p[i], q[i])
		}
	}
}

// Thousands of rows that are linked keep the sparse factor's accuracy.
func TestStackManyLinkedRows(t *testing.T) {
	const n = 6000
	c := &sparse.CSR{Rows: n / 2, Cols: n, Ptr: []int32{0}}
	for i := range c.Rows {
		for k := range 3 {
			if j := 2*i + k; j < n {
				c.Index, c.Value = append(c.Index, int32(j)), append(c.Value, float64(k+1))
			}
		}
		c.Ptr = append(c.Ptr, int32(len(c.Index)))
	}
	law := lawsMust[*Linear](t)(NewLinear(c, lawsRandom(n/2, 1), lawsMetric(n), Label{}))
	u := lawsRandom(n, 2)
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	if v, _, _ := Violation(law, u); v > 1e-12 {
		t.Errorf("violated by %g", v)
	}
}

// Sensors that nearly coincide, an angle of 1e-4 between them, are rows of their own:
// kept, and obeyed after further passes, though S has a condition number of 1e8.
func TestStackNearRows(t *testing.T) {
	const n = 10
	h := lawsMust[*sparse.CSR](t)(sparse.FromTriplets(3, n, []int32{0, 0, 1, 1, 2, 2}, []int32{3, 4, 3, 4, 6, 7},
		[]float64{0.5, 0.5, 0.5 + 1e-4, 0.5 - 1e-4, 0.3, 0.7}))
	law := lawsMust[*Linear](t)(NewSensors(h, []float64{1, 2, 3}, nil, Label{}))
	if len(law.Dropped()) != 0 {
		t.Fatalf("dropped %v", law.Dropped())
	}
	u := lawsRandom(n, 1)
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	if v, _, _ := Violation(law, u); v > 1e-12 {
		t.Errorf("violated by %g", v)
	}
	v, jv := lawsRandom(n, 2), make([]float64, 3)
	if err := law.Tangent(u, v); err != nil {
		t.Fatal(err)
	}
	if law.JVP(jv, u, v); lawsLargest(jv) > 1e-13 {
		t.Errorf("J Π v = %v", jv)
	}
	// By hand: u₃ and u₄ are determined, 0.5(u₃ + u₄) = 1 and 1e-4 (u₃ − u₄) = 1.
	if math.Abs(u[3]-5001) > 1e-6 || math.Abs(u[4]+4999) > 1e-6 {
		t.Errorf("%g and %g, want 5001 and −4999", u[3], u[4])
	}
}
