package pde

import (
	"math"
	"testing"

	"abide/timestep"
)

func init() {
	contractValues["advection"] = Values{"grid": 32}
}

// Initial states between zero ends have the same law seen from either: variances next to
// them agree within 4.9 standard errors of the logarithm of their ratio, √(4/n).
func TestInitialStatesEndAtZero(t *testing.T) {
	const n, cells = 400, 16
	for _, c := range []struct {
		kind   Kind
		arrays []int
	}{{heatKind, []int{0}}, {waveKind, []int{0, 1}}} {
		f, err := c.kind.Make(Values{"grid": cells, "times": 64})
		if err != nil {
			t.Fatal(err)
		}
		var left, right [2]float64
		for k := range n {
			s := contractDraw(t, f, 4, k)
			for _, a := range c.arrays {
				left[a] += s[a][1] * s[a][1]
				right[a] += s[a][cells-1] * s[a][cells-1]
			}
		}
		for _, a := range c.arrays {
			if z := math.Log(left[a]/right[a]) / math.Sqrt(4./n); !(math.Abs(z) < 4.9) {
				t.Errorf("%s, array %d: variances %.3g and %.3g next to the ends", c.kind.Name, a, left[a]/n, right[a]/n)
			}
		}
	}
}

// u = e^{−π²νt} sin πx (T11-M): order 2 for Crank–Nicolson in both, order 1 in time for
// implicit Euler.
func TestHeatOrder(t *testing.T) {
	const nu, end = 0.2, 1.
	run := func(theta float64, cells, steps int) (worst float64) {
		f := &heat{cells: cells, steps: steps, dt: end / float64(steps), nu: nu, theta: theta}
		s, err := f.newStepper()
		if err != nil {
			t.Fatal(err)
		}
		u := make([]float64, cells-1)
		for j := range u {
			u[j] = math.Sin(math.Pi * float64(j+1) / float64(cells))
		}
		timestep.March(s, 0, steps, u)
		for j, v := range u {
			worst = max(worst, math.Abs(v-math.Exp(-math.Pi*math.Pi*nu*end)*math.Sin(math.Pi*float64(j+1)/float64(cells))))
		}
		return worst
	}
	evolutionOrder(t, "Crank–Nicolson", 2, 0.05, []int{16, 32, 64}, func(n int) float64 { return run(0.5, n, n) })
	evolutionOrder(t, "implicit Euler", 1, 0.05, []int{64, 128, 256}, func(n int) float64 { return run(1, 1024, n) })
	if _, err := heatKind.Make(Values{"theta": 0.0}); err == nil {
		t.Error("explicit Euler far beyond its limit is not refused")
	}
}

// D'Alembert's solution of a string plucked at rest, ½ (f(x − ct) + f(x + ct)) with f odd
// about both ends: order 2, and with the Courant number 1 to rounding.
func TestWaveDAlembert(t *testing.T) {
	const c, end = 1.5, 0.8
	shape := func(x float64) float64 { // odd and periodic with 2
		x = math.Remainder(x, 2)
		return math.Copysign(1, x) * math.Pow(math.Sin(math.Pi*math.Abs(x)), 4) * math.Exp(-math.Abs(x))
	}
	run := func(cells, steps int) (worst float64) {
		s := (&vibration{cells: cells, steps: steps, dt: end / float64(steps), c: c}).newStepper()
		u := make([]float64, cells-1)
		for j := range u {
			u[j] = shape(float64(j+1) / float64(cells))
		}
		timestep.March[float64](s, 0, steps, u)
		for j, v := range u {
			x := float64(j+1) / float64(cells)
			worst = max(worst, math.Abs(v-(shape(x-c*end)+shape(x+c*end))/2))
		}
		return worst
	}
	evolutionOrder(t, "Courant number 0.6", 2, 0.05, []int{100, 200, 400}, func(n int) float64 { return run(n, 2*n) })
	if e := run(100, 120); !(e <= 1e-12) {
		t.Errorf("Courant number 1: off by %g", e)
	}
	if _, err := waveKind.Make(Values{"c": 3.0}); err == nil {
		t.Error("a Courant number of 1.5 is not refused")
	}
}

// The shift moves any waves that the points tell apart, and a shift by a whole number of
// points moves values, whatever they are.
func TestShift(t *testing.T) {
	for _, n := range []int{8, 9} {
		u, want := make([]float64, n), make([]float64, n)
		for j := range u {
			u[j] = math.Sin(float64(j * j))
			want[(j+3)%n] = u[j]
		}
		newShift(n, 3/float64(n)).apply(u)
		for j := range u {
			if !(math.Abs(u[j]-want[j]) <= 1e-14) {
				t.Fatalf("%d points: %g at %d, want %g", n, u[j], j, want[j])
			}
		}
	}
}
