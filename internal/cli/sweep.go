package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"abide/report"
	"abide/run"
	"abide/spec"
)

// sweep does one run for each list of overrides, in one folder, and compares
// them. All specs are checked before the first run; a run that fails is
// recorded and the others go on.
func (a *app) sweep(ctx context.Context, name string, text []byte, sweep [][]string, f runFlags) error {
	if f.resume && f.out == "" {
		return usage(errors.New("--resume of a sweep needs its folder: name it with --out"))
	}
	specs := make([]*spec.Spec, len(sweep))
	for i, overrides := range sweep {
		var err error
		if specs[i], err = spec.Parse(name, text, overrides); err != nil {
			return err
		}
	}
	if f.out == "" {
		f.out = run.Next(filepath.Join("runs", baseName(name)+"-sweep"))
	}
	varying := varies(sweep)
	var runs []*finished
	var failed error
	for i, overrides := range sweep {
		one := f
		one.out = filepath.Join(f.out, fileName(pick(overrides, varying)))
		a.note("run %d of %d: %s", i+1, len(sweep), strings.Join(pick(overrides, varying), " "))
		done, err := a.sweepOne(ctx, name, specs[i], overrides, one, fmt.Sprintf("the same command with --out %s --resume", f.out))
		if errors.Is(err, run.ErrCancelled) {
			return err
		}
		if err != nil {
			a.note("run %d failed: %v", i+1, err)
			failed = errors.Join(failed, fmt.Errorf("run %d (%s): %w", i+1, strings.Join(overrides, " "), err))
			continue
		}
		runs = append(runs, done)
	}
	if err := a.printReports(f.out, runs); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	for _, d := range runs {
		failed = errors.Join(failed, d.strict(f.strict))
	}
	return failed
}

// sweepOne does one run of a sweep. With --resume a finished one is kept and an
// unfinished one continues.
func (a *app) sweepOne(ctx context.Context, name string, s *spec.Spec, overrides []string, f runFlags, again string) (*finished, error) {
	if f.resume {
		if r, err := readReport(f.out); err == nil {
			return &finished{Folder: f.out, Seed: s.Run.Int("seed"), Overrides: overrides, Report: r}, nil
		}
		_, err := os.Stat(f.out + run.Unfinished)
		f.resume = err == nil
	}
	return a.runOne(ctx, name, s, overrides, f, again)
}

// varies tells which places of the overrides differ between the runs.
func varies(sweep [][]string) []bool {
	out := make([]bool, len(sweep[0]))
	for _, overrides := range sweep {
		for i, o := range overrides {
			out[i] = out[i] || o != sweep[0][i]
		}
	}
	return out
}

func pick(overrides []string, wanted []bool) []string {
	var out []string
	for i, o := range overrides {
		if wanted[i] {
			out = append(out, o)
		}
	}
	return out
}

// fileName makes overrides into the name of a folder.
func fileName(overrides []string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._=-", r):
			return r
		}
		return '-'
	}, strings.Join(overrides, ","))
}

// printReports compares the runs of a sweep, or prints them as one document.
// folder is empty for a single run.
func (a *app) printReports(folder string, runs []*finished) error {
	if a.json {
		return a.printRunsJSON(folder, runs)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 3, ' ', 0)
	head := "run\tstatus\tfeasible\tleast ESS\tlog evidence\t"
	judged := slices.ContainsFunc(runs, func(d *finished) bool { return d.Report.Reference != nil })
	if judged {
		head += "distance\tfloor\tsliced W₁\tfloor\t"
	}
	scored := slices.ContainsFunc(runs, func(d *finished) bool { return d.Report.Recovery != nil })
	if scored {
		head += "RMSE\tCRPS\tin 90 %\t"
	}
	fmt.Fprintln(w, head+"time\t")
	for _, d := range runs {
		r := d.Report
		cells := []string{filepath.Base(d.Folder), r.Status, "-", "-", "-"}
		if r.FeasibleFraction != nil {
			cells[2] = fmt.Sprintf("%.4g %%", 100**r.FeasibleFraction)
		}
		if r.ESS != nil {
			cells[3] = fmt.Sprintf("%.0f of %d", r.ESS.Min, r.Population)
		}
		if r.LogEvidence != nil {
			cells[4] = fmt.Sprintf("%.4g ± %.2g", r.LogEvidence.Value, r.LogEvidence.StdErr)
		}
		if judged {
			cells = append(cells, distances(r.Reference)...)
		}
		if c := r.Recovery; c != nil {
			cells = append(cells, fmt.Sprintf("%.3g", c.RMSE), fmt.Sprintf("%.3g", c.CRPS), fmt.Sprintf("%.1f %%", 100*c.Coverage))
		} else if scored {
			cells = append(cells, "-", "-", "-")
		}
		cells = append(cells, fmt.Sprintf("%.2g s", r.Cost.Seconds))
		fmt.Fprintln(w, strings.Join(cells, "\t")+"\t")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !a.quiet {
		fmt.Fprintf(a.stdout, "\nwrote %s, a run folder with report.html for each\n", folder+string(filepath.Separator))
	}
	return nil
}

// distances are the cells of a run measured by the exact law.
func distances(d *report.Reference) []string {
	cells := []string{"-", "-", "-", "-"}
	if d != nil {
		cells[0], cells[1] = fmt.Sprintf("%.3g", d.Distance), fmt.Sprintf("%.3g", d.Floor)
		if d.Sliced != nil {
			cells[2], cells[3] = fmt.Sprintf("%.3g", d.Sliced.Distance), fmt.Sprintf("%.3g", d.Sliced.Floor)
		}
	}
	return cells
}

// printRunsJSON writes one run as an object, a sweep as a list of them.
func (a *app) printRunsJSON(folder string, runs []*finished) error {
	type document struct {
		*finished
		Report json.RawMessage `json:"report"`
	}
	documents := []document{}
	for _, d := range runs {
		var b bytes.Buffer
		if err := report.WriteJSON(&b, d.Report); err != nil {
			return err
		}
		documents = append(documents, document{d, b.Bytes()})
	}
	if folder == "" {
		return a.printJSON(documents[0])
	}
	return a.printJSON(map[string]any{"folder": folder, "runs": documents})
}
