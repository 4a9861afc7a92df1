package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"abide/dataio"
	"abide/internal/nearest"
	"abide/method"
	"abide/pde"
	"abide/report"
)

// trueData is the residual, in a row's unit, that data of a family stay below.
const trueData = 1e-10

const dataSchema = "abide.data/1"

// dataFlags are the flags that all families share.
type dataFlags struct {
	out            string
	seed           uint64
	first, n       int
	workers, check int
	keep           []string
	single, strict bool
	replace        bool
	verify, page   string
}

func (a *app) dataCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data FAMILY",
		Short: "Make solutions of an equation that satisfy it to rounding",
		Long: `Draw solutions of a family of differential equations (abide list equations), with random coefficients,
sources or initial values, and write them as arrays of an npz file, [samples, …] each. Beside it stands a
json file with equation, scheme, parameters and the largest residual of every row, in the discrete form
that the data were made with: that residual can be a constraint. Families on finite elements add their
mesh, mesh_points and mesh_cells, unless arrays are left out by --keep.

Sample number i of a seed does not depend on the others: --n 10 makes the first ten, --first 10 --n 1000 a
thousand others. A call that was stopped is continued by the same call.
--verify FILE checks the arrays of another file by the family's residual instead.`,
		Example: "  abide data darcy --n 1000 --grid 64 --out darcy.npz\n  abide data darcy --grid 64 --verify darcy.npz",
		Args:    knownFamily,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.running = true
			return cmd.Help()
		},
	}
	for _, k := range pde.Table {
		cmd.AddCommand(a.familyCommand(k))
	}
	return cmd
}

// knownFamily refuses words that are no family and names the likely one.
func knownFamily(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, k := range pde.Table {
		names = append(names, k.Name)
	}
	if near := nearest.Name(args[0], names); near != "" {
		return fmt.Errorf("data: no family %q; did you mean %q?", args[0], near)
	}
	return fmt.Errorf("data: no family %q; there are %s", args[0], strings.Join(names, ", "))
}

func (a *app) familyCommand(k pde.Kind) *cobra.Command {
	var f dataFlags
	values := map[string]func() any{}
	cmd := &cobra.Command{
		Use:     k.Name,
		Short:   k.Equation,
		Long:    fmt.Sprintf("%s\n\nscheme  %s\nsource  %s (abide cite %s)", k.Equation, k.Scheme, k.Source, k.Name),
		Example: fmt.Sprintf("  abide data %s --n 100 --out %s.npz", k.Name, k.Name),
		Args:    cobra.NoArgs,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			given := pde.Values{}
			for name, v := range values {
				given[name] = v()
			}
			return a.data(ctx, k, given, f)
		}),
	}
	flags := cmd.Flags()
	for _, p := range k.Parameters {
		values[p.Name] = parameterFlag(flags, p)
	}
	flags.StringVarP(&f.out, "out", "o", k.Name+".npz", "npz file to write")
	flags.IntVarP(&f.n, "n", "n", 1, "samples")
	flags.Uint64Var(&f.seed, "seed", 0, "names the random numbers")
	flags.IntVar(&f.first, "first", 0, "index of the first sample")
	flags.IntVar(&f.workers, "workers", runtime.NumCPU(), "samples made side by side; results do not depend on it")
	flags.IntVar(&f.check, "check", 1, "look at the residual of every so many samples; 0: of none")
	flags.StringSliceVar(&f.keep, "keep", nil, "arrays to write (default: all)")
	flags.BoolVar(&f.replace, "replace", false, "replace a file that holds other data")
	flags.BoolVar(&f.single, "float32", false, "write single precision, in which the residual is no longer rounding of double")
	flags.BoolVar(&f.strict, "strict", false, "exit with 3 where a residual is above 1e-10")
	flags.StringVar(&f.page, "page", "", "html file that shows the first samples, or those of --verify, and their residuals")
	flags.StringVar(&f.verify, "verify", "", "npz file with the arrays of this family: print their residuals and write nothing")
	return cmd
}

// parameterFlag makes the flag of a parameter and returns what reads it.
func parameterFlag(flags *pflag.FlagSet, p pde.Parameter) func() any {
	name, doc := strings.ReplaceAll(p.Name, "_", "-"), p.Doc
	switch d := p.Default.(type) {
	case int:
		v := flags.Int(name, d, doc)
		return func() any { return *v }
	case string:
		v := flags.String(name, d, doc+" ("+strings.Join(p.Allowed, ", ")+")")
		return func() any { return *v }
	case float64:
		v := flags.Float64(name, d, doc)
		return func() any { return *v }
	}
	panic(fmt.Sprintf("cli: parameter %q is %T", p.Name, p.Default))
}

// dataSummary is the json file beside the data and what --json prints.
type dataSummary struct {
	Schema     string      `json:"schema"`
	Family     string      `json:"family"`
	Equation   string      `json:"equation"`
	Scheme     string      `json:"scheme"`
	Source     string      `json:"source"`
	References []string    `json:"references"`
	Parameters pde.Values  `json:"parameters"`
	Seed       uint64      `json:"seed"`
	First      int         `json:"first"`
	Samples    int         `json:"samples"`
	Checked    int         `json:"checked"`
	File       string      `json:"file"`
	Arrays     []dataArray `json:"arrays"`
	Mesh       []dataArray `json:"mesh,omitempty"` // without an axis of samples
	Rows       []dataRow   `json:"rows"`
}

