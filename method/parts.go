package method

// Part is something a run is made of besides its method, by its name in a spec.
type Part struct {
	Name       string
	References []string // keys into References
}

// Samplers are the kinds of [sampler].
var Samplers = []Part{
	{"ddpm", []string{"ho2020"}},
	{"ddim", []string{"song2021ddim"}},
	{"smld", []string{"song2019", "song2021sde"}},
	{"euler-maruyama", []string{"song2021sde"}},
	{"euler", []string{"karras2022"}},
	{"heun", []string{"karras2022"}},
	{"dpm-solver++", []string{"lu2022"}},
	{"ode", []string{"song2021sde", "hairer1993"}},
	{"dormand-prince", []string{"song2021sde", "dormand1980", "hairer1993"}},
	{"langevin", []string{"roberts1996"}},
}

// Processes are the kinds of a sampler's process.
var Processes = []Part{
	{"edm", []string{"karras2022"}},
	{"vp", []string{"song2021sde"}},
	{"vp-cosine", []string{"nichol2021"}},
	{"sub-vp", []string{"song2021sde"}},
	{"ve", []string{"song2021sde"}},
	{"flow", []string{"lipman2023"}},
}

// Priors are the kinds of [prior]. Those that are trained or imported rest on more
// or on less, as their settings say.
var Priors = []Part{
	{"gaussian", []string{"efron2011"}},
	{"gaussian-mixture", []string{"arthur2007", "dempster1977", "efron2011", "schwarz1978"}},
	{"gaussian-field", []string{"dietrich1997", "efron2011", "rasmussen2006"}},
	{"state-space", []string{"efron2011", "rauch1965", "tremolet2006"}},
	{"empirical", []string{"efron2011", "milakov2018"}},
	{"ppca", []string{"efron2011", "tipping1999"}},
	{"energy", []string{"efron2011", "trefethen2014"}},
	{"product", []string{"efron2011"}},
	{"oracle-heat", []string{"cheng2025", "efron2011", "trefethen2014", "utkarsh2025"}},
	{"oracle-stokes", []string{"cheng2025", "efron2011", "hansen2023"}},
	{"oracle-porous-medium", []string{"cheng2025", "efron2011", "hansen2023"}},
	{"oracle-stefan", []string{"cheng2025", "efron2011", "hansen2023", "milakov2018"}},
	{"oracle-burgers", []string{"efron2011", "milakov2018", "utkarsh2025"}},
	{"oracle-solutions", []string{"efron2011", "milakov2018"}},
	{"diffusion", []string{"karras2022", "loshchilov2019", "vincent2011"}},
	{"flow", []string{"lipman2023", "loshchilov2019"}},
	{"onnx", []string{"efron2011"}},
}

// Outputs are what an imported network may return.
var Outputs = []Part{
	{"noise", []string{"ho2020"}},
	{"x0", []string{"karras2022"}},
	{"score", []string{"song2021sde"}},
	{"v", []string{"salimans2022"}},
	{"velocity", []string{"lipman2023"}},
}

// Likelihood is the density along the probability flow.
var Likelihood = Part{"likelihood", []string{"song2021sde", "chen2018", "grathwohl2019", "hutchinson1990"}}

// ReferencesOf are the keys of a part; nil for a name that is not in the list.
func ReferencesOf(parts []Part, name string) []string {
	for _, p := range parts {
		if p.Name == name {
			return p.References
		}
	}
	return nil
}
