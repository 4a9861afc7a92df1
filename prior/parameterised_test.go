package prior

import (
	"fmt"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
)

// told is the exact network of y ~ N(c, diag v) on a path whose a, b, a′, b′ are
// functions of what the network is told: written from the definitions of the
// outputs, in time, where Parameterised solves for σ.
type told struct {
	output Output
	path   func(t *Node) (a, b, da, db *Node)
	c, v   []float64
}

func (n told) Apply(x, t, _ *Node) *Node {
	a, b, da, db := n.path(t)
	row := func(v []float64) *Node { return Reshape(ConstAs(x, v), 1, len(v)) }
	off := Sub(x, Mul(a, row(n.c)))
	s := Add(Mul(Mul(a, a), row(n.v)), Mul(b, b)) // variance of x
	clean := Add(row(n.c), Div(Mul(Mul(a, row(n.v)), off), s))
	noise := Div(Mul(b, off), s)
	switch n.output {
	case OutputX0:
		return clean
	case OutputNoise:
		return noise
	case OutputScore:
		return Neg(Div(off, s))
	case OutputV:
		return Sub(Mul(a, noise), Mul(b, clean))
	}
	return Add(Mul(da, clean), Mul(db, noise))
}

// vpPath is VP in time, with derivatives of its exponent.
func vpPath(p diffusion.VP) func(t *Node) (a, b, da, db *Node) {
	return func(t *Node) (a, b, da, db *Node) {
		e := Add(MulScalar(t, -0.5*p.Min), MulScalar(Mul(t, t), -0.25*(p.Max-p.Min)))
		rate := Add(AddScalar(ZerosLike(t), -0.5*p.Min), MulScalar(t, -0.5*(p.Max-p.Min)))
		a = Exp(e)
		b = Sqrt(OneMinus(Mul(a, a)))
		da = Mul(rate, a)
		return a, b, da, Neg(Div(Mul(a, da), b))
	}
}

var processes = []struct {
	name    string
	process Process
	path    func(t *Node) (a, b, da, db *Node)
}{
	{"vp", VPProcess{0.1, 20}, vpPath(diffusion.VP{Min: 0.1, Max: 20})},
	{"ve", VEProcess{0.01, 50}, func(t *Node) (a, b, da, db *Node) {
		b = Exp(AddScalar(MulScalar(t, math.Log(5000)), math.Log(0.01)))
		return OnesLike(t), b, ZerosLike(t), MulScalar(b, math.Log(5000))
	}},
	{"edm", EDMProcess{0.002, 80}, func(t *Node) (a, b, da, db *Node) { return OnesLike(t), t, ZerosLike(t), OnesLike(t) }},
	{"flow", FlowProcess{}, func(t *Node) (a, b, da, db *Node) { return t, OneMinus(t), OnesLike(t), Neg(OnesLike(t)) }},
	{"flow from the data", FlowProcess{DataAtZero: true}, func(t *Node) (a, b, da, db *Node) { return OneMinus(t), t, Neg(OnesLike(t)), OnesLike(t) }},
}