type dataArray struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"` // with the samples
	Doc   string `json:"doc"`
}

type dataRow struct {
	Name  string  `json:"name"`
	Doc   string  `json:"doc"`
	Unit  float64 `json:"unit"`
	Worst *number `json:"worst"` // largest residual in the row's unit; null where none was looked at
}

// number is a float64 that may be infinite or none, which JSON has no word for.
type number float64

// MarshalJSON writes what is not finite as text.
func (n number) MarshalJSON() ([]byte, error) {
	if f := float64(n); math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Appendf(nil, "%q", fmt.Sprint(f)), nil
	}
	return fmt.Appendf(nil, "%.3g", float64(n)), nil
}

func (a *app) data(ctx context.Context, k pde.Kind, given pde.Values, f dataFlags) error {
	switch {
	case f.n < 1 || f.first < 0 || f.first > math.MaxInt32-f.n:
		return usage(fmt.Errorf("data: --n %d --first %d: at least one sample, indices from 0 to 2³¹", f.n, f.first))
	case f.workers < 1 || f.check < 0:
		return usage(fmt.Errorf("data: --workers %d --check %d: at least one worker; every how many samples is not negative", f.workers, f.check))
	}
	family, err := k.Make(given)
	if err != nil {
		return usage(err)
	}
	var names []string
	for _, r := range family.Arrays() {
		names = append(names, r.Name)
	}
	for _, name := range f.keep {
		if !slices.Contains(names, name) {
			return usage(fmt.Errorf("data: --keep %q: %s has the arrays %s", name, k.Name, strings.Join(names, ", ")))
		}
	}
	if len(f.keep) == 0 {
		f.keep = names
	}
	summary := &dataSummary{
		Schema: dataSchema, Family: k.Name, Equation: k.Equation, Scheme: k.Scheme, Source: k.Source,
		References: method.ReferencesOf(method.Families, k.Name), Parameters: given, Seed: f.seed, First: f.first,
	}
	if ext := filepath.Ext(f.page); f.page != "" && ext != ".html" {
		return usage(fmt.Errorf("data: --page %s: a page is html: name it %s", f.page, strings.TrimSuffix(f.page, ext)+".html"))
	}
	if f.verify != "" {
		return a.verifyData(family, f, summary)
	}
	if err := f.replaceable(summary); err != nil {
		return err
	}
	u, err := openUnfinished(f.out+".unfinished", k.Name, given, family, f)
	if err != nil {
		return err
	}
	defer u.close()
	if err := u.agrees(ctx, family, f); err != nil {
		return err
	}
	if u.count > 0 {
		a.note("data: %d of %d samples were there; going on", min(u.count, f.n), f.n)
	}
	if err := a.generate(ctx, family, f, u); err != nil {
		if errors.Is(err, context.Canceled) {
			err = fmt.Errorf("stopped after %d of %d samples; the same call goes on from there", u.count, f.n)
		}
		return err
	}
	summary.Samples = f.n
	shown, err := u.samples(family, min(f.n, report.MaxDataSamples))
	if err != nil {
		return err
	}
	if err := u.finish(family, f, summary); err != nil {
		return err
	}
	if u.count > f.n {
		a.note("data: %s keeps the %d samples that a longer call had made", u.path, u.count)
	}
	if err := writeDataPage(f.page, family, summary, shown); err != nil {
		return err
	}
	return a.printData(summary, f.strict)
}

// replaceable refuses a name that is no npz file's, or whose file would lose samples:
// a longer set of the same samples takes the place of a shorter one, nothing else does.
func (f *dataFlags) replaceable(d *dataSummary) error {
	if ext := filepath.Ext(f.out); ext != ".npz" {
		return usage(fmt.Errorf("data: --out %s: arrays are written as npz: name an npz file, %s", f.out, strings.TrimSuffix(f.out, ext)+".npz"))
	}
	if err := writable(f.out); err != nil {
		return err
	}
	if _, err := os.Stat(f.out); f.replace || err != nil {
		return nil
	}
	holds := "other data"
	if text, err := os.ReadFile(besideData(f.out)); err == nil {
		var old dataSummary
		if err := json.Unmarshal(text, &old); err == nil && old.Schema == d.Schema {
			if f.contains(d, &old) {
				return nil
			}
			holds = fmt.Sprintf("%d samples of %s from number %d of seed %d", old.Samples, old.Family, old.First, old.Seed)
		}
	}
	return usage(fmt.Errorf("data: %s is there already and holds %s: name another with --out, or replace it with --replace", f.out, holds))
}

