package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abide/dataio"
	"abide/sampler"
	"abide/spec"
)

// likelihoodFlags are the flags of `abide likelihood`.
type likelihoodFlags struct {
	out              string
	probes           int
	noise, tolerance float64
	keys             keyFlags
}

func (a *app) likelihoodCommand() *cobra.Command {
	var f likelihoodFlags
	cmd := &cobra.Command{
		Use:   "likelihood SPEC [DATA] [key=value…]",
		Short: "Print log p(x) of the rows of a file under a spec's prior",
		Long: `Print the log-density of rows under the prior of a spec, in the units of its columns, natural
logarithm; constraints and potentials are not looked at.

DATA is a csv, npy or npz file with the prior's columns; without it the rows are those of
[report] data, or the prior's own. The density comes from the probability flow of the denoiser:
exactly up to 64 columns, and above by random probes, whose standard error is a column of the
output. The column error is the integrator's own estimate; where it is large the flow is rough
there, and the value is not to be relied on. A network is asked no nearer to the data than its
resolution: the density is that of points with so much noise. Results are csv on stdout, or in
the file of --out, or JSON with --json.`,
		Example: `  abide likelihood spec.toml held-out.csv
  abide likelihood spec.toml held-out.csv --probes 32 --out logp.csv`,
		Args: needsSpec,
		RunE: a.does(func(ctx context.Context, args []string) error { return a.likelihood(ctx, args[0], args[1:], f) }),
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "out", "o", "", "write the csv to this file")
	flags.IntVar(&f.probes, "probes", 0, "random probes of the divergence; 0: exact up to 64 columns, else 16; -1: exact")
	flags.Float64Var(&f.noise, "noise", 0, "density of the prior with this much noise, in standard deviations of each column; 0: none, or the resolution of a network")
	flags.Float64Var(&f.tolerance, "tolerance", 1e-6, "error of the integrator in each step")
	f.keys.add(cmd)
	return cmd
}

// likelihoodResult is what `abide likelihood --json` prints.
type likelihoodResult struct {
	Rows   int       `json:"rows"`
	Mean   float64   `json:"mean"`   // of logp
	StdErr float64   `json:"stderr"` // of the mean: rows as draws, and the probes
	Median float64   `json:"median"`
	Noise  float64   `json:"noise"` // in standard deviations of the columns
	Exact  bool      `json:"exact_divergence"`
	Calls  int64     `json:"denoiser_calls"`
	LogP   []float64 `json:"logp"`
	Probes []float64 `json:"logp_stderr,omitempty"`
	Error  []float64 `json:"logp_error"`
}

func (a *app) likelihood(ctx context.Context, name string, args []string, f likelihoodFlags) error {
	data := ""
	if len(args) > 0 && !strings.Contains(args[0], "=") {
		data, args = args[0], args[1:]
	}
	if bad := math.Min(f.noise, f.tolerance); !(bad >= 0) || f.tolerance < 1e-13 || math.IsInf(f.noise, 0) || f.tolerance > 1 {
		return usage(fmt.Errorf("likelihood: --noise %g, --tolerance %g: noise must be finite and at least 0, the tolerance between 1e-13 and 1", f.noise, f.tolerance))
	}
	if f.probes < -1 || f.probes == 1 || f.probes > 4096 {
		return usage(fmt.Errorf("likelihood: --probes %d: from 2 to 4096, 0 for the default or -1 for an exact divergence", f.probes))
	}
	text, err := a.source(name)
	if err != nil {
		return err
	}
	s, err := spec.Parse(name, text, append(args, f.keys.overrides()...))
	if err != nil {
		return err
	}
	if isTrained(s.Prior) && s.Prior.Float("guidance") > 0 {
		return s.Prior.Errorf("guidance", "samples that lean towards what is given follow no law whose density is known; allowed: guidance = 0")
	}
	e, err := openEngine(s)
	if err != nil {
		return err
	}
	st, err := newStudy(s, baseName(name))
	if err != nil {
		return err
	}
	table := st.data
	if data != "" {
		if table, err = dataio.ReadTable(data, st.problem.Prior.Coordinates.Names); err != nil {
			return usage(fmt.Errorf("likelihood: %w", err))
		}
	}
	if table == nil {
		return usage(fmt.Errorf("likelihood: %s has no rows of its own: name a file of them after the spec", name))
	}
	p, err := a.trained(ctx, e, s, st.problem.Prior)
	if err != nil {
		return err
	}
	l := (&sampler.Likelihood{
		Prior: p, Probes: f.probes, Noise: f.noise, Tolerance: f.tolerance,
		Seed: uint64(s.Run.Int("seed")), Chunk: min(s.Run.Int("chunk"), 256), Workers: s.Run.Int("workers"),
	}).Bind(e)
	out, err := l.LogDensity(ctx, table.Data)
	if err != nil {
		return fmt.Errorf("%w (--noise, --tolerance)", err)
	}
	return a.printLikelihood(out, l.Noise, f.out)
}

func (a *app) printLikelihood(out *sampler.Densities, noise float64, file string) error {
	r := summary(out)
	r.Noise = noise
	if a.json {
		return a.printJSON(r)
	}
	names, columns := []string{"logp", "error"}, [][]float64{out.LogP, out.Error}
	if out.StdErr != nil {
		names, columns = []string{"logp", "stderr", "error"}, [][]float64{out.LogP, out.StdErr, out.Error}
	}
	var rows []float64
	for i := range out.LogP {
		for _, c := range columns {
			rows = append(rows, c[i])
		}
	}
	line := fmt.Sprintf("log p: mean %.6g ± %.2g, median %.6g over %d rows, integrator's error at most %.1e, %d denoiser calls", r.Mean, r.StdErr, r.Median, r.Rows, slices.Max(out.Error), r.Calls)
	if noise > 0 {
		line += fmt.Sprintf("; of points with noise of %g standard deviations", noise)
	}
	if file == "" {
		if err := dataio.WriteCSV(a.stdout, names, rows); err != nil {
			return err
		}
		a.note("%s", line)
		return nil
	}
	if err := dataio.WriteFile(file, func(w io.Writer) error { return dataio.WriteCSV(w, names, rows) }); err != nil {
		return fmt.Errorf("likelihood: %w: choose a writable place with --out", err)
	}
	fmt.Fprintln(a.stdout, line)
	a.note("wrote %s", file)
	return nil
}

// summary is the mean with the standard error of rows drawn at random, which
// holds that of the probes: both move the values the mean is taken of.
func summary(out *sampler.Densities) *likelihoodResult {
	n := float64(len(out.LogP))
	r := &likelihoodResult{Rows: len(out.LogP), Exact: out.StdErr == nil, Calls: out.Calls, LogP: out.LogP, Probes: out.StdErr, Error: out.Error}
	for _, v := range out.LogP {
		r.Mean += v / n
	}
	sorted := slices.Sorted(slices.Values(out.LogP))
	r.Median = (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	if n > 1 {
		for _, v := range out.LogP {
			r.StdErr += (v - r.Mean) * (v - r.Mean) / (n - 1) / n
		}
		r.StdErr = math.Sqrt(r.StdErr)
	}
	return r
}
