package field

import (
	"math"
	"strings"
	"testing"

	"abide/grid"
)

func klOf(t testing.TB, c func(x, y []float64) float64, g []grid.Axis, fraction float64) *KL {
	t.Helper()
	f, err := NewKL(c, len(g), grid.Points(g...), grid.Weights(g...), fraction, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Brownian motion has λₖ = 1/((k−½)² π²) and φₖ = √2 sin((k−½)πx): the method of
// Nyström with the midpoint rule finds them with order 2, for the covariance has a kink.
func TestKLOfBrownianMotion(t *testing.T) {
	brownian := func(x, y []float64) float64 { return math.Min(x[0], y[0]) }
	for k := range 4 {
		w := (float64(k) + 0.5) * math.Pi
		e := func(n int) (value, mode float64) {
			f := klOf(t, brownian, axesOf(grid.Neumann, grid.Cell, n), 1)
			sign := math.Copysign(1, f.Mode(k)[0])
			for i, v := range f.Mode(k) {
				mode = math.Max(mode, math.Abs(sign*v-math.Sqrt2*math.Sin(w*(float64(i)+0.5)/float64(n))))
			}
			return math.Abs(f.Values[k]*w*w - 1), mode
		}
		v, m := e(80)
		v2, _ := e(160)
		if order := math.Log2(v / v2); math.Abs(order-2) > 0.05 || m > 1e-3 {
			t.Errorf("eigenvalue %d converges with order %.2f from %.2g, its function is off by %.2g", k, order, v, m)
		}
	}
}

// With all terms the covariance at the points is exact, on an uneven rule too; Whiten
// undoes Map; the fraction kept is what was asked for, by the fewest terms, and the
// variances say the same.
func TestKLIsExactAtItsPoints(t *testing.T) {
	m := Matern{1.5, 0.4, 2}
	g := axesOf(grid.Neumann, grid.Vertex, 6, 7)
	g[1].Length = 2
	f := klOf(t, m.Between, g, 1)
	x := grid.Points(g...)
	for i, row := range covarianceOf(f) {
		for j, got := range row {
			if want := m.Between(x[2*i:2*i+2], x[2*j:2*j+2]); !(math.Abs(got-want) < 1e-11) {
				t.Fatalf("covariance (%d, %d) is %g, want %g", i, j, got, want)
			}
		}
	}
	if math.Abs(f.Captured()-1) > 1e-12 {
		t.Errorf("all terms have a fraction of %g", f.Captured())
	}
	cut := klOf(t, m.Between, g, 0.9)
	if c, less := cut.Captured(), cut.Truncate(cut.White()-1).Captured(); c < 0.9 || less >= 0.9 {
		t.Errorf("%d terms have %g, one less %g: want the fewest with 0.9", cut.White(), c, less)
	}
	kept := 0.0
	for i, w := range grid.Weights(g...) {
		kept += w * cut.Variance(i)
	}
	if want := cut.Captured() * 4 * 2; math.Abs(kept-want) > 1e-11 { // σ² times the area
		t.Errorf("variances integrate to %g, want %g", kept, want)
	}
	white, back, u := make([]float64, cut.White()), make([]float64, cut.White()), make([]float64, cut.Size())
	for k := range white {
		white[k] = math.Sin(float64(3 * k))
	}
	cut.Map(u, white)
	cut.Whiten(back, u)
	for k := range white {
		if !(math.Abs(white[k]-back[k]) < 1e-11) {
			t.Fatalf("coefficient %d is %g after a return, was %g", k, back[k], white[k])
		}
	}
	// A draw of fewer terms is the projection of that of more.
	f.Sample(u, 9, 4)
	cut.Whiten(white, u)
	v, w := make([]float64, cut.Size()), make([]float64, cut.Size())
	cut.Map(v, white)
	cut.Sample(w, 9, 4)
	for i := range v {
		if !(math.Abs(v[i]-w[i]) < 1e-11) {
			t.Fatalf("value %d of the cut draw is %g, the projection %g", i, w[i], v[i])
		}
	}
}

func TestKLRefuses(t *testing.T) {
	one := func(x, y []float64) float64 { return 1 }
	for _, c := range []struct {
		c               func(x, y []float64) float64
		points, weights []float64
		fraction        float64
		want            string
	}{
		{one, []float64{0, 1}, []float64{1}, 1, "2 coordinates for 1"},
		{one, []float64{0, 1}, []float64{1, 0}, 1, "point 1 has the weight 0"},
		{one, []float64{0, 1}, []float64{1, 1}, 0, "fraction of 0"},
		{func(x, y []float64) float64 { return math.NaN() }, []float64{0}, []float64{1}, 1, "is NaN"},
		{func(x, y []float64) float64 { return x[0] - y[0] }, []float64{0, 1}, []float64{1, 1}, 1, "not negative"},
	} {
		if _, err := NewKL(c.c, 1, c.points, c.weights, c.fraction, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// The leading terms alone are those of the whole spectrum: as many, with double
// eigenvalues on a square, and where all eigenvalues are equal.
func TestKLLeadingTerms(t *testing.T) {
	m := Matern{1.5, 0.3, 1}
	g := axesOf(grid.Neumann, grid.Cell, 16, 16)
	all := klOf(t, m.Between, g, 1)
	const share = 0.97
	few := klOf(t, m.Between, g, share)
	if c := all.Truncate(few.White()).Captured(); math.Abs(c-few.Captured()) > 1e-12 || all.Truncate(few.White()-1).Captured() >= share {
		t.Errorf("%d leading terms have %.15g, of the whole spectrum %.15g", few.White(), few.Captured(), c)
	}
	double := false
	for k, v := range few.Values {
		if !(math.Abs(v-all.Values[k]) < 1e-13) {
			t.Errorf("eigenvalue %d is %.15g, want %.15g", k, v, all.Values[k])
		}
		double = double || k > 0 && few.Values[k-1]-v < 1e-12
		// C φ = λ φ at one place, with the weights of the grid.
		x, s := grid.Points(g...), 0.0
		for j, w := range grid.Weights(g...) {
			s += w * m.Between(x[2*37:2*38], x[2*j:2*j+2]) * few.Mode(k)[j]
		}
		if !(math.Abs(s-v*few.Mode(k)[37]) < 1e-9*v) {
			t.Errorf("eigenfunction %d of λ = %g is %g at a point, C takes it to %g", k, v, few.Mode(k)[37], s)
		}
	}
	if !double {
		t.Error("no double eigenvalue: the test has lost its case")
	}
	white := func(x, y []float64) float64 {
		if x[0] == y[0] {
			return 1
		}
		return 0
	}
	if f := klOf(t, white, axesOf(grid.Neumann, grid.Cell, 100), 0.295); f.White() != 30 || math.Abs(f.Captured()-0.3) > 1e-12 {
		t.Errorf("%d terms of white noise have %g, want 30 and 0.3", f.White(), f.Captured())
	}
}
