package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/method"
	"abide/problem"
	"abide/run"
	"abide/sampler"
)

// modesRow is one method on one problem: a file of the folder.
type modesRow struct {
	Dim      int     `json:"dim"`
	Measured int     `json:"dy"`
	Sigma    float64 `json:"sigma"`
	Problem  int     `json:"problem"`
	Method   string  `json:"method"`

	SW1        *float64 `json:"sliced_w1"`       // to exact set 0; null where the run failed
	Floor      float64  `json:"floor_sliced_w1"` // mean of exact sets to it
	ESSFinal   *float64 `json:"ess_final,omitempty"`
	ESSMin     *float64 `json:"ess_min,omitempty"`
	Population int      `json:"population,omitempty"`
	LogZ       *float64 `json:"log_evidence,omitempty"`
	LogZStdErr *float64 `json:"log_evidence_stderr,omitempty"`
	LogZExact  float64  `json:"log_evidence_exact"`
	Failure    string   `json:"failure,omitempty"`
	Seconds    float64  `json:"seconds"`
}

func (r *modesRow) file() string {
	return fmt.Sprintf("d%d-dy%d-sigma%g-%03d-%s.json", r.Dim, r.Measured, r.Sigma, r.Problem, r.Method)
}

// benchInverse fills the folder and prints the table.
func (a *app) benchInverse(ctx context.Context, t *modesTable) error {
	if err := openModes(t); err != nil {
		return err
	}
	e, err := engine.Open("go")
	if err != nil {
		return err
	}
	total := len(t.Dims) * len(t.Measured) * len(t.Sigma) * t.Problems
	bar := a.progress("problems", total)
	defer bar.end()
	var rows []*modesRow
	done := 0
	for _, d := range t.Dims {
		for _, m := range t.Measured {
			for _, sigma := range t.Sigma {
				for i := range t.Problems {
					bar.at(done, fmt.Sprintf("  d %d, dy %d, σ %g", d, m, sigma))
					some, err := t.problem(ctx, e, d, m, sigma, i)
					if err != nil {
						return err
					}
					rows = append(rows, some...)
					done++
				}
			}
		}
	}
	bar.end()
	return a.printModes(t, rows)
}

// openModes makes the folder, or checks that it holds results of the same settings.
func openModes(t *modesTable) error {
	old, same, err := openResults(t.out, t.modesSettings)
	if err != nil || same {
		return err
	}
	return usage(fmt.Errorf("bench: %s holds results of %d steps, %d samples, %d directions and floors of %d sets, not of %d, %d, %d and %d: name another folder with --out",
		t.out, old.Steps, old.Samples, old.Directions, old.FloorSets, t.Steps, t.Samples, t.Directions, t.FloorSets))
}

// problem are the rows of one problem: those of the folder, and what is missing.
func (t *modesTable) problem(ctx context.Context, e *engine.Engine, d, m int, sigma float64, number int) ([]*modesRow, error) {
	var q *problem.Modes
	var exact []float64
	var floor float64
	rows := make([]*modesRow, len(t.Methods))
	for i, name := range t.Methods {
		r := &modesRow{Dim: d, Measured: m, Sigma: sigma, Problem: number, Method: name}
		rows[i] = r
		file := filepath.Join(t.out, r.file())
		found, err := readResult(file, r)
		if err != nil {
			return nil, err
		}
		if found {
			continue
		}
		if q == nil {
			if q, err = problem.NewModes(d, m, sigma, number); err != nil {
				return nil, err
			}
			exact = q.Exact(t.Samples, 0)
			for i := range t.FloorSets {
				floor += diagnose.SlicedWasserstein1(q.Exact(t.Samples, i+1), nil, exact, nil, d, t.Directions, 1) / float64(t.FloorSets)
			}
		}
		r.Floor, r.LogZExact = floor, q.LogEvidence
		if err := t.judge(ctx, e, q, exact, r); err != nil {
			return nil, err
		}
		if err := writeWhole(file, r); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// judge runs a method on a problem and measures what came out.
func (t *modesTable) judge(ctx context.Context, e *engine.Engine, q *problem.Modes, exact []float64, r *modesRow) error {
	p, name := q.Problem, r.Method
	if name == exactMethod {
		p, name = &problem.Problem{Prior: q.Posterior}, "none"
	}
	m, err := method.Find(name)
	if err != nil {
		return err
	}
	grid, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 25}, t.Steps)
	if err != nil {
		return err
	}
	bridge, err := sampler.NewEulerMaruyama(grid)
	if err != nil {
		return err
	}
	s := method.Settings{Samples: t.Samples, Seed: uint64(r.Problem), Grid: grid, Bridge: bridge, Values: method.Values{}}
	for _, key := range m.Parameters {
		if key.Name == "particles" { // as many points for all
			s.Values[key.Name] = t.Samples
		}
	}
	k, err := m.New(e, p, s)
	if err != nil {
		return err
	}
	o, err := run.Loop(ctx, k, nil, nil)
	if errors.Is(err, run.ErrCancelled) {
		return err
	}
	if err != nil {
		r.Failure = err.Error()
		return nil
	}
	r.Seconds = o.Seconds
	x := o.Samples
	sw := diagnose.SlicedWasserstein1(x.X, diagnose.Weights(x.LogW), exact, nil, x.Dim, t.Directions, 1)
	r.SW1 = &sw
	if x.HasESS {
		r.ESSFinal, r.ESSMin, r.Population = &x.ESSFinal, &x.ESSMin, x.Population
	}
	if x.HasEvidence {
		r.LogZ, r.LogZStdErr = &x.LogEvidence, &x.EvidenceStd
	}
	return nil
}
