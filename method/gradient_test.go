package method

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// bent is no law's denoiser, but a map that couples coordinates and is not linear,
// on the host and as a graph.
type bent struct{}

var (
	bentLinear = [][]float64{{0.9, 0.2, -0.1}, {0.1, 0.7, 0.3}, {-0.2, 0.1, 0.8}} // columns are outputs
	bentInner  = [][]float64{{0.5, -0.7, 0.3}, {0.8, 0.2, -0.4}, {0.1, 0.6, 0.9}}
)

func (bent) Denoise(u, sigma *graph.Node) *graph.Node {
	linear := graph.Div(graph.MatMul(u, graph.ConstAs(u, bentLinear)), graph.AddScalar(graph.Mul(sigma, sigma), 1))
	return graph.Add(linear, graph.MulScalar(graph.Sin(graph.MatMul(u, graph.ConstAs(u, bentInner))), 0.3))
}

func bentAt(u []float64, sigma float64) []float64 {
	x := make([]float64, 3)
	for i := range x {
		var l, s float64
		for j, v := range u {
			l += v * bentLinear[j][i]
			s += v * bentInner[j][i]
		}
		x[i] = l/(1+sigma*sigma) + 0.3*math.Sin(s)
	}
	return x
}

// warp is a nonlinear operator of three columns: (x₀² + x₁/2, x₁x₂ + sin x₀).
type warp struct{}

func (warp) Dims() (d, m int) { return 3, 2 }

func (warp) Apply(x *graph.Node) *graph.Node {
	c := func(i int) *graph.Node {
		return graph.Slice(x, graph.AxisRange(), graph.AxisRange(i, i+1))
	}
	return graph.Concatenate([]*graph.Node{
		graph.Add(graph.Mul(c(0), c(0)), graph.MulScalar(c(1), 0.5)),
		graph.Add(graph.Mul(c(1), c(2)), graph.Sin(c(0))),
	}, -1)
}

func (warp) ApplyAt(y, x []float64) {
	y[0], y[1] = x[0]*x[0]+x[1]/2, x[1]*x[2]+math.Sin(x[0])
}

func (warp) VJPAt(g, x, c []float64) {
	g[0] = 2*x[0]*c[0] + math.Cos(x[0])*c[1]
	g[1] = c[0]/2 + x[2]*c[1]
	g[2] = x[1] * c[1]
}

var bentY, bentStd = []float64{1.3, -0.4}, []float64{0.3, 0.6}

func bentProblem(t *testing.T) *problem.Problem {
	t.Helper()
	noise, err := potential.NewNormal(bentStd)
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMeasured("y", warp{}, bentY, noise)
	if err != nil {
		t.Fatal(err)
	}
	return measuredBy(t, bentPrior(), y)
}

func bentPrior() *prior.Prior {
	return &prior.Prior{Kind: "bent", DType: engine.Float64, Denoiser: bent{}, Coordinates: prior.Coordinates{
		Names: []string{"a", "b", "c"}, Shift: []float64{0, 0, 0}, Scale: []float64{1, 1, 1},
	}}
}

