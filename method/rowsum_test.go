package method

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/guide"
	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// published is diagonal TMPD by row sums as published, for linear H and independent
// noise: nothing guards it.
type published struct{ y *potential.Measurement }

func (g published) Pull(mean, u, sigma *engine.Node) *engine.Node {
	h, y, _ := g.y.Linear()
	noise, _ := g.y.Gaussian()
	seen := h.Apply(mean)
	ones := graph.BroadcastToShape(graph.ConstAs(u, [][]float64{slices.Repeat([]float64{1}, len(y))}), seen.Shape())
	sums := graph.Mul(graph.Mul(sigma, sigma), h.Apply(engine.VJP(seen, u, ones)))
	f := graph.Div(graph.Sub(graph.ConstAs(u, [][]float64{y}), seen), graph.Add(sums, graph.ConstAs(u, [][]float64{noise.Variance()})))
	return engine.VJP(seen, u, f)
}

// pulling makes a guide of a puller.
type pulling struct{ guide.Puller }

func (g pulling) Guide(d prior.Denoiser) prior.Denoiser { return guide.Pulled(d, g.Puller) }

// The published rule throws points out of all numbers on the mixture of 25 with two or
// four values measured through a dense matrix. dtmpd, on the same problems with the same
// draws, stays where the prior is: within twice the distance of the outermost modes, at
// 16. (Of 40 problems with two values the published rule passes 10⁹ on two; dtmpd's
// farthest coordinate is 24.)
func TestRowSumsOfDenseOperatorsDoNotDiverge(t *testing.T) {
	const n, farthest = 32, 32
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 25}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	diverged := 0
	for _, c := range []struct {
		values int
		seed   uint64
	}{{2, 18}, {2, 25}, {4, 4}} {
		seed := c.seed
		q := modes25Problem(t, 8, c.values, 0.01, seed)
		s := sample(t, "dtmpd", q, Settings{Samples: n, Chunk: n, Seed: seed, Grid: g, Bridge: withNoise(g)}).Samples
		var worst float64
		for _, v := range s.X {
			worst = math.Max(worst, math.Abs(v))
		}
		there := largestUnguarded(t, e, q, g, n, seed)
		t.Logf("%d values, problem %d: farthest coordinate %.3g, of the published rule %.3g", c.values, seed, worst, there)
		if there > 1e3 {
			diverged++
		}
		if !(worst <= farthest) {
			t.Errorf("%d values, problem %d: a point at %g", c.values, seed, worst)
		}
	}
	if diverged == 0 {
		t.Error("the published rule diverges on none of the problems: they show nothing")
	}
}

// largestUnguarded is the largest coordinate of samples by the published rule, +Inf
// where they stop being numbers.
func largestUnguarded(t *testing.T, e *engine.Engine, q *problem.Problem, g diffusion.Grid, n int, seed uint64) float64 {
	t.Helper()
	y, err := q.MeasuredLinearly("test")
	if err != nil {
		t.Fatal(err)
	}
	k := (&sampler.Independent{Prior: q.Prior, Grid: g, Bridge: withNoise(g), Samples: n, Chunk: n, Seed: seed, Guide: pulling{published{y}}}).Bind(e)
	s, err := k.Start(t.Context())
	for err == nil && s.Step < k.Steps() {
		err = k.Step(t.Context(), s)
	}
	if err != nil {
		return math.Inf(1)
	}
	var worst float64
	for i, v := range s.Z {
		worst = math.Max(worst, math.Abs(q.Prior.Coordinates.Shift[i%s.Dim]+q.Prior.Coordinates.Scale[i%s.Dim]*v))
	}
	return worst
}
