package train

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/equation"
	"abide/expr"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/physics"
	"abide/prior"
)

// circle is ‖x‖² − 1, the toy of PIDM.
var circle = ResidualFunc(func(x *Node) *Node {
	return AddScalar(ReduceAndKeep(Mul(x, x), ReduceSum, -1), -1)
})

var plane = prior.Coordinates{Names: []string{"x", "y"}, Shift: []float64{0.1, -0.2}, Scale: []float64{0.7, 0.6}}

// physical are the losses with laws, each with all it may call for.
var physical = map[string]func(s *Settings){
	"pidm":              func(s *Settings) { s.Physics.Loss = "pidm" },
	"pidm-sample":       func(s *Settings) { s.Physics.Loss = "pidm-sample" },
	"pidm of denoising": func(s *Settings) { s.Objective, s.Output, s.Physics.Loss = "denoising", "v", "pidm" },
	"pidm of a flow":    func(s *Settings) { s.Objective, s.Physics.Loss = "flow", "pidm-sample" },
	"pbfm":              func(s *Settings) { s.Objective, s.Physics.Loss = "flow", "pbfm" },
	"pbfm of a unet": func(s *Settings) {
		s.Objective, s.Physics.Loss = "flow", "pbfm"
		s.Network = network.Architecture{Kind: "unet", Shape: []int{2}, Width: 4, Depth: 1, Embedding: 4}
	},
	"pidm, given": func(s *Settings) {
		s.Condition, s.Physics.Loss = []Condition{{Name: "y", Scale: 1}}, "pidm-sample"
	},
}

func obeying(t testing.TB, set func(s *Settings), dtype string) *Trainer {
	t.Helper()
	s := small()
	s.Steps, s.DType = 30, dtype
	set(&s)
	s.Physics.Weight = 0.1
	u := rows(100, 0.5, 0)
	var y []float64
	if len(s.Condition) > 0 {
		for i := range 100 {
			y = append(y, 1, u[2*i])
		}
	}
	tr, err := NewObeying(openGo(t), u, y, plane, s, circle)
	if err != nil {
		t.Fatal(err)
	}
	return every(tr, 10)
}

