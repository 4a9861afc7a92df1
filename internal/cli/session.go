package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"abide/dataio"
	"abide/internal/engine"
	"abide/method"
	"abide/report"
	"abide/run"
	"abide/sampler"
	"abide/spec"
)

// source reads the text of a spec, "-" being standard input.
func (a *app) source(name string) ([]byte, error) {
	if name == "-" {
		text, err := io.ReadAll(a.stdin)
		if err != nil {
			return nil, fmt.Errorf("reading the spec from standard input: %w", err)
		}
		return text, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usage(fmt.Errorf("spec: %w", err))
	}
	return text, nil
}

// job is one run with everything it needs.
type job struct {
	*app
	name      string // of the spec's file
	spec      *spec.Spec
	study     *study
	method    method.Method
	kernel    sampler.Kernel
	folder    *run.Folder
	manifest  *manifest
	setup     time.Duration
	begin     time.Time
	resumed   bool
	overrides []string
}

// runOne carries out one run. Everything that can be wrong with the spec is
// found before the folder is made, and the folder is made before a prior is
// trained, so that nobody waits for minutes to be told that a disk is read-only.
func (a *app) runOne(ctx context.Context, name string, s *spec.Spec, overrides []string, f runFlags, again string) (_ *finished, err error) {
	j := &job{app: a, name: name, spec: s, begin: time.Now(), resumed: f.resume, overrides: overrides}
	e, err := openEngine(s)
	if err != nil {
		return nil, err
	}
	if err := j.bind(e); err != nil {
		return nil, err
	}
	if j.folder, err = run.Create(f.out, f.resume, f.restart, f.force); err != nil {
		return nil, err
	}
	defer func() { j.leave(err) }()
	if err := j.ready(ctx, e); err != nil {
		return nil, err
	}
	o, err := j.loop(ctx, f.checkpoint)
	if errors.Is(err, run.ErrCancelled) {
		return nil, fmt.Errorf("%w; continue with: %s", err, again)
	}
	if err != nil {
		return nil, err
	}
	r, err := j.write(o)
	if err != nil {
		return nil, err
	}
	if err := j.folder.Finish(); err != nil {
		return nil, err
	}
	return &finished{Folder: j.folder.Name, Seed: j.manifest.Seed, Overrides: overrides, Report: r}, nil
}

// openEngine opens the backend of a spec; one that is not there is a fault of the spec.
func openEngine(s *spec.Spec) (*engine.Engine, error) {
	e, err := engine.Open(s.Run.String("backend"))
	if err != nil {
		return nil, s.Run.Errorf("backend", "%v; abide doctor tells more", err)
	}
	return e, nil
}

// bind checks the spec against its data and its method against the problem.
func (j *job) bind(e *engine.Engine) (err error) {
	if j.study, err = newStudy(j.spec, baseName(j.name)); err != nil {
		return err
	}
	if err = j.study.refer(); err != nil {
		return err
	}
	if j.method, err = method.Find(j.spec.Method.Kind); err != nil {
		return err
	}
	return j.newKernel(e)
}

// maxNumbers bounds samples × columns: two GiB for one copy of the points.
const maxNumbers = 1 << 28

func (j *job) newKernel(e *engine.Engine) error {
	n, d := j.spec.Run.Int("samples"), j.study.problem.Dim()
	if n > maxNumbers/d {
		return j.spec.Run.Errorf("samples", "%d samples of %d columns do not fit into memory; allowed: up to %d", n, d, maxNumbers/d)
	}
	settings, err := newSettings(j.spec)
	if err != nil {
		return err
	}
	if levels := len(settings.Grid.A); settings.Trajectory && n > maxNumbers/d/levels {
		return j.spec.Run.Errorf("trajectory", "%d levels of %d samples of %d columns do not fit into memory; allowed: up to %d samples", levels, n, d, maxNumbers/d/levels)
	}
	if j.kernel, err = j.method.New(e, j.study.problem, settings); err != nil {
		return j.spec.Method.Errorf("kind", "%v", err)
	}
	return nil
}

// ready trains or loads the prior's network where it has one, and writes down what is run.
func (j *job) ready(ctx context.Context, e *engine.Engine) error {
	p, err := j.trained(ctx, e, j.spec, j.study.problem.Prior)
	if err != nil {
		return err
	}
	if p != j.study.problem.Prior {
		j.study.problem.Prior = p
		if err := j.newKernel(e); err != nil {
			return err
		}
	}
	m := newManifest()
	m.Backend, m.BackendIs, m.Seed = e.Name(), e.Description(), j.spec.Run.Int("seed")
	m.Spec, m.Overrides, m.SpecHash = j.name, j.overrides, j.spec.Hash()
	m.Prior = manifestPrior{Kind: p.Kind, Fingerprint: p.Fingerprint, Description: p.Describe}
	m.Method, m.References, m.Started = j.method.Name, referencesOf(j.method, j.spec), j.begin.UTC().Truncate(time.Second)
	j.manifest = m
	j.setup = time.Since(j.begin)
	return nil
}

// loop walks the kernel to its end, with progress and checkpoints.
func (j *job) loop(ctx context.Context, every time.Duration) (*run.Outcome, error) {
	store := &run.Store{Folder: j.folder.Path(""), Key: j.manifest.SpecHash + " " + j.manifest.Prior.Fingerprint + " " + version, Every: every}
	bar := j.progress("sampling", j.kernel.Steps())
	defer bar.end()
	return run.Loop(ctx, j.kernel, store, func(e run.Event) {
		j.folder.Event(e)
		detail := ""
		if e.Population > 0 {
			detail = fmt.Sprintf("  ESS %.0f of %d", e.ESS, e.Population)
		}
		bar.at(e.Step, detail)
	})
}

// write puts the results into the folder in the making.
func (j *job) write(o *run.Outcome) (*report.Report, error) {
	j.manifest.Seconds = manifestSeconds{Setup: j.setup.Seconds(), Loop: o.Seconds, Total: time.Since(j.begin).Seconds()}
	r := newReport(j.study, j.method, o, j.setup.Seconds())
	in := newInput(j.study, r, o.Samples, o.ESS, j.manifest)
	resolved, err := j.spec.ResolvedFor(j.folder.Name)
	if err != nil {
		return nil, err
	}
	s := o.Samples
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"spec.toml", func(w io.Writer) error { _, err := w.Write(resolved); return err }},
		{"samples.npz", func(w io.Writer) error { return writeSamples(w, s) }},
		{"samples.csv", func(w io.Writer) error { return writeSamplesCSV(w, in.Names, s) }},
		{"report.json", func(w io.Writer) error { return report.WriteJSON(w, r) }},
		{"report.html", func(w io.Writer) error { return report.WriteHTML(w, in) }},
		{"figure.svg", func(w io.Writer) error { return report.WriteFigure(w, in) }},
		{"manifest.json", j.manifest.write},
	} {
		if err := dataio.WriteFile(j.folder.Path(file.name), file.write); err != nil {
			return nil, fmt.Errorf("%w: make room, or choose another place with --out", err)
		}
	}
	return r, nil
}

// leave cleans up after a failure: a stopped run and one that was resumed keep
// their checkpoint, anything else leaves nothing.
func (j *job) leave(err error) {
	switch {
	case err == nil:
	case j.resumed, errors.Is(err, run.ErrCancelled):
		j.folder.Close()
	default:
		j.folder.Discard()
	}
}
