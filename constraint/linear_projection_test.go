package constraint

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"abide/internal/keyed"
	"pgregory.net/rapid"
)

// Projections of random points on random sets of linear rows, equalities,
// bounds, copies and degenerate corners among them: every row holds to the last
// bit (bounds) or to rounding, the conditions of Karush, Kuhn and Tucker hold
// with multipliers found independently, and a second projection changes no bit.
func TestProjectionSatisfiesKKT(t *testing.T) {
	for _, size := range []struct{ d, m, equalities, points int }{
		{1, 2, 0, 50}, {2, 5, 0, 50}, {3, 8, 1, 50}, {9, 14, 2, 50}, {20, 60, 5, 10}, {100, 200, 10, 1},
	} {
		t.Run(fmt.Sprintf("d=%d,m=%d", size.d, size.m), func(t *testing.T) {
			for k := range max(1, size.points/5) {
				s := keyed.New(1, "kkt", k, size.d)
				sys := randomSystem(s, size.d, size.m, size.equalities)
				p := sys.projector(t)
				for range 5 {
					x := make([]float64, size.d)
					s.Normal(x)
					far := math.Exp(6*s.Uniform() - 2)
					for j := range x {
						x[j] *= far * sys.scale[j]
					}
					y := slices.Clone(x)
					if out := p.Project(y); out.Infeasible || !out.Stationary {
						t.Fatalf("set %d: %+v", k, out)
					}
					checkRows(t, sys, y)
					if r := sys.stationarity(x, y); r > 1e-9*(1+sys.distance(x, y)) {
						t.Errorf("set %d: gradient is %g off the cone of the tight rows, moved %g", k, r, sys.distance(x, y))
					}
					again := slices.Clone(y)
					p.Project(again)
					if !slices.Equal(again, y) {
						t.Errorf("set %d: second projection moved by %g", k, sys.distance(again, y))
					}
				}
			}
		})
	}
}

// checkRows demands bounds of one column to the last bit, other rows to 1e-12 of
// the size of their terms.
func checkRows(t *testing.T, sys *system, x []float64) {
	t.Helper()
	for i, a := range sys.a {
		r, size, entries := -sys.b[i], math.Abs(sys.b[i]), 0
		for j, v := range a {
			r += v * x[j]
			size += math.Abs(v * x[j])
			if v != 0 {
				entries++
			}
		}
		if sys.equality[i] {
			r = math.Abs(r)
		} else if entries == 1 {
			size = 0
		}
		if r > 1e-12*size {
			t.Errorf("row %d: violated by %g, terms of size %g", i, r, size)
		}
	}
}

func TestProjectionEqualsBruteForce(t *testing.T) {
	for k := range 60 {
		s := keyed.New(2, "brute force", k, 0)
		d, m := 1+k%4, 2+k%5
		sys := randomSystem(s, d, m, min(k%2, d-1))
		p := sys.projector(t)
		x := make([]float64, d)
		s.Normal(x)
		for j := range x {
			x[j] *= 4
		}
		want := sys.bruteForce(x)
		p.Project(x)
		// The oracle accepts rows to 1e-9, so it may sit that far outside.
		if r := sys.distance(x, want); r > 1e-7 {
			t.Errorf("set %d (d=%d, m=%d): %v, want %v (%g away)", k, d, m, x, want, r)
		}
	}
}

// ‖Πx − Πy‖ ≤ ‖x − y‖ in the metric of the projection, for any closed convex set.
func TestProjectionIsNonExpansive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := keyed.New(rapid.Uint64().Draw(t, "seed"), "expansive", 0, 0)
		d := rapid.IntRange(1, 8).Draw(t, "d")
		m := rapid.IntRange(1, 16).Draw(t, "m")
		sys := randomSystem(s, d, m, min(rapid.IntRange(0, 2).Draw(t, "equalities"), d-1, m))
		p, err := NewProjector(sys.constraints(t), sys.scale)
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float64, d), make([]float64, d)
		s.Normal(x)
		s.Normal(y)
		before := sys.distance(x, y)
		p.Project(x)
		p.Project(y)
		if after := sys.distance(x, y); after > before*(1+1e-12)+1e-12 {
			t.Fatalf("distance grew from %.17g to %.17g", before, after)
		}
	})
}

