package diffusion

import "fmt"

// maxExcess is the share of variance at which the start of a process is called
// wrong: 2 %, a standard deviation that is off by 1 %.
const maxExcess = 0.02

// Excess is (a/b)² at the first level: by which share the variance of the noised
// data, a² + b² in standardised coordinates, is above that of the process' own
// start N(0, b²I).
func (g Grid) Excess() float64 { return 1 / (g.Sigma(0) * g.Sigma(0)) }

// TerminalWarning warns where data still show through at the noisy end of a grid;
// empty where they do not. Samplers that start from N(0, b²I) are then biased
// whatever they do later; ours start from N(0, a²Σ + b²I).
func (g Grid) TerminalWarning() string {
	e := g.Excess()
	if g.Chain || e <= maxExcess {
		return ""
	}
	return fmt.Sprintf("the noise process does not end in noise: at its start a = %.3g and b = %.3g, so N(0, b²) has %.3g %% too little variance; "+
		"the run starts from N(0, a²Σ + b²I), which is right for a Gaussian prior and off by (a/b)³ for others: raise beta_max or sigma_max, or begin at t = 1",
		g.A[0], g.B[0], 100*e/(1+e))
}
