package method

import (
	"abide/internal/engine"
	"abide/inverse"
	"abide/problem"
	"abide/sampler"
)

// consistentRows put the measurement into a step of their own: by a pseudo-inverse,
// a proximal step or a replacement.
var consistentRows = []Method{ddimPigdm, ddimPigdmPinv, ddrm, ddnm, diffpir, redDiff, replacement, repaint}

// linearly is the constructor of a row whose step needs a linear measurement in the
// basis of its singular vectors.
func linearly(name string, step func(s Settings, m *inverse.Model, f *inverse.Spectrum) (sampler.Bridge, error)) func(*engine.Engine, *problem.Problem, Settings) (sampler.Kernel, error) {
	return func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.MeasuredLinearly(name)
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, y, func(m *inverse.Model) (sampler.Bridge, error) {
			f, err := inverse.NewSpectrum(y)
			if err != nil {
				return nil, err
			}
			return step(s, m, f)
		})
	}
}

const oneCall = "1 denoiser call"

var ddimPigdm = Method{
	Name:       "ddim-pigdm",
	Summary:    "pseudo-inverse guidance as published, added to a DDIM step",
	Guide:      "ΠGDM, state form",
	Bridge:     "DDIM with guidance",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsLinear,
	Calls:      "1 denoiser call and 1 vector–Jacobian product",
	References: []string{"song2023pigdm"},
	Parameters: []Parameter{dataVariance, gramRows, eta},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.MeasuredLinearly("ddim-pigdm")
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, y, func(m *inverse.Model) (sampler.Bridge, error) {
			return inverse.NewDDIMPiGDM(m, s.Grid, s.Float("eta"), s.Float("data_variance"), s.Text("rows") == "sum"), nil
		})
	},
}

var ddimPigdmPinv = Method{
	Name:       "ddim-pigdm-pinv",
	Summary:    "pseudo-inverse guidance for data known exactly, added to a DDIM step that starts at the pseudo-inverse of the data",
	Guide:      "ΠGDM, noiseless form",
	Bridge:     "DDIM with guidance",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsLinear,
	Calls:      "1 denoiser call and 1 vector–Jacobian product",
	References: []string{"song2023pigdm"},
	Parameters: []Parameter{eta},
	new: linearly("ddim-pigdm-pinv", func(s Settings, m *inverse.Model, f *inverse.Spectrum) (sampler.Bridge, error) {
		return inverse.NewDDIMPiGDMPinv(m, f, s.Grid, s.Float("eta")), nil
	}),
}

// freshNoise is η of steps whose noise is a share of the level's.
var freshNoise = Parameter{Name: "eta", Default: 0.85, Max: 1, Doc: "share η of fresh noise at every level; the rest, √(1 − η²), is the noise a point had"}

var ddrm = Method{
	Name:       "ddrm",
	Summary:    "a kernel of its own along every singular vector of the operator, from a start that knows the data",
	Bridge:     "DDRM",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsLinear,
	Calls:      oneCall,
	References: []string{"kawar2022"},
	Parameters: []Parameter{
		freshNoise,
		{Name: "eta_b", Default: 1.0, Max: 1, Doc: "pull η_b of the data where the level is noisier than they are"},
	},
	new: linearly("ddrm", func(s Settings, _ *inverse.Model, f *inverse.Spectrum) (sampler.Bridge, error) {
		return inverse.DDRM{Grid: s.Grid, Spectrum: f, Eta: s.Float("eta"), EtaB: s.Float("eta_b")}, nil
	}),
}

var ddnm = Method{
	Name:       "ddnm",
	Summary:    "keeps the clean estimate in the null space of the operator and takes the data for the rest",
	Bridge:     "DDNM",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsLinear,
	Calls:      "1 denoiser call, times about travel_repeat",
	References: []string{"wang2023"},
	Parameters: []Parameter{
		freshNoise,
		{Name: "exact", Default: false, Doc: "take the data for exact (DDNM); otherwise their noise counts (DDNM+)"},
		{Name: "travel_length", Default: 1, Min: 1, Max: 1e6, Doc: "levels to go back"},
		{Name: "travel_repeat", Default: 1, Min: 1, Max: 1e6, Doc: "how often to walk them in all; 1: no time travel"},
	},
	new: linearly("ddnm", func(s Settings, _ *inverse.Model, f *inverse.Spectrum) (sampler.Bridge, error) {
		return inverse.DDNM{Grid: s.Grid, Spectrum: f, Eta: s.Float("eta"), Exact: s.Bool("exact"), Travel: inverse.Travel{Length: s.Int("travel_length"), Repeat: s.Int("travel_repeat")}}, nil
	}),
}

