package run

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/method"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

const steps = 12

func kernel(t *testing.T, name string, workers int) sampler.Kernel {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	demo, err := problem.Demo()
	if err != nil {
		t.Fatal(err)
	}
	m, err := method.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	g, err := diffusion.Karras(diffusion.EDM{Min: 0.01, Max: 40, Rho: 7}, steps)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]method.Values{"twisted-smc": {"particles": 700, "ess_threshold": 0.95}} // resample often
	p := demo.Problem
	if strings.Contains(m.Needs, "measurement") {
		y, err := potential.NewMeasurement("y", [][]float64{{1, -0.5}}, []float64{1}, []float64{0.3})
		if err != nil {
			t.Fatal(err)
		}
		law := p.Prior
		if strings.Contains(m.Needs, "Gaussian prior") {
			if law, err = prior.NewGaussian([]float64{0.5, -1}, mat.NewSymDense(2, []float64{2, 0.6, 0.6, 1}), nil); err != nil {
				t.Fatal(err)
			}
		}
		if p, err = problem.New(law, nil, []potential.Potential{y}); err != nil {
			t.Fatal(err)
		}
	}
	k, err := m.New(e, p, method.Settings{
		Samples: 150, Seed: 3, Chunk: 64, Workers: workers, Grid: g,
		Bridge: remembering{sampler.DPMSolver{Grid: g}}, Trajectory: true,
		Values: values[name],
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// remembering is a bridge with memory and with noise: a multistep method, and
// something added to every point it leaves.
type remembering struct{ sampler.DPMSolver }

func (b remembering) Step(p sampler.Points, k int, mean sampler.Mean, noise func([]float64)) error {
	err := b.DPMSolver.Step(p, k, mean, noise)
	if n := make([]float64, len(p.Z)); err == nil && k+1 < b.Grid.Steps() {
		noise(n)
		for i := range n {
			p.Z[i] += 0.1 * b.Grid.B[k+1] * n[i]
		}
	}
	return err
}

func loop(t *testing.T, k sampler.Kernel, s *Store) *Outcome {
	t.Helper()
	o, err := Loop(context.Background(), k, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func same(t *testing.T, what string, a, b *Outcome) {
	t.Helper()
	eq := func(x, y []float64) bool {
		return slices.EqualFunc(x, y, func(p, q float64) bool { return math.Float64bits(p) == math.Float64bits(q) })
	}
	if !eq(a.Samples.X, b.Samples.X) || !eq(a.Samples.Trajectory, b.Samples.Trajectory) || !eq(a.Samples.LogW, b.Samples.LogW) || !slices.Equal(a.Samples.Ancestor, b.Samples.Ancestor) {
		t.Errorf("%s: the samples differ", what)
	}
	if math.Float64bits(a.Samples.LogEvidence) != math.Float64bits(b.Samples.LogEvidence) || !eq(a.ESS, b.ESS) ||
		a.DenoiserCalls != b.DenoiserCalls || a.VJPCalls != b.VJPCalls {
		t.Errorf("%s: evidence, ESS or costs differ", what)
	}
}

func TestWorkersDoNotChangeTheResult(t *testing.T) {
	for _, m := range method.Table {
		want := loop(t, kernel(t, m.Name, 1), nil)
		for _, w := range []int{2, 3, 8} {
			same(t, m.Name, loop(t, kernel(t, m.Name, w), nil), want)
		}
	}
}

// A run stopped after any step and continued by a fresh kernel from its
// checkpoint ends with the same bits.
func TestResumeIsIdentical(t *testing.T) {
	for _, m := range method.Table {
		want := loop(t, kernel(t, m.Name, 0), nil)
		for stop := 0; stop <= steps; stop++ {
			store := &Store{Folder: t.TempDir(), Key: "test"}
			ctx, cancel := context.WithCancel(context.Background())
			_, err := Loop(ctx, kernel(t, m.Name, 0), store, func(e Event) {
				if e.Step == stop {
					cancel()
				}
			})
			if stop == steps && err == nil {
				continue // a method whose end is too short to be stopped in
			}
			if !errors.Is(err, ErrCancelled) {
				t.Fatalf("%s: stopped after step %d: error %v", m.Name, stop, err)
			}
			same(t, m.Name, loop(t, kernel(t, m.Name, 0), store), want)
		}
	}
}

// halves is a kernel whose step changes the state twice and looks at the context
// between, as a method may that works chunk by chunk.
type halves struct{ between func() }

func (halves) Steps() int { return 3 }

func (halves) Start(context.Context) (*sampler.State, error) {
	return &sampler.State{N: 1, Dim: 1, Z: []float64{0}, LogW: []float64{0}, Ancestor: []int64{0}}, nil
}

func (h halves) Step(ctx context.Context, s *sampler.State) error {
	s.Z[0]++
	if h.between != nil && s.Step == 1 {
		h.between()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.Z[0] *= 2
	s.Step++
	return nil
}

func (halves) Finish(_ context.Context, s *sampler.State) (*sampler.Samples, error) {
	return &sampler.Samples{N: 1, Dim: 1, X: s.Z, LogW: s.LogW, Ancestor: s.Ancestor}, nil
}

// A run that is stopped in the middle of a step is not continued from half of it.
func TestStepsAreWhole(t *testing.T) {
	want := loop(t, halves{}, nil)
	store := &Store{Folder: t.TempDir(), Key: "halves"}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := Loop(ctx, halves{cancel}, store, nil); !errors.Is(err, ErrCancelled) {
		t.Fatalf("error %v", err)
	}
	same(t, "halves", loop(t, halves{}, store), want)
}

func TestCheckpointsAreChecked(t *testing.T) {
	folder := t.TempDir()
	store := &Store{Folder: folder, Key: "one"}
	if err := store.save(&sampler.State{N: 1, Dim: 1, Z: []float64{1}, LogW: []float64{0}, Ancestor: []int64{0}}, 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := (&Store{Folder: folder, Key: "two"}).load(); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Errorf("a checkpoint of another run was taken: %v", err)
	}
	raw, err := os.ReadFile(filepath.Join(folder, checkpointName))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 4, len(raw) / 2, len(raw) - 1} {
		if err := os.WriteFile(filepath.Join(folder, checkpointName), raw[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := store.load(); err == nil || !strings.Contains(err.Error(), checkpointName) {
			t.Errorf("a checkpoint cut to %d of %d bytes: error %v", n, len(raw), err)
		}
	}
}

func TestFolders(t *testing.T) {
	base := filepath.Join(t.TempDir(), "runs", "demo")
	f, err := Create(base, false, false, false)
	if err != nil {
		t.Fatal(err)
	}
	f.Close() // no checkpoint: nothing stays
	if _, err := os.Stat(base + ".partial"); err == nil {
		t.Error("an empty partial folder stayed")
	}
	if _, err := Create(base, true, false, false); err == nil {
		t.Error("resumed a run that is not there")
	}
	f, _ = Create(base, false, false, false)
	os.WriteFile(f.Path(checkpointName), []byte("x"), 0o600)
	f.Close()
	if _, err := Create(base, false, false, false); err == nil || !strings.Contains(err.Error(), "--resume") {
		t.Errorf("an unfinished run was overwritten: %v", err)
	}
	f, err = Create(base, true, false, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(base, checkpointName)); err == nil {
		t.Error("the checkpoint stayed in the finished folder")
	}
	if _, err := Create(base, false, false, false); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a finished run was overwritten: %v", err)
	}
	thesis := t.TempDir()
	os.WriteFile(filepath.Join(thesis, "thesis.txt"), nil, 0o600)
	if _, err := Create(thesis, false, false, true); err == nil || !strings.Contains(err.Error(), "no run folder") {
		t.Errorf("a folder that is no run was to be replaced: %v", err)
	}
	if got := Next(base); got != base+"-2" {
		t.Errorf("next folder is %s", got)
	}
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	if _, err := Create(filepath.Join(file, "run"), false, false, false); err == nil || !strings.Contains(err.Error(), "--out") {
		t.Errorf("a folder under a file: %v", err)
	}
}

func TestLowESSIsSaid(t *testing.T) {
	o := &Outcome{Samples: &sampler.Samples{N: 1, HasESS: true, ESSMin: 4, Population: 2000}}
	judge(o)
	if o.Status != LowESS || !strings.Contains(o.Message, "not reliable") {
		t.Errorf("status %s: %s", o.Status, o.Message)
	}
}
