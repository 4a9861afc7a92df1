package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abide/method"
	"abide/spec"
)

func (a *app) citeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "cite [NAME|FOLDER|FILE…]",
		Short: "Print BibTeX for exactly what a run or a method used",
		Long: `Print BibTeX entries for the methods, kinds of priors, samplers, processes (or likelihood), families of
equations (abide list equations), numerical methods (abide list numerics), run folders or
files of abide data named, and without arguments for everything.`,
		Example: "  abide cite runs/mix darcy.npz\n  abide cite twisted-smc TMPD2023avjp dpm-solver++ darcy sparse-cholesky",
		RunE:    a.does(func(_ context.Context, args []string) error { return a.cite(args) }),
	}
}

func (a *app) cite(args []string) error {
	var keys []string
	if len(args) == 0 {
		for _, r := range method.References {
			keys = append(keys, r.Key)
		}
	}
	for _, arg := range args {
		if a := spec.AliasNamed(arg); a != nil {
			arg = a.Row()
		}
		m, err := method.Find(arg)
		if err == nil {
			keys = append(keys, m.References...)
			continue
		}
		if found := partReferences(arg); found != nil {
			keys = append(keys, found...)
			continue
		}
		if found := dataReferences(arg); found != nil {
			keys = append(keys, found...)
			continue
		}
		if _, statErr := os.Stat(arg); statErr != nil {
			return usage(fmt.Errorf("cite: %s is neither a run folder nor a method, a prior, a sampler or a process, nor an equation or one of the numerics that abide list has: %w", arg, err))
		}
		f, err := readManifest(arg)
		if err != nil {
			return err
		}
		keys = append(keys, f.References...)
	}
	slices.Sort(keys)
	refs, err := method.Cite(slices.Compact(keys))
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(refs)
	}
	for i, r := range refs {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprint(a.stdout, r.BibTeX())
	}
	return nil
}

// partReferences are the works behind a kind of prior, a sampler, a process, the
// likelihood, a family of equations or a numerical method; of a name that is several
// of them, all.
func partReferences(name string) (keys []string) {
	for _, parts := range [][]method.Part{method.Priors, method.Samplers, method.Processes, {method.Likelihood}, method.Families} {
		keys = append(keys, method.ReferencesOf(parts, name)...)
	}
	if n := method.NumericNamed(name); n != nil {
		keys = append(keys, n.References...)
	}
	return keys
}

// dataReferences are the works that a file of abide data rests on, by the JSON beside it.
func dataReferences(path string) []string {
	raw, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".json")
	if err != nil {
		return nil
	}
	var d struct {
		Schema     string
		References []string
	}
	if json.Unmarshal(raw, &d) != nil || d.Schema != dataSchema {
		return nil
	}
	return d.References
}

// referencesOf are the works a run rests on: its method, its prior, the process its
// noise follows and, where the method leaves the transitions to it, the sampler.
func referencesOf(m method.Method, s *spec.Spec) []string {
	keys, sampler := append(slices.Clone(m.References), priorReferences(s.Prior)...), s.Sampler
	if m.Bridge == "any" {
		keys = append(keys, method.ReferencesOf(method.Samplers, sampler.Kind)...)
	}
	if sampler.Kind != "langevin" && !sampler.Has("grid") {
		keys = append(keys, method.ReferencesOf(method.Processes, sampler.Table("process").Kind)...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// priorReferences are the works the prior of a block rests on.
func priorReferences(b *spec.Block) []string {
	keys := method.ReferencesOf(method.Priors, b.Kind)
	switch {
	case isTrained(b):
		return trainingReferences(b)
	case b.Kind == "gaussian-mixture" && !b.Has("data"): // given, not fitted
		return method.ReferencesOf(method.Priors, "gaussian")
	case b.Kind == "product":
		keys = slices.Clone(keys)
		for _, part := range b.Tables("parts") {
			keys = append(keys, priorReferences(part)...)
		}
	case b.Kind == "onnx":
		process := b.Table("process").Kind
		keys = slices.Concat(keys, method.ReferencesOf(method.Outputs, b.String("output")), method.ReferencesOf(method.Processes, process))
		if process == "ddpm" {
			keys = append(keys, method.ReferencesOf(method.Samplers, process)...)
		}
	}
	return keys
}
