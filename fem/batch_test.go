package fem

import (
	"context"
	"math"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// Eight coefficients at once, with element matrices, places and rows of a form, give the
// solutions of eight problems; and the gradient of J = Σ uᵢ by the coefficients of the
// cells is −λᵀ A_K u, in lanes and by Derivative, and a central difference.
func TestBatchOfForm(t *testing.T) {
	V := orderSpace(t, probDistorted(t, mesh.Triangle, 8), P1)
	fixed, err := V.Dirichlet(Dirichlet{})
	if err != nil {
		t.Fatal(err)
	}
	form, err := NewForm(V, fixed)
	if err != nil {
		t.Fatal(err)
	}
	k, err := form.Diffusion()
	if err != nil {
		t.Fatal(err)
	}
	symbolic, err := sparse.Analyse(form.Matrix(), nil)
	if err != nil {
		t.Fatal(err)
	}
	load, err := V.Linear(Constant(1))
	if err != nil {
		t.Fatal(err)
	}
	cells, n := V.Mesh().Count(), fixed.N()
	coef := make([][8]float64, cells)
	for c := range coef {
		for l := range coef[c] {
			coef[c][l] = math.Exp(math.Sin(float64(c*(l+1) + l)))
		}
	}
	one := make([][8]float64, n)
	for i := range one {
		for l := range one[i] {
			one[i][l] = 1
		}
	}
	lambda, gradient := make([][8]float64, n), make([][8]float64, cells)
	solution := make([][8]float64, n)
	batch := sparse.NewBatch(symbolic)
	values := make([][8]float64, form.Assembly().Pattern.NNZ())
	if err := sparse.AssembleBatch(values, form.Assembly().Scatter, k.Element, coef); err != nil {
		t.Fatal(err)
	}
	if err := batch.Factor(values); err != nil {
		t.Fatal(err)
	}
	right := make([][8]float64, n)
	for i, dof := range fixed.Free {
		for l := range right[i] {
			right[i][l] = load[dof]
		}
	}
	batch.Solve(solution, right)
	batch.Solve(lambda, one)
	if err := sparse.BatchGradient(gradient, form.Rows(), k.Element, lambda, solution); err != nil {
		t.Fatal(err)
	}
	c := make([]float64, cells)
	solve := func(l int) *Function {
		t.Helper()
		u, err := Problem{Space: V, Diffusion: c, Linear: Constant(1), Dirichlet: []Dirichlet{{}}}.Solve()
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	total := func(u *Function) (sum float64) {
		for _, v := range u.Coef {
			sum += v
		}
		return sum
	}
	for l := range 8 {
		for cell := range c {
			c[cell] = coef[cell][l]
		}
		u := solve(l)
		all, adjoint, by := make([]float64, V.N()), make([]float64, n), make([]float64, cells)
		for i := range adjoint {
			adjoint[i] = lambda[i][l]
		}
		fixed.Expand(all, adjoint)
		if err := k.Derivative(by, all, u.Coef); err != nil {
			t.Fatal(err)
		}
		for i, dof := range fixed.Free {
			if math.Abs(solution[i][l]-u.Coef[dof]) > 1e-14 {
				t.Fatalf("lane %d: u = %g, want %g", l, solution[i][l], u.Coef[dof])
			}
		}
		for cell := range c {
			if math.Abs(gradient[cell][l]+by[cell]) > 1e-13 {
				t.Fatalf("lane %d: gradient %g at cell %d, want %g", l, gradient[cell][l], cell, -by[cell])
			}
		}
		const h = 1e-4
		cell := 17 + l
		at := c[cell]
		c[cell] = at + h
		up := total(solve(l))
		c[cell] = at - h
		down := total(solve(l))
		// The error of a central difference is h² J‴/6, some 1e-8 of J′ here.
		if d := (up - down) / (2 * h); math.Abs(d+by[cell]) > 1e-6*math.Abs(d) {
			t.Errorf("lane %d: dJ/da = %g, by differences %g", l, -by[cell], d)
		}
	}
}

// Batches over workers with a form's numbers: its residuals are those of the matrices.
func TestManyOfForm(t *testing.T) {
	V := orderSpace(t, orderMesh(t, mesh.Quadrilateral, 6), Q1)
	fixed, err := V.Dirichlet(Dirichlet{Group: "left"})
	if err != nil {
		t.Fatal(err)
	}
	form, err := NewForm(V, fixed)
	if err != nil {
		t.Fatal(err)
	}
	k, err := form.Diffusion()
	if err != nil {
		t.Fatal(err)
	}
	symbolic, err := sparse.Analyse(form.Matrix(), nil)
	if err != nil {
		t.Fatal(err)
	}
	cells := V.Mesh().Count()
	field := func(sample, cell int) float64 { return 1 + 0.5*math.Sin(float64(sample*cells+cell)) }
	found := make([][]float64, 19)
	fill := func(w *sparse.BatchBlock) error {
		a := make([][8]float64, cells)
		for l := range w.Count {
			for c := range a {
				a[c][l] = field(w.First+l, c)
			}
			for i := range w.B {
				w.B[i][l] = float64(i + 1)
			}
		}
		return sparse.AssembleBatch(w.Values, form.Assembly().Scatter, k.Element, a)
	}
	use := func(w *sparse.BatchBlock) error {
		for l := range w.Count {
			x := make([]float64, len(w.X))
			for i := range x {
				x[i] = w.X[i][l]
			}
			found[w.First+l] = x
		}
		return nil
	}
	if err := sparse.SolveMany(context.Background(), symbolic, len(found), 2, fill, use); err != nil {
		t.Fatal(err)
	}
	a, c, b := form.Matrix(), make([]float64, cells), make([]float64, fixed.N())
	for sample, x := range found {
		for cell := range c {
			c[cell] = field(sample, cell)
		}
		if err := k.Assemble(a, c); err != nil {
			t.Fatal(err)
		}
		a.Apply(b, x)
		for i, v := range b {
			if math.Abs(v-float64(i+1)) > 1e-10 {
				t.Fatalf("sample %d: row %d gives %g, want %d", sample, i, v, i+1)
			}
		}
	}
}
