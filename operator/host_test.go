package operator

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"abide/internal/keyed"
	"abide/pde"
)

var places = [][]float64{{0.21, 0.33}, {0.5, 0.5}, {0.9, 0.08}, {0.04, 0.71}}

func darcyOf(t *testing.T, rows, columns int) *Darcy {
	t.Helper()
	source := make([]float64, rows*columns)
	for i := range source {
		source[i] = 1 + 0.5*math.Sin(float64(i))
	}
	return must(NewDarcy(rows, columns, [2]float64{1, 1.3}, source, places))
}

func heatOf(t *testing.T, snapshots int) *Heat {
	t.Helper()
	initial := make([]float64, 14)
	for i := range initial {
		initial[i] = math.Sin(math.Pi * float64(i) / 13)
	}
	return must(NewHeat(HeatSettings{Length: 2, End: 0.7, Steps: 23, Theta: 0.5, Snapshots: snapshots, Initial: initial, Source: 0.4},
		[][]float64{{0.31, 0.2}, {1.9, 0.7}, {1, 0.013}, {1.01, 0.5}}))
}

func smooth(d int) []float64 {
	x := make([]float64, d)
	keyed.New(5, "host", d, 0).Normal(x)
	for i := range x {
		x[i] = 0.3*x[i] + math.Sin(0.1*float64(i))
	}
	return x
}

