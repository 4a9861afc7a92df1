package method

import (
	"context"
	"sync/atomic"
	"testing"

	"abide/diffusion"
	"abide/ode"
	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// counting is a solver that counts its runs and those of its adjoint, one a point.
type counting struct {
	operator.Host
	runs, adjoints *atomic.Int64
}

func (o counting) At(ctx context.Context, y, x []float64) error {
	o.runs.Add(1)
	return o.Host.At(ctx, y, x)
}

func (o counting) VJP(ctx context.Context, g, x, w []float64) error {
	o.adjoints.Add(1)
	return o.Host.VJP(ctx, g, x, w)
}

// asked counts what a sampler asks of the denoiser, chunk by chunk.
type asked struct {
	sampler.Bridge
	means *atomic.Int64
}

func (s asked) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	return s.Bridge.Step(p, k, func(z []float64, a, b float64) ([]float64, error) {
		s.means.Add(1)
		return mean(z, a, b)
	}, noise)
}

func (s asked) Memory(d int) int {
	if m, ok := s.Bridge.(sampler.Multistep); ok {
		return m.Memory(d)
	}
	return 0
}

// host-guided tells every call it makes, whatever the sampler: each evaluation of the
// sampler is one of the denoiser, and each that is guided runs the solver's adjoint once a
// point and the denoiser with its product once more. The calls are counted where they are
// made: in the sampler's asking and in the solver.
func TestHostGuidedCountsItsCalls(t *testing.T) {
	const d, n, chunk, steps = 4, 6, 3, 5
	p, err := prior.NewField(prior.Field{Shape: []int{d}, Extent: []float64{1}, Kernel: "matern32", Length: 0.4, Variance: 1})
	if err != nil {
		t.Fatal(err)
	}
	op, err := operator.NewMatrix([][]float64{{1, 0, -1, 0.5}, {0, 2, 0, 0}})
	if err != nil {
		t.Fatal(err)
	}
	normal, err := potential.NewNormal([]float64{0.3, 0.3})
	if err != nil {
		t.Fatal(err)
	}
	edm, err := diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}, steps)
	if err != nil {
		t.Fatal(err)
	}
	flow, err := diffusion.Uniform(diffusion.Flow{}, steps)
	if err != nil {
		t.Fatal(err)
	}
	heun, err := sampler.NewHeun(edm, sampler.Churn{})
	if err != nil {
		t.Fatal(err)
	}
	rule := ode.RK4
	rk4, err := sampler.NewProbabilityFlow(flow, &rule)
	if err != nil {
		t.Fatal(err)
	}
	adaptive, err := sampler.NewDormandPrince(flow, 1e-2, 1e-2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		grid        diffusion.Grid
		bridge      sampler.Bridge
		evaluations int64 // 0: as many as it takes
	}{
		{"ddpm", edm, sampler.DDPM{Grid: edm}, steps},
		{"heun", edm, heun, 2*steps - 1},
		{"rk4", flow, rk4, 4*steps - 1},
		{"dormand-prince", flow, adaptive, 0},
	} {
		var runs, adjoints, means atomic.Int64
		chunks := int64(n / chunk)
		if c.evaluations == 0 {
			chunks = 1 // chunks choose their own steps; the most of them is told
		}
		y, err := potential.NewHosted("y", counting{operator.OnHost(op), &runs, &adjoints}, []float64{0.5, 1}, normal, false)
		if err != nil {
			t.Fatal(err)
		}
		q, err := problem.New(p, nil, []potential.Potential{y})
		if err != nil {
			t.Fatal(err)
		}
		o := sample(t, "host-guided", q, Settings{Samples: n, Chunk: int(n / chunks), Seed: 1, Grid: c.grid, Bridge: asked{c.bridge, &means}})
		guided, evaluations := adjoints.Load()/n, means.Load()/chunks
		if c.evaluations > 0 && evaluations != c.evaluations {
			t.Errorf("%s: %d evaluations, want %d", c.name, evaluations, c.evaluations)
		}
		if runs.Load() != n*guided || o.VJPCalls != guided || o.DenoiserCalls != evaluations+guided {
			t.Errorf("%s: %d denoiser calls and %d products are told, want %d and %d: %d evaluations, %d guided", c.name, o.DenoiserCalls, o.VJPCalls, evaluations+guided, guided, evaluations, guided)
		}
		t.Logf("%s: %d evaluations, %d guided", c.name, evaluations, guided)
	}
}
