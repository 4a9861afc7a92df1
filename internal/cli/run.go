package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abide/report"
	"abide/run"
	"abide/spec"
)

// runFlags are the flags of `abide run`.
type runFlags struct {
	out                            string
	resume, restart, force, strict bool
	checkpoint                     time.Duration
	keys                           keyFlags
}

// keyFlags are flags that stand for a key of the spec.
type keyFlags struct{ seed, backend, workers string }

func (k *keyFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.seed, "seed", "", "the same as run.seed=N")
	cmd.Flags().StringVar(&k.backend, "backend", "", "go, xla or auto; the same as run.backend=…")
	cmd.Flags().StringVar(&k.workers, "workers", "", "threads, 0 for all cores; the same as run.workers=N")
}

// overrides are the flags given, as overrides.
func (k *keyFlags) overrides() []string {
	var out []string
	for _, f := range []struct{ key, value string }{{"run.seed", k.seed}, {"run.backend", k.backend}, {"run.workers", k.workers}} {
		if f.value != "" {
			out = append(out, f.key+"="+f.value)
		}
	}
	return out
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run SPEC [key=value…]",
		Short: "Run a spec: samples, weights and a report in a run folder",
		Long: `Run a spec and write a run folder: samples.npz and samples.csv, report.html and report.json,
figure.svg, the resolved spec.toml, manifest.json and events.jsonl.

SPEC is a TOML file, or - for standard input. Every key can be overridden; a list for a key
that takes a single value makes one run for each of its values. The folder is runs/<name of
the spec> unless --out says otherwise. An interrupted run continues with --resume, to the
same bytes as one that was never stopped.`,
		Example: `  abide run examples/concrete/mix.toml
  abide run spec.toml 'method.kind=[project,twisted-smc]' run.samples=2000 --seed 3`,
		Args: needsSpec,
		RunE: a.does(func(ctx context.Context, args []string) error {
			return a.run(ctx, args[0], append(args[1:], f.keys.overrides()...), f)
		}),
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "out", "o", "", "run folder (default runs/<name of the spec>, numbered)")
	flags.BoolVar(&f.resume, "resume", false, "continue the unfinished run of this folder")
	flags.BoolVar(&f.restart, "restart", false, "discard the unfinished run of this folder")
	flags.BoolVar(&f.force, "force", false, "replace the finished run of this folder")
	flags.BoolVar(&f.strict, "strict", false, "exit with 3 when a check fails: a status other than ok, or a broken row")
	flags.DurationVar(&f.checkpoint, "checkpoint", 2*time.Second, "least time between two checkpoints")
	f.keys.add(cmd)
	return cmd
}

// needsSpec asks for a spec and says so.
func needsSpec(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s needs a spec: a TOML file, or - for standard input", cmd.CommandPath())
	}
	return nil
}

// run does one run, or one for each combination of a sweep.
func (a *app) run(ctx context.Context, name string, overrides []string, f runFlags) error {
	if f.resume && f.restart {
		return usage(fmt.Errorf("--resume and --restart exclude each other: continue the unfinished run, or discard it"))
	}
	text, err := a.source(name)
	if err != nil {
		return err
	}
	sweep, err := spec.Sweep(overrides)
	if err != nil {
		return usage(err)
	}
	if len(sweep) > 1 {
		return a.sweep(ctx, name, text, sweep, f)
	}
	s, err := spec.Parse(name, text, overrides)
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = run.Next(filepath.Join("runs", baseName(name)))
	}
	again := fmt.Sprintf("abide run %s%s --out %s --resume", name, spaced(overrides), f.out)
	done, err := a.runOne(ctx, name, s, overrides, f, again)
	if err != nil {
		return err
	}
	if err := a.printRun(name, done); err != nil {
		return err
	}
	return done.strict(f.strict)
}

// finished is what a run leaves for the terminal.
type finished struct {
	Folder    string         `json:"folder"`
	Seed      int            `json:"seed"`
	Overrides []string       `json:"overrides"`
	Report    *report.Report `json:"-"`
}

// strict fails where the run is not to be relied on.
func (d *finished) strict(wanted bool) error {
	r := d.Report
	switch {
	case !wanted:
	case r.Status != report.StatusOK:
		return fmt.Errorf("%w: status %s: %s", errStrict, r.Status, r.Message)
	case r.FeasibleFraction != nil && *r.FeasibleFraction < 1:
		return fmt.Errorf("%w: %.4g %% of the samples obey every constraint: use method twisted-smc, or project", errStrict, 100**r.FeasibleFraction)
	}
	return nil
}

// printRun writes the result of one run to stdout.
func (a *app) printRun(name string, d *finished) error {
	if a.json {
		return a.printReports("", []*finished{d})
	}
	if err := report.Table(a.stdout, d.Report, a.color()); err != nil {
		return err
	}
	if !a.quiet {
		fmt.Fprintf(a.stdout, "\nwrote %s  report.html  figure.svg  samples.csv  samples.npz  spec.toml\n", d.Folder+string(filepath.Separator))
		fmt.Fprintf(a.stdout, "next  open %s     abide cite %s     abide run %s --seed %d\n",
			filepath.Join(d.Folder, "report.html"), d.Folder, name, d.Seed+1)
	}
	return nil
}

// baseName is the name of a spec without folder and ending.
func baseName(name string) string {
	if name == "-" {
		return "stdin"
	}
	return strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
}

// spaced is a list of arguments as they stand after a command.
func spaced(args []string) string {
	var b strings.Builder
	for _, s := range args {
		if strings.ContainsAny(s, " \"'[]{}()$*<>&|;") {
			s = "'" + s + "'"
		}
		b.WriteString(" " + s)
	}
	return b.String()
}