// The numbers of the solver are those of the family that makes the data.
func TestDarcyIsItsFamily(t *testing.T) {
	i0 := slices.IndexFunc(pde.Table, func(k pde.Kind) bool { return k.Name == "darcy" })
	f, err := pde.Table[i0].Make(pde.Values{"grid": 24, "contrast": "lognormal"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Draw(context.Background(), 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	m := make([]float64, len(s[0]))
	for i, a := range s[0] {
		m[i] = math.Log(a)
	}
	points := [][]float64{{5. / 24, 7. / 24}, {0.31, 0.777}}
	o := must(NewDarcy(25, 25, [2]float64{1, 1}, []float64{1}, points))
	p, err := o.Pressure(m)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range s[1] {
		if math.Abs(p[i]-v) > 1e-12 {
			t.Fatalf("pressure at vertex %d: %g, the family has %g", i, p[i], v)
		}
	}
	y := make([]float64, 2)
	if err := o.At(context.Background(), y, m); err != nil {
		t.Fatal(err)
	}
	near(t, "at a vertex", y[:1], []float64{s[1][5*25+7]}, 1e-12)
	i, j, u, v := 7, 18, 0.31*24-7, 0.777*24-18
	at := func(i, j int) float64 { return s[1][i*25+j] }
	near(t, "between vertices", y[1:], []float64{(1-u)*((1-v)*at(i, j)+v*at(i, j+1)) + u*((1-v)*at(i+1, j)+v*at(i+1, j+1))}, 1e-12)
}

// A rod of one diffusivity has a closed form: the first sine falls by the factor of the
// scheme, (1 − (1−θ)q)/(1 + θq) a step with q = Δt κ 4/h² sin²(πh/2L).
func TestHeatDecays(t *testing.T) {
	const d, steps, theta, kappa = 21, 40, 0.7, 0.3
	initial := make([]float64, d)
	for i := range initial {
		initial[i] = math.Sin(math.Pi * float64(i) / (d - 1))
	}
	o := must(NewHeat(HeatSettings{Length: 1, End: 2, Steps: steps, Theta: theta, Initial: initial}, [][]float64{{0.5, 2}, {0.25, 0.5}, {0.25, 0.525}}))
	x := slices.Repeat([]float64{math.Log(kappa)}, d)
	y := make([]float64, 3)
	if err := o.At(context.Background(), y, x); err != nil {
		t.Fatal(err)
	}
	s := math.Sin(math.Pi / 2 / (d - 1))
	q := 2. / steps * kappa * 4 * (d - 1) * (d - 1) * s * s
	r := (1 - (1-theta)*q) / (1 + theta*q)
	near(t, "at the end", y, []float64{math.Pow(r, steps), math.Sqrt(0.5) * math.Pow(r, 10), math.Sqrt(0.5) * (math.Pow(r, 10) + math.Pow(r, 11)) / 2}, 1e-12)
}

// Adjoints are those of the numbers that were computed: central differences of step h
// leave h² and 1e-13/h, extrapolated once.
func TestHostAdjoints(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		host Host
	}{
		{"darcy", darcyOf(t, 12, 9)},
		{"heat", heatOf(t, 3)},
		{"heat, all states", heatOf(t, 23)},
		{"rows", HostRows(darcyOf(t, 12, 9), []int{2, 0})},
		{"from the sampler", SeenFrom(darcyOf(t, 12, 9), slices.Repeat([]float64{0.2}, 108), slices.Repeat([]float64{1.7}, 108))},
		{"stack", StackHosts(darcyOf(t, 12, 9), OnHost(must(NewMask(108, []int{3, 50}))))},
	} {
		d, m := c.host.Dims()
		x, dir, w, g := smooth(d), make([]float64, d), make([]float64, m), make([]float64, d)
		keyed.New(6, "direction", d, 0).Normal(dir)
		keyed.New(7, "weights", m, 0).Normal(w)
		along := func(h float64) float64 {
			var sum [2]float64
			for k, sign := range []float64{1, -1} {
				at, y := slices.Clone(x), make([]float64, m)
				for i := range at {
					at[i] += sign * h * dir[i]
				}
				if err := c.host.At(ctx, y, at); err != nil {
					t.Fatal(err)
				}
				for i, v := range y {
					sum[k] += w[i] * v
				}
			}
			return (sum[0] - sum[1]) / (2 * h)
		}
		const h = 4e-3
		want := (64*along(h/4) - 20*along(h/2) + along(h)) / 45 // h⁶ is left
		if err := c.host.VJP(ctx, g, x, w); err != nil {
			t.Fatal(err)
		}
		got, size := 0.0, 0.0
		for i, v := range g {
			got += v * dir[i]
			size += math.Abs(v * dir[i])
		}
		if math.Abs(got-want) > 1e-10*size {
			t.Errorf("%s: derivative %.14g, by differences %.14g", c.name, got, want)
		}

		// Rows are the products with unit vectors, and values those of At.
		y, jac, at := make([]float64, m), make([]float64, m*d), make([]float64, m)
		if err := errors.Join(Linearise(ctx, c.host, y, jac, x), c.host.At(ctx, at, x)); err != nil {
			t.Fatal(err)
		}
		for i := range g {
			sum := 0.0
			for k := range w {
				sum += w[k] * jac[k*d+i]
			}
			if math.Abs(sum-g[i]) > 1e-11*size {
				t.Fatalf("%s: rows give %g for column %d, the product is %g", c.name, sum, i, g[i])
			}
		}
		near(t, c.name, y, at, 1e-12)
	}
}

func TestHostErrors(t *testing.T) {
	ctx := context.Background()
	text := func(_ any, err error) string {
		if err == nil {
			return "no error"
		}
		return err.Error()
	}
	one, sq := []float64{1}, [2]float64{1, 1}
	inside := [][]float64{{0.5, 0.5}}
	heat := func(change func(s *HeatSettings), readings [][]float64) string {
		s := HeatSettings{Length: 1, End: 1, Steps: 4, Theta: 0.5, Initial: []float64{0, 1, 1, 0}}
		if change != nil {
			change(&s)
		}
		return text(NewHeat(s, readings))
	}
	x := make([]float64, 25)
	x[7] = 2000
	o := must(NewDarcy(5, 5, sq, one, inside))
	y := make([]float64, 1)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct{ got, want string }{
		{text(NewDarcy(2, 5, sq, one, inside)), "2×5 vertices"},
		{text(NewDarcy(5, 5, [2]float64{1, 0}, one, inside)), "extent 0"},
		{text(NewDarcy(5, 5, sq, []float64{1, 2}, inside)), "a source of 2 numbers for 5×5 vertices"},
		{text(NewDarcy(5, 5, sq, []float64{0}, inside)), "whatever the permeability"},
		{text(NewDarcy(5, 5, sq, []float64{math.NaN()}, inside)), "source at inner vertex 0 is NaN"},
		{text(NewDarcy(5, 5, sq, one, nil)), "no points"},
		{text(NewDarcy(5, 5, sq, one, [][]float64{{0.5, 0.5}, {0.5, 1}})), "point 1, (0.5, 1), does not lie inside (0, 1) × (0, 1)"},
		{text(NewDarcy(5, 5, sq, one, [][]float64{{0.5}})), "point 0 has 1 numbers"},
		{heat(func(s *HeatSettings) { s.Theta = 0.4 }, inside), "theta = 0.4"},
		{heat(func(s *HeatSettings) { s.Steps = 0 }, inside), "0 steps"},
		{heat(func(s *HeatSettings) { s.End = -1 }, inside), "until time -1"},
		{heat(func(s *HeatSettings) { s.Initial = make([]float64, 4) }, inside), "whatever the diffusivity"},
		{heat(func(s *HeatSettings) { s.Initial = s.Initial[:2] }, inside), "initial has 2 numbers"},
		{heat(nil, [][]float64{{0.5, 1.5}}), "reading 0, [0.5, 1.5], is not inside the rod"},
		{text(nil, o.At(ctx, y, x)), "the coefficient at vertex (1, 2) is +Inf"},
		{text(nil, o.At(cancelled, y, make([]float64, 25))), "canceled"},
		{text(nil, SeenFrom(OnHost(must(NewMask(2, []int{1, 0}))), []float64{0, 0}, []float64{1, 1}).At(ctx, make([]float64, 2), []float64{math.NaN(), 1})), "value 1 of the solver is NaN"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func BenchmarkDarcy64(b *testing.B) {
	points := make([][]float64, 30)
	for i := range points {
		points[i] = []float64{math.Mod(0.618*float64(i)+0.1, 0.8) + 0.1, (float64(i) + 0.5) / 30}
	}
	o := must(NewDarcy(64, 64, [2]float64{1, 1}, []float64{1}, points))
	x, y, jac := make([]float64, 4096), make([]float64, 30), make([]float64, 30*4096)
	for i := range x {
		x[i] = math.Sin(0.2*float64(i/64)) + math.Cos(0.3*float64(i%64))
	}
	b.Run("At", func(b *testing.B) {
		for b.Loop() {
			_ = o.At(context.Background(), y, x)
		}
	})
	b.Run("Linearise", func(b *testing.B) {
		for b.Loop() {
			_ = o.Linearise(context.Background(), y, jac, x)
		}
	})
}
