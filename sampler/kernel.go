// Package sampler moves points from noise to data: time grids, bridges (one
// transition from a noise level to the next) and the kernel that composes
// guide, corrector and bridge.
package sampler

import "context"

// State is everything a run carries from one step to the next. A kernel may
// read nothing else, so a saved State continues to the identical result.
type State struct {
	Step     int       // steps done
	N, Dim   int       // population size, dimension
	Z        []float64 // [N, Dim] noisy points in sampler coordinates, z = u + σn
	LogW     []float64 // [N] log-weights since the last resampling
	Ancestor []int64   // [N] index of the starting particle each one descends from
	Memory   []float64 // per-particle memory of the method, moved along by resampling (may be empty)
	Adapted  []float64 // what the method has learnt from the population so far (may be empty)

	LogEvidence float64   // log of the product of mean weights at the resamplings so far
	ESS         []float64 // effective sample size after each step (population methods only)
	Resampled   int       // how often the population was resampled

	Trajectory []float64 // [Step+1, N, Dim] the points of every level so far, where they are wanted

	DenoiserCalls, VJPCalls int64 // per batch: one call on all N points counts 1
}

// Samples is the outcome of a run, in the user's coordinates.
type Samples struct {
	N, Dim     int
	X          []float64 // [N, Dim]
	LogW       []float64 // [N] unnormalised; log-mean-exp of it is the log evidence where HasEvidence
	Ancestor   []int64   // [N]
	Trajectory []float64 // [levels, N, Dim] noised points a x + b scale n, from noise to data; nil unless asked for
	Levels     []float64 // [levels, 2] a and b of each
	Infeasible []bool    // [N] points that could not be made to obey every row; nil means none

	HasEvidence              bool
	LogEvidence, EvidenceStd float64
	HasESS                   bool
	ESSMin, ESSFinal         float64 // in particles, out of Population
	Population               int
	Notes                    []string // what the reader must know: biases, draws, shifts
	Warnings                 []string // what the user should change
}

// Kernel is a method bound to a problem: it owns the arithmetic of one step;
// the loop, checkpoints, cancellation and progress belong to package run.
type Kernel interface {
	Steps() int
	Start(ctx context.Context) (*State, error)
	Step(ctx context.Context, s *State) error // advances s.Step by one
	Finish(ctx context.Context, s *State) (*Samples, error)
}