func measuredBy(t *testing.T, pr *prior.Prior, ys ...potential.Potential) *problem.Problem {
	t.Helper()
	p, err := problem.New(pr, nil, ys)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lossAt is the misfit of one point on the host, by its definition.
func lossAt(loss string, x []float64) float64 {
	at := make([]float64, 2)
	warp{}.ApplyAt(at, x)
	var q, precision float64
	for i, y := range bentY {
		v := bentStd[i] * bentStd[i]
		q += (y - at[i]) * (y - at[i]) / v
		precision += 1 / v / 2
	}
	switch loss {
	case "norm":
		return math.Sqrt(q / precision)
	case "squared":
		return q / precision
	}
	return q / 2
}

// slopeAt is the gradient of f by central differences of order four; where f sees
// its argument divided by a.
func slopeAt(a float64, f func([]float64) float64, at []float64) []float64 {
	h := 1e-3 * a
	g := make([]float64, len(at))
	for i := range at {
		shifted := func(by float64) float64 {
			x := slices.Clone(at)
			x[i] += by
			return f(x)
		}
		g[i] = (8*(shifted(h)-shifted(-h)) - shifted(2*h) + shifted(-2*h)) / (12 * h)
	}
	return g
}

func gradientKernel(t *testing.T, name string, p *problem.Problem, g diffusion.Grid, b sampler.Bridge, v Values) *sampler.Independent {
	t.Helper()
	m, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.New(e, p, Settings{Samples: 1, Grid: g, Bridge: b, Values: v})
	if err != nil {
		t.Fatal(err)
	}
	return k.(*sampler.Independent)
}

// moved is points after a step, with the noise of a stream.
func moved(t *testing.T, k *sampler.Independent, z []float64, d, step int) []float64 {
	t.Helper()
	out := slices.Clone(z)
	p := sampler.Points{Z: out, Dim: d}
	if m, ok := k.Bridge.(sampler.Multistep); ok {
		p.Memory = make([]float64, m.Memory(d)*len(z)/d)
	}
	if err := k.Transition(p, step, keyed.New(7, "noise", 0, step).Normal); err != nil {
		t.Fatal(err)
	}
	return out
}

func vpGrid(t *testing.T, n int) diffusion.Grid {
	t.Helper()
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, n)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func veGrid(t *testing.T, n int) diffusion.Grid {
	t.Helper()
	g, err := diffusion.Karras(diffusion.EDM{Min: 0.01, Max: 20, Rho: 7}, n)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// host is one point of a method on the host: written from the formulas, with
// gradients by differences.
type host struct {
	g     diffusion.Grid
	k     int
	noise func([]float64)
}

func (h host) sigma() float64 { return h.g.Sigma(h.k) }

func (h host) mean(z []float64) []float64 {
	u := make([]float64, len(z))
	for i, v := range z {
		u[i] = v / h.g.A[h.k]
	}
	return bentAt(u, h.sigma())
}

func (h host) draw() []float64 {
	n := make([]float64, 3)
	h.noise(n)
	return n
}

// ddpm is the ancestral step of a variance-preserving path.
func (h host) ddpm(z, x []float64) []float64 {
	abar, abar1 := h.g.A[h.k]*h.g.A[h.k], h.g.A[h.k+1]*h.g.A[h.k+1]
	alpha := abar / abar1
	var n []float64
	c := math.Sqrt((1 - alpha) * (1 - abar1) / (1 - abar))
	if c > 0 {
		n = h.draw()
	} else {
		n = make([]float64, 3)
	}
	out := make([]float64, 3)
	for i := range out {
		out[i] = math.Sqrt(alpha)*(1-abar1)/(1-abar)*z[i] + math.Sqrt(abar1)*(1-alpha)/(1-abar)*x[i] + c*n[i]
	}
	return out
}

func plus(x []float64, c float64, y []float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] += c * y[i]
	}
	return out
}

// soft is −log mean exp(−loss) over displaced points.
func soft(loss string, x []float64, by [][]float64) float64 {
	var s float64
	for _, e := range by {
		s += math.Exp(-lossAt(loss, plus(x, 1, e))) / float64(len(by))
	}
	return -math.Log(s)
}

