package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abide/internal/engine"
	"abide/method"
	"abide/problem"
)

// pdeTable is what `abide bench pde` is asked for.
type pdeTable struct {
	Families []string `json:"families"`
	Methods  []string `json:"methods"`
	Seeds    []int    `json:"seeds"`

	pdeSettings
	choose bool
	out    string
}

// pdeSettings are what results in one folder have in common.
type pdeSettings struct {
	Grid      int `json:"grid"` // 0: that of the family
	Steps     int `json:"steps"`
	Samples   int `json:"samples"`
	Truth     int `json:"truth_draws"`
	FloorSets int `json:"floor_sets"`
}

// iidMethod is the row of independent draws of the conditional law.
const iidMethod = "i.i.d."

// chosenOn are the seeds that settings are chosen on; rows are scored on others.
var chosenOn = []int{0, 1, 2, 3}

func (a *app) benchPDECommand() *cobra.Command {
	var t pdeTable
	cmd := &cobra.Command{
		Use:   "pde",
		Short: "Compare methods on fields that obey physical laws",
		Long: `Sample fields that obey laws by each method, where the conditional law is known, and print errors of
the mean field (MMSE) and of the field of standard deviations (SMSE) beside the floor: what as many
independent draws of that law have. "i.i.d." are such draws, "exact" is the flow of the conditional
denoiser, "none" does not look at the laws. All have the steps of a flow, but for those of Heun, which
have edm's from σ = 80. Constraint errors are mean norms of residuals (IC initial
values, BC boundary values, CL conservation). Settings are those of the embedded files, chosen on seeds
0 to 3 against the truth, which a user does not have; --choose does that again and writes such files.
The folder gets a file for each finished run; a second call leaves out those that are there.`,
		Example: "  abide bench pde --families heat --methods i.i.d.,exact,none,eci --grid 32\n  abide bench pde --families stokes-ic --out /tmp/table --json",
		Args:    cobra.NoArgs,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			if err := t.check(); err != nil {
				return usage(err)
			}
			return a.benchPDE(ctx, &t)
		}),
	}
	f := cmd.Flags()
	f.StringSliceVar(&t.Families, "families", []string{"heat"}, "problems: "+strings.Join(problem.FieldKinds, ", "))
	f.StringSliceVar(&t.Methods, "methods", nil, "rows of abide list methods, i.i.d. and exact; none given: all that take laws")
	f.IntSliceVar(&t.Seeds, "seeds", []int{10, 11, 12, 13, 14, 15, 16, 17}, "seeds that are scored; 0 to 3 are for choosing settings")
	f.IntVar(&t.Grid, "grid", 0, "points along each axis; 0: 100, as published, for heat, 16 for others")
	f.IntVar(&t.Steps, "steps", 100, "steps of each run")
	f.IntVar(&t.Samples, "samples", 128, "fields of each run")
	f.IntVar(&t.Truth, "truth-draws", 64, "draws of the true law that CRPS and coverage are taken against")
	f.IntVar(&t.FloorSets, "floor-sets", 64, "sets of draws whose mean SMSE is the floor; that of the MMSE is exact")
	f.BoolVar(&t.choose, "choose", false, "choose settings on seeds 0 to 3 and write them as files to the folder")
	f.StringVarP(&t.out, "out", "o", "abide-bench-pde", "folder of the results; those that are there are kept")
	return cmd
}

func (t *pdeTable) check() error {
	if len(t.Methods) == 0 {
		names, err := methodsWithLaws()
		if err != nil {
			return err
		}
		t.Methods = append([]string{iidMethod, exactMethod}, names...)
	}
	for _, m := range t.Methods {
		if _, err := method.Find(m); err != nil && m != exactMethod && m != iidMethod {
			return err
		}
	}
	for _, f := range t.Families {
		if !slices.Contains(problem.FieldKinds, f) {
			return fmt.Errorf("bench: --families has %q: there are %v", f, problem.FieldKinds)
		}
	}
	if len(t.Families) == 0 || len(t.Seeds) == 0 {
		return fmt.Errorf("bench: --families and --seeds need at least one entry each")
	}
	for i, s := range t.Seeds {
		if s < 0 || slices.Contains(t.Seeds[:i], s) {
			return fmt.Errorf("bench: --seeds has %d: want different numbers of at least 0", s)
		}
		if slices.Contains(chosenOn, s) {
			return fmt.Errorf("bench: --seeds has %d, on which settings are chosen: want others than 0 to 3", s)
		}
	}
	if t.Grid != 0 && (t.Grid < 4 || t.Grid > 512) {
		return fmt.Errorf("bench: --grid is %d: want 4 to 512, or 0", t.Grid)
	}
	for _, v := range []struct {
		flag         string
		value, least int
	}{{"steps", t.Steps, 1}, {"samples", t.Samples, 2}, {"truth-draws", t.Truth, 2}, {"floor-sets", t.FloorSets, 1}} {
		if v.value < v.least {
			return fmt.Errorf("bench: --%s is %d: want at least %d", v.flag, v.value, v.least)
		}
	}
	return nil
}

// methodsWithLaws are the rows of the table that can be bound to a problem of fields with
// laws and nothing measured.
func methodsWithLaws() ([]string, error) {
	f, err := problem.NewFields("heat", 8)
	if err != nil {
		return nil, err
	}
	e, err := engine.Open("go")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range method.Table {
		if _, err := pdeKernel(e, m, f.Problem, 2, 2, 0, setting{}); err == nil {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

// grid is the number of points of a family.
func (t *pdeTable) grid(family string) int {
	switch {
	case t.Grid > 0:
		return t.Grid
	case family == "heat":
		return 100
	}
	return 16
}