// Every output on every process gives the closed-form denoiser of a Gaussian, to
// rounding, in the network's units and in others, and with its Jacobian.
func TestParameterisationsOfAGaussian(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	c, v := []float64{0.7, -0.3}, []float64{1.6, 0.09}
	u := make([]float64, 8)
	keyed.New(1, "points", 0, 0).Normal(u)
	for _, at := range processes {
		for _, o := range Outputs {
			for _, spread := range []float64{0, 1.7} {
				p := Parameterised{Network: told{o, at.path, c, v}, Output: o, Process: at.process, Spread: spread}
				r, m := 1.0, []float64{0, 0}
				if spread != 0 {
					m = []float64{0.2, 0.4}
					p.Centre, r = m, spread
				}
				f := e.NewFunction("denoise", engine.Float64, func(in []*Node) []*Node {
					d, j := DenoiseJacobian(p, in[0], in[1])
					return []*Node{d, j}
				})
				for _, s := range []float64{0.03, 0.4, 1, 6} {
					for _, sigma := range []engine.Array{engine.Scalar(s), {Shape: []int{4, 1}, F64: []float64{s, s, s, s}}} {
						out, err := f.Call(engine.Rows(u, 2), sigma)
						if err != nil {
							t.Fatal(err)
						}
						for i, got := range out[0].F64 {
							k := i % 2
							gain := v[k] / (v[k] + r*r*s*s)
							want := (c[k] + gain*(m[k]+r*u[i]-c[k]) - m[k]) / r
							if !(math.Abs(got-want) <= 1e-9*(1+s)) {
								t.Errorf("%s %s spread %g σ %g: D = %.12g, want %.12g", at.name, o, spread, s, got, want)
							}
							if jac := out[1].F64[2*i+k]; !(math.Abs(jac-gain) <= 1e-9) {
								t.Errorf("%s %s spread %g σ %g: ∂D/∂u = %.12g, want %.12g", at.name, o, spread, s, jac, gain)
							}
						}
					}
				}
			}
		}
	}
}

// The discrete chain's time is its index at the levels of the indices, and its own
// formula between them; ᾱ is Ho's product.
func TestDiscreteProcess(t *testing.T) {
	e, _ := engine.Open("go")
	for _, schedule := range []string{"linear", "scaled-linear", "cosine"} {
		p, err := NewDiscreteProcess(schedule, 1000, 1e-4, 0.02)
		if err != nil {
			t.Fatal(err)
		}
		f := e.NewFunction("time", engine.Float64, func(in []*Node) []*Node {
			m := p.At(in[0])
			return []*Node{m.T, m.A, m.B}
		})
		var s []float64
		index := []float64{0, 1, 17, 500, 998, 999}
		for _, i := range index {
			s = append(s, math.Exp(p.logSigma[int(i)]))
		}
		out, err := f.Call(engine.Array{Shape: []int{len(s), 1}, F64: s})
		if err != nil {
			t.Fatal(err)
		}
		for k, i := range index {
			a, b := out[1].F64[k], out[2].F64[k]
			if got := out[0].F64[k]; !(math.Abs(got-i) <= 1e-9) || !(math.Abs(a*a+b*b-1) <= 1e-12) || !(math.Abs(b/a-s[k]) <= 1e-9*s[k]) {
				t.Errorf("%s: index %g is %g, a %g, b %g", schedule, i, got, a, b)
			}
		}
	}
	linear, _ := NewDiscreteProcess("linear", 3, 0.1, 0.3)
	for i, bar := range []float64{0.9, 0.9 * 0.8, 0.9 * 0.8 * 0.7} {
		if got := math.Exp(2 * linear.logSigma[i]); !(math.Abs(got-(1/bar-1)) <= 1e-12) {
			t.Errorf("σ² at %d is %g, want %g", i, got, 1/bar-1)
		}
	}
	// Nichol and Dhariwal's ᾱ at the middle, cos²(0.508/1.008 π/2)/cos²(0.008/1.008 π/2).
	cosine, _ := NewDiscreteProcess("cosine", 1000, 0, 0)
	cos2 := func(x float64) float64 { c := math.Cos(x / 1.008 * math.Pi / 2); return c * c }
	if bar, want := 1/(1+math.Exp(2*cosine.logSigma[499])), cos2(0.508)/cos2(0.008); !(math.Abs(bar-want) <= 1e-12) {
		t.Errorf("cosine: ᾱ in the middle is %g, want %g", bar, want)
	}
	for _, bad := range []string{"quadratic", "linear"} {
		if _, err := NewDiscreteProcess(bad, 10, 0.5, 1.5); err == nil {
			t.Errorf("%s with β up to 1.5 was taken", bad)
		}
	}
}