// Every method of the family takes the step of its formula, its gradients those of
// central differences, at all noise levels of a path.
func TestGradientStepsAgainstTheirFormulas(t *testing.T) {
	g := vpGrid(t, 8)
	everything := Values{"recurrence": 2, "iterations": 3, "rho": 0.3, "mu": 0.1, "sigma": 0.4, "draws": 3, "rho_schedule": "decrease", "mu_schedule": "constant"}
	for _, c := range []struct {
		name   string
		values Values
		step   func(h host, z []float64) []float64
	}{
		{"dps", Values{"scale": 0.7}, func(h host, z []float64) []float64 {
			grad := slopeAt(h.g.A[h.k], func(z []float64) float64 { return lossAt("norm", h.mean(z)) }, z)
			return plus(h.ddpm(z, h.mean(z)), -0.7, grad)
		}},
		{"dps-squared", Values{"scale": 0.2}, func(h host, z []float64) []float64 {
			grad := slopeAt(h.g.A[h.k], func(z []float64) float64 { return lossAt("squared", h.mean(z)) }, z)
			return plus(h.ddpm(z, h.mean(z)), -0.2, grad)
		}},
		{"dps", Values{"scale": 0.7, "form": "score"}, func(h host, z []float64) []float64 {
			grad := slopeAt(h.g.A[h.k], func(z []float64) float64 { return lossAt("norm", h.mean(z)) }, z)
			a, b := h.g.A[h.k], h.g.B[h.k] // x̂ = (z + b² s)/a
			return h.ddpm(z, plus(h.mean(z), -0.7*b*b/a, grad))
		}},
		{"ps+", Values{"scale": 0.7, "spread": 0.4, "draws": 3}, func(h host, z []float64) []float64 {
			var by [][]float64
			for range 3 {
				n := h.draw()
				for i, v := range n {
					n[i] = 0.4 * 0.5 * (1 + math.Erf(v/math.Sqrt2))
				}
				by = append(by, n)
			}
			grad := slopeAt(h.g.A[h.k], func(z []float64) (s float64) {
				for _, e := range by {
					s += lossAt("norm", plus(h.mean(z), 1, e)) / 3
				}
				return s
			}, z)
			return plus(h.ddpm(z, h.mean(z)), -0.7, grad)
		}},
		{"lgd", Values{"weight": 0.7, "spread": 0.8, "draws": 4}, func(h host, z []float64) []float64 {
			var by [][]float64
			a, b := h.g.A[h.k], h.g.B[h.k]
			for range 4 {
				by = append(by, plus(make([]float64, 3), 0.8*b, h.draw())) // σ/√(1+σ²) = b on this path
			}
			grad := slopeAt(h.g.A[h.k], func(z []float64) float64 { return soft("energy", h.mean(z), by) }, z)
			shift := plus(make([]float64, 3), 0.7*b*b/a, grad)
			length := math.Sqrt(shift[0]*shift[0] + shift[1]*shift[1] + shift[2]*shift[2])
			return h.ddpm(z, plus(h.mean(z), -math.Min(1, 10*math.Sqrt(3)/length), shift))
		}},
		{"mpgd", Values{"scale": 0.2}, func(h host, z []float64) []float64 {
			grad := slopeAt(1, func(x []float64) float64 { return lossAt("squared", x) }, h.mean(z))
			return plus(h.ddpm(z, h.mean(z)), -0.2*h.g.A[h.k+1], grad)
		}},
		{"tfg", everything, func(h host, z []float64) []float64 {
			a, a1 := h.g.A[h.k], h.g.A[h.k+1]
			alpha := a * a / (a1 * a1)
			var all float64
			for i := range h.g.Steps() {
				all += 1 - h.g.A[i]*h.g.A[i]/(h.g.A[i+1]*h.g.A[i+1])
			}
			rho := 0.3 * (1 - alpha) * float64(h.g.Steps()) / all
			for time := range 2 {
				if time > 0 {
					n := h.draw()
					for i := range z {
						z[i] = math.Sqrt(alpha)*z[i] + math.Sqrt(1-alpha)*n[i]
					}
				}
				var by [][]float64
				for range 3 {
					by = append(by, plus(make([]float64, 3), 0.4*h.g.B[h.k], h.draw()))
				}
				x := h.mean(z)
				delta := slopeAt(h.g.A[h.k], func(z []float64) float64 { return -soft("norm", h.mean(z), by) }, z)
				better := slices.Clone(x)
				for range 3 {
					better = plus(better, -0.1, slopeAt(1, func(x []float64) float64 { return soft("norm", x, by) }, better))
				}
				z = plus(h.ddpm(z, x), rho/math.Sqrt(alpha), delta)
				z = plus(plus(z, a1, better), -a1, x)
			}
			return z
		}},
		{"stsl", Values{"lambda": 0.4, "gamma": 0.9, "corrections": 2}, func(h host, z []float64) []float64 {
			score := func(z []float64) []float64 {
				s := plus(make([]float64, 3), h.g.A[h.k], h.mean(z))
				for i := range s {
					s[i] = (s[i] - z[i]) / (h.g.B[h.k] * h.g.B[h.k])
				}
				return s
			}
			var x []float64
			for range 2 {
				n := h.draw()
				x = h.mean(z)
				z = plus(z, 1, slopeAt(h.g.A[h.k], func(z []float64) float64 {
					s0, s1 := score(z), score(plus(z, 1, n))
					var trace float64
					for i := range n {
						trace += n[i] * (s1[i] - s0[i])
					}
					return -0.4*lossAt("norm", h.mean(z)) - 0.9/3*trace
				}, z))
			}
			return h.ddpm(z, x)
		}},
	} {
		k := gradientKernel(t, c.name, bentProblem(t), g, sampler.DDPM{Grid: g}, c.values)
		for step := range g.Steps() {
			z := []float64{0.8, -0.5, 0.3}
			got := moved(t, k, z, 3, step)
			want := c.step(host{g, step, keyed.New(7, "noise", 0, step).Normal}, slices.Clone(z))
			for i := range want {
				if !(math.Abs(got[i]-want[i]) <= 1e-8*(1+math.Abs(want[i]))) {
					t.Errorf("%s %v, step %d, column %d: %.12g, by hand %.12g", c.name, c.values, step, i, got[i], want[i])
				}
			}
		}
	}
}

