package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"time"

	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/method"
	"abide/problem"
	"abide/run"
	"abide/sampler"
)

// pdeRow is one run: a file of the folder.
type pdeRow struct {
	Family  string  `json:"family"`
	Method  string  `json:"method"`
	Seed    int     `json:"seed"`
	Setting setting `json:"setting,omitempty"`

	Score   *pdeScore `json:"score"` // null where the run failed
	Failure string    `json:"failure,omitempty"`

	Calls   int64   `json:"denoiser_calls"`
	VJPs    int64   `json:"vjps"`
	Seconds float64 `json:"seconds"`
	Memory  float64 `json:"peak_heap_bytes"`
}

// pdeFloor is what independent draws of the conditional law have on average.
type pdeFloor struct {
	MMSE float64 `json:"mmse"` // exactly: the mean variance over N
	SMSE float64 `json:"smse"`
}

// pdeCase is a family with what its runs are compared with.
type pdeCase struct {
	*problem.Fields
	truth []float64 // draws
	floor pdeFloor
}

func (t *pdeTable) prepare(family string) (*pdeCase, error) {
	f, err := problem.NewFields(family, t.grid(family))
	if err != nil {
		return nil, err
	}
	c := &pdeCase{Fields: f, truth: f.Draw(rand.New(keyed.New(0, "pde truth", 0, 0)), t.Truth)}
	name := filepath.Join(t.out, family+"-floor.json")
	found, err := readResult(name, &c.floor)
	if err != nil || found {
		return c, err
	}
	for _, s := range f.SD {
		c.floor.MMSE += s * s / float64(t.Samples*len(f.SD))
	}
	even := slices.Repeat([]float64{1 / float64(t.Samples)}, t.Samples)
	for k := range t.FloorSets {
		if c.floor.MMSE == 0 {
			break // one field: what is left is rounding
		}
		_, smse := fieldErrors(f, f.Draw(rand.New(keyed.New(0, "pde floor", k, 0)), t.Samples), even)
		c.floor.SMSE += smse / float64(t.FloorSets)
	}
	return c, writeWhole(name, c.floor)
}

// run is a run of a method with a setting, or what the folder has of it.
func (t *pdeTable) run(ctx context.Context, e *engine.Engine, c *pdeCase, name string, seed int, s setting, file string) (*pdeRow, error) {
	file = filepath.Join(t.out, file)
	if name == exactMethod {
		s = setting{"sampler": "dpm-solver++"} // of order 2: what is left is the law's own noise
	}
	r := &pdeRow{}
	found, err := readResult(file, r)
	if err != nil || found && fmt.Sprint(r.Setting) == fmt.Sprint(s) { // of other settings: again
		return r, err
	}
	*r = pdeRow{Family: c.Name, Method: name, Seed: seed, Setting: s}
	if name == iidMethod {
		x := c.Draw(rand.New(keyed.New(uint64(seed), "pde i.i.d.", 0, 0)), t.Samples)
		r.Score = c.score(x, nil)
		return r, writeWhole(file, r)
	}
	p, row := c.Problem, name
	if name == exactMethod {
		if c.Truth == nil {
			r.Failure = "the conditional law is one field: there is no flow to it"
			return r, writeWhole(file, r)
		}
		p, row = &problem.Problem{Prior: c.Truth}, "none"
	}
	m, err := method.Find(row)
	if err != nil {
		return nil, err
	}
	k, err := pdeKernel(e, m, p, t.Steps, t.Samples, seed, s)
	var unsupported *problem.UnsupportedError
	if errors.As(err, &unsupported) {
		r.Failure = err.Error()
		return r, writeWhole(file, r)
	}
	if err != nil {
		return nil, err
	}
	stop := watchHeap(&r.Memory)
	o, err := run.Loop(ctx, k, nil, nil)
	stop()
	if errors.Is(err, run.ErrCancelled) {
		return nil, err
	}
	if err != nil {
		r.Failure = err.Error()
		return r, writeWhole(file, r)
	}
	r.Calls, r.VJPs, r.Seconds = o.DenoiserCalls, o.VJPCalls, o.Seconds
	var w []float64
	if m.Weighted {
		w = diagnose.Weights(o.Samples.LogW)
	}
	r.Score = c.score(o.Samples.X, w)
	return r, writeWhole(file, r)
}

// pdeKernel binds a method under the straight path of flow matching; rows that are Heun's
// steps in σ have the levels that they are published with, for a step in σ from the
// flow's first level, where σ is without bound, means nothing.
func pdeKernel(e *engine.Engine, m method.Method, p *problem.Problem, steps, samples, seed int, s setting) (sampler.Kernel, error) {
	grid, err := diffusion.Uniform(diffusion.Flow{}, steps)
	if m.Bridge == "Heun" {
		grid, err = diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}, steps)
	}
	if err != nil {
		return nil, err
	}
	v, bridge, err := s.split(m, grid)
	if err != nil {
		return nil, err
	}
	return m.New(e, p, method.Settings{Samples: samples, Seed: uint64(seed), Grid: grid, Bridge: bridge, Values: v})
}

// watchHeap keeps the largest size of the objects on the heap until it is stopped, as
// seen every 10 ms: what the process held before, a family's prior say, is in it.
func watchHeap(most *float64) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	look := func() {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		*most = math.Max(*most, float64(s[0].Value.Uint64()))
	}
	go func() {
		defer close(ended)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			look()
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(done); <-ended }
}

// benchPDE fills the folder and prints the table, or chooses settings.
func (a *app) benchPDE(ctx context.Context, t *pdeTable) error {
	old, same, err := openResults(t.out, t.pdeSettings)
	if err != nil {
		return err
	}
	if !same {
		return usage(fmt.Errorf("bench: %s holds results of %+v, not of %+v: name another folder with --out", t.out, old, t.pdeSettings))
	}
	e, err := engine.Open("go")
	if err != nil {
		return err
	}
	if t.choose {
		return a.choosePDE(ctx, e, t)
	}
	bar := a.progress("runs", len(t.Families)*len(t.Methods)*len(t.Seeds))
	defer bar.end()
	var cells []*pdeCell
	done := 0
	for _, family := range t.Families {
		c, err := t.prepare(family)
		if err != nil {
			return err
		}
		for _, name := range t.Methods {
			choices, err := pdeChoicesOf("", name)
			if err != nil {
				return err
			}
			s, tried := choices.of(family)
			var rows []*pdeRow
			for _, seed := range t.Seeds {
				bar.at(done, fmt.Sprintf("  %s, %s, seed %d", family, name, seed))
				r, err := t.run(ctx, e, c, name, seed, s, fmt.Sprintf("%s-%s-%d.json", family, name, seed))
				if err != nil {
					return err
				}
				rows = append(rows, r)
				done++
			}
			cells = append(cells, newPDECell(rows, c.floor, tried))
		}
	}
	bar.end()
	return a.printPDE(t, cells)
}
