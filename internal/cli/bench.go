package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"abide/method"
)

func (a *app) benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "bench",
		Short:   "Compare methods on problems whose law is known",
		Long:    "Compare methods on problems whose law is known, beside the distance between two exact sets.",
		Example: "  abide bench inverse --methods tmpd,twisted-smc --dims 8\n  abide bench inverse --problems 2 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.running = true
			return cmd.Help()
		},
	}
	cmd.AddCommand(a.benchInverseCommand(), a.benchPDECommand())
	return cmd
}

// modesTable is what `abide bench inverse` is asked for.
type modesTable struct {
	Methods  []string  `json:"methods"`
	Dims     []int     `json:"dims"`
	Measured []int     `json:"dy"`
	Sigma    []float64 `json:"sigma"`
	Problems int       `json:"problems"`

	modesSettings
	out string
}

// modesSettings are what results in one folder have in common.
type modesSettings struct {
	Steps      int `json:"steps"`
	Samples    int `json:"samples"`
	Directions int `json:"directions"`
	FloorSets  int `json:"floor_sets"` // exact sets whose mean distance is the floor
}

// exactMethod is the row that samples by the exact conditional denoiser.
const exactMethod = "exact"

func (a *app) benchInverseCommand() *cobra.Command {
	var t modesTable
	cmd := &cobra.Command{
		Use:   "inverse",
		Short: "Rerun the table of the inverse problem with 25 modes",
		Long: `Sample the posterior of 25 Gaussians seen through random operators by each method, and print the
sliced 1-Wasserstein distance to exact draws, mean ± 1.96 standard errors over the problems, beside
the floor: that distance of exact sets. "exact" is the row of the exact conditional
denoiser. Methods that take any sampler run under euler-maruyama, process vp with β from 0.1 to 25,
weighted samples keep their weights. The folder gets a file for each finished problem; a second call
leaves those out that are there, and results do not depend on which were.`,
		Example: "  abide bench inverse --methods exact,tmpd,pigdm,twisted-smc --dims 8,80\n  abide bench inverse --dims 8 --dy 1 --problems 2 --out /tmp/table --json",
		Args:    cobra.NoArgs,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			if err := t.check(); err != nil {
				return usage(err)
			}
			return a.benchInverse(ctx, &t)
		}),
	}
	f := cmd.Flags()
	f.StringSliceVar(&t.Methods, "methods", []string{exactMethod, "tmpd", "pigdm", "twisted-smc"}, "rows of abide list methods, and exact")
	f.IntSliceVar(&t.Dims, "dims", []int{8, 80}, "numbers of columns, even")
	f.IntSliceVar(&t.Measured, "dy", []int{1, 2, 4}, "numbers of measured values")
	f.Float64SliceVar(&t.Sigma, "sigma", []float64{0.01, 0.1, 1}, "standard deviations of the noise")
	f.IntVar(&t.Problems, "problems", 20, "random problems of each cell")
	f.IntVar(&t.Steps, "steps", 300, "steps of each run")
	f.IntVar(&t.Samples, "samples", 1000, "points of each run, the population of methods that have one")
	f.IntVar(&t.Directions, "directions", 2000, "directions of the sliced distance")
	f.IntVar(&t.FloorSets, "floor-sets", 8, "exact sets whose mean distance to the reference set is the floor")
	f.StringVarP(&t.out, "out", "o", "abide-bench", "folder of the results; those that are there are kept")
	return cmd
}

func (t *modesTable) check() error {
	for _, m := range t.Methods {
		if _, err := method.Find(m); err != nil && m != exactMethod {
			return err
		}
	}
	if len(t.Methods) == 0 || len(t.Dims) == 0 || len(t.Measured) == 0 || len(t.Sigma) == 0 {
		return fmt.Errorf("bench: --methods, --dims, --dy and --sigma need at least one entry each")
	}
	for _, v := range []struct {
		flag  string
		value int
	}{{"problems", t.Problems}, {"steps", t.Steps}, {"samples", t.Samples}, {"directions", t.Directions}, {"floor-sets", t.FloorSets}} {
		if v.value < 1 {
			return fmt.Errorf("bench: --%s is %d: want at least 1", v.flag, v.value)
		}
	}
	for _, d := range t.Dims {
		if d < 2 || d%2 != 0 || d > 2048 {
			return fmt.Errorf("bench: --dims has %d: want even numbers up to 2048", d)
		}
		if m := slices.Max(t.Measured); m > d {
			return fmt.Errorf("bench: --dy has %d for %d columns: want at most as many", m, d)
		}
	}
	if m := slices.Min(t.Measured); m < 1 {
		return fmt.Errorf("bench: --dy has %d: want at least 1", m)
	}
	if s := slices.Min(t.Sigma); !(s > 0) {
		return fmt.Errorf("bench: --sigma has %g: want numbers above 0", s)
	}
	return nil
}