// The gradients of every loss with laws, whoever builds them, are its differences.
func TestPhysicsGradientsAgainstDifferences(t *testing.T) {
	for name, set := range physical {
		tr := obeying(t, set, "float64")
		for i, w := range tr.Network.Weights() { // far from an output of 0
			x := make([]float64, len(w.Data64))
			keyed.New(8, "weights", i, 0).Normal(x)
			for j, v := range x {
				w.Data64[j] += 0.3 * v
			}
			w.Changed()
		}
		in := tr.batch(3)
		for k, step := range tr.step {
			call := func() []engine.Array {
				out, err := step.CallNative(in...)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			out, weights := call(), tr.Network.Weights()
			losses := len(out) / (1 + len(weights))
			for i, w := range weights {
				j, h := len(w.Data64)/2, 1e-5
				at := w.Data64[j]
				w.Data64[j] = at + h
				w.Changed()
				up := call()
				w.Data64[j] = at - h
				w.Changed()
				down := call()
				w.Data64[j] = at
				w.Changed()
				for l := range losses {
					got := out[losses+l*len(weights)+i].F64[j]
					near(t, fmt.Sprintf("%s, graph %d, loss %d, %s", name, k, l, w.Name), got, (up[l].F64[0]-down[l].F64[0])/(2*h), 1e-6*(1+math.Abs(got)))
				}
			}
		}
	}
}

// Σ̄ is the variance of DDPM's backward step on the cosine path, from its ᾱ.
func TestPosteriorVarianceIsOfDDPM(t *testing.T) {
	alpha := func(k int) float64 { c := math.Cos(math.Pi / 2 * float64(k) / pidmSteps); return c * c }
	for k := 2; k < pidmSteps; k++ {
		beta := 1 - alpha(k)/alpha(k-1)
		want := beta * (1 - alpha(k-1)) / (1 - alpha(k))
		near(t, fmt.Sprintf("Σ̄ of step %d", k), posteriorVariance(math.Sqrt(1/alpha(k)-1)), want, 1e-12)
	}
	first := posteriorVariance(math.Tan(math.Pi / pidmSteps))
	for _, sigma := range []float64{0, 1e-9, 0.01} {
		near(t, "Σ̄ below the second step", posteriorVariance(sigma), first, 1e-16)
	}
	for _, sigma := range []float64{1e3, 1e6, 1e12} {
		if v := posteriorVariance(sigma); !(v > 0 && v < 1) {
			t.Errorf("Σ̄(%g) = %g, want within (0, 1)", sigma, v)
		}
	}
}

// plainLinear is a denoiser D = W u, W its weights.
type plainLinear struct{ linear }

func (p plainLinear) Denoise(u, s *Node) *Node                { return p.Apply(u, nil, nil) }
func (p plainLinear) DenoiseGiven(u, s, _ *Node) *Node        { return p.Apply(u, nil, nil) }
func (p plainLinear) DenoiseJacobian(u, s *Node) (_, _ *Node) { return nil, nil }
func (p plainLinear) DenoiseJacobianGiven(u, s, _ *Node) (_, _ *Node) {
	return nil, nil
}

// For u ~ N(0, C), a linear denoiser at one level and r = A x the loss is quadratic,
// and its minimiser, by setting its derivative to 0,
//
//	W = (λ I + c/(2Σ̄) AᵀA)⁻¹ λ C (C + σ² I)⁻¹,
//
// found from anywhere by descent on the exact loss: a batch of ±√(2d)-cubature points has
// the moments of the law. Data that obey, A C = 0, leave it the plain denoiser.
func TestPIDMOfLinearDenoisersHasItsClosedMinimiser(t *testing.T) {
	const d, sigma, c = 3, 0.8, 0.1
	for _, obey := range []bool{false, true} {
		a := mat.NewDense(2, d, []float64{1, 2, -1, 0.5, -1, 0.3})
		root := mat.NewDense(d, d, []float64{1, 0, 0, 0.5, 0.8, 0, -0.3, 0.2, 0.6}) // C = root rootᵀ
		if obey {
			n := []float64{2*0.3 - 1, -0.5 - 0.3, -1 - 1} // the cross product of the rows
			root = mat.NewDense(d, d, []float64{n[0], 0, 0, n[1], 0, 0, n[2], 0, 0})
		}
		var cov mat.Dense
		cov.Mul(root, root.T())
		b := pool{dim: d}.empty(4 * d)
		b.u = make([]float64, 4*d*d)
		for k := range 2 * d { // E over points ±√(2d) e_k of (root, noise)
			for s, sign := range []float64{1, -1} {
				for i := range d {
					x := sign * math.Sqrt(2*d)
					at := (2*k+s)*d + i
					if k < d {
						b.u[at] = x * root.At(i, k)
					} else if i == k-d {
						b.noise[at] = x
					}
				}
			}
		}
		for i := range b.logSigma {
			b.logSigma[i] = math.Log(sigma)
		}
		w := engine.NewWeights("w", d, d)
		w.Data64 = make([]float64, d*d)
		r := func(u *Node) *Node {
			return Dot(u, Reshape(ConstAs(u, mat.DenseCopyOf(a.T()).RawMatrix().Data), d, 2)).Product()
		}
		o := pidm{edm{}, c, false, r}
		f := openGo(t).NewFunction("loss", engine.Float64, func(in []*Node) []*Node {
			l := ReduceAllMean(o.loss(plainLinear{linear{w}}, in, nil))
			return []*Node{l, Gradient(l, w.Use(l.Graph()))[0]}
		})
		in := o.inputs(b, nil)
		// Closed form.
		lambda, k := (1+sigma*sigma)/(sigma*sigma), c/(2*posteriorVariance(sigma))
		var ata, left, noisy, inverse, want mat.Dense
		ata.Mul(a.T(), a)
		left.Scale(k, &ata)
		noisy.CloneFrom(&cov)
		for i := range d {
			left.Set(i, i, left.At(i, i)+lambda)
			noisy.Set(i, i, noisy.At(i, i)+sigma*sigma)
		}
		if inverse.Inverse(&noisy) != nil {
			t.Fatal("singular")
		}
		var gain mat.Dense
		gain.Mul(&cov, &inverse)
		gain.Scale(lambda, &gain)
		if want.Solve(&left, &gain) != nil {
			t.Fatal("singular")
		}
		for range 5000 {
			out, err := f.CallNative(in...)
			if err != nil {
				t.Fatal(err)
			}
			size := 0.0
			for j, g := range out[1].F64 {
				w.Data64[j] -= 0.02 * g
				size = max(size, math.Abs(g))
			}
			w.Changed()
			if size < 1e-13 {
				break
			}
		}
		for i := range d {
			for j := range d {
				near(t, fmt.Sprintf("W[%d,%d], data obey: %v", i, j, obey), w.Data64[j*d+i], want.At(i, j), 1e-10)
				if obey {
					near(t, "shift off the plain denoiser", want.At(i, j), gain.At(i, j)/lambda, 1e-12)
				}
			}
		}
	}
}

// The merged gradient is ConFIG by its definition, by orthogonal components, with
// equal cosines, and its special cases.
func TestConflictFreeIdentities(t *testing.T) {
	const n = 7
	dot := func(a, b []float64) (s float64) {
		for i := range a {
			s += a[i] * b[i]
		}
		return s
	}
	unit := func(a []float64) []float64 {
		out := slices.Clone(a)
		for i := range out {
			out[i] /= math.Sqrt(dot(a, a))
		}
		return out
	}
	minus := func(b, a []float64) []float64 { // b without its part along a
		out, k := slices.Clone(b), dot(a, b)/dot(a, a)
		for i := range out {
			out[i] -= k * a[i]
		}
		return out
	}
	merge := func(a, b []float64) []float64 {
		x := []engine.Array{{F64: slices.Clone(a[:3])}, {F64: slices.Clone(a[3:])}}
		conflictFree(x, []engine.Array{{F64: b[:3]}, {F64: b[3:]}})
		return slices.Concat(x[0].F64, x[1].F64)
	}
	for k := range 50 {
		a, b := make([]float64, n), make([]float64, n)
		s := keyed.New(9, "config", k, 0)
		s.Normal(a)
		s.Normal(b)
		for i := range b {
			b[i] *= math.Pow(10, float64(k%7-3))
		}
		g := merge(a, b)
		sum, p, q := make([]float64, n), unit(minus(b, a)), unit(minus(a, b))
		for i := range sum {
			sum[i] = p[i] + q[i]
		}
		direction := unit(sum)
		length := dot(a, direction) + dot(b, direction)
		scale := math.Sqrt(dot(g, g))
		for i := range g {
			near(t, "merged", g[i]/scale, length*direction[i]/scale, 1e-12)
		}
		ca, cb := dot(g, unit(a))/scale, dot(g, unit(b))/scale
		near(t, "cosines", ca, cb, 1e-12)
		if !(ca > 0) {
			t.Errorf("cosine %g, want above 0", ca)
		}
		// Orthogonal and equally long: the sum.
		o := minus(b, a)
		ratio := math.Sqrt(dot(a, a) / dot(o, o))
		for i := range o {
			o[i] *= ratio
		}
		for i, v := range merge(a, o) {
			near(t, "of orthogonal ones", v, a[i]+o[i], 1e-12)
		}
		for i, v := range merge(a, make([]float64, n)) {
			near(t, "with nothing", v, a[i], 0)
		}
		opposite := slices.Clone(a)
		for i := range a {
			opposite[i] *= -3
		}
		for _, v := range merge(a, opposite) {
			near(t, "of opposite ones", v, 0, 1e-14)
		}
	}
}

// Laws as graphs are the laws of the host over their units.
func TestLawsAsGraphs(t *testing.T) {
	const times, points, n = 4, 6, 5
	spec := func(text string) *equation.Equation {
		e, err := equation.Parse(equation.Spec{Equation: text, Constants: map[string]float64{"nu": 0.2},
			Axes: []equation.Axis{{Name: "t", Points: times, Length: 1}, {Name: "x", Points: points, Length: 2, Boundary: "periodic"}}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	var laws []physics.Constraint
	add := func(c physics.Constraint, err error) {
		if err != nil {
			t.Fatal(err)
		}
		laws = append(laws, c)
	}
	add(physics.FromEquation(spec("dt(u) - nu*dxx(u) = 0"), physics.EquationChoice{}))
	add(physics.FromEquation(spec("dt(u) + u*dx(u) = 0"), physics.EquationChoice{Unit: 3}))
	add(physics.NewFixed(times*points, []int32{3, 1}, []float64{0.5, -2}, physics.Label{Unit: 0.1}))
	add(physics.NewMass([]float64{1, 2, 1, 2, 1, 2}, []float64{1, 2, 3, 4}, nil, physics.Label{}))
	all, err := Laws(laws...)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, n*times*points)
	keyed.New(3, "fields", 0, 0).Normal(x)
	f := openGo(t).NewFunction("laws", engine.Float64, func(in []*Node) []*Node { return []*Node{all.Graph(in[0])} })
	out, err := f.Call(engine.Rows(x, times*points))
	if err != nil {
		t.Fatal(err)
	}
	got := out[0].F64
	for i := range n {
		for _, law := range laws {
			r := make([]float64, physics.Size(law))
			law.Residual(r, x[i*times*points:(i+1)*times*points])
			for _, row := range law.Rows() {
				for k := range row.Size {
					near(t, row.Name, got[0], r[k]/row.Unit, 1e-12*(1+math.Abs(r[k]/row.Unit)))
					got = got[1:]
				}
				r = r[row.Size:]
			}
		}
	}
	if len(got) > 0 {
		t.Errorf("%d residuals too many", len(got))
	}
}

// A residual of columns is that of the constraint, with max(g, 0) for inequalities.
func TestRowsAsGraphs(t *testing.T) {
	var all []constraint.Constraint
	for _, text := range []string{"x[0]*x[1] <= 0.3", "x[0] + x[1]^2 == 1"} {
		rel, err := expr.ParseRelation(text, []string{"a", "b"}, 2)
		if err != nil {
			t.Fatal(err)
		}
		c, err := constraint.NewFormula("", rel, 2)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	x := rows(20, 0, 5)
	f := openGo(t).NewFunction("rows", engine.Float64, func(in []*Node) []*Node { return []*Node{Rows(all...).Graph(in[0])} })
	out, err := f.Call(engine.Rows(x, 2))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		a, b := x[2*i], x[2*i+1]
		near(t, "inequality", out[0].F64[2*i], max(a*b-0.3, 0), 1e-14)
		near(t, "equality", out[0].F64[2*i+1], a+b*b-1, 1e-14)
	}
}

// What cannot be trained for is said, with what to do.
func TestPhysicsRefusals(t *testing.T) {
	u := rows(50, 0, 0)
	for want, set := range map[string]func(s *Settings){
		"allowed":                func(s *Settings) { s.Physics.Loss = "pinn" },
		"choose objective flow":  func(s *Settings) { s.Physics.Loss = "pbfm" },
		"choose objective edm":   func(s *Settings) { s.Objective, s.Physics.Loss = "implicit", "pidm" },
		"want numbers from 0 on": func(s *Settings) { s.Physics = Physics{Loss: "pidm", Weight: math.NaN()} },
		"choose physics pidm":    func(s *Settings) {},
	} {
		s := small()
		set(&s)
		if _, err := NewObeying(openGo(t), u, nil, plane, s, circle); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	s := small()
	s.Physics.Loss = "pidm"
	if _, err := New(openGo(t), u, nil, 2, s); err == nil || !strings.Contains(err.Error(), "without laws") {
		t.Errorf("%v, want laws to be missed", err)
	}
	box, err := physics.NewBounds(2, []float64{0, 0}, []float64{1, 1}, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Laws(box); err == nil || !strings.Contains(err.Error(), "write it as an equation") {
		t.Errorf("%v, want a law without a graph to be refused", err)
	}
}

// Stopped and resumed, a training with laws ends with the same bits, over the places
// where its graph changes too.
func TestPhysicsResumesBitIdentically(t *testing.T) {
	for name, set := range physical {
		whole := obeying(t, set, "")
		if err := whole.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		const at = 17 // pbfm: in the third of four graphs
		tr := obeying(t, set, "")
		if err := tr.Run(&countdown{context.Background(), at}, nil); err != context.Canceled {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := tr.Save(&file, "key"); err != nil {
			t.Fatal(err)
		}
		tr = obeying(t, set, "")
		if err := tr.Resume(&file, "key"); err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		if !equal(tr.state.Weights, whole.state.Weights) || !equal(tr.state.Average, whole.state.Average) {
			t.Errorf("%s: stopped at step %d and resumed, the training ended elsewhere", name, at)
		}
	}
}
