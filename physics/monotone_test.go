package physics

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// monotoneMinMax is isotonic regression by its max–min formula, u_i = max_{a≤i} min_{b≥i}
// of the weighted mean of a … b (R. E. Barlow et al., 1972, theorem 1.4): no pooling.
func monotoneMinMax(v []float64, w Metric) []float64 {
	u := make([]float64, len(v))
	for i := range v {
		u[i] = math.Inf(-1)
		for a := 0; a <= i; a++ {
			least := math.Inf(1)
			for b := i; b < len(v); b++ {
				var sum, weight float64
				for k := a; k <= b; k++ {
					sum, weight = sum+w[k]*v[k], weight+w[k]
				}
				least = math.Min(least, sum/weight)
			}
			u[i] = math.Max(u[i], least)
		}
	}
	return u
}

func TestMonotoneMinMax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "n")
		v, w := make([]float64, n), make(Metric, n)
		for i := range v {
			// Few values, so that ties occur.
			v[i] = float64(rapid.IntRange(-4, 4).Draw(t, "v")) / 2
			w[i] = rapid.Float64Range(0.1, 5).Draw(t, "w")
		}
		falling := rapid.Bool().Draw(t, "falling")
		law, err := NewMonotone(1, n, falling, w, Label{})
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(v)
		if err := law.Project(got); err != nil {
			t.Fatal(err)
		}
		sign := 1.
		if falling {
			sign = -1
		}
		for i := range v {
			v[i] *= sign
		}
		for i, x := range monotoneMinMax(v, w) {
			if math.Abs(got[i]-sign*x) > 1e-12 {
				t.Fatalf("number %d is %g, the formula has %g", i, got[i], sign*x)
			}
		}
	})
}

// convexBest tries all sets of hinges and keeps the best fit that is convex: 2^(n−2)
// dense least-squares problems.
func convexBest(v, x []float64, w Metric) (best []float64) {
	n := len(v)
	least := math.Inf(1)
	for set := range 1 << (n - 2) {
		basis := [][]float64{slices.Repeat([]float64{1}, n), x}
		for k := 1; k < n-1; k++ {
			if set&(1<<(k-1)) != 0 {
				hinge := make([]float64, n)
				for i := range hinge {
					hinge[i] = math.Max(x[i]-x[k], 0)
				}
				basis = append(basis, hinge)
			}
		}
		u := lawsFit(basis, v, w)
		convex, sum := true, 0.
		for i := 1; i < n-1; i++ {
			convex = convex && (u[i+1]-u[i])/(x[i+1]-x[i])-(u[i]-u[i-1])/(x[i]-x[i-1]) > -1e-10
		}
		for i := range u {
			sum += w[i] * (u[i] - v[i]) * (u[i] - v[i])
		}
		if convex && sum < least {
			least, best = sum, u
		}
	}
	return best
}

func TestConvexEnumeration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 8).Draw(t, "n")
		v, w, x := make([]float64, n), make(Metric, n), make([]float64, n)
		for i := range v {
			v[i] = rapid.Float64Range(-2, 2).Draw(t, "v")
			w[i] = rapid.Float64Range(0.2, 4).Draw(t, "w")
			x[i] = rapid.Float64Range(0.2, 1).Draw(t, "x")
			if i > 0 {
				x[i] += x[i-1]
			}
		}
		law, err := NewConvex(1, x, false, w, Label{})
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(v)
		if err := law.Project(got); err != nil {
			t.Fatal(err)
		}
		for i, want := range convexBest(v, x, w) {
			if math.Abs(got[i]-want) > 1e-7 {
				t.Fatalf("number %d is %g, the best of all sets of hinges has %g", i, got[i], want)
			}
		}
	})
}

// Long profiles: white noise, a concave one (whose fit is a line), and a convex one,
// which stays.
func TestConvexLong(t *testing.T) {
	const n = 400
	x, noise, arch, bowl := make([]float64, n), lawsRandom(n, 2), make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = float64(i) / (n - 1)
		arch[i], bowl[i] = x[i]*(1-x[i]), math.Cosh(3*x[i])
		noise[i] = bowl[i] + 0.1*noise[i]
	}
	law := lawsMust[*Convex](t)(NewConvex(1, x, false, nil, Label{Unit: n}))
	line := lawsFit([][]float64{slices.Repeat([]float64{1}, n), x}, arch, slices.Repeat(Metric{1}, n))
	for _, c := range []struct {
		name string
		v    []float64
		want []float64
	}{{"noise", noise, nil}, {"arch", arch, line}, {"bowl", bowl, bowl}} {
		u := slices.Clone(c.v)
		if err := law.Project(u); err != nil {
			t.Fatal(err)
		}
		if v, _, _ := Violation(law, u); v > 1e-12 {
			t.Errorf("%s: violated by %g", c.name, v)
		}
		for i := range c.want {
			if math.Abs(u[i]-c.want[i]) > 1e-12 {
				t.Fatalf("%s: number %d is %g, want %g", c.name, i, u[i], c.want[i])
			}
		}
		// Normal to the line that every convex profile may be moved along.
		var sum, moment float64
		for i := range u {
			sum += u[i] - c.v[i]
			moment += x[i] * (u[i] - c.v[i])
		}
		if math.Abs(sum) > 1e-10 || math.Abs(moment) > 1e-10 {
			t.Errorf("%s: content changes by %g, moment by %g", c.name, sum, moment)
		}
	}
}
