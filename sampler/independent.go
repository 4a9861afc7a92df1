package sampler

import (
	"context"
	"fmt"
	"math"

	"abide/correct"
	"abide/diffusion"
	"abide/guide"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
)

// Independent is the kernel of methods whose points do not interact: a guide, a
// corrector and a bridge, any of the first two absent.
//
//	x̂ = guide(D)(z/a, b/a);  x̃ = correct(x̂);  z′ = bridge(z, x̃, noise)
type Independent struct {
	Prior   *prior.Prior
	Grid    diffusion.Grid
	Bridge  Bridge
	Guide   guide.Guide         // nil: none
	Correct *correct.Projection // nil: none
	Each    bool                // correct every step, not only the last
	Samples int
	Seed    uint64
	Chunk   int // default 512
	Workers int // default: all cores
	Note    string

	denoise *engine.Function
}

var _ Kernel = (*Independent)(nil)

// Bind compiles nothing yet, but names the function the steps call.
func (k *Independent) Bind(e *engine.Engine) *Independent {
	if k.Chunk == 0 {
		k.Chunk = 512
	}
	d := k.Prior.Denoiser
	if k.Guide != nil {
		d = k.Guide.Guide(d)
	}
	k.denoise = e.NewFunction("denoiser", k.Prior.DType, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{d.Denoise(in[0], in[1])}
	})
	return k
}

// Steps is the number of transitions.
func (k *Independent) Steps() int { return k.Grid.Steps() }

// Start draws the points at the first level.
func (k *Independent) Start(ctx context.Context) (*State, error) {
	d := k.Prior.Coordinates.Dim()
	s := &State{N: k.Samples, Dim: d, Z: make([]float64, k.Samples*d), LogW: make([]float64, k.Samples), Ancestor: make([]int64, k.Samples)}
	return s, DrawStart(ctx, s, k.Prior, k.Grid.A[0], k.Grid.B[0], k.Seed, k.Chunk, k.Workers)
}

// Step is one transition of every point.
func (k *Independent) Step(ctx context.Context, s *State) error {
	next := make([]float64, len(s.Z)) // so that a step that fails or is cancelled leaves s as it was
	err := ForChunks(ctx, s.N, k.Chunk, k.Workers, func(c, lo, hi int) error {
		copy(next[lo*s.Dim:hi*s.Dim], s.Z[lo*s.Dim:hi*s.Dim])
		z := next[lo*s.Dim : hi*s.Dim]
		if hi-lo < k.Chunk { // the last chunk is padded, so that one shape is compiled
			z = make([]float64, k.Chunk*s.Dim)
			copy(z, s.Z[lo*s.Dim:hi*s.Dim])
		}
		stream := keyed.New(k.Seed, "bridge", c, s.Step)
		mean := func(z []float64, level int) ([]float64, error) { return k.mean(z, level, hi-lo) }
		if err := k.Bridge.Step(z, s.Step, mean, stream.Normal); err != nil {
			return err
		}
		if hi-lo < k.Chunk {
			copy(next[lo*s.Dim:hi*s.Dim], z)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Z = next
	calls := int64(k.Bridge.Calls(s.Step))
	s.Step++
	s.DenoiserCalls += calls
	if k.Guide != nil {
		s.VJPCalls += calls
	}
	return finite(s)
}

// mean is the guided, corrected clean estimate of n points (z is padded) at a level.
func (k *Independent) mean(z []float64, level, n int) ([]float64, error) {
	d := k.Prior.Coordinates.Dim()
	u := z
	if a := k.Grid.A[level]; a != 1 {
		u = make([]float64, len(z))
		for i := range z {
			u[i] = z[i] / a
		}
	}
	out, err := k.denoise.Call(engine.Rows(u, d), engine.Scalar(k.Grid.Sigma(level)))
	if err != nil {
		return nil, err
	}
	if k.Correct != nil && k.Each {
		k.Correct.Correct(out[0].F64[:n*d])
	}
	return out[0].F64, nil
}

// DivergedError says at which step points stopped being finite.
type DivergedError struct{ Step, Points, N int }

func (e *DivergedError) Error() string {
	return fmt.Sprintf("sampler: %d of %d points are not finite after step %d: take more steps, a smaller guidance weight, or dtype = \"float64\"", e.Points, e.N, e.Step)
}

func finite(s *State) error {
	bad := 0
	for i := range s.N {
		for _, v := range s.Z[i*s.Dim : (i+1)*s.Dim] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				bad++
				break
			}
		}
	}
	if bad > 0 {
		return &DivergedError{Step: s.Step, Points: bad, N: s.N}
	}
	return nil
}

// Finish maps the points to the user's coordinates and projects them a last time.
func (k *Independent) Finish(ctx context.Context, s *State) (*Samples, error) {
	out := &Samples{N: s.N, Dim: s.Dim, X: make([]float64, len(s.Z)), LogW: make([]float64, s.N), Ancestor: s.Ancestor}
	k.Prior.Coordinates.ToX(out.X, s.Z)
	if k.Correct != nil {
		out.Infeasible = k.Correct.Projector.ProjectBatch(out.X, k.Workers)
	}
	if k.Note != "" {
		out.Notes = append(out.Notes, k.Note)
	}
	return out, nil
}
