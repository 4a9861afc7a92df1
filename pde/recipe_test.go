package pde

import (
	"context"
	"fmt"
	"math"
	"testing"

	"abide/field"
	"abide/grid"
)

// recipeDraws are n draws of a family.
func recipeDraws(t *testing.T, k Kind, v Values, n int) (out []Sample) {
	t.Helper()
	f, err := k.Make(v)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		s, err := f.Draw(context.Background(), 9, i)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// What is drawn is uniform between the published bounds: all draws within, and the extremes
// of 1,000 near the bounds (nearer than a fiftieth but for e⁻²⁰), the mean within 4.9 standard errors.
func TestRecipeUniform(t *testing.T) {
	const n = 1000
	small := Values{"grid": 4, "times": 3}
	for _, c := range []struct {
		kind     Kind
		v        Values
		array    int
		from, to float64
	}{
		{heatClosedKind, small, 0, 1, 5},
		{heatClosedKind, small, 1, 0, math.Pi},
		{stokesSecondKind, small, 0, 2, 20},
		{stokesSecondKind, small, 1, 2, 8},
		{porousMediumKind, Values{"grid": 4}, 0, 1, 6},
		{stefanKind, small, 0, 0.55, 0.7},
		{burgersShockKind, Values{"grid": 4}, 0, 0.2, 0.8},
		{burgersShockKind, Values{"grid": 4}, 1, 0, 1},
		{reactionDiffusionKind, Values{"grid": 8, "times": 2}, 0, 0, 0.05},
		{reactionDiffusionKind, Values{"grid": 8, "times": 2}, 1, -0.05, 0},
		{navierStokesKind, Values{"grid": 8, "times": 1, "end": 1e-3, "force": "random"}, 0, 0, math.Pi / 2},
	} {
		low, high, mean := math.Inf(1), math.Inf(-1), 0.0
		for _, s := range recipeDraws(t, c.kind, c.v, n) {
			x := s[c.array][0]
			low, high, mean = min(low, x), max(high, x), mean+x/n
		}
		width := c.to - c.from
		if low < c.from || high > c.to || low > c.from+width/50 || high < c.to-width/50 || math.Abs(mean-(c.from+c.to)/2) > 4.9*width/math.Sqrt(12*n) {
			t.Errorf("%s, array %d: in [%g, %g] with mean %g, want U(%g, %g)", c.kind.Name, c.array, low, high, mean, c.from, c.to)
		}
	}
}

// Random states have the variance of the law that is named, within 4.9 standard errors by
// the spread over draws.
func TestRecipeInitialStates(t *testing.T) {
	law := func(l field.Law, points int, modes ...int) float64 {
		var axes []grid.Axis
		for range modes {
			axes = append(axes, grid.Axis{Cells: points, Boundary: grid.Periodic})
		}
		f, err := field.NewSpectral(l, axes, modes...)
		if err != nil {
			t.Fatal(err)
		}
		return f.Std() * f.Std()
	}
	for _, c := range []struct {
		kind  Kind
		v     Values
		array int
		size  int
		want  float64
	}{
		{burgersKind, Values{"grid": 32, "times": 2, "steps": 1}, 0, 32, law(field.Burgers, 32, band(32))},
		{navierStokesKind, Values{"grid": 16, "times": 1, "end": 1e-3}, 1, 256, law(field.NavierStokes, 16, band(16), band(16))},
		{fitzHughNagumoKind, Values{"grid": 8, "times": 1, "end": 0.01}, 0, 128, 1},
	} {
		const n = 400
		var mean, square float64
		for _, s := range recipeDraws(t, c.kind, c.v, n) {
			m := rms(s[c.array][:c.size])
			mean, square = mean+m*m/n, square+m*m*m*m/n
		}
		if z := (mean - c.want) / math.Sqrt((square-mean*mean)/n); !(math.Abs(z) < 4.9) {
			t.Errorf("%s: mean square %g, %.1f standard errors from %g", c.kind.Name, mean, z, c.want)
		}
	}
}

// Coefficients are the published maps of the published field: 12 where it is not negative.
func TestRecipeDarcy(t *testing.T) {
	for contrast, low := range map[string]float64{"12/4": 4, "12/3": 3} {
		side := grid.Axis{Cells: 8, Boundary: grid.Neumann}
		z, err := field.NewSpectral(field.Darcy, []grid.Axis{side, side})
		if err != nil {
			t.Fatal(err)
		}
		u := make([]float64, 81)
		for i, s := range recipeDraws(t, darcyKind, Values{"grid": 8, "contrast": contrast}, 5) {
			z.Sample(u, 9, i)
			for k, v := range u {
				want := low
				if v >= 0 {
					want = 12
				}
				if s[0][k] != want {
					t.Fatalf("%s: a = %g where z = %g", contrast, s[0][k], v)
				}
			}
		}
	}
}

// The level set of darcy1d has the correlation of its series: two cells are of different
// phases with probability arccos(ρ)/π, ρ = Σ wⱼ² cos cos/√(Σ wⱼ² cos² Σ wⱼ² cos²),
// wⱼ = (π²j² + λ²)⁻².
func TestRecipeDarcy1d(t *testing.T) {
	const n, draws = 40, 4000
	samples := recipeDraws(t, darcy1dKind, Values{"grid": n}, draws)
	for _, c := range [][2]int{{0, 8}, {10, 14}, {5, 30}} {
		var xx, xy, yy float64
		for j := 1; j <= 20; j++ {
			w := math.Pow(math.Pi*math.Pi*float64(j*j)+64, -2)
			x, y := w*math.Cos(math.Pi*float64(j)*(float64(c[0])+0.5)/n), w*math.Cos(math.Pi*float64(j)*(float64(c[1])+0.5)/n)
			xx, xy, yy = xx+x*x, xy+x*y, yy+y*y
		}
		p, got := math.Acos(xy/math.Sqrt(xx*yy))/math.Pi, 0.0
		for _, s := range samples {
			if s[0][c[0]] != s[0][c[1]] {
				got += 1. / draws
			}
		}
		if z := (got - p) / math.Sqrt(p*(1-p)/draws); !(math.Abs(z) < 4.9) {
			t.Errorf("cells %v differ in a share of %.4f of draws, want %.4f (%.1f standard errors)", c, got, p, z)
		}
	}
}

// Four fifths (0.9²) of the reaction's initial states are two waves with k ≤ 3, and five
// ninths of those have k = 3 among them; the rest is folded or cut, which no few waves are.
func TestRecipeReactionDiffusion(t *testing.T) {
	const n, cells = 1000, 64
	var waves, third float64
	for _, s := range recipeDraws(t, reactionDiffusionKind, Values{"grid": cells, "times": 2}, n) {
		u := s[2][:cells]
		power := func(k int) float64 {
			var c, d float64
			for j, v := range u {
				x := 2 * math.Pi * float64(k) * (float64(j) + 0.5) / cells
				c, d = c+v*math.Cos(x)/cells, d+v*math.Sin(x)/cells
			}
			return c*c + d*d
		}
		all := 0.0
		for _, v := range u {
			all += v * v / cells
		}
		if rest := all - power(0) - 2*(power(1)+power(2)+power(3)); rest < 1e-12 {
			waves++
			if power(3) > 1e-12 {
				third++
			}
		}
	}
	for _, c := range []struct{ got, of, want float64 }{{waves, n, 0.81}, {third, waves, 5. / 9}} {
		if z := (c.got/c.of - c.want) / math.Sqrt(c.want*(1-c.want)/c.of); !(math.Abs(z) < 4.9) {
			t.Errorf("a share of %.3f, want %.3f (%.1f standard errors)", c.got/c.of, c.want, z)
		}
	}
}

// The string's shape and velocity are independent draws.
func TestRecipeWave(t *testing.T) {
	const n = 500
	var xy, xx, yy float64
	for _, s := range recipeDraws(t, waveKind, Values{"grid": 8, "times": 8}, n) {
		x, y := s[0][4], s[1][4]
		xx, xy, yy = xx+x*x, xy+x*y, yy+y*y
	}
	if r := xy / math.Sqrt(xx*yy); !(math.Abs(r) < 4.9/math.Sqrt(n)) {
		t.Errorf("correlation %.3f", r)
	}
}

// From rest the force drives one wave, which does not advect itself:
// w = f/(8π²ν) (1 − e^{−8π²νt}), f = 0.1 (sin + cos)(2π(x + y)), in the family's own row.
func TestRecipeNavierStokes(t *testing.T) {
	const n = 16
	for _, nu := range []float64{1e-3, 0.02} {
		f, err := navierStokesKind.Make(Values{"grid": n, "times": 2, "end": 2.0, "nu": nu})
		if err != nil {
			t.Fatal(err)
		}
		s := contractDraw(t, f, 1, 0) // with its own φ
		rate := 8 * math.Pi * math.Pi * nu
		for k := range 3 {
			for i := range n * n {
				x := 2 * math.Pi * float64(i/n+i%n) / n
				s[1][k*n*n+i] = 0.1 * (math.Sin(x) + math.Cos(x)) / rate * -math.Expm1(-rate*float64(k))
			}
		}
		violations, err := Check(f, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range violations {
			if !(v.Worst <= 1e-12) {
				t.Errorf("ν = %g, row %s: %g", nu, v.Row.Name, v.Worst)
			}
		}
	}
}

// The initial step of the shock data is as wide as published.
func TestRecipeBurgersShock(t *testing.T) {
	for _, s := range recipeDraws(t, burgersShockKind, Values{"grid": 50}, 3) {
		for j, v := range s[2][:50] {
			x := (float64(j) + 0.5) / 50
			if want := 1 / (1 + math.Exp(50*(x-s[0][0]))); !(math.Abs(v-want) <= 1e-12) {
				t.Fatalf("u(0, %g) = %g, want %g", x, v, want)
			}
		}
	}
}

// Defaults that the publications fix.
func TestRecipeDefaults(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		want Values
	}{
		{reactionDiffusionKind, Values{"grid": 128, "times": 100, "end": 0.99, "nu": 0.005, "rho": 0.01}},
		{burgersKind, Values{"nu": 0.01}},
		{burgersShockKind, Values{"grid": 100}},
		{navierStokesKind, Values{"grid": 64, "nu": 1e-3}},
		{heatClosedKind, Values{"grid": 100, "times": 100}},
		{stokesSecondKind, Values{"grid": 100, "times": 100}},
		{stefanKind, Values{"grid": 100, "times": 100}},
		{porousMediumKind, Values{"grid": 100}},
		{helmholtzKind, Values{"k": 1.0}},
		{darcy1dKind, Values{"grid": 100, "lambda": 8.0, "low": 1.0, "high": 2.0, "source": 10.0}},
	} {
		for name, want := range c.want {
			if p, _ := c.kind.parameter(name); fmt.Sprint(p.Default) != fmt.Sprint(want) {
				t.Errorf("%s: %s is %v, want %v", c.kind.Name, name, p.Default, want)
			}
		}
	}
}
