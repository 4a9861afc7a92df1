package correct

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
	"abide/pde"
	"abide/physics"
	"abide/prior"
)

// elliptic is a family's equation for its solution u, the other array given, and u.
func elliptic(t *testing.T, kind string, values pde.Values) (physics.Constraint, []float64) {
	t.Helper()
	for _, k := range pde.Table {
		if k.Name != kind {
			continue
		}
		f, err := k.Make(values)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.Draw(context.Background(), 5, 2)
		if err != nil {
			t.Fatal(err)
		}
		law, err := physics.FromFamily(f, physics.Choice{Arrays: []string{"u"}, Given: s})
		if err != nil {
			t.Fatal(err)
		}
		return law, s[1]
	}
	t.Fatalf("no family %q", kind)
	return nil, nil
}

// plain are coordinates of mean zero and one scale.
func plain(d int, scale float64) prior.Coordinates {
	c := prior.Coordinates{Names: make([]string, d), Shift: make([]float64, d), Scale: make([]float64, d)}
	for j := range c.Scale {
		c.Scale[j] = scale
	}
	return c
}

// descend is the share of the error that is left after each of some steps from zero.
func descend(t *testing.T, law physics.Constraint, want []float64, norm string, share float64, limit int) (steps int, left float64) {
	t.Helper()
	c := plain(len(want), 0.03)
	d, err := NewDescent(c, norm, 1, law)
	if err != nil {
		t.Fatal(err)
	}
	size := 0.0
	for _, x := range want {
		size += x * x
	}
	u, x := make([]float64, len(want)), make([]float64, len(want))
	for steps = 0; ; steps++ {
		c.ToX(x, u)
		e := 0.0
		for i := range x {
			e += (x[i] - want[i]) * (x[i] - want[i])
		}
		if left = math.Sqrt(e / size); left <= share || steps >= limit {
			return steps, left
		}
		d.Down(u, 1)
	}
}

// Steps of CoCoGen's descent, each 1/λ, until a thousandth of the error is left: the same on
// 32², 64² and 128² cells within a fifth where they are preconditioned. In L² the same
// number of steps leaves nearly everything, and more on a finer grid; the number that
// halves the error grows as h⁻⁴.
func TestDescentStepsDoNotGrowWithTheGrid(t *testing.T) {
	for _, c := range []struct {
		kind   string
		values pde.Values
	}{
		{"poisson", pde.Values{}}, {"helmholtz", pde.Values{"k": 3.0}},
		{"darcy", pde.Values{"contrast": "12/3"}}, {"darcy", pde.Values{"contrast": "lognormal"}},
	} {
		name := c.kind
		if v, ok := c.values["contrast"]; ok {
			name += " " + v.(string)
		}
		at := func(n int) (physics.Constraint, []float64) {
			v := pde.Values{"grid": n}
			for k, x := range c.values {
				v[k] = x
			}
			return elliptic(t, c.kind, v)
		}
		first, before := 0, 0.0
		for _, n := range []int{32, 64, 128} {
			law, u := at(n)
			steps, _ := descend(t, law, u, "preconditioned", 1e-3, 1000)
			_, left := descend(t, law, u, "l2", 0, steps)
			t.Logf("%-16s %3d²: preconditioned %3d steps to 1e-3; l2 leaves %.6f of the error after them", name, n, steps, left)
			if first == 0 {
				first = steps
			}
			if !(math.Abs(float64(steps-first)) <= 0.2*float64(first)) || steps >= 1000 {
				t.Errorf("%s: %d steps on %d² cells, %d on 32²: want the same within a fifth", name, steps, n, first)
			}
			if !(left >= before) || !(left > 0.9) {
				t.Errorf("%s on %d² cells: l2 leaves %g of the error after %d steps, %g on the grid before", name, n, left, steps, before)
			}
			before = left
		}
		if name == "poisson" || name == "darcy 12/3" {
			var halves []int
			for _, n := range []int{4, 8, 16} {
				law, u := at(n)
				k, _ := descend(t, law, u, "l2", 0.5, 200000)
				halves = append(halves, k)
			}
			t.Logf("%-16s l2 steps to half of the error on 4², 8², 16²: %v", name, halves)
			for i := range 2 {
				if order := math.Log2(float64(halves[i+1]) / float64(halves[i])); !(math.Abs(order-4) <= 0.75) {
					t.Errorf("%s: l2 steps %v grow with order %.2f, want 4", name, halves, order)
				}
			}
		}
	}
}

// A descent on two linear laws is the affine map written out, law by law, in coordinates
// with scales of their own; a point does not depend on those beside it.
func TestDescentIsItsFormula(t *testing.T) {
	const d, n, steps, rate = 3, 5, 4, 0.7
	c := prior.Coordinates{Names: make([]string, d), Shift: []float64{1, -2, 0.5}, Scale: []float64{1, 2, 0.5}}
	a, err := physics.NewMass([]float64{1, 2, -1}, []float64{0.7}, nil, physics.Label{Unit: 3})
	if err != nil {
		t.Fatal(err)
	}
	b, err := physics.NewFixed(d, []int32{1}, []float64{-1}, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	down, err := NewDescent(c, "preconditioned", rate, a, b)
	if err != nil {
		t.Fatal(err)
	}
	u := make([]float64, n*d)
	keyed.New(3, "descent", 0, 0).Normal(u)
	want := append([]float64(nil), u...)
	rows := []struct {
		j    []float64
		d, s float64
	}{{[]float64{1, 2, -1}, 0.7, 3}, {[]float64{0, 1, 0}, -1, 1}}
	for i := range n {
		x := mat.NewVecDense(d, nil)
		for j := range d {
			x.SetVec(j, c.Shift[j]+c.Scale[j]*want[i*d+j])
		}
		for range steps {
			for _, row := range rows {
				lambda, r := 0.0, -row.d
				for j := range d {
					lambda += math.Pow(row.j[j]*c.Scale[j]/row.s, 2)
					r += row.j[j] * x.AtVec(j)
				}
				for j := range d {
					x.SetVec(j, x.AtVec(j)-rate/lambda*c.Scale[j]*c.Scale[j]*row.j[j]*r/(row.s*row.s))
				}
			}
		}
		for j := range d {
			want[i*d+j] = (x.AtVec(j) - c.Shift[j]) / c.Scale[j]
		}
	}
	alone := append([]float64(nil), u[2*d:3*d]...)
	down.Down(u, steps)
	down.Down(alone, steps)
	for i := range u {
		if !(math.Abs(u[i]-want[i]) <= 1e-12) {
			t.Fatalf("number %d is %.15g, want %.15g", i, u[i], want[i])
		}
	}
	for j := range alone {
		if alone[j] != u[2*d+j] {
			t.Errorf("point 2 alone is %.17g, among others %.17g", alone[j], u[2*d+j])
		}
	}
	for _, rate := range []float64{0, 2, math.NaN()} {
		if _, err := NewDescent(c, "l2", rate, a); err == nil {
			t.Errorf("rate %g was taken", rate)
		}
	}
	if _, err := NewDescent(c, "h1", 1, a); err == nil {
		t.Error("norm h1 was taken")
	}
}
