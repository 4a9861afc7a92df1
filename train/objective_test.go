package train

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/network"
	"abide/prior"
)

// someDenoiser is a network far from any optimum.
func someDenoiser(d int) prior.EDM {
	m := network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{d}, Width: 8, Depth: 2, Embedding: 6}, 4)
	for i, w := range m.Weights() {
		x := make([]float64, len(w.Data))
		keyed.New(4, "some denoiser", i, 0).Normal(x)
		for j, v := range x {
			w.Data[j] = float32(0.5 * v)
		}
	}
	return prior.EDM{Network: m}
}

// drawn is a batch of n points at levels of a law.
func drawn(n, d int, l levels) *batch {
	b := pool{dim: d}.empty(n)
	b.u = make([]float64, n*d)
	s := keyed.New(5, "drawn", n, d)
	s.Normal(b.u)
	s.Normal(b.noise)
	l.draw(s, b.logSigma, b.rate)
	return b
}

// values is a loss, per sample: the mean over coordinates where it has them.
func values(t *testing.T, o objective, b *batch, d prior.Conditioned) []float64 {
	t.Helper()
	f := openGo(t).NewFunction("loss", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{o.loss(d, in, nil)}
	})
	out, err := f.Call(o.inputs(b, keyed.New(6, "probes", 0, 0))...)
	if err != nil {
		t.Fatal(err)
	}
	k := len(out[0].F64) / b.n
	mean := make([]float64, b.n)
	for i, v := range out[0].F64 {
		mean[i/k] += v / float64(k)
	}
	return mean
}

// Score matching without clean points has the expectation of denoising, for any
// denoiser and any points (Stein's identity): with the exact divergence, and with
// either kind of probe.
func TestImplicitLossesEstimateTheDenoisingLoss(t *testing.T) {
	const n, d = 40000, 3
	level := logNormal{-0.5, 0.5}
	for name, w := range map[string]weighting{"edm": weightings["edm"], "x0": weightings["x0"]} {
		b, net := drawn(n, d, level), someDenoiser(d)
		want := values(t, denoising{w}, b, net)
		for kind, o := range map[string]implicit{"exact": {w, true, nil}, "rademacher": {w, false, rademacher}, "gaussian": {w, false, gaussian}} {
			got := values(t, o, b, net)
			for i := range got {
				got[i] -= want[i]
			}
			testkit.MeanWithin(t, name+", "+kind+": difference to denoising", got, 0, 0)
		}
	}
}

// The weightings are what they are called, written with score, noise and the
// forward equation of the variance-preserving process.
func TestWeightingsByHand(t *testing.T) {
	const n, d = 50, 2
	vp := diffusion.VP{Min: 0.1, Max: 20}
	b, net := drawn(n, d, sdes["vp"]), someDenoiser(d)
	f := openGo(t).NewFunction("denoise", engine.Float64, func(in []*engine.Node) []*engine.Node { return []*engine.Node{net.Denoise(in[0], in[1])} })
	for name, hand := range map[string]func(m, v, g2 float64, u, noise, mean []float64) float64{
		"noise": func(m, v, _ float64, u, noise, mean []float64) float64 { // ‖√v s + n‖²
			return square(d, func(k int) float64 {
				return math.Sqrt(v)*score(m, v, u, noise, mean, k) + noise[k]
			})
		},
		"likelihood": func(m, v, g2 float64, u, noise, mean []float64) float64 { // g²‖s + n/√v‖²
			return g2 * square(d, func(k int) float64 {
				return score(m, v, u, noise, mean, k) + noise[k]/math.Sqrt(v)
			})
		},
		"edm": func(m, v, _ float64, u, noise, mean []float64) float64 { // ‖v̂ − v‖² of v = m n − √v u
			return square(d, func(k int) float64 {
				s := math.Sqrt(v)
				estimate := (m*u[k] + s*noise[k] - m*mean[k]) / s
				return m*estimate - s*mean[k] - (m*noise[k] - s*u[k])
			})
		},
		"x0": func(_, _, _ float64, u, _, mean []float64) float64 {
			return square(d, func(k int) float64 { return mean[k] - u[k] })
		},
	} {
		got := values(t, denoising{weightings[name]}, b, net)
		for i := range n {
			// The time of a level, by bisection: the path is monotone.
			lo, hi := 0.0, 1.0
			for range 60 {
				mid := (lo + hi) / 2
				if a, s := vp.At(mid); math.Log(s/a) < b.logSigma[i] {
					lo = mid
				} else {
					hi = mid
				}
			}
			m, s := vp.At(lo)
			_, g := vp.Drift(lo)
			u, noise := b.u[i*d:(i+1)*d], b.noise[i*d:(i+1)*d]
			z := make([]float64, d)
			for k := range z {
				z[k] = u[k] + s/m*noise[k]
			}
			out, err := f.Call(engine.Rows(z, d), engine.Scalar(s/m))
			if err != nil {
				t.Fatal(err)
			}
			want := hand(m, s*s, g*g, u, noise, out[0].F64) / d
			near(t, fmt.Sprintf("%s, sample %d", name, i), got[i], want, 1e-8*math.Max(1, want))
		}
	}
}

// score is that of z = m u + √v n under the denoiser's mean.
func score(m, v float64, u, noise, mean []float64, k int) float64 {
	return (m*mean[k] - m*u[k] - math.Sqrt(v)*noise[k]) / v
}

func square(d int, f func(k int) float64) (sum float64) {
	for k := range d {
		sum += f(k) * f(k)
	}
	return sum
}

// Flow matching is the denoising loss of its denoiser at w = (1+σ)²/σ².
func TestFlowLossIsADenoisingLoss(t *testing.T) {
	const n, d = 50, 2
	b := drawn(n, d, logNormal{0, 1})
	p := prior.Velocity{Network: someDenoiser(d).Network}
	want := values(t, denoising{func(s, _ float64) float64 { return (1 + s) * (1 + s) / (s * s) }}, b, p)
	for i, got := range values(t, &flow{}, b, p) {
		near(t, fmt.Sprintf("sample %d", i), got, want[i], 1e-10*math.Max(1, want[i]))
	}
}

func TestSettingsErrors(t *testing.T) {
	for want, set := range map[string]func(s *Settings){
		`objective "x": allowed: [denoising edm flow implicit sliced]`: func(s *Settings) { s.Objective = "x" },
		`output "x": allowed: [edm noise score v x0]`:                  func(s *Settings) { s.Output = "x" },
		`levels "vp": allowed: [logit-normal uniform]`:                 func(s *Settings) { s.Objective, s.Levels = "flow", "vp" },
		"likelihood weighting needs the forward equation":              func(s *Settings) { s.Objective, s.Weighting = "denoising", "likelihood" },
		"optimal transport of a batch mixes its conditions": func(s *Settings) {
			s.Objective, s.Coupling, s.Condition = "flow", "ot", []Condition{{Name: "y", Scale: 1}}
		},
		"which is 6 numbers; the data have 2 columns": func(s *Settings) { s.Network.Shape = []int{2, 3} },
		`the condition "y" is constant`:               func(s *Settings) { s.Condition = []Condition{{Name: "y"}} },
	} {
		s := small()
		set(&s)
		if err := s.Check(2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