// A true description passes, every wrong output is refused and the true one named.
func TestWrongParameterisationIsNamed(t *testing.T) {
	e, _ := engine.Open("go")
	const n = 300
	u := make([]float64, 2*n)
	keyed.New(2, "data", 0, 0).Normal(u)
	v := []float64{1.9, 0.1} // sums to 2: the mean variance is 1
	for i := range u {
		u[i] *= math.Sqrt(v[i%2])
	}
	for _, at := range processes[:4] {
		for _, truth := range Outputs {
			network := told{truth, at.path, []float64{0, 0}, v}
			for _, said := range Outputs {
				p := Parameterised{Network: network, Output: said, Process: at.process, Time: Time{Of: "t", Scale: 1}}
				r, err := p.CheckFit(e, engine.Float64, u, 2)
				same := truth == said || at.name == "edm" && (truth == OutputNoise && said == OutputVelocity || truth == OutputVelocity && said == OutputNoise)
				switch {
				case same && err != nil:
					t.Errorf("%s %s: %v", at.name, said, err)
				case !same && err == nil:
					t.Errorf("%s: %s passed as %s with %.3f", at.name, truth, said, r.Ratio)
				case !same && !strings.Contains(err.Error(), fmt.Sprintf("it fits output %q", truth)):
					if at.name != "edm" {
						t.Errorf("%s %s as %s: %v", at.name, truth, said, err)
					}
				}
			}
		}
	}
	// A time told in another unit is named too.
	p := Parameterised{Network: told{OutputNoise, func(t *Node) (a, b, da, db *Node) { return processes[0].path(MulScalar(t, 1e-3)) }, []float64{0, 0}, v}, Output: OutputNoise, Process: VPProcess{0.1, 20}, Time: Time{Of: "t", Scale: 1}}
	if _, err := p.CheckFit(e, engine.Float64, u, 2); err == nil || !strings.Contains(err.Error(), "time_scale") {
		t.Errorf("time in thousandths: %v", err)
	}
}

// White noise is the law for which nothing beats the trivial denoiser: its exact network
// must pass.
func TestWhiteNoisePasses(t *testing.T) {
	e, _ := engine.Open("go")
	u := make([]float64, 400)
	keyed.New(3, "data", 0, 0).Normal(u)
	p := Parameterised{Network: told{OutputV, processes[0].path, []float64{0, 0}, []float64{1, 1}}, Output: OutputV, Process: VPProcess{0.1, 20}}
	r, err := p.CheckFit(e, engine.Float64, u, 2)
	if err != nil || !(math.Abs(r.Ratio-1) <= 1e-9) {
		t.Errorf("ratio %g, %v", r.Ratio, err)
	}
}

// A process that ends at a low noise level is judged below it only: above, the
// network would be asked for what it never saw.
func TestFitKeepsToTheProcess(t *testing.T) {
	e, _ := engine.Open("go")
	u := make([]float64, 400)
	keyed.New(6, "data", 0, 0).Normal(u)
	for i := range u {
		u[i] *= []float64{1.3, 0.55}[i%2]
	}
	for _, process := range []VEProcess{{0.01, 0.6}, {3, 50}} {
		path := func(t *Node) (a, b, da, db *Node) { // NaN outside of the times of the process
			b = Exp(AddScalar(MulScalar(t, math.Log(process.Max/process.Min)), math.Log(process.Min)))
			inside := LessOrEqual(Abs(AddScalar(t, -0.5)), Scalar(t.Graph(), t.DType(), 0.5-1e-6))
			b = Where(inside, b, MulScalar(b, math.NaN()))
			return OnesLike(t), b, ZerosLike(t), b
		}
		p := Parameterised{Network: told{OutputNoise, path, []float64{0, 0}, []float64{1.69, 0.3025}}, Output: OutputNoise, Process: process}
		if _, err := p.CheckFit(e, engine.Float64, u, 2); err != nil {
			t.Errorf("%v: %v", process, err)
		}
	}
}