// The step is affine in its strength, with the noise held.
func TestGradientStepsAreAffineInTheirScale(t *testing.T) {
	g, p := vpGrid(t, 8), bentProblem(t)
	z := []float64{0.8, -0.5, 0.3}
	for name, key := range map[string]string{"dps": "scale", "dps-squared": "scale", "ps+": "scale", "lgd": "weight", "mpgd": "scale", "tfg": "rho"} {
		at := func(scale float64) []float64 {
			v := Values{key: scale}
			if name == "tfg" {
				v["mu"] = 0.0
			}
			if name == "lgd" { // below the longest shift
				v[key] = scale * 1e-3
			}
			return moved(t, gradientKernel(t, name, p, g, sampler.DDPM{Grid: g}, v), z, 3, 3)
		}
		zero, one, three := at(0), at(1), at(3)
		for i := range z {
			if got, want := three[i]-zero[i], 3*(one[i]-zero[i]); math.Abs(got-want) > 1e-12*(1+math.Abs(want)) || want == 0 {
				t.Errorf("%s: strength 3 moves column %d by %g, three times strength 1 is %g", name, i, got, want)
			}
		}
	}
}

// family is every row, with settings under which all of its parts act.
var family = []struct {
	name   string
	values Values
}{
	{"dps", nil}, {"dps", Values{"form": "score"}}, {"dps-squared", nil}, {"ps+", Values{"spread": 0.5}}, {"lgd", nil},
	{"tfg", Values{"recurrence": 2, "iterations": 2, "sigma": 0.3}}, {"mpgd", nil}, {"stsl", nil}, {"mcg", nil},
}

