package sampler

import "context"

// Mean gives the clean estimates E[u | z] (guided, corrected) of noisy points
// z = a u + b n, which it does not keep or change; the result is the caller's.
// Each use is one denoiser call.
type Mean func(z []float64, a, b float64) ([]float64, error)

// Points are the points of one chunk, n rows each.
type Points struct {
	Z      []float64 // [n, Dim]
	Memory []float64 // [n, m] what the bridge remembers of each point; see Multistep
	Dim    int
}

// Bridge is one transition z_k → z_{k+1} of a grid, z = a u + b n, in place.
// noise(dst) fills dst with draws of N(0, 1), new ones at each use.
type Bridge interface {
	Step(p Points, k int, mean Mean, noise func(dst []float64)) error
}

// Solving is a bridge whose steps run solvers, which stop when a context does: StepIn
// stands in for Step.
type Solving interface {
	Bridge
	StepIn(ctx context.Context, p Points, k int, mean Mean, noise func(dst []float64)) error
}

// Multistep is a bridge that remembers: Memory is how many numbers a point of
// dimension d carries from step to step, zero at the start. They are part of the
// state: saved with it, and moved along when points are resampled.
type Multistep interface {
	Bridge
	Memory(d int) int
}

// Starter is a bridge that does not begin at the law of the first level: Begin
// overwrites drawn points, and what it remembers of them. It runs once, before
// step 0, with draws of its own.
type Starter interface {
	Bridge
	Begin(p Points, noise func(dst []float64)) error
}

// Counted is a bridge that calls networks by itself, past [Mean]: denoiser calls
// and vector–Jacobian products of step k.
type Counted interface {
	Bridge
	Calls(k int) (denoiser, vjp int)
}

// Carrier is a bridge whose points are not those of the grid's levels, such as clean
// estimates: before step k they are a u + b n.
type Carrier interface {
	Bridge
	Carries(k int) (a, b float64)
}

// memoryOf is the memory of any bridge.
func memoryOf(b Bridge, d int) int {
	if m, ok := b.(Multistep); ok {
		return m.Memory(d)
	}
	return 0
}

// blend is z ← p z + q x + c n, with n drawn only where c ≠ 0: every one-step
// bridge ends with it.
func blend(z []float64, p, q float64, x []float64, c float64, noise func([]float64)) {
	if c == 0 {
		for i := range z {
			z[i] = p*z[i] + q*x[i]
		}
		return
	}
	n := make([]float64, len(z))
	noise(n)
	for i := range z {
		z[i] = p*z[i] + q*x[i] + c*n[i]
	}
}
