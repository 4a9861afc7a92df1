package method

import (
	"fmt"

	"abide/guide"
	"abide/internal/engine"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

// guideRows are the guides that any sampler takes.
var guideRows = []Method{tmpd, tmpdDiag, tmpdHutchinson, dtmpd, mmps, pigdm, pigdmPinv, jfps, dpsD}

// guideOf makes the guide of a row for a measurement in sampler coordinates, and says
// how many vector–Jacobian products it takes at each use.
type guideOf func(p *problem.Problem, y *potential.Measurement, s Settings) (g guide.Guide, vjps int, err error)

// steered is the constructor of a row whose guide any sampler takes. linear rows need
// a linear operator.
func steered(name string, linear bool, of guideOf) func(*engine.Engine, *problem.Problem, Settings) (sampler.Kernel, error) {
	return func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		measured := p.Measured
		if linear {
			measured = p.MeasuredLinearly
		}
		y, err := measured(name)
		if err != nil {
			return nil, err
		}
		g, vjps, err := of(p, y, s)
		if err != nil {
			return nil, err
		}
		if vjps > mostProducts {
			return nil, &problem.UnsupportedError{Method: name, Needs: fmt.Sprintf("at most %d vector–Jacobian products a step, about one for each measured value", mostProducts), Has: fmt.Sprint(vjps), Try: "measure fewer values, or use method mmps, dtmpd or pigdm"}
		}
		return guidedBy(e, p, s, g, vjps)
	}
}

// mostProducts bounds what is written into one graph: 1,024 measured values, and one
// more product for the forms and solvers that take it.
const mostProducts = 1025

const gaussianLimit = "exact for Gaussian priors and linear operators as steps grow; weighs the modes of others wrongly"

var tmpd = Method{
	Name:       "tmpd",
	Summary:    "leans the clean estimate to the measurement with Tweedie's covariance, by the rows of the Jacobian that the measurement sees",
	Guide:      "TMPD",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      gaussianLimit,
	Needs:      needsMeasurement,
	Calls:      samplerCalls + "; m vector–Jacobian products each (alt: m + 1; jacfwd: the prior's own Jacobian, or d)",
	References: []string{"boys2024"},
	Parameters: []Parameter{{Name: "form", Default: "vjp", Allowed: []string{"vjp", "alt", "jacrev", "jacfwd"}, Doc: "how the products with the Jacobian are made: the result is the same, the cost is not"}},
	new:        steered("tmpd", false, tmpdOf),
}

func tmpdOf(p *problem.Problem, y *potential.Measurement, s Settings) (guide.Guide, int, error) {
	g, vjps := guide.TMPD{Y: y}, len(y.Y)
	if _, chosen := s.Values["form"]; chosen {
		g.Form = guide.Form(s.Text("form"))
	}
	switch g.Form {
	case guide.FormAlt:
		vjps++
	case guide.FormJacfwd:
		vjps = p.Dim()
	}
	return g, vjps, nil
}

var tmpdDiag = Method{
	Name:       "tmpd-diag",
	Summary:    "tmpd with the diagonal of the data's covariance alone",
	Guide:      "TMPD, exact diagonal",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact as steps grow for Gaussian priors where the measured values are uncorrelated given the noisy point; else too narrow",
	Needs:      needsMeasurement,
	Calls:      samplerCalls + "; m vector–Jacobian products each",
	References: []string{"boys2024"},
	new:        steered("tmpd-diag", false, diagonalOf),
}

func diagonalOf(_ *problem.Problem, y *potential.Measurement, _ Settings) (guide.Guide, int, error) {
	return guide.TMPDDiagonal{Y: y}, len(y.Y), nil
}

var tmpdHutchinson = Method{
	Name:       "tmpd-hutchinson",
	Summary:    "tmpd with the diagonal of the data's covariance, estimated by fixed random signs",
	Guide:      "TMPD, Hutchinson diagonal",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "as tmpd-diag, up to an error of the estimate that more probes make smaller",
	Needs:      needsMeasurement,
	Calls:      samplerCalls + "; probes + 2 vector–Jacobian products each",
	References: []string{"boys2024", "bekas2007", "hutchinson1990"},
	Parameters: []Parameter{probes},
	new:        steered("tmpd-hutchinson", false, hutchinsonOf),
}

var probes = Parameter{Name: "probes", Default: 20, Min: 1, Max: 10000, Doc: "vectors of random signs that the diagonal is estimated by"}

func hutchinsonOf(_ *problem.Problem, y *potential.Measurement, s Settings) (guide.Guide, int, error) {
	return guide.TMPDHutchinson{Y: y, Probes: s.Int("probes")}, s.Int("probes") + 2, nil
}

var dtmpd = Method{
	Name:       "dtmpd",
	Summary:    "tmpd with the sums of the rows of the data's covariance on a diagonal: for masks; where the sums cannot be, one step of minimal residuals",
	Guide:      "TMPD, row sums",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact as steps grow for Gaussian priors with independent columns seen through a mask; heuristic elsewhere, and for dense operators a poor one",
	Needs:      needsMeasurement,
	Calls:      samplerCalls + "; 3 vector–Jacobian products each",
	References: []string{"boys2024"},
	new:        steered("dtmpd", false, rowSumsOf),
}

func rowSumsOf(_ *problem.Problem, y *potential.Measurement, _ Settings) (guide.Guide, int, error) {
	return guide.DTMPD{Y: y}, 3, nil
}