// The order of the rows must not matter, and neither must rows given twice.
func TestProjectionIgnoresOrderAndCopies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := keyed.New(rapid.Uint64().Draw(t, "seed"), "order", 0, 0)
		d := rapid.IntRange(1, 8).Draw(t, "d")
		m := rapid.IntRange(2, 14).Draw(t, "m")
		sys := randomSystem(s, d, m, min(1, d-1))
		order := rapid.Permutation(seq(m)).Draw(t, "order")
		order = append(order, order[rapid.IntRange(0, m-1).Draw(t, "copy")])
		x := make([]float64, d)
		s.Normal(x)
		y := slices.Clone(x)
		a := sys.projector(t).Project(x)
		b := sys.permuted(order).projector(t).Project(y)
		if a.Infeasible || b.Infeasible {
			t.Fatalf("%+v %+v", a, b)
		}
		if r := sys.distance(x, y); r > 1e-10 {
			t.Fatalf("points differ by %g", r)
		}
	})
}

func seq(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// Closed forms in the metric S = diag(scale²).
func TestClosedForms(t *testing.T) {
	scale := []float64{2, 0.5, 1}
	a, b := []float64{1, -2, 0.5}, 0.3
	halfSpace := must(NewHalfSpace("h", a, b))(t)
	plane := must(NewLinearEquality("e", [][]float64{a}, []float64{b}))(t)
	box := must(NewBox("b", []float64{-1, math.Inf(-1), 0.1}, []float64{1, 0.2, 0.1}, nil))(t)
	fixed := must(NewFixed("f", 3, []int{2, 0}, []float64{7, -1}, nil))(t)
	toPlane := func(x []float64) {
		var as float64
		for j := range a {
			as += a[j] * a[j] * scale[j] * scale[j]
		}
		r := (dot(a, x) - b) / as
		for j := range x {
			x[j] -= r * a[j] * scale[j] * scale[j]
		}
	}
	for _, c := range []struct {
		name  string
		c     Constraint
		want  func(x []float64)
		exact bool
	}{
		{"half-space", halfSpace, func(x []float64) {
			if dot(a, x) > b {
				toPlane(x)
			}
		}, false},
		{"plane", plane, toPlane, false},
		{"box", box, func(x []float64) { x[0], x[1], x[2] = max(-1, min(1, x[0])), min(0.2, x[1]), 0.1 }, true},
		{"fixed", fixed, func(x []float64) { x[0], x[2] = -1, 7 }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := must(NewProjector([]Constraint{c.c}, scale))(t)
			s := keyed.New(3, c.name, 0, 0)
			for range 50 {
				x := make([]float64, 3)
				s.Normal(x)
				want := slices.Clone(x)
				c.want(want)
				p.Project(x)
				for j := range x {
					if diff := math.Abs(x[j] - want[j]); diff > 1e-14*(1+math.Abs(want[j])) || c.exact && diff != 0 {
						t.Fatalf("%v, want %v", x, want)
					}
				}
			}
		})
	}
}

// Bounds together with rows that couple columns: bounds hold to the last bit, so
// that nothing that must not be negative is.
func TestBoundsAreHitExactly(t *testing.T) {
	d := 9
	box := must(NewBox("b", make([]float64, d), nil, nil))(t)
	ones := slices.Repeat([]float64{1}, d)
	sum := must(NewLinearEquality("s", [][]float64{ones}, []float64{1}))(t)
	p := must(NewProjector([]Constraint{sum, box}, slices.Repeat([]float64{0.3}, d)))(t)
	s := keyed.New(4, "simplex", 0, 0)
	zeros := 0
	for range 200 {
		x := make([]float64, d)
		s.Normal(x)
		p.Project(x)
		var total float64
		for _, v := range x {
			if v < 0 {
				t.Fatalf("negative: %g", v)
			}
			if v == 0 {
				zeros++
			}
			total += v
		}
		if math.Abs(total-1) > 1e-14 {
			t.Fatalf("sum is %.17g", total)
		}
	}
	if zeros == 0 {
		t.Error("no bound was ever active")
	}
}

// Three rows in two columns meet at the origin: whichever two a projection makes
// active, the bound that is left over holds to the last bit.
func TestBoundsAtDegenerateCorners(t *testing.T) {
	s := keyed.New(7, "corner", 0, 0)
	box := must(NewBox("b", []float64{0, 0, 0}, nil, nil))(t)
	for range 300 {
		a := []float64{s.Uniform(), s.Uniform(), s.Uniform()}
		c := []float64{s.Uniform(), s.Uniform(), s.Uniform()}
		p := must(NewProjector([]Constraint{must(NewPolytope("p", [][]float64{a, c}, []float64{0, 0}))(t), box}, []float64{1, 2, 1}))(t)
		x := make([]float64, 3)
		s.Normal(x)
		p.Project(x)
		for _, v := range x {
			if v < 0 || v > 1e-12 {
				t.Fatalf("%v: %v", a, x)
			}
		}
	}
}