var diffpir = Method{
	Name:       "diffpir",
	Summary:    "moves the clean estimate to the proximal point of the data and noises it again",
	Bridge:     "DiffPIR",
	Corrector:  "projection at the end",
	Exact:      fewStep,
	Needs:      needsLinear,
	Calls:      oneCall,
	References: []string{"zhu2023"},
	Parameters: []Parameter{
		{Name: "lambda", Default: 1.0, Max: largest, MinOpen: true, Doc: "weight λ of the clean estimate against the data"},
		{Name: "zeta", Default: 0.3, Max: 1, Doc: "share ζ of fresh noise, in variance"},
	},
	new: linearly("diffpir", func(s Settings, _ *inverse.Model, f *inverse.Spectrum) (sampler.Bridge, error) {
		return inverse.DiffPIR{Grid: s.Grid, Spectrum: f, Lambda: s.Float("lambda"), Zeta: s.Float("zeta")}, nil
	}),
}

var redDiff = Method{
	Name:       "red-diff",
	Summary:    "Adam on a clean point, with the denoiser's error at every level as regulariser: an estimate, no samples",
	Bridge:     "Adam, one step a level",
	Corrector:  "projection at the end",
	Exact:      "an optimiser: points end near one mode, and their spread says nothing",
	Needs:      needsMeasurement,
	Calls:      oneCall,
	References: []string{"kingma2015", "mardani2024"},
	Parameters: []Parameter{
		{Name: "learning_rate", Default: 0.1, Max: largest, MinOpen: true, Doc: "Adam's step, in standard deviations"},
		{Name: "data_weight", Default: 1.0, Max: largest, Doc: "weight v of the data"},
		{Name: "denoiser_weight", Default: 0.25, Max: largest, Doc: "weight λ of the denoiser's error, times b/a"},
	},
	new: func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
		y, err := p.Measured("red-diff")
		if err != nil {
			return nil, err
		}
		return owning(e, p, s, y, func(m *inverse.Model) (sampler.Bridge, error) {
			return inverse.NewREDDiff(m, s.Grid, s.Float("learning_rate"), s.Float("data_weight"), s.Float("denoiser_weight"))
		})
	},
}

var replacement = Method{
	Name:       "replacement",
	Summary:    "puts the data, noised to the level, in the place of the measured part after every step",
	Bridge:     "any, with replacement",
	Corrector:  "projection at the end",
	Exact:      "biased in every limit: the rest learns too little from the data, whose noise is not looked at",
	Needs:      needsLinear,
	Calls:      samplerCalls,
	References: []string{"song2021sde"},
	Parameters: []Parameter{
		{Name: "coefficient", Default: 1.0, Max: 1, Doc: "share of the way to the data: 1 replaces, 0 does nothing"},
	},
	new: linearly("replacement", func(s Settings, _ *inverse.Model, f *inverse.Spectrum) (sampler.Bridge, error) {
		return inverse.Replacement{Bridge: s.Bridge, Grid: s.Grid, Spectrum: f, Coefficient: s.Float("coefficient")}, nil
	}),
}

var repaint = Method{
	Name:       "repaint",
	Summary:    "replacement with time travel: goes back and down again, so that the rest can follow what was replaced",
	Bridge:     "DDIM with replacement and time travel",
	Corrector:  "projection at the end",
	Exact:      "exact for data without noise as steps, and then resamplings, grow; at few of either biased towards replacement and too narrow",
	Needs:      needsLinear,
	Calls:      "1 denoiser call, times about resamplings",
	References: []string{"lugmayr2022"},
	Parameters: []Parameter{
		eta,
		{Name: "jump_length", Default: 10, Min: 1, Max: 1e6, Doc: "levels to go back"},
		{Name: "resamplings", Default: 10, Min: 1, Max: 1e6, Doc: "how often to walk them in all; 1: replacement"},
	},
	new: linearly("repaint", func(s Settings, _ *inverse.Model, f *inverse.Spectrum) (sampler.Bridge, error) {
		return inverse.RePaint{Grid: s.Grid, Spectrum: f, Eta: s.Float("eta"), Travel: inverse.Travel{Length: s.Int("jump_length"), Repeat: s.Int("resamplings")}}, nil
	}),
}
