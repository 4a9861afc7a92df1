package physics

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// boundsBisect is the level λ by bisection alone, from λ that is certain to bracket it.
func boundsBisect(v, c []float64, w Metric, lo, hi []float64, m float64) []float64 {
	at := func(lambda float64) ([]float64, float64) {
		u, sum := make([]float64, len(v)), 0.
		for i := range v {
			u[i] = math.Min(math.Max(v[i]-lambda*c[i]/w[i], lo[i]), hi[i])
			sum += c[i] * u[i]
		}
		return u, sum
	}
	from, to := -1e6, 1e6
	for range 200 {
		lambda := 0.5 * (from + to)
		if _, sum := at(lambda); sum > m {
			from = lambda
		} else {
			to = lambda
		}
	}
	u, _ := at(0.5 * (from + to))
	return u
}

// Water filling finds what 200 bisections find, with weights of both signs, bounds that
// are infinite, equal or all met.
func TestBoundsWaterFilling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		number := rapid.Float64Range(-3, 3)
		v, c := make([]float64, n), make([]float64, n)
		w, lo, hi := make(Metric, n), make([]float64, n), make([]float64, n)
		inside := 0.
		for i := range n {
			v[i], w[i] = number.Draw(t, "v"), rapid.Float64Range(0.1, 4).Draw(t, "w")
			c[i] = rapid.Float64Range(0.1, 2).Draw(t, "c")
			if rapid.IntRange(0, 4).Draw(t, "sign") == 0 {
				c[i] = -c[i]
			}
			x, y := number.Draw(t, "x"), number.Draw(t, "y")
			lo[i], hi[i] = math.Min(x, y), math.Max(x, y)
			inside += c[i] * (lo[i] + rapid.SampledFrom([]float64{0, 0.2, 0.5, 1}).Draw(t, "part")*(hi[i]-lo[i]))
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				lo[i] = math.Inf(-1)
			case 1:
				hi[i] = math.Inf(1)
			}
		}
		law, err := NewBoundedMass(c, []float64{inside}, lo, hi, w, Label{})
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(v)
		if err := law.Project(got); err != nil {
			t.Fatal(err)
		}
		if worst, _, _ := Violation(law, got); worst > 1e-13*100 {
			t.Fatalf("violated by %g", worst)
		}
		for i, x := range boundsBisect(v, c, w, lo, hi, inside) {
			if math.Abs(got[i]-x) > 1e-9 {
				t.Fatalf("number %d is %g, bisection has %g", i, got[i], x)
			}
		}
	})
}

// A number that has to leave its only bound: no slope at the start, and its breakpoint,
// rounded, may still lie on the bound's side.
func TestBoundsLeave(t *testing.T) {
	for _, lo := range []float64{0.1250000000000001, 0.1, 0.3, 0.7} {
		for _, c := range []float64{1, 0.3, -0.7} {
			law := lawsMust[*BoundedMass](t)(NewBoundedMass([]float64{c}, []float64{c * (lo + 0.175)}, []float64{lo}, []float64{math.Inf(1)}, nil, Label{}))
			u := []float64{-1}
			if err := law.Project(u); err != nil {
				t.Fatal(err)
			}
			if math.Abs(u[0]-lo-0.175) > 1e-15*10 {
				t.Errorf("from %g with weight %g: %g", lo, c, u[0])
			}
		}
	}
}

// Bounds with equal ends are fixed nodes: the closed form without active bounds.
func TestBoundsFixNodes(t *testing.T) {
	weights := lawsTrapezium(9)
	lo, hi := slices.Repeat([]float64{-100}, 9), slices.Repeat([]float64{100}, 9)
	lo[2], hi[2] = 0.5, 0.5
	law, err := NewBoundedMass(weights, []float64{0.7}, lo, hi, nil, Label{})
	if err != nil {
		t.Fatal(err)
	}
	fixed := lawsMust[*Fixed](t)(NewFixed(9, []int32{2}, []float64{0.5}, Label{}))
	mass := lawsMust[*Linear](t)(NewMass(weights, []float64{0.7}, nil, Label{}))
	stack := lawsMust[*Linear](t)(NewStack(nil, fixed, mass))
	a, b := lawsRandom(9, 1), lawsRandom(9, 1)
	if err := errors.Join(law.Project(a), stack.Project(b)); err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-13 {
			t.Errorf("number %d: %g with bounds, %g by elimination", i, a[i], b[i])
		}
	}
}

// Dykstra's cycles on mass and bounds end where water filling does.
func TestBoundsDykstra(t *testing.T) {
	const n = 30
	w := lawsMetric(n)
	weights := lawsTrapezium(n)
	lo, hi := []float64{-0.3}, []float64{0.6}
	both := lawsMust[*BoundedMass](t)(NewBoundedMass(weights, []float64{0.25}, lo, hi, w, Label{}))
	mass := lawsMust[*Linear](t)(NewMass(weights, []float64{0.25}, w, Label{}))
	cycles := lawsMust[*Dykstra](t)(NewDykstra(DykstraSettings{}, mass, lawsMust[*Bounds](t)(NewBounds(n, lo, hi, Label{}))))
	a, b := lawsRandom(n, 5), lawsRandom(n, 5)
	if err := errors.Join(both.Project(a), cycles.Project(b)); err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-10 {
			t.Errorf("number %d: %g by water filling, %g by cycles", i, a[i], b[i])
		}
	}
}

// Projections that stand still before they move: a set in a corner of a box, J. P. Boyle
// and R. L. Dykstra's case for corrections. Cyclic projections alone end elsewhere.
func TestBoundsDykstraNearest(t *testing.T) {
	// u ≥ 0 and u₀ + u₁ ≤ … as bounds and a monotone profile: nearest to (2, −1) is
	// found by hand: rising u ≥ 0 ⇒ (½, ½).
	rising := lawsMust[*Monotone](t)(NewMonotone(1, 2, false, nil, Label{}))
	positive := lawsMust[*Bounds](t)(NewBounds(2, []float64{0}, []float64{math.Inf(1)}, Label{}))
	law := lawsMust[*Dykstra](t)(NewDykstra(DykstraSettings{}, positive, rising))
	u := []float64{2, -1}
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	if math.Abs(u[0]-0.5) > 1e-11 || math.Abs(u[1]-0.5) > 1e-11 {
		t.Errorf("nearest is %v, by hand (½, ½)", u)
	}
}

func TestBoundsInfeasible(t *testing.T) {
	if _, err := NewBoundedMass([]float64{1, 1}, []float64{3}, []float64{0}, []float64{1}, nil, Label{}); !errors.Is(err, ErrInfeasible) {
		t.Errorf("a mass above all bounds: %v", err)
	}
	if _, err := NewBounds(2, []float64{0, 2}, []float64{1}, Label{}); !errors.Is(err, ErrInfeasible) {
		t.Errorf("an empty interval: %v", err)
	}
	a := lawsMust[*Bounds](t)(NewBounds(2, []float64{1}, []float64{2}, Label{}))
	b := lawsMust[*Linear](t)(NewMass([]float64{1, 1}, []float64{0}, nil, Label{}))
	empty := lawsMust[*Dykstra](t)(NewDykstra(DykstraSettings{Cycles: 100}, a, b))
	if err := empty.Project(make([]float64, 2)); !errors.Is(err, ErrInfeasible) {
		t.Errorf("an empty intersection: %v", err)
	}
}