// Points of a batch do not see each other: a permuted batch gives permuted points,
// and a point alone is what it is in company.
func TestGradientStepsKeepPointsApart(t *testing.T) {
	const n, d = 5, 3
	g := vpGrid(t, 6)
	y, err := potential.NewMeasurement("y", [][]float64{{1, -0.5, 0.2}, {0.3, 1, 1}}, []float64{2, -1}, []float64{0.2, 0.7})
	if err != nil {
		t.Fatal(err)
	}
	p := measuredBy(t, bentPrior(), y)
	z := make([]float64, n*d)
	keyed.New(3, "points", 0, 0).Normal(z)
	// run takes the given rows of z, with the noise of those rows.
	run := func(k *sampler.Independent, rows []int, step int) []float64 {
		stream := keyed.New(9, "noise", 0, 0)
		pick := func(all []float64) (out []float64) {
			for _, r := range rows {
				out = append(out, all[r*d:(r+1)*d]...)
			}
			return out
		}
		points := sampler.Points{Z: pick(z), Dim: d}
		err := k.Transition(points, step, func(dst []float64) {
			all := make([]float64, n*d)
			stream.Normal(all)
			copy(dst, pick(all))
		})
		if err != nil {
			t.Fatal(err)
		}
		return points.Z
	}
	for _, c := range family {
		k := gradientKernel(t, c.name, p, g, sampler.DDPM{Grid: g}, c.values)
		together := run(k, []int{0, 1, 2, 3, 4}, 2)
		for _, rows := range [][]int{{3, 0, 4, 1, 2}, {2}} {
			got := run(k, rows, 2)
			for i, r := range rows {
				for j := range d {
					if v, want := got[i*d+j], together[r*d+j]; math.Abs(v-want) > 1e-12*(1+math.Abs(want)) {
						t.Errorf("%s %v: rows %v: row %d is %v, in the batch %v", c.name, c.values, rows, r, v, want)
					}
				}
			}
		}
	}
}

// Settings in which one method is another.
func TestGradientMethodsThatAreOthers(t *testing.T) {
	vp, ve, p := vpGrid(t, 6), veGrid(t, 6), bentProblem(t)
	harmonic := 2 / (1/(bentStd[0]*bentStd[0]) + 1/(bentStd[1]*bentStd[1]))
	off := Values{"rho": 0.0, "mu": 0.0, "sigma": 0.0}
	with := func(v Values) Values {
		all := Values{"rho_schedule": "constant", "mu_schedule": "constant"}
		for _, m := range []Values{off, v} {
			for k, x := range m {
				all[k] = x
			}
		}
		return all
	}
	for _, c := range []struct {
		name   string
		values Values
		other  string
		as     Values
		exact  bool
	}{
		{"ps+", Values{"draws": 1, "spread": 0.0}, "dps", nil, true},
		{"ps+", Values{"draws": 7, "spread": 0.0}, "dps", nil, true},
		{"lgd", Values{"spread": 0.0, "weight": 1e-4}, "dps-squared", Values{"form": "score", "scale": 1e-4 * 0.5 / harmonic}, false},
		{"tfg", with(nil), "none", nil, true},
		{"tfg", with(Values{"rho": 0.8}), "dps", Values{"scale": 0.8}, false},
		{"tfg", with(Values{"mu": 0.3, "loss": "squared"}), "mpgd", Values{"scale": 0.3}, false},
		{"tfg", with(Values{"mu": 0.3}), "mpgd", Values{"scale": 0.3, "loss": "norm"}, false},
		{"stsl", Values{"lambda": 0.0, "gamma": 0.0}, "none", nil, true},
		{"dps", Values{"scale": 0.0}, "none", nil, true},
		{"mpgd", Values{"scale": 0.0}, "none", nil, true},
	} {
		for _, g := range []diffusion.Grid{ve, vp} {
			as := c.as
			for step := range g.Steps() {
				if c.name == "tfg" && c.other == "dps" { // the strength through the denoiser is divided by √α
					as = Values{"scale": 0.8 * g.A[step+1] / g.A[step]}
				}
				z := []float64{0.8, -0.5, 0.3}
				got := moved(t, gradientKernel(t, c.name, p, g, sampler.DDPM{Grid: g}, c.values), z, 3, step)
				want := moved(t, gradientKernel(t, c.other, p, g, sampler.DDPM{Grid: g}, as), z, 3, step)
				for i := range want {
					if diff := math.Abs(got[i] - want[i]); c.exact && diff != 0 || !(diff <= 1e-12*(1+math.Abs(want[i]))) {
						t.Errorf("%s %v, step %d: column %d is %.17g, of %s %.17g", c.name, c.values, step, i, got[i], c.other, want[i])
					}
				}
			}
		}
	}
}
