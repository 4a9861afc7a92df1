package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/network"
	"abide/prior"
)

// timed is v(z, t) = t z.
type timed struct{}

func (timed) Apply(z, t, _ *Node) *Node  { return Mul(t, z) }
func (timed) Weights() []*engine.Weights { return nil }
func (timed) Cost() network.Cost         { return network.Cost{} }
func identity(u *Node) *Node             { return u }

// The losses of PBFM by hand: with v = t z, n steps of Euler from t end in
// z Π (1 + h t_k), t_k = t + k h, h = (1 − t)/n.
func TestPBFMByHand(t *testing.T) {
	const d = 3
	b := drawn(20, d, flowUniform{})
	o := &pbfm{flow: &flow{}, residual: identity, most: 4}
	in := o.inputs(b, nil)
	for n := 1; n <= 4; n++ {
		f := openGo(t).NewFunction("both", engine.Float64, func(in []*Node) []*Node {
			data, law := o.both(prior.Velocity{Network: timed{}}, in, nil, n)
			return []*Node{data, law}
		})
		out, err := f.Call(in...)
		if err != nil {
			t.Fatal(err)
		}
		var data, law float64
		for i, z := range in[0].F64 {
			at := in[2].F64[i/d]
			h, x := (1-at)/float64(n), z
			for k := range n {
				x += h * (at + float64(k)*h) * x
			}
			data += math.Pow(at*z-in[1].F64[i], 2) / float64(len(b.u))
			law += at * math.Abs(x) / float64(len(b.u))
		}
		near(t, "loss of the flow", out[0].F64[0], data, 1e-13)
		near(t, fmt.Sprintf("loss of the law after %d steps", n), out[1].F64[0], law, 1e-13)
	}
}

// shrinking is D = u/(1 + σ²), that of white data.
type shrinking struct{ plainLinear }

func (shrinking) DenoiseGiven(u, sigma, _ *Node) *Node {
	return Div(u, AddScalar(Mul(sigma, sigma), 1))
}

// The loss of PIDM by hand, of the mean and of the mean after a step of DDIM.
func TestPIDMByHand(t *testing.T) {
	const d, c = 3, 0.7
	b := drawn(20, d, logNormal{-0.5, 1})
	plain := values(t, edm{}, b, shrinking{})
	for _, sample := range []bool{false, true} {
		for i, got := range values(t, pidm{edm{}, c, sample, identity}, b, shrinking{}) {
			sigma := math.Exp(b.logSigma[i])
			half := math.Tan(math.Atan(sigma) / 2)
			want := plain[i]
			for k := range d {
				u := b.u[i*d+k] + sigma*b.noise[i*d+k]
				x := u / (1 + sigma*sigma)
				if sample {
					x = (x + half*(u-x)/sigma) / (1 + half*half)
				}
				want += c / d * x * x / 2 / posteriorVariance(sigma)
			}
			near(t, fmt.Sprintf("loss of a sample: %v", sample), got, want, 1e-12*want)
		}
	}
}

// The unrolling grows from 1 to its most in equal parts of the training, and a step is
// the merged gradient of the graph that is its turn.
func TestUnrollingGrows(t *testing.T) {
	tr := obeying(t, physical["pbfm"], "float64")
	o := tr.objective.(*pbfm)
	var n []int
	for k := range 8 {
		n = append(n, o.steps(k, 8))
	}
	if want := []int{1, 1, 2, 2, 3, 3, 4, 4}; !slices.Equal(n, want) {
		t.Errorf("steps of Euler %v, want %v", n, want)
	}
	for _, at := range []int{0, 29} {
		tr.state.Step = at
		out, err := tr.step[o.steps(at, 30)-1].CallNative(tr.batch(at)...)
		if err != nil {
			t.Fatal(err)
		}
		w := len(tr.state.Weights)
		conflictFree(out[2:2+w], out[2+w:])
		if err := tr.advance(); err != nil {
			t.Fatal(err)
		}
		near(t, "norm of the step's gradient", tr.norm, norm(out[2:2+w]), 0)
	}
}
