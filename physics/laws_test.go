package physics

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/fem"
	"abide/mesh"
	"abide/sparse"
)

// lawsCase is a law with the metric it was made in.
type lawsCase struct {
	name string
	law  Projector
	w    Metric
}

func lawsRandom(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 7))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

func lawsMetric(n int) Metric {
	r := rand.New(rand.NewPCG(3, 9))
	w := make(Metric, n)
	for i := range w {
		w[i] = 0.5 + 2*r.Float64()
	}
	return w
}

func lawsTrapezium(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1 / float64(n-1)
	}
	w[0] *= 0.5
	w[n-1] *= 0.5
	return w
}

func lawsMust[T any](t testing.TB) func(T, error) T {
	return func(x T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}

// lawsInterpolation are linear weights between random neighbours of n nodes.
func lawsInterpolation(t testing.TB, rows, n int) *sparse.CSR {
	r := rand.New(rand.NewPCG(11, 5))
	var row, col []int32
	var value []float64
	for i := range rows {
		j, x := int32(r.IntN(n-1)), r.Float64()
		row, col, value = append(row, int32(i), int32(i)), append(col, j, j+1), append(value, 1-x, x)
	}
	return lawsMust[*sparse.CSR](t)(sparse.FromTriplets(rows, n, row, col, value))
}

// lawsTable is every law, small enough for dense oracles, with and without a metric
// where it can have one.
func lawsTable(t testing.TB) []lawsCase {
	const times, points = 5, 8
	n := times * points
	shape := []int{times, points}
	w := lawsMetric(n)
	trapezium := lawsTrapezium(points)
	plane := func(axis, at int) []int32 { return lawsMust[[]int32](t)(Plane(shape, axis, at)) }
	fixed := lawsMust[*Fixed](t)
	linear := lawsMust[*Linear](t)
	initial := fixed(NewFixed(n, plane(0, 0), lawsRandom(points, 1), Label{Name: "initial condition"}))
	left := fixed(NewFixed(n, []int32{8, 16, 24, 32}, lawsRandom(4, 2), Label{Name: "left"}))
	totals := lawsRandom(times, 4)
	totals[0] = dot(trapezium, initial.values) // the content of the initial condition
	x := make([]float64, points)
	for i := range x {
		x[i] = float64(i)/7 + 0.05*math.Sin(float64(i))
	}
	moment := make([]float64, points)
	for i := range x {
		moment[i] = trapezium[i] * x[i]
	}
	var cases []lawsCase
	add := func(name string, law Projector, w Metric) { cases = append(cases, lawsCase{name, law, w}) }
	action := lawsMust[Action](t)
	square := []int{6, 6}
	d4 := []Action{action(Reflection(square, 0, false)), action(QuarterTurn(square, 0, 1))}
	for _, w := range []Metric{nil, w} {
		name := ""
		if w != nil {
			name = ", W"
		}
		mass := linear(NewMass(trapezium, totals, w, Label{}))
		add("fixed"+name, initial, w)
		add("sensors"+name, linear(NewSensors(lawsInterpolation(t, 6, n), lawsRandom(6, 3), w, Label{})), w)
		add("flux 2"+name, linear(NewFlux(shape, 1, false, 0.1, 2, lawsRandom(times, 5), w, Label{})), w)
		add("flux 4"+name, linear(NewFlux(shape, 1, true, 0.1, 4, lawsRandom(times, 6), w, Label{})), w)
		add("mass"+name, mass, w)
		add("moments"+name, linear(NewMoments([][]float64{trapezium, moment}, lawsRandom(2*times, 7), w, Label{})), w)
		add("balance"+name, linear(NewBalance(trapezium, lawsRandom(times-1, 8), w, Label{})), w)
		add("initial, mass"+name, linear(NewStack(w, initial, mass)), w)
		add("initial, left, flux, mass"+name, linear(NewStack(w, initial, left, mass,
			linear(NewFlux(shape, 1, true, 0.1, 4, lawsFluxOf(initial.values, lawsRandom(times, 6), 0.1), nil, Label{})))), w)
		add("symmetry, sensors"+name, linear(NewStack(w,
			lawsMust[*Symmetry](t)(NewSymmetry(n, []Action{action(Reflection(shape, 1, false))}, nil, Label{})),
			linear(NewSensors(lawsInterpolation(t, 4, n), lawsRandom(4, 3), nil, Label{})))), w)
		for _, s := range []struct {
			name    string
			n       int
			actions []Action
		}{
			{"D4", 36, d4},
			{"odd", 40, []Action{action(Reflection([]int{5, 8}, 0, true))}},
			{"translations", 40, []Action{action(Translation(shape, 1, 2))}},
			{"ends", 40, []Action{action(PeriodicEnds(shape, 1))}},
		} {
			var m Metric
			if w != nil {
				m = w[:s.n]
			}
			add(s.name+name, lawsMust[*Symmetry](t)(NewSymmetry(s.n, s.actions, m, Label{})), m)
		}
		lo, hi := slices.Repeat([]float64{-0.4}, n), slices.Repeat([]float64{0.7}, n)
		hi[3], lo[9] = math.Inf(1), math.Inf(-1)
		small := []float64{0.1, -0.2, 0.3, 0.05, 0.2}
		add("bounds"+name, lawsMust[*Bounds](t)(NewBounds(n, lo, hi, Label{})), w)
		add("bounded mass"+name, lawsMust[*BoundedMass](t)(NewBoundedMass(trapezium, small, lo, hi, w, Label{})), w)
		add("rising"+name, lawsMust[*Monotone](t)(NewMonotone(times, points, false, w, Label{})), w)
		add("falling"+name, lawsMust[*Monotone](t)(NewMonotone(times, points, true, w, Label{})), w)
		add("peak"+name, lawsMust[*Unimodal](t)(NewUnimodal(times, points, false, w, Label{})), w)
		add("valley"+name, lawsMust[*Unimodal](t)(NewUnimodal(times, points, true, w, Label{})), w)
		add("convex"+name, lawsMust[*Convex](t)(NewConvex(times, x, false, w, Label{})), w)
		add("concave"+name, lawsMust[*Convex](t)(NewConvex(times, x, true, w, Label{})), w)
		energies := []float64{3, 2, 0.5, 4, 9}
		add("energy"+name, lawsMust[*Energy](t)(NewEnergy(trapezium, energies, nil, w, Label{})), w)
		add("energy, fixed"+name, lawsMust[*Energy](t)(NewEnergy(trapezium, energies, left, w, Label{})), w)
		add("bounds and sensors"+name, lawsMust[*Dykstra](t)(NewDykstra(DykstraSettings{},
			linear(NewSensors(lawsInterpolation(t, 3, n), []float64{0.2, -0.1, 0.3}, w, Label{})),
			lawsMust[*Bounds](t)(NewBounds(n, lo, hi, Label{})))), w)
	}
	for _, shape := range [][]int{{6, 8}, {5, 7}, {8, 16}, {4, 6, 4}} {
		lengths := []float64{1, 2, 1.5}[:len(shape)]
		add("Leray", lawsMust[*Leray](t)(NewLeray(shape, lengths, nil, Label{})), nil)
	}
	add("band limit", lawsMust[*BandLimit](t)(NewBandLimit([]int{6, 8}, []int{1, 2}, nil, Label{})), nil)
	in := []float64{1, -2, 0.5}
	add("MAC", lawsMust[*MAC](t)(NewMAC([]int{4, 3}, []float64{0.25, 0.2}, []Wall{{Low: in, High: in}, {}}, nil, Label{})), nil)
	add("MAC, periodic", lawsMust[*MAC](t)(NewMAC([]int{4, 3}, []float64{0.25, 0.2}, []Wall{{Periodic: true}, {}}, nil, Label{})), nil)
	velocity, pressure, err := fem.TaylorHood(lawsMust[*mesh.Mesh](t)(mesh.NewRectangle(mesh.Triangle, 2, 2, 1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	continuity := lawsMust[*Linear](t)(NewContinuity(velocity, pressure, nil, Label{}))
	add("continuity", continuity, continuity.Metric())
	add("MAC, space", lawsMust[*MAC](t)(NewMAC([]int{2, 3, 4}, []float64{0.5, 0.4, 0.3}, []Wall{{}, {Periodic: true}, {}}, nil, Label{})), nil)
	return cases
}

// lawsFluxOf is g with the value that the initial condition implies at the first level.
func lawsFluxOf(initial, g []float64, h float64) []float64 {
	n := len(initial)
	u := func(k int) float64 { return initial[n-1-k] }
	g[0] = (25*u(0) - 48*u(1) + 36*u(2) - 16*u(3) + 3*u(4)) / (12 * h)
	return g
}

// lawsJacobian is J(u), dense, by columns.
func lawsJacobian(law Constraint, u []float64) *mat.Dense {
	m, n := Size(law), law.Dim()
	j := mat.NewDense(m, n, nil)
	e, column := make([]float64, n), make([]float64, m)
	for k := range n {
		e[k] = 1
		law.JVP(column, u, e)
		e[k] = 0
		j.SetCol(k, column)
	}
	return j
}

func lawsLargest(x []float64) float64 {
	var m float64
	for _, v := range x {
		m = math.Max(m, math.Abs(v))
	}
	return m
}

// lawsActive are the rows that are equations at u: all of c = 0, those of g ≤ 0 that are
// met.
func lawsActive(law Constraint, u []float64) (rows []int, upper []bool) {
	r := make([]float64, Size(law))
	law.Residual(r, u)
	at := 0
	for _, kind := range law.Rows() {
		for i := at; i < at+kind.Size; i++ {
			if !kind.Upper || r[i] > -1e-11 {
				rows, upper = append(rows, i), append(upper, kind.Upper)
			}
		}
		at += kind.Size
	}
	return rows, upper
}

func TestLawsProject(t *testing.T) {
	for _, c := range lawsTable(t) {
		t.Run(c.name, func(t *testing.T) {
			n := c.law.Dim()
			before := lawsRandom(n, 100)
			u := slices.Clone(before)
			if err := c.law.Project(u); err != nil {
				t.Fatal(err)
			}
			if v, row, place := Violation(c.law, u); v > 1e-12 {
				t.Errorf("%s[%d] is violated by %g units", c.law.Rows()[row].Name, place, v)
			}
			again := slices.Clone(u)
			if err := c.law.Project(again); err != nil {
				t.Fatal(err)
			}
			bound := 1e-13
			if d, ok := c.law.(*Dykstra); ok {
				bound = 10 * d.Step // an iteration, whose last step was up to Step
			}
			for i := range u {
				if math.Abs(again[i]-u[i]) > bound*(1+math.Abs(u[i])) {
					t.Fatalf("projected twice, number %d moves by %g", i, again[i]-u[i])
				}
			}
			lawsOptimal(t, c, before, u)
		})
	}
}

// lawsOptimal checks the conditions of Karush, Kuhn and Tucker, which of a convex law are
// sufficient: W(u − Pu) = Jᵀλ over the rows that are equations at Pu, λ ≥ 0 for g ≤ 0.
// λ comes from a dense singular value decomposition.
func lawsOptimal(t *testing.T, c lawsCase, before, u []float64) {
	rows, upper := lawsActive(c.law, u)
	n := c.law.Dim()
	j := lawsJacobian(c.law, u)
	a := mat.NewDense(n, len(rows), nil)
	force := mat.NewVecDense(n, nil)
	for i := range n {
		root := math.Sqrt(1 / c.w.Inverse(i))
		for k, r := range rows {
			a.Set(i, k, j.At(r, i)/root)
		}
		force.SetVec(i, (before[i]-u[i])*root)
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		t.Fatal("no decomposition")
	}
	rank := 0
	values := svd.Values(nil)
	for rank < len(values) && values[rank] > 1e-11*values[0] {
		rank++
	}
	var lambda mat.VecDense
	svd.SolveVecTo(&lambda, force, rank)
	var back mat.VecDense
	back.MulVec(a, &lambda)
	for i := range n {
		if gap := back.AtVec(i) - force.AtVec(i); math.Abs(gap) > 1e-10*(1+lawsLargest(force.RawVector().Data)) {
			t.Fatalf("the step is not normal to the set at number %d: %g", i, gap)
		}
	}
	for k := range rows {
		if upper[k] && lambda.AtVec(k) < -1e-10 {
			t.Fatalf("row %d pulls with a multiplier of %g", rows[k], lambda.AtVec(k))
		}
	}
}

func TestLawsProducts(t *testing.T) {
	for _, c := range lawsTable(t) {
		t.Run(c.name, func(t *testing.T) {
			n, m := c.law.Dim(), Size(c.law)
			u, v, w := lawsRandom(n, 1), lawsRandom(n, 2), lawsRandom(m, 3)
			jv, jtw := make([]float64, m), lawsRandom(n, 4)
			c.law.JVP(jv, u, v)
			c.law.VJP(jtw, u, w)
			a, b := dot(jv, w), dot(jtw, v)
			scale := 0.
			for i := range jv {
				scale += math.Abs(jv[i] * w[i])
			}
			if math.Abs(a-b) > 1e-12*scale {
				t.Errorf("wᵀ(J v) = %g, (Jᵀ w)ᵀv = %g", a, b)
			}
			// All laws here are quadratic at most: central differences are exact but for
			// rounding.
			up, down := slices.Clone(u), slices.Clone(u)
			const h = 1e-3
			for i := range u {
				up[i] += h * v[i]
				down[i] -= h * v[i]
			}
			plus, minus := make([]float64, m), make([]float64, m)
			c.law.Residual(plus, up)
			c.law.Residual(minus, down)
			for i := range jv {
				if d := (plus[i] - minus[i]) / (2 * h); math.Abs(d-jv[i]) > 1e-10*(1+lawsLargest(jv)) {
					t.Fatalf("row %d: J v = %g, differences %g", i, jv[i], d)
				}
			}
			if s, ok := c.law.(Sparse); ok {
				dense := lawsJacobian(c.law, u)
				for i := range m {
					for k := range n {
						if got := s.Matrix().At(i, k); math.Abs(got-dense.At(i, k)) > 1e-14 {
							t.Fatalf("matrix (%d, %d) is %g, J has %g", i, k, got, dense.At(i, k))
						}
					}
				}
			}
		})
	}
}

func TestLawsTangent(t *testing.T) {
	for _, c := range lawsTable(t) {
		tangent, ok := c.law.(Tangent)
		if !ok {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			n := c.law.Dim()
			u := lawsRandom(n, 100)
			if err := c.law.Project(u); err != nil {
				t.Fatal(err)
			}
			a, b := lawsRandom(n, 5), lawsRandom(n, 6)
			pa, pb := slices.Clone(a), slices.Clone(b)
			for _, v := range [][]float64{pa, pb} {
				if err := tangent.Tangent(u, v); err != nil {
					t.Fatal(err)
				}
			}
			var left, right, scale float64
			for i := range n {
				w := 1 / c.w.Inverse(i)
				left += pa[i] * w * b[i]
				right += a[i] * w * pb[i]
				scale += w * (math.Abs(pa[i]*b[i]) + math.Abs(a[i]*pb[i]))
			}
			if math.Abs(left-right) > 1e-13*scale {
				t.Errorf("⟨Πa, b⟩ = %g, ⟨a, Πb⟩ = %g", left, right)
			}
			jv := make([]float64, Size(c.law))
			c.law.JVP(jv, u, pa)
			rows, _ := lawsActive(c.law, u)
			j := lawsJacobian(c.law, u)
			for _, r := range rows {
				if math.Abs(jv[r]) > 1e-12*(1+lawsLargest(j.RawRowView(r))) {
					t.Fatalf("row %d of J Π v is %g", r, jv[r])
				}
			}
			// a − Πa is normal: orthogonal to all that is tangent.
			var inner float64
			for i := range n {
				inner += (a[i] - pa[i]) / c.w.Inverse(i) * pb[i]
			}
			if math.Abs(inner) > 1e-12*scale {
				t.Errorf("⟨a − Πa, Πb⟩ = %g", inner)
			}
		})
	}
}

func TestLawsRefuseFields(t *testing.T) {
	for _, c := range lawsTable(t) {
		if err := c.law.Project(make([]float64, c.law.Dim()+1)); err == nil {
			t.Errorf("%s: a field of another size is projected", c.name)
		}
		rows := c.law.Rows()
		for _, r := range rows {
			if r.Name == "" || r.Doc == "" || !(r.Unit > 0) || !(r.Tolerance > 0) {
				t.Errorf("%s: row %+v", c.name, r)
			}
		}
		u := lawsRandom(c.law.Dim(), 3)
		u[len(u)-1] = math.NaN()
		if err := c.law.Project(u); err == nil {
			if v, _, _ := Violation(c.law, u); v > 1e-12 {
				t.Errorf("%s: a field with NaN is projected to one that violates by %g", c.name, v)
			}
		}
	}
}

func TestLawsConcurrent(t *testing.T) {
	for _, c := range lawsTable(t) {
		want := lawsRandom(c.law.Dim(), 8)
		if err := c.law.Project(want); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 10 {
					u := lawsRandom(c.law.Dim(), 8)
					if err := c.law.Project(u); err != nil || !slices.Equal(u, want) {
						t.Errorf("%s: another field with company, or %v", c.name, err)
						return
					}
				}
			})
		}
		group.Wait()
	}
}
