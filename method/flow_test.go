package method

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/network"
	"abide/prior"
	"abide/sampler"
)

// standardFlow is the velocity that carries N(0, 1) to N(0, 1) along the linear
// path, v = (t − r) z/(t² + r²) with r = 1−t (kit T24 with μ = 0, s = 1).
type standardFlow struct{}

func (standardFlow) Apply(z, t, _ *graph.Node) *graph.Node {
	r := graph.OneMinus(t)
	return graph.Mul(z, graph.Div(graph.Sub(t, r), graph.Add(graph.Mul(t, t), graph.Mul(r, r))))
}

func (standardFlow) Weights() []*engine.Weights { return nil }
func (standardFlow) Cost() network.Cost         { return network.Cost{} }

// Guidance, by data too, and SMC run on a flow as on any denoiser: with the velocity of the
// Gaussian in closed form both give, draw by draw, what they give with the
// Gaussian's own denoiser. Their laws with that one are tested beside: the closed
// form of guided, the exact posterior of twisted-smc.
func TestFlowsAreGuidedAsDenoisersAre(t *testing.T) {
	const n = 2000
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 32)
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"guided", "twisted-smc", "diffusionpde", "fundps"} {
		s := Settings{Samples: n, Seed: 1}
		if method == "guided" {
			s.Grid, s.Bridge = g, sampler.DDIM{Grid: g, Eta: 1}
		}
		want := sample(t, method, measuredGaussian(t), s)
		p := measuredGaussian(t)
		p.Prior.Denoiser = prior.Velocity{Network: standardFlow{}}
		got := sample(t, method, p, s)
		for i, x := range got.Samples.X {
			if !(math.Abs(x-want.Samples.X[i]) <= 1e-9) {
				t.Fatalf("%s: sample %d is %.12g by the flow, %.12g by the denoiser", method, i, x, want.Samples.X[i])
			}
		}
		if !(math.Abs(got.Samples.LogEvidence-want.Samples.LogEvidence) <= 1e-9) {
			t.Errorf("%s: log evidence %.12g by the flow, %.12g by the denoiser", method, got.Samples.LogEvidence, want.Samples.LogEvidence)
		}
	}
}
