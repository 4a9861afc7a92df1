// Package run walks a kernel to the end: the loop over steps, events,
// cancellation, checkpoints, resuming, and the folder that holds the result.
package run

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"abide/sampler"
)

// Event is progress as data.
type Event struct {
	Kind       string  `json:"kind"` // start | resume | step | checkpoint | done
	Step       int     `json:"step"`
	Steps      int     `json:"steps"`
	ESS        float64 `json:"ess,omitempty"` // of the population, where the method has one
	Population int     `json:"population,omitempty"`
	Seconds    float64 `json:"seconds"` // since the loop began, over all parts of a resumed run
	Message    string  `json:"message,omitempty"`
}

// Statuses of an outcome.
const (
	OK         = "ok"
	LowESS     = "low-ess"
	Infeasible = "infeasible"
	NonFinite  = "non-finite"
	Cancelled  = "cancelled"
)

// Outcome is what a finished loop leaves.
type Outcome struct {
	Status  string
	Message string // one sentence that says what to change; empty when all is well

	Samples *sampler.Samples // nil unless the run finished
	ESS     []float64        // trace, where the method has one

	DenoiserCalls, VJPCalls int64
	Resampled               int
	Seconds                 float64 // in the loop
}

// ErrCancelled is returned with the context's cause when a run was stopped.
var ErrCancelled = errors.New("run: stopped")

// Loop runs a kernel from its start, or from a checkpoint in store, to the end.
// store may be nil. On cancellation it ends the step under way, writes a
// checkpoint and returns ErrCancelled.
func Loop(ctx context.Context, k sampler.Kernel, store *Store, event func(Event)) (*Outcome, error) {
	if event == nil {
		event = func(Event) {}
	}
	begin := time.Now()
	state, before, err := store.load()
	if err != nil {
		return nil, err
	}
	elapsed := func() float64 { return before + time.Since(begin).Seconds() }
	kind := "resume"
	if state == nil {
		kind = "start"
		if state, err = k.Start(ctx); err != nil {
			return stopped(ctx, k, store, nil, err, elapsed())
		}
	}
	event(progress(kind, k, state, elapsed()))
	saved := time.Now()
	for state.Step < k.Steps() {
		if ctx.Err() != nil {
			return stopped(ctx, k, store, state, ctx.Err(), elapsed())
		}
		// A step is done whole or not at all: a state cut in half could not be continued.
		if err := k.Step(context.WithoutCancel(ctx), state); err != nil {
			return nil, err
		}
		event(progress("step", k, state, elapsed()))
		if store.due(saved) {
			if err := store.save(state, elapsed()); err != nil {
				return nil, err
			}
			saved = time.Now()
			event(progress("checkpoint", k, state, elapsed()))
		}
	}
	samples, err := k.Finish(ctx, state)
	if err != nil {
		return stopped(ctx, k, store, state, err, elapsed())
	}
	out := &Outcome{
		Samples: samples, ESS: state.ESS, DenoiserCalls: state.DenoiserCalls, VJPCalls: state.VJPCalls,
		Resampled: state.Resampled, Seconds: elapsed(),
	}
	judge(out)
	event(progress("done", k, state, elapsed()))
	return out, nil
}

func progress(kind string, k sampler.Kernel, s *sampler.State, seconds float64) Event {
	e := Event{Kind: kind, Step: s.Step, Steps: k.Steps(), Seconds: seconds}
	if len(s.ESS) > 0 {
		e.ESS, e.Population = s.ESS[len(s.ESS)-1], s.N
	}
	return e
}

// stopped turns a failure in the loop into an error; a cancellation leaves a checkpoint.
func stopped(ctx context.Context, k sampler.Kernel, store *Store, s *sampler.State, err error, seconds float64) (*Outcome, error) {
	if ctx.Err() == nil {
		return nil, err
	}
	if s == nil {
		return nil, fmt.Errorf("%w before the first step", ErrCancelled)
	}
	if e := store.save(s, seconds); e != nil {
		return nil, errors.Join(ErrCancelled, e)
	}
	return nil, fmt.Errorf("%w after step %d of %d", ErrCancelled, s.Step, k.Steps())
}

// Reliable is the smallest share of the population that the ESS may fall to
// before a run is marked unreliable, and the smallest number of particles.
const (
	ReliableShare = 0.05
	ReliableCount = 100
)

// judge sets status and message from what the samples say of themselves.
func judge(o *Outcome) {
	s := o.Samples
	o.Status = OK
	for _, v := range s.X {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			o.Status, o.Message = NonFinite, "some points are not finite: take more steps or a smaller weight"
			return
		}
	}
	bad := 0
	for _, b := range s.Infeasible {
		if b {
			bad++
		}
	}
	if bad > 0 {
		o.Status = Infeasible
		o.Message = fmt.Sprintf("%d of %d points could not be made to obey every row: loosen the constraints or use twisted-smc, which drops such points by weight", bad, s.N)
		return
	}
	if s.HasESS && (s.ESSMin < ReliableShare*float64(s.Population) || s.ESSMin < ReliableCount) {
		o.Status = LowESS
		o.Message = fmt.Sprintf("the effective sample size fell to %.0f of %d: these samples are not reliable; raise method.particles, or loosen the constraints or lower a cost's weight", s.ESSMin, s.Population)
	}
}
