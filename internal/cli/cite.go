package cli

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"abide/method"
	"abide/spec"
)

func (a *app) citeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "cite [FOLDER|METHOD|SAMPLER|PROCESS…]",
		Short:   "Print BibTeX for exactly what a run or a method used",
		Long:    "Print BibTeX entries for the methods, samplers, processes (or likelihood) or run folders named,\nand without arguments for everything.",
		Example: "  abide cite runs/mix\n  abide cite twisted-smc project dpm-solver++",
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
		m, err := method.Find(arg)
		if err == nil {
			keys = append(keys, m.References...)
			continue
		}
		if found := partReferences(arg); found != nil {
			keys = append(keys, found...)
			continue
		}
		if _, statErr := os.Stat(arg); statErr != nil {
			return usage(fmt.Errorf("cite: %s is neither a run folder nor a method, a sampler or a process: %w", arg, err))
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

// partReferences are the works behind a sampler, a process or the likelihood.
func partReferences(name string) []string {
	for _, parts := range [][]method.Part{method.Samplers, method.Processes, {method.Likelihood}} {
		if keys := method.ReferencesOf(parts, name); keys != nil {
			return keys
		}
	}
	return nil
}

// referencesOf are the works a run rests on: its method, the training of its
// prior, the process its noise follows and, where the method leaves the
// transitions to it, the sampler.
func referencesOf(m method.Method, s *spec.Spec) []string {
	keys, sampler := append(slices.Clone(m.References), trainingReferences(s.Prior)...), s.Sampler
	if m.Bridge == "any" {
		keys = append(keys, method.ReferencesOf(method.Samplers, sampler.Kind)...)
	}
	if sampler.Kind != "langevin" && !sampler.Has("grid") {
		keys = append(keys, method.ReferencesOf(method.Processes, sampler.Table("process").Kind)...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
