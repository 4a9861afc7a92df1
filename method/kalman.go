package method

import (
	"abide/internal/engine"
	"abide/problem"
	"abide/sampler"
)

// kalmanRows are TMPD and its diagonal forms as published with an ancestral sampler of
// their own: the clean estimate is replaced by its Kalman update
//
//	x̃ = x̂ + Jᵀ σ² Hᵀ (H C Hᵀ + R)⁻¹ (y − H x̂)
//
// and enters the kernel in its place, which is what a guide does (Boys et al. 2024).
// Levels are those of the sampler.
var kalmanRows = []Method{
	kalman("kpddpm", "TMPD", tmpdOf, mVJPs, gaussianLimit, ancestral),
	kalman("kpddpm-plus", "TMPD, row sums", rowSumsOf, "3", dtmpd.Exact, ancestral),
	kalman("kpddpm-diag", "TMPD, exact diagonal", diagonalOf, mVJPs, tmpdDiag.Exact, ancestral),
	kalman("kpddpm-hutchinson", "TMPD, Hutchinson diagonal", hutchinsonOf, "probes + 2", tmpdHutchinson.Exact, ancestral, probes),
	kalman("kpsmld", "TMPD", tmpdOf, mVJPs, gaussianLimit, annealed),
	kalman("kpsmld-plus", "TMPD, row sums", rowSumsOf, "3", dtmpd.Exact, annealed),
	kalman("kpsmld-diag", "TMPD, exact diagonal", diagonalOf, mVJPs, tmpdDiag.Exact, annealed),
	kalman("kgdm", "TMPD", tmpdOf, mVJPs, gaussianLimit, implicit, eta),
	kalman("kgdm-plus", "TMPD, row sums", rowSumsOf, "3", dtmpd.Exact, implicit, eta),
}

const mVJPs = "m"

// step is the kernel that a row brings along.
type step struct {
	name, reference string
	of              func(name string, s Settings) (sampler.Bridge, error)
}

var (
	ancestral = step{"ddpm", "ho2020", func(_ string, s Settings) (sampler.Bridge, error) { return sampler.DDPM{Grid: s.Grid}, nil }}
	annealed  = step{"smld", "song2019", func(name string, s Settings) (sampler.Bridge, error) {
		b, err := sampler.NewSMLD(s.Grid)
		if err != nil {
			return nil, &problem.UnsupportedError{Method: name, Needs: "a process with a = 1", Has: "another", Try: "give the sampler the process ve or edm, or use kpddpm"}
		}
		return b, nil
	}}
	implicit = step{"ddim", "song2021ddim", func(_ string, s Settings) (sampler.Bridge, error) {
		return sampler.DDIM{Grid: s.Grid, Eta: s.Float("eta")}, nil
	}}
)

// kalman is the row of a guide with a kernel of its own; both say what they need.
func kalman(name, guide string, of guideOf, vjps, exact string, b step, parameters ...Parameter) Method {
	guided := steered(name, false, of)
	return Method{
		Name:       name,
		Summary:    "the clean estimate's Kalman update (" + guide + ") in a step of " + b.name + ", whatever the sampler",
		Guide:      guide,
		Bridge:     b.name,
		Corrector:  "projection at the end",
		Exact:      exact,
		Needs:      needsMeasurement,
		Calls:      "1 denoiser call and " + vjps + " vector–Jacobian products",
		References: []string{"boys2024", b.reference},
		Parameters: parameters,
		new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
			bridge, err := b.of(name, s)
			if err != nil {
				return nil, err
			}
			s.Bridge = bridge
			return guided(e, p, s)
		},
	}
}