var mmps = Method{
	Name:       "mmps",
	Summary:    "tmpd without a matrix, by a few iterations of GMRES or conjugate gradients: for many measured values",
	Guide:      "MMPS",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      gaussianLimit + "; few iterations believe the measurement too little",
	Needs:      needsMeasurement,
	Calls:      samplerCalls + "; 1 vector–Jacobian product an iteration each, and 1 more with gmres",
	References: []string{"rozet2024", "boys2024", "hestenes1952", "saad1986", "eisenstat1983"},
	Parameters: []Parameter{
		{Name: "iterations", Default: 5, Min: 1, Max: 1024, Doc: "of the solver, at every point and step"},
		{Name: "solver", Default: "gmres", Allowed: []string{"gmres", "cg"}, Doc: "cg needs a symmetric Jacobian, which networks have nearly"},
	},
	new: steered("mmps", false, func(_ *problem.Problem, y *potential.Measurement, s Settings) (guide.Guide, int, error) {
		g := guide.MMPS{Y: y, Iterations: s.Int("iterations"), GMRES: s.Text("solver") == "gmres"}
		if g.GMRES {
			return g, g.Iterations + 1, nil
		}
		return g, g.Iterations, nil
	}),
}

var pigdm = Method{
	Name:       "pigdm",
	Summary:    "leans the clean estimate to the measurement with the covariance r²I of a Gaussian of given variance",
	Guide:      "ΠGDM, score form",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact for the prior N(μ, s²I) as steps grow; biased for others",
	Needs:      needsLinear,
	Calls:      samplerCalls + "; 1 vector–Jacobian product each",
	References: []string{"song2023pigdm"},
	Parameters: []Parameter{dataVariance, gramRows},
	new: steered("pigdm", true, func(_ *problem.Problem, y *potential.Measurement, s Settings) (guide.Guide, int, error) {
		return guide.PiGDM{Y: y, DataVariance: s.Float("data_variance"), RowSums: s.Text("rows") == "sum"}, 1, nil
	}),
}

// gramRows chooses between the two forms of H Hᵀ.
var gramRows = Parameter{Name: "rows", Default: "full", Allowed: []string{"full", "sum"}, Doc: "H Hᵀ in full, or the sums of its rows on a diagonal: the same for masks"}

var pigdmPinv = Method{
	Name:       "pigdm-pinv",
	Summary:    "pseudo-inverse guidance for data without noise; std is not looked at",
	Guide:      "ΠGDM, pseudo-inverse form",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact for the prior N(μ, s²I) given H x = y without noise as steps grow; biased for others, and for noisy data too narrow",
	Needs:      needsLinear,
	Calls:      samplerCalls + "; 1 vector–Jacobian product each",
	References: []string{"song2023pigdm"},
	Parameters: []Parameter{dataVariance},
	new: steered("pigdm-pinv", true, func(_ *problem.Problem, y *potential.Measurement, s Settings) (guide.Guide, int, error) {
		g, err := guide.NewPiGDMPinv(y, s.Float("data_variance"))
		if err != nil {
			return nil, 0, &problem.UnsupportedError{Method: "pigdm-pinv", Needs: "the singular values of the operator", Has: err.Error(), Try: "use method pigdm or mmps"}
		}
		return g, 1, nil
	}),
}

// maxWritten bounds the columns of a covariance that is written out.
const maxWritten = 2048

var jfps = Method{
	Name:       "jfps",
	Summary:    "leans the clean estimate to the measurement with the covariance that a Gaussian with the data's covariance would leave; no gradients",
	Guide:      "JFPS",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "exact for Gaussian priors as steps grow; biased for others",
	Needs:      needsLinear,
	Calls:      samplerCalls,
	References: []string{"rozet2023"},
	new: steered("jfps", true, func(p *problem.Problem, y *potential.Measurement, _ Settings) (guide.Guide, int, error) {
		unsupported := &problem.UnsupportedError{Method: "jfps", Needs: fmt.Sprintf("the covariance of at most %d columns", maxWritten), Try: "use method pigdm or mmps"}
		if p.Dim() > maxWritten {
			unsupported.Has = fmt.Sprint(p.Dim())
			return nil, 0, unsupported
		}
		cov, err := p.Prior.DenseCovariance()
		if err != nil {
			unsupported.Has = err.Error()
			return nil, 0, unsupported
		}
		return guide.NewJFPS(y, cov), 0, nil
	}),
}

var dpsD = Method{
	Name:       "dps-d",
	Summary:    "leans the clean estimate by the measurement's own score, as if the estimate were certain",
	Guide:      "plug-in gradient",
	Bridge:     "any",
	Corrector:  "projection at the end",
	Exact:      "biased: too far towards the data and too narrow; with little noise it needs very many steps",
	Needs:      needsMeasurement,
	Calls:      samplerCalls + "; 1 vector–Jacobian product each",
	References: []string{"chung2023"},
	Parameters: []Parameter{{Name: "weight", Default: 1.0, Max: largest, Doc: "strength of the pull; 1 is the measurement's own, which is stiff where the noise is small and steps are few"}},
	new: steered("dps-d", false, func(_ *problem.Problem, y *potential.Measurement, s Settings) (guide.Guide, int, error) {
		return guide.PlugIn{Weight: s.Float("weight"), Energy: y.Energy}, 1, nil
	}),
}
