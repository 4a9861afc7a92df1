package pde

import (
	"math"
	"math/rand/v2"
	"testing"
)

func init() {
	contractValues["fitzhugh-nagumo"] = Values{"grid": 16, "times": 3, "end": 0.6}
}

// allenCahnRun advances a state to a time.
func allenCahnRun(t *testing.T, f *allenCahn, u []float64) {
	s, next := f.newSolver(), make([]float64, len(u))
	for range f.steps {
		copy(next, u)
		if err := s.solve(u, next); err != nil {
			t.Fatal(err)
		}
		copy(u, next)
	}
}

// A layer between the phases at rest is tanh((x − ½)/(√2 ε)), to order 2 in space; a state
// that is the same everywhere moves as u₀ eᵗ/√(1 + u₀² (e^{2t} − 1)), to order 1 in time.
func TestAllenCahnOrder(t *testing.T) {
	evolutionOrder(t, "layer at rest", 2, 0.05, []int{64, 128, 256}, func(n int) (worst float64) {
		f := &allenCahn{cells: n, steps: 200, dt: 0.5, epsilon: 0.03}
		u := make([]float64, n)
		layer := func(j int) float64 { return math.Tanh(((float64(j)+0.5)/float64(n) - 0.5) / (math.Sqrt2 * 0.03)) }
		for j := range u {
			u[j] = layer(j)
		}
		allenCahnRun(t, f, u)
		for j := range u {
			worst = max(worst, math.Abs(u[j]-layer(j)))
		}
		return worst
	})
	evolutionOrder(t, "uniform state", 1, 0.05, []int{100, 200, 400}, func(n int) float64 {
		u := []float64{0.1, 0.1, 0.1, 0.1}
		allenCahnRun(t, &allenCahn{cells: 4, steps: n, dt: 2 / float64(n), epsilon: 0.1}, u)
		return math.Abs(u[2] - 0.1*math.Exp(2)/math.Sqrt(1+0.01*(math.Exp(4)-1)))
	})
}

// The energy falls with any step, from noise too, where the explicit half of the splitting
// alone would let it rise; and it is that whose gradient the scheme descends.
func TestAllenCahnEnergy(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, dt := range []float64{1e-3, 0.1, 10, 1e4} {
		f := &allenCahn{cells: 40, steps: 1, dt: dt, epsilon: 0.02}
		u := make([]float64, 40)
		for j := range u {
			u[j] = 3 * r.NormFloat64()
		}
		last := f.energy(u)
		for range 30 {
			allenCahnRun(t, f, u)
			e := f.energy(u)
			if !(e <= last*(1+1e-13)) {
				t.Fatalf("Δt = %g: energy rises from %.17g to %.17g", dt, last, e)
			}
			last = e
		}
	}
	// d/dt u = −∂E/∂u / h at u: of the residual with now = next, divided by Δt.
	f := &allenCahn{cells: 10, dt: 1, epsilon: 0.2}
	u, g := make([]float64, 10), make([]float64, 10)
	for j := range u {
		u[j] = r.NormFloat64()
	}
	f.step(g, u, u)
	for j := range u {
		const e = 1e-5
		v := u[j]
		u[j] = v + e
		up := f.energy(u)
		u[j] = v - e
		down := f.energy(u)
		u[j] = v
		if slope := 10 * (up - down) / (2 * e); !(math.Abs(slope-g[j]) <= 1e-8*(1+math.Abs(slope))) {
			t.Errorf("place %d: gradient of the energy %g, of the scheme %g", j, slope, g[j])
		}
	}
}

// patternStart is a smooth state without slope at the walls.
func patternStart(n int) []float64 {
	s := make([]float64, 2*n*n)
	for i := range n * n {
		x, y := math.Pi*(float64(i/n)+0.5)/float64(n), math.Pi*(float64(i%n)+0.5)/float64(n)
		s[i], s[n*n+i] = math.Cos(x)*math.Cos(2*y), 0.5*math.Cos(3*x)-0.3*math.Cos(y)
	}
	return s
}

// The scheme is that of the equation: (Φ(s) − s)/Δt tends to five points and the reaction,
// written out here, with order 1 in Δt.
func TestFitzHughNagumoRate(t *testing.T) {
	const n = 12
	start := patternStart(n)
	laplace := func(u []float64, i int) (sum float64) {
		x, y := i/n, i%n
		for _, d := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			if a, b := x+d[0], y+d[1]; a >= 0 && a < n && b >= 0 && b < n {
				sum += u[a*n+b] - u[i]
			}
		}
		return sum * n * n / 4
	}
	evolutionOrder(t, "rate", 1, 0.05, []int{1000, 2000, 4000}, func(steps int) (worst float64) {
		state, dt := append([]float64{}, start...), 1/float64(steps)
		newPatternStepper(n, dt).advance(state, 1)
		u, v := start[:n*n], start[n*n:]
		for i := range u {
			du := 1e-3*laplace(u, i) + u[i] - u[i]*u[i]*u[i] - 5e-3 - v[i]
			dv := 5e-3*laplace(v, i) + u[i] - v[i]
			worst = max(worst, math.Abs((state[i]-u[i])/dt-du), math.Abs((state[n*n+i]-v[i])/dt-dv))
		}
		return worst
	})
}

// Order 2 in time against a fine run, and in space, by values in the middle of four cells
// against the mean of four finer ones' (Richardson).
func TestFitzHughNagumoOrder(t *testing.T) {
	const end = 1.
	run := func(n, steps int) []float64 {
		state := patternStart(n)
		newPatternStepper(n, end/float64(steps)).advance(state, steps)
		return state
	}
	fine := run(16, 2048)
	evolutionOrder(t, "in time", 2, 0.05, []int{16, 32, 64}, func(steps int) (worst float64) {
		for i, v := range run(16, steps) {
			worst = max(worst, math.Abs(v-fine[i]))
		}
		return worst
	})
	// Means over blocks of cells of twice the width differ by O(h²).
	coarsen := func(s []float64, n int) []float64 {
		out := make([]float64, n*n/2)
		for i := range out {
			which, x, y := i/(n*n/4), i%(n*n/4)/(n/2), i%(n/2)
			at := which*n*n + 2*x*n + 2*y
			out[i] = (s[at] + s[at+1] + s[at+n] + s[at+n+1]) / 4
		}
		return out
	}
	evolutionOrder(t, "in space", 2, 0.1, []int{16, 32, 64}, func(n int) (worst float64) {
		coarse := run(n, 128)
		for i, v := range coarsen(run(2*n, 128), 2*n) {
			worst = max(worst, math.Abs(v-coarse[i]))
		}
		return worst
	})
}