// contains says whether all samples and arrays of an older set are in the one to come.
func (f *dataFlags) contains(d, old *dataSummary) bool {
	x, errX := json.Marshal(d.Parameters)
	y, errY := json.Marshal(old.Parameters)
	for _, r := range old.Arrays {
		if !slices.Contains(f.keep, r.Name) {
			return false
		}
	}
	return errX == nil && errY == nil && bytes.Equal(x, y) &&
		old.Family == d.Family && old.Seed == d.Seed && old.First == d.First && old.Samples <= f.n
}

// besideData is the json file that goes with a file of data.
func besideData(out string) string { return strings.TrimSuffix(out, filepath.Ext(out)) + ".json" }

// generate makes the samples that are not there yet.
func (a *app) generate(ctx context.Context, family pde.Family, f dataFlags, u *unfinished) error {
	p := a.progress("data", f.n)
	defer p.end()
	if u.count >= f.n {
		return nil
	}
	d := pde.Draws{Seed: f.seed, First: f.first + u.count, N: f.n - u.count, Workers: f.workers, Check: f.check}
	err := pde.Generate(ctx, family, d, func(_ int, s pde.Sample, worst []float64) error {
		if err := u.append(s, worst); err != nil {
			return err
		}
		p.at(u.count, "")
		return nil
	})
	return errors.Join(err, u.flush())
}

// describe completes what is known of arrays and rows.
func (d *dataSummary) describe(family pde.Family, keep []string, worst []float64) {
	for _, r := range family.Arrays() {
		if slices.Contains(keep, r.Name) {
			d.Arrays = append(d.Arrays, dataArray{r.Name, append([]int{d.Samples}, r.Shape...), r.Doc})
		}
	}
	for i, r := range family.Rows() {
		row := dataRow{Name: r.Name, Doc: r.Doc, Unit: r.Unit}
		if d.Checked > 0 {
			w := number(worst[i])
			row.Worst = &w
		}
		d.Rows = append(d.Rows, row)
	}
}

// printData shows what was made and how true it is.
func (a *app) printData(d *dataSummary, strict bool) error {
	untrue := ""
	for _, r := range d.Rows {
		if r.Worst != nil && !(float64(*r.Worst) <= trueData) && untrue == "" {
			untrue = r.Name
		}
	}
	if a.json {
		if err := a.printJSON(d); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.stdout, "%s\n  %s\n", filepath.Clean(d.File), d.Equation)
		w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		for _, r := range slices.Concat(d.Arrays, d.Mesh) {
			fmt.Fprintf(w, "  %s\t%v\t%s\n", r.Name, r.Shape, r.Doc)
		}
		for _, r := range d.Rows {
			worst := "not checked"
			if r.Worst != nil {
				worst = fmt.Sprintf("%.2g of %.3g", float64(*r.Worst), r.Unit)
			}
			fmt.Fprintf(w, "  residual %s\t%s\t%s\n", r.Name, worst, r.Doc)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if untrue == "" {
		return nil
	}
	a.note("data: row %q is not satisfied to rounding (1e-10 of its unit): the data have another discrete form or other parameters, or were kept in single precision", untrue)
	if strict {
		return errStrict
	}
	return nil
}

// verifyData looks at the arrays of a file by the residual of a family.
func (a *app) verifyData(family pde.Family, f dataFlags, d *dataSummary) error {
	arrays, err := dataio.ReadNPZ(f.verify)
	if err != nil {
		return usage(err)
	}
	n := -1
	var columns [][]float64
	for _, want := range family.Arrays() {
		i := slices.IndexFunc(arrays, func(r *dataio.Array) bool { return r.Name == want.Name })
		if i < 0 {
			var names []string
			for _, r := range arrays {
				names = append(names, r.Name)
			}
			return usage(fmt.Errorf("data: %s has the arrays %s, and the residual needs %q (%s)", f.verify, strings.Join(names, ", "), want.Name, want.Doc))
		}
		got := arrays[i].Shape
		if len(got) == 0 || !slices.Equal(got[1:], want.Shape) || (n >= 0 && got[0] != n) || got[0] == 0 {
			return usage(fmt.Errorf("data: %s: array %q has the shape %v, want [samples %s], the same number of samples in all arrays: set the parameters that the data have, the grid first", f.verify, want.Name, got, strings.Trim(fmt.Sprint(want.Shape), "[]")))
		}
		n = got[0]
		columns = append(columns, arrays[i].Float64())
	}
	samples := make([]pde.Sample, n)
	for i := range samples {
		for _, c := range columns {
			size := len(c) / n
			samples[i] = append(samples[i], c[i*size:(i+1)*size])
		}
	}
	rows, err := pde.Check(family, samples...)
	if err != nil {
		return err
	}
	var worst []float64
	for _, v := range rows {
		worst = append(worst, v.Worst)
	}
	d.File, d.Samples, d.Checked = f.verify, n, n
	d.describe(family, f.keep, worst)
	if err := writeDataPage(f.page, family, d, samples); err != nil {
		return err
	}
	return a.printData(d, f.strict)
}

// writeJSONFile writes v as an indented file.
func writeJSONFile(path string, v any) error {
	return dataio.WriteFile(path, func(w io.Writer) error { return encodeJSON(w, v) })
}
