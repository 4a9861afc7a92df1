package cli

import (
	"context"
	"fmt"
	"math"
	"slices"

	"abide/internal/engine"
)

// choosePDE tries the settings of each method on the seeds for that, and writes its file.
func (a *app) choosePDE(ctx context.Context, e *engine.Engine, t *pdeTable) error {
	for _, family := range t.Families {
		c, err := t.prepare(family)
		if err != nil {
			return err
		}
		for _, name := range t.Methods {
			choices, err := pdeChoicesOf(t.out, name)
			if err != nil {
				return err
			}
			if len(choices.Try) < 2 {
				continue // nothing to choose
			}
			scores := make([]float64, len(choices.Try))
			for i, s := range choices.Try {
				for _, seed := range chosenOn {
					r, err := t.run(ctx, e, c, name, seed, s, fmt.Sprintf("choose-%s-%s-%d-%d.json", family, name, i+1, seed))
					if err != nil {
						return err
					}
					scores[i] += r.loss() / float64(len(chosenOn))
				}
			}
			best := slices.Index(scores, slices.Min(scores))
			choices.Seeds = chosenOn
			if choices.Chosen == nil {
				choices.Chosen = map[string]pdeChoice{}
			}
			choices.Chosen[family] = pdeChoice{Try: best + 1, Scores: scores, Grid: t.grid(family), Steps: t.Steps, Samples: t.Samples}
			file, err := choices.write(t.out, name)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "%s, %s: setting %d of %d, MMSE + SMSE %.3g: %s\n", family, name, best+1, len(scores), scores[best], file)
		}
	}
	return nil
}

// loss is what settings are chosen by.
func (r *pdeRow) loss() float64 {
	if r.Score == nil {
		return math.MaxFloat64 / 8
	}
	return r.Score.MMSE + r.Score.SMSE
}
