package sampler

import (
	"context"
	"fmt"
	"math"
	"slices"

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
	Guide   guide.Guide       // nil: none
	VJPs    int               // vector–Jacobian products of the guide at each use
	Correct correct.Corrector // nil: none
	Each    bool              // correct every step, not only the last
	Samples int
	Seed    uint64
	Chunk   int // default 512
	Workers int // default: all cores
	Note    string

	Trajectory bool // keep the points of every level

	denoise *engine.Function
}

var _ Kernel = (*Independent)(nil)

// Bind compiles nothing yet, but names the function the steps call.
func (k *Independent) Bind(e *engine.Engine) *Independent {
	if k.Chunk == 0 {
		k.Chunk = 512
	}
	if k.Samples > 0 {
		k.Chunk = min(k.Chunk, k.Samples) // nothing to gain from padding
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
	if err := DrawStart(ctx, s, k.Prior, k.Grid.A[0], k.Grid.B[0], k.Seed, k.Chunk, k.Workers); err != nil {
		return nil, err
	}
	s.Memory = make([]float64, memoryOf(k.Bridge, d)*s.N)
	err := k.begin(ctx, s)
	k.record(s)
	return s, err
}

// begin lets a bridge with a start of its own replace the points.
func (k *Independent) begin(ctx context.Context, s *State) error {
	b, ok := k.Bridge.(Starter)
	if !ok {
		return nil
	}
	return k.chunks(ctx, s, s.Z, s.Memory, func(c int, p Points, _ int) error {
		return b.Begin(p, keyed.New(k.Seed, "begin", c, 0).Normal)
	})
}

// chunks shows f the points z of every chunk with what is remembered of them, to be
// changed in place. The last chunk is padded with its first point, so that one shape
// is compiled; n is how many of its points count.
func (k *Independent) chunks(ctx context.Context, s *State, z, memory []float64, f func(c int, p Points, n int) error) error {
	m := memoryOf(k.Bridge, s.Dim)
	return ForChunks(ctx, s.N, k.Chunk, k.Workers, func(c, lo, hi int) error {
		p := Points{z[lo*s.Dim : hi*s.Dim], memory[lo*m : hi*m], s.Dim}
		full := p
		if hi-lo < k.Chunk {
			full = Points{pad(p.Z, s.Dim, k.Chunk), pad(p.Memory, m, k.Chunk), s.Dim}
		}
		if err := f(c, full, hi-lo); err != nil {
			return err
		}
		copy(p.Z, full.Z)
		copy(p.Memory, full.Memory)
		return nil
	})
}

// Step is one transition of every point.
func (k *Independent) Step(ctx context.Context, s *State) error {
	// Copies, so that a step that fails or is cancelled leaves s as it was.
	next, memory := slices.Clone(s.Z), slices.Clone(s.Memory)
	calls := make([]int64, (s.N+k.Chunk-1)/k.Chunk)
	err := k.chunks(ctx, s, next, memory, func(c int, p Points, n int) (err error) {
		calls[c], err = k.transition(ctx, p, n, s.Step, keyed.New(k.Seed, "bridge", c, s.Step).Normal)
		return err
	})
	if err != nil {
		return err
	}
	s.Z, s.Memory = next, memory
	most := slices.Max(calls) // they differ only where steps are adaptive
	if c, ok := k.Bridge.(Counted); ok {
		own, vjp := c.Calls(s.Step)
		s.DenoiserCalls += int64(own)
		s.VJPCalls += int64(vjp)
	}
	s.Step++
	s.DenoiserCalls += most
	if k.Guide != nil {
		s.VJPCalls += most * int64(k.VJPs)
	}
	k.record(s)
	return finite(s)
}

// Transition takes points from level step to the next, in place, with the given
// noise: what Step does to a chunk, for those who want the map itself.
func (k *Independent) Transition(p Points, step int, noise func([]float64)) error {
	_, err := k.transition(context.Background(), p, len(p.Z)/p.Dim, step, noise)
	return err
}

// transition counts the calls of the denoiser; n points of p are no padding.
func (k *Independent) transition(ctx context.Context, p Points, n, step int, noise func([]float64)) (calls int64, err error) {
	mean := func(z []float64, a, b float64) ([]float64, error) {
		calls++
		return k.mean(z, a, b, n)
	}
	if b, ok := k.Bridge.(Solving); ok {
		return calls, b.StepIn(ctx, p, step, mean, noise)
	}
	err = k.Bridge.Step(p, step, mean, noise)
	return calls, err
}

// pad repeats the first of rows of d numbers until there are n.
func pad(rows []float64, d, n int) []float64 {
	out := slices.Clone(rows)
	for len(out) < n*d {
		out = append(out, rows[:d]...)
	}
	return out
}

// record appends the points to the trajectory, where one is wanted.
func (k *Independent) record(s *State) {
	if k.Trajectory {
		s.Trajectory = append(s.Trajectory, s.Z...)
	}
}

// mean is the guided, corrected clean estimate of n points (z is padded) at a level.
func (k *Independent) mean(z []float64, a, b float64, n int) ([]float64, error) {
	d := k.Prior.Coordinates.Dim()
	u := z
	if a != 1 {
		u = make([]float64, len(z))
		for i := range z {
			u[i] = z[i] / a
		}
	}
	out, err := k.denoise.Call(engine.Rows(u, d), engine.Scalar(b/a))
	if err != nil {
		return nil, err
	}
	x := out[0].F64
	if k.Correct != nil && k.Each {
		k.Correct.Correct(x[:n*d])
	}
	return x, nil
}

// DivergedError says at which step points stopped being finite.
type DivergedError struct{ Step, Points, N int }

func (e *DivergedError) Error() string {
	return fmt.Sprintf("sampler: %d of %d points are not finite after step %d: take more steps, a smaller step (langevin) or guidance weight, or dtype = \"float64\"", e.Points, e.N, e.Step)
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
		out.Infeasible = k.Correct.Finish(out.X, k.Workers)
	}
	if k.Note != "" {
		out.Notes = append(out.Notes, k.Note)
	}
	if w := k.Grid.TerminalWarning(); w != "" {
		out.Warnings = append(out.Warnings, w)
	}
	if k.Trajectory {
		k.trajectory(out, s)
	}
	return out, nil
}

// trajectory writes the points of every level in the user's units, a x + b scale n.
func (k *Independent) trajectory(out *Samples, s *State) {
	c, size := k.Prior.Coordinates, s.N*s.Dim
	out.Trajectory = make([]float64, len(s.Trajectory))
	for i := range k.Grid.A {
		a, b := k.Grid.A[i], k.Grid.B[i]
		if c, ok := k.Bridge.(Carrier); ok {
			a, b = c.Carries(i)
		}
		out.Levels = append(out.Levels, a, b)
	}
	for i, z := range s.Trajectory {
		j, a := i%s.Dim, out.Levels[2*(i/size)]
		out.Trajectory[i] = a*c.Shift[j] + c.Scale[j]*z
	}
}
