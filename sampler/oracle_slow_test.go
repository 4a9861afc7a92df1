//go:build slow

package sampler

import (
	"testing"

	"abide/diffusion"
)

// The published problem: 100×100 points, 128 samples, 100 steps. The unconstrained
// oracle row is MMSE 5.4e-2 and SMSE 3.55e-2.
func TestOracleHeatPublished(t *testing.T) {
	checkOracleFlows(t, 100, 128, map[string]func(g diffusion.Grid) Bridge{
		"ddim":         func(g diffusion.Grid) Bridge { return DDIM{Grid: g} },
		"dpm-solver++": func(g diffusion.Grid) Bridge { return DPMSolver{g} },
		"euler":        func(g diffusion.Grid) Bridge { return must(NewProbabilityFlow(g, &eulerMethod)) },
	})
}
