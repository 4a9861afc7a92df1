package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"abide/dataio"
	"abide/report"
	"abide/run"
	"abide/spec"
)

func (a *app) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report FOLDER",
		Short: "Render the page and the figure of a run folder again, and print its table",
		Long: `Render report.html and figure.svg of a finished run again, from its samples, spec and data,
and print its table. Nothing is sampled and no prior is trained.`,
		Example: "  abide report runs/mix\n  abide report runs/mix --json",
		Args:    needsFolder,
		RunE:    a.does(func(_ context.Context, args []string) error { return a.report(args[0]) }),
	}
}

func needsFolder(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s needs one run folder, such as runs/mix", cmd.CommandPath())
	}
	return nil
}

func (a *app) report(folder string) error {
	m, err := readManifest(folder)
	if err != nil {
		return err
	}
	r, err := readReport(folder)
	if err != nil {
		return usage(err)
	}
	in, err := readInput(folder, r, m)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"report.html", func(w io.Writer) error { return report.WriteHTML(w, in) }},
		{"figure.svg", func(w io.Writer) error { return report.WriteFigure(w, in) }},
	} {
		if err := dataio.WriteFile(filepath.Join(folder, file.name), file.write); err != nil {
			return err
		}
	}
	if a.json {
		return report.WriteJSON(a.stdout, r)
	}
	if err := report.Table(a.stdout, r, a.color()); err != nil {
		return err
	}
	a.note("wrote %s and figure.svg", filepath.Join(folder, "report.html"))
	return nil
}

// readInput gathers what the page is made of from a run folder.
func readInput(folder string, r *report.Report, m *manifest) (*report.Input, error) {
	s, err := spec.Load(filepath.Join(folder, "spec.toml"), nil)
	if err != nil {
		return nil, err
	}
	st, err := newStudy(s, r.Title)
	if err != nil {
		return nil, fmt.Errorf("%w (the data of the run must still be where they were)", err)
	}
	if err := st.refer(); err != nil {
		return nil, err
	}
	samples, err := readSamples(folder)
	if err != nil {
		return nil, err
	}
	if samples.Dim != st.problem.Dim() {
		return nil, usage(fmt.Errorf("%s: samples have %d columns, the data of its spec %d: the data have changed", folder, samples.Dim, st.problem.Dim()))
	}
	trace, err := readTrace(filepath.Join(folder, "events.jsonl"))
	if err != nil {
		return nil, err
	}
	return newInput(st, r, samples, trace, m), nil
}

func readReport(folder string) (*report.Report, error) {
	f, err := os.Open(filepath.Join(folder, "report.json"))
	if err != nil {
		return nil, fmt.Errorf("%s is no finished run folder: %w", folder, err)
	}
	defer f.Close()
	r, err := report.ReadJSON(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return r, nil
}

// readTrace is the ESS after each step from events.jsonl; a resumed run may have
// walked a step twice, to the same result.
func readTrace(path string) ([]float64, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var trace []float64
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var e run.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			continue // a line cut short by a kill
		}
		if e.Population == 0 || (e.Kind != "start" && e.Kind != "step") {
			continue
		}
		if e.Step < len(trace) {
			trace = trace[:e.Step]
		}
		if e.Step == len(trace) {
			trace = append(trace, e.ESS)
		}
	}
	return trace, lines.Err()
}
