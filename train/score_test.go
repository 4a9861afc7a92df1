package train

import (
	"context"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/prior"
)

// linear is F(u) = u A: every linear denoiser at one level, and nothing else, so
// that its best fit depends on the rows through their second moments alone.
type linear struct{ a *engine.Weights }

func (l linear) Apply(u, _, _ *Node) *Node { return Dot(u, l.a.Use(u.Graph())).Product() }

// oneLevel is training at a single noise level.
type oneLevel struct{ logSigma, rate float64 }

func (l oneLevel) level(float64) (float64, float64) { return l.logSigma, l.rate }

func (l oneLevel) draw(_ *keyed.Stream, logSigma, rate []float64) {
	for i := range logSigma {
		logSigma[i], rate[i] = l.logSigma, l.rate
	}
}

func (l linear) Weights() []*engine.Weights { return []*engine.Weights{l.a} }
func (l linear) Cost() network.Cost         { return network.Cost{} }

// gaussianRows are n draws of a Gaussian in d dimensions with correlations 0.8^|i−j|.
func gaussianRows(n, d int) []float64 {
	u := make([]float64, n*d)
	keyed.New(2, "gaussian rows", d, 0).Normal(u)
	for i := range n {
		for k := 1; k < d; k++ {
			u[i*d+k] = 0.8*u[i*d+k-1] + 0.6*u[i*d+k]
		}
	}
	return u
}

// scoreError is ‖ŝ − s‖/‖s‖ in L2 of the noised law, s the score of N(0, M+σ²I)
// with the second moments M of the rows.
func scoreError(t *testing.T, d prior.Denoiser, rows []float64, dim int, dtype engine.DType, sigma float64) float64 {
	t.Helper()
	m := mat.NewDense(dim, dim, prior.Covariance(rows, dim))
	for i := range dim {
		m.Set(i, i, m.At(i, i)+sigma*sigma)
	}
	var inverse mat.Dense
	if err := inverse.Inverse(m); err != nil {
		t.Fatal(err)
	}
	const n = 2000
	z, noise := append([]float64(nil), rows[:n*dim]...), make([]float64, n*dim)
	keyed.New(3, "score error", 0, 0).Normal(noise)
	for i := range z {
		z[i] += sigma * noise[i]
	}
	f := openGo(t).NewFunction("denoise", dtype, func(in []*Node) []*Node { return []*Node{d.Denoise(in[0], in[1])} })
	out, err := f.Call(engine.Rows(z, dim), engine.Scalar(sigma))
	if err != nil {
		t.Fatal(err)
	}
	var off, size float64
	for i := 0; i < len(z); i += dim {
		for k := range dim {
			var s float64
			for l := range dim {
				s -= inverse.At(k, l) * z[i+l]
			}
			got := (out[0].F64[i+k] - z[i+k]) / (sigma * sigma)
			off += (got - s) * (got - s)
			size += s * s
		}
	}
	return math.Sqrt(off / size)
}

// Every objective, in every parameterisation, has the score for its optimum: at a
// low and at a high noise level, a linear network finds the score of Gaussian data
// to 2 % of its norm.
func TestEveryObjectiveFindsTheLinearScore(t *testing.T) {
	base := Settings{Network: network.Architecture{Kind: "mlp", Width: 1, Depth: 1, Embedding: 2}, Steps: 1000, Batch: 1024, LearningRate: 0.03, Warmup: 0.02, EMA: 0.98, Seed: 1}
	for _, c := range []struct {
		name string
		dim  int
		set  func(s *Settings)
	}{
		{"edm", 2, func(s *Settings) {}},
		{"noise", 2, func(s *Settings) { s.Objective, s.Output, s.Weighting = "denoising", "noise", "noise" }},
		{"x0", 2, func(s *Settings) { s.Objective, s.Output, s.Weighting = "denoising", "x0", "x0" }},
		{"v", 2, func(s *Settings) { s.Objective, s.Output, s.Weighting = "denoising", "v", "edm" }},
		{"score", 2, func(s *Settings) {
			s.Objective, s.Output, s.Weighting, s.Levels = "denoising", "score", "likelihood", "vp"
		}},
		{"float64", 2, func(s *Settings) { s.DType = "float64" }},
		{"implicit", 2, func(s *Settings) { s.Objective = "implicit" }},
		{"implicit, one probe", 9, func(s *Settings) { s.Objective = "implicit" }},
		{"sliced", 2, func(s *Settings) { s.Objective = "sliced" }},
		{"flow", 2, func(s *Settings) { s.Objective = "flow" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, sigma := range []float64{0.3, 1.5} {
				s := base
				c.set(&s)
				u := gaussianRows(4000, c.dim)
				if err := s.Check(c.dim); err != nil {
					t.Fatal(err)
				}
				tr := newTrainer(openGo(t), linear{engine.NewWeights("a", c.dim, c.dim)}, pool{dim: c.dim, u: u}, 0, s, nil)
				tr.levels = oneLevel{math.Log(sigma), 2}
				if err := tr.Run(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
				tr.Best()
				if e := scoreError(t, s.denoiser(tr.Network, nil), u, c.dim, s.dtype(), sigma); !(e < 0.02) {
					t.Errorf("σ = %g: the score is off by %.2f %%", sigma, 100*e)
				} else {
					t.Logf("σ = %g: the score is off by %.2f %%", sigma, 100*e)
				}
			}
		})
	}
}