// Rows with large numbers hold to their tolerance, though that is less than
// 1e-12 of the numbers.
func TestToleranceRules(t *testing.T) {
	h := must(NewHalfSpace("h", []float64{1e7, 1e7}, 2e9))(t)
	p := must(NewProjector([]Constraint{h}, []float64{1, 1}))(t)
	x := []float64{100 + 1e-12, 100 + 2e-12}
	r := []float64{0}
	h.ResidualAt(x, r)
	if r[0] < 10*DefaultTolerance {
		t.Fatalf("the point misses the row by %g only", r[0])
	}
	p.Project(x)
	if h.ResidualAt(x, r); r[0] > DefaultTolerance {
		t.Errorf("the row is missed by %g", r[0])
	}
}

// Bounds that cross by rounding only, 0.3/3 < 0.1 in binary, meet in one value.
func TestBoundsThatCrossByRounding(t *testing.T) {
	above := must(NewBox("b", []float64{0.1, 0}, nil, nil))(t)
	below := must(NewHalfSpace("h", []float64{3, 0}, 0.3))(t)
	mix := must(NewHalfSpace("m", []float64{1, 1}, 1))(t)
	fixed := must(NewFixed("f", 2, []int{0}, []float64{0.1}, nil))(t)
	for _, cs := range [][]Constraint{{above, below}, {below, above, mix}, {fixed, below}, {mix, below, fixed}} {
		p := must(NewProjector(cs, []float64{1, 1}))(t)
		for _, v := range []float64{-5, 0.1, 5} {
			x := []float64{v, v}
			out := p.Project(x)
			if out.Infeasible || math.Abs(x[0]-0.1) > 1e-16 || !newWorker(p).linearMet(x) {
				t.Errorf("%g: %v, %+v", v, x, out)
			}
		}
	}
}

// Rows that contradict each other by less than their tolerance can be met to it.
func TestRowsThatCrossWithinTolerance(t *testing.T) {
	for _, gap := range []float64{4e-7, 4e-6} {
		below := must(NewHalfSpace("below", []float64{1, 1}, 1))(t)
		above := must(NewHalfSpace("above", []float64{-3, -3}, -3*(1+gap/3)))(t)
		floor := must(NewBox("floor", []float64{0, 0}, nil, nil))(t)
		cs := []Constraint{floor, above, below}
		p := must(NewProjector(cs, []float64{1, 2}))(t)
		feasible := gap < DefaultTolerance
		for _, x := range [][]float64{{5, 5}, {-5, 2}, {-1, -1}} {
			start := slices.Clone(x)
			if out := p.Project(x); out.Infeasible == feasible || feasible != obeyed(below, x, 1) && feasible != obeyed(above, x, 1) {
				t.Errorf("gap %g: %v became %v, %+v", gap, start, x, out)
			}
		}
		if err := Check(cs, []float64{0, 0}, []float64{1, 2}); (err == nil) != feasible {
			t.Errorf("gap %g: check says %v", gap, err)
		}
	}
}

// A point that obeys all rows keeps every bit, also where −0 meets a bound of 0.
func TestFeasiblePointsAreNotTouched(t *testing.T) {
	box := must(NewBox("b", []float64{0, 0}, []float64{1, 1}, nil))(t)
	mix := must(NewHalfSpace("m", []float64{1, 1}, 1))(t)
	ball := must(NewBall("o", []float64{0, 0}, 1))(t)
	for _, cs := range [][]Constraint{{box}, {box, mix}, {box, mix, ball}} {
		p := must(NewProjector(cs, []float64{1, 3}))(t)
		for _, x := range [][]float64{{0.1, 0.2}, {1, 0}, {math.Copysign(0, -1), 0.5}, {0.3, 0.7}} {
			y := slices.Clone(x)
			if out := p.Project(y); out != (Outcome{Row: -1, Stationary: true}) {
				t.Errorf("%v: %+v", x, out)
			}
			for j := range x {
				if math.Float64bits(x[j]) != math.Float64bits(y[j]) {
					t.Errorf("%v became %v", x, y)
				}
			}
		}
	}
}

func must[T any](v T, err error) func(t fatal) T {
	return func(t fatal) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
