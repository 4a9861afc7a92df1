package cli

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"abide/method"
)

func (a *app) citeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "cite [FOLDER|METHOD…]",
		Short:   "Print BibTeX for exactly what a run or a method used",
		Long:    "Print BibTeX entries for the methods or run folders named, and without arguments for everything.",
		Example: "  abide cite runs/mix\n  abide cite twisted-smc project",
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
		if _, statErr := os.Stat(arg); statErr != nil {
			return usage(fmt.Errorf("cite: %s is neither a run folder nor a method: %w", arg, err))
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
