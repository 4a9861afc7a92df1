package constraint

import (
	"errors"
	"math"
	"slices"
	"testing"

	"abide/internal/keyed"
	"pgregory.net/rapid"
)

func TestCheckNamesRows(t *testing.T) {
	names := []string{"cement", "water", "age"}
	box := must(NewBox("box", []float64{0, 0, 1}, []float64{10, 10, 365}, names))(t)
	fixed := must(NewFixed("age", 3, []int{2}, []float64{400}, names))(t)
	sum := must(NewLinearEquality("sum", [][]float64{{1, 1, 0}}, []float64{5}))(t)
	twice := must(NewLinearEquality("twice", [][]float64{{2, 2, 0}}, []float64{10}))(t)
	other := must(NewLinearEquality("other", [][]float64{{2, 2, 0}}, []float64{11}))(t)
	parts := must(NewLinearEquality("parts", [][]float64{{1, 0, 0}, {0, 1, 0}, {1, 1, 0}}, []float64{2, 3, 5}))(t)
	much := must(NewHalfSpace("much", []float64{-1, -1, 0}, -21))(t) // cement + water >= 21
	formula := func(source string) Constraint {
		return must(NewFormula("", relation(t, source, 3), 3))(t)
	}
	long := must(NewHalfSpace("long", []float64{0.5, -1, 1}, 1))(t)
	notLong := must(NewHalfSpace("not long", []float64{-0.5, 1, -1}, -2))(t)
	huge := must(NewHalfSpace("huge", []float64{1e12, 0, 0}, 1e12))(t)
	for _, c := range []struct {
		name string
		cs   []Constraint
		rows []string // nil: no error
		want []string
	}{
		{"nothing", nil, nil, nil},
		{"sound", []Constraint{box, sum}, nil, nil},
		{"implied inequality", []Constraint{box, formula("x[0] <= 11"), formula("x[0] <= 10")}, nil, nil},
		{"fixed outside a box", []Constraint{box, fixed}, []string{"age <= 365", "age == 400"}, []string{"contradict", "(by 35)"}},
		{"crossed bounds", []Constraint{formula("x[0] >= 2"), formula("x[0] <= 1.5")}, []string{"x[0] >= 2", "x[0] <= 1.5"}, []string{"contradict", "(by 0.5)"}},
		{"three rows", []Constraint{box, much}, []string{"cement <= 10", "water <= 10", "much"}, []string{"no point", `"much" (-x[0] - x[1] <= -21) together`, "at least 1;"}},
		{"equality against bounds", []Constraint{sum, formula("x[0] <= 1"), formula("x[2] <= 2"), formula("x[1] <= 2")}, []string{"sum", "x[0] <= 1", "x[1] <= 2"}, []string{"no point"}},
		{"copied equality", []Constraint{sum, twice}, []string{"sum", "twice"}, []string{"redundant", "remove one", `"sum" (x[0] + x[1] == 5)`, `"twice" (2*x[0] + 2*x[1] == 10)`}},
		{"equality from two others", []Constraint{parts}, []string{"parts[0]", "parts[1]", "parts[2]"}, []string{"redundant"}},
		{"parallel equalities", []Constraint{sum, other}, []string{"sum", "other"}, []string{"contradict", "(by 1)"}},
		{"many terms", []Constraint{long, notLong}, []string{"long", "not long"}, []string{"0.5*x[0] - x[1] + x[2]"}},
		{"too fine", []Constraint{box, huge}, []string{"huge"}, []string{"tolerance 1e-06", "rounding"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Check(c.cs, []float64{3, 3, 100}, []float64{1, 2, 50})
			if c.rows == nil {
				if err != nil {
					t.Fatalf("unexpected: %v", err)
				}
				return
			}
			checkError(t, err, append(slices.Clone(c.want), c.rows...))
			var e *CheckError
			if !errors.As(err, &e) {
				t.Fatalf("%T", err)
			}
			var got []string
			for _, r := range e.Rows {
				if c.cs[r.Constraint].Rows()[r.Row].Name != r.Name {
					t.Errorf("reference %+v is wrong", r)
				}
				got = append(got, r.Name)
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(c.rows))
			if !slices.Equal(got, want) {
				t.Errorf("rows %q, want %q (%v)", got, want, err)
			}
		})
	}
}

func TestCheckArguments(t *testing.T) {
	h := []Constraint{must(NewHalfSpace("h", []float64{1, 1}, 0))(t)}
	checkError(t, Check(h, []float64{0}, []float64{1, 1}), []string{"1 means for 2 columns"})
	checkError(t, Check(h, []float64{0, math.NaN()}, []float64{1, 1}), []string{"mean of column 1"})
	checkError(t, Check(h, []float64{0, 0}, []float64{1, -1}), []string{"scale[1]"})
}

// A random set with a point in it passes; a row that cuts off all of it is found,
// and the rows named contradict each other, but no longer when one of them is
// left out: an irreducible infeasible set.
func TestCheckFindsIrreducibleContradictions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := keyed.New(rapid.Uint64().Draw(t, "seed"), "check", 0, 0)
		d := rapid.IntRange(1, 6).Draw(t, "d")
		m := rapid.IntRange(1, 10).Draw(t, "m")
		sys := randomSystem(s, d, m, min(1, d-1))
		zero := make([]float64, d)
		if err := Check(sys.constraints(t), zero, sys.scale); err != nil {
			t.Fatalf("feasible, but %v", err)
		}
		// The sum of all inequalities with random weights, turned round and moved
		// beyond the set, contradicts them.
		a, b := make([]float64, d), -1.0
		for i := range m {
			if !sys.equality[i] {
				w := s.Uniform()
				axpy(-w, sys.a[i], a)
				b -= w * sys.b[i]
			}
		}
		if norm(a) < 1e-3 {
			t.Skip("the rows nearly cancel")
		}
		sys.a, sys.b, sys.equality = append(sys.a, a), append(sys.b, b), append(sys.equality, false)
		cs := sys.constraints(t)
		var e *CheckError
		if !errors.As(Check(cs, zero, sys.scale), &e) {
			t.Fatal("contradiction not found")
		}
		var named []Constraint
		for _, r := range e.Rows {
			named = append(named, cs[r.Constraint])
		}
		if Check(named, zero, sys.scale) == nil {
			t.Fatalf("the named rows do not contradict each other: %v", e)
		}
		for i := range named {
			if err := Check(slices.Delete(slices.Clone(named), i, i+1), zero, sys.scale); err != nil {
				t.Fatalf("row %d of %d is not needed: %v; %v", i, len(named), e, err)
			}
		}
	})
}

// Long rows are cut.
func TestDescribeLongRows(t *testing.T) {
	row := Row{Name: "sum", Kind: Equality}
	got := describe(row, []float64{1, 0, -1, 2, 1, 1, 1, 1, 3}, 0.5)
	want := `"sum" (x[0] - x[2] + 2*x[3] + x[4] + x[5] + x[6] + … (8 terms) == 0.5)`
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
