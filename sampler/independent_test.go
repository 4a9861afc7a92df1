package sampler

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/prior"
)

// mixture is a law in two columns whose flow is not linear.
func mixture(t *testing.T) *prior.Prior {
	t.Helper()
	c := mat.NewSymDense(2, []float64{0.3, 0.1, 0.1, 0.4})
	p, err := prior.NewMixture([]float64{1, 2}, [][]float64{{-2, 0}, {1, 1}}, []*mat.SymDense{c, c}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// saved is a state as a checkpoint has it: nothing shared, nothing besides.
func saved(s *State) *State {
	c := *s
	c.Z, c.LogW, c.Ancestor = slices.Clone(s.Z), slices.Clone(s.LogW), slices.Clone(s.Ancestor)
	c.Memory, c.Trajectory = slices.Clone(s.Memory), slices.Clone(s.Trajectory)
	return &c
}

// A run that is stopped after any step and continued by a new kernel ends with the
// same bytes, and so does one with another number of workers: all that a bridge
// remembers is in the state.
func TestResumeAfterEveryStep(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	p := mixture(t)
	edm := must(diffusion.Karras(diffusion.EDM{Min: .002, Max: 80, Rho: 7}, 8))
	flow := must(diffusion.Uniform(diffusion.Flow{}, 5))
	for name, c := range map[string]struct {
		b Bridge
		g diffusion.Grid
	}{
		"dpm-solver++":              {DPMSolver{edm}, edm},
		"dpm-solver++ on flow":      {DPMSolver{flow}, flow},
		"dormand-prince":            {must(NewDormandPrince(flow, 1e-4, 1e-4)), flow},
		"dpm-solver++ and langevin": {PredictorCorrector{Predictor: DPMSolver{edm}, Grid: edm, Steps: 1, SNR: .1}, edm},
		"heun with churn":           {must(NewHeun(edm, Churn{S: 4})), edm},
	} {
		t.Run(name, func(t *testing.T) {
			kernel := func(workers int) *Independent {
				return (&Independent{Prior: p, Grid: c.g, Bridge: c.b, Samples: 100, Chunk: 32, Workers: workers, Seed: 5, Trajectory: true}).Bind(e)
			}
			finish := func(s *State, workers int) (*Samples, *State) {
				k := kernel(workers)
				for s.Step < k.Steps() {
					if err := k.Step(context.Background(), s); err != nil {
						t.Fatal(err)
					}
				}
				out, err := k.Finish(context.Background(), s)
				if err != nil {
					t.Fatal(err)
				}
				return out, s
			}
			start, err := kernel(1).Start(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			want, end := finish(saved(start), 1)
			s := start
			for k := range c.g.Steps() {
				got, last := finish(saved(s), 3)
				if !slices.Equal(got.X, want.X) || !slices.Equal(got.Trajectory, want.Trajectory) || last.DenoiserCalls != end.DenoiserCalls {
					t.Fatalf("continued after step %d: other bytes or calls (%d, %d)", k, last.DenoiserCalls, end.DenoiserCalls)
				}
				if err := kernel(2).Step(context.Background(), s); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// What a kernel keeps on its way, and what it says: the last level of the
// trajectory is the samples, the first the start in the user's units; calls are
// counted, and a start in which data show is told.
func TestTrajectoryCallsAndWarning(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	p := mixture(t)
	g := must(diffusion.Uniform(diffusion.VP{Min: .01, Max: 2}, 6))
	k := (&Independent{Prior: p, Grid: g, Bridge: must(NewProbabilityFlow(g, &heunMethod)), Samples: 70, Chunk: 32, Trajectory: true}).Bind(e)
	s, err := k.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	first := slices.Clone(s.Z)
	for s.Step < k.Steps() {
		if err := k.Step(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	out, err := k.Finish(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	if s.DenoiserCalls != 12 || s.VJPCalls != 0 {
		t.Errorf("%d calls and %d products, want 12 and none", s.DenoiserCalls, s.VJPCalls)
	}
	size := 70 * 2
	if len(out.Trajectory) != 7*size || len(out.Levels) != 14 || !slices.Equal(out.Trajectory[6*size:], out.X) {
		t.Errorf("%d numbers of trajectory, %d of levels; its end is not the samples", len(out.Trajectory), len(out.Levels))
	}
	for i, z := range first {
		want := g.A[0]*p.Coordinates.Shift[i%2] + p.Coordinates.Scale[i%2]*z
		if !(math.Abs(out.Trajectory[i]-want) <= 1e-12) {
			t.Fatalf("start %d is %g, want %g", i, out.Trajectory[i], want)
		}
	}
	if len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], "a = 0.605") {
		t.Errorf("warnings %q", out.Warnings)
	}
}

// uneven asks twice where the first point of a chunk is on one side.
type uneven struct{}

func (uneven) Step(p Points, _ int, mean Mean, _ func([]float64)) error {
	_, err := mean(p.Z, 1, 1)
	if err == nil && p.Z[0] > 0 {
		_, err = mean(p.Z, 1, 1)
	}
	return err
}

// Where chunks need different numbers of calls the largest counts.
func TestCallsOfUnevenChunks(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	g := must(diffusion.Levels([]float64{1}))
	k := (&Independent{Prior: mixture(t), Grid: g, Bridge: uneven{}, Samples: 64, Chunk: 4}).Bind(e)
	s, err := k.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	sides := map[bool]int{}
	for i := 0; i < len(s.Z); i += 4 * s.Dim {
		sides[s.Z[i] > 0]++
	}
	if err := k.Step(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	if len(sides) != 2 || s.DenoiserCalls != 2 {
		t.Errorf("%d calls for chunks %v", s.DenoiserCalls, sides)
	}
}

// wide remembers how many rows a step saw.
type wide struct{ rows *int }

func (w wide) Step(p Points, _ int, _ Mean, _ func([]float64)) error {
	*w.rows = len(p.Z) / p.Dim
	return nil
}

// Fewer points than a chunk are not padded: ten cost ten.
func TestFewPointsAreNotPadded(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	g := must(diffusion.Karras(diffusion.EDM{Min: .01, Max: 10, Rho: 7}, 2))
	k := (&Independent{Prior: mixture(t), Grid: g, Bridge: wide{&rows}, Samples: 10}).Bind(e)
	s, err := k.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Step(context.Background(), s); err != nil || rows != 10 {
		t.Errorf("a step of 10 points sees %d (%v)", rows, err)
	}
}
