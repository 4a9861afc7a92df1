package spec

func methodSection() Section {
	return Section{Name: "method", Doc: "how samples are made to obey", DefaultKind: "twisted-smc", Kinds: []Kind{
		{Name: "none", Doc: "samples of the prior: the baseline"},
		{Name: "project", Doc: "the denoised point is projected at every step and at the end: feasible, not the right law"},
		{Name: "guided", Doc: "a gradient through the denoiser pulls, a projection ends", Keys: []Key{
			{Name: "weight", Type: Float, Default: 1.0, Range: from(0, largest), Doc: "strength of the pull"},
		}},
		{Name: "twisted-smc", Doc: "weighted particles with a twisted proposal: the right law as their number grows", Keys: []Key{
			{Name: "particles", Type: Int, Default: 0, Range: from(0, 1e9), Doc: "population, at least run.samples; 0: chosen by the method"},
			{Name: "ess_threshold", Type: Float, Default: 0.5, Range: above(0, 1), Doc: "resample when the effective sample size falls below this share"},
			{Name: "defensive", Type: Float, Default: 0.1, Range: below(0, 1), Doc: "share ε of the twist ψ = (1−ε)ψ̃ + εP that looks beyond the Gaussian approximation"},
			{Name: "kernel", Type: String, Default: "tweedie", Allowed: []string{"tweedie", "ddpm"}, Doc: "variance of the proposal"},
			{Name: "rejuvenate", Type: Bool, Default: true, Doc: "move copies apart after drawing"},
		}},
	}}
}

func samplerSection() Section {
	kind := func(name, doc, process string, more ...Key) Kind {
		return Kind{Name: name, Doc: doc, Keys: append([]Key{
			{Name: "steps", Type: Int, Default: 64, Range: from(1, 1e6), Doc: "steps from noise to data (default with a grid: its levels)"},
			{Name: "process", Type: Table, Table: processSection(process), Doc: "the noise process"},
			{Name: "grid", Type: Floats, Range: from(0, 1e6), Doc: "noise levels b/a, decreasing; a last 0 may be left out (default: from the process)"},
		}, more...), finish: finishSampler}
	}
	return Section{Name: "sampler", Doc: "the walk from noise to data", DefaultKind: "ddpm", Kinds: []Kind{
		kind("ddpm", "ancestral sampling: the Gaussian bridge at the denoised point", "edm"),
		kind("ddim", "the same with less noise", "edm", Key{Name: "eta", Type: Float, Default: 0.0, Range: from(0, 1), Doc: "share of ddpm's noise; 0: deterministic"}),
		kind("euler-maruyama", "the reverse equation, one Euler–Maruyama step at a time", "vp"),
		kind("heun", "the probability-flow equation by Heun's rule, second order", "edm"),
	}}
}

func processSection(kind string) *Section {
	return &Section{Name: "process", Doc: "how noise grows", DefaultKind: kind, Kinds: []Kind{
		{Name: "edm", Doc: "a = 1, b = σ, levels by a power law (Karras et al. 2022, equation 5)", Keys: []Key{
			{Name: "sigma_min", Type: Float, Default: 0.002, Range: above(0, 1e6), Doc: "smallest noise level, in standard deviations of the prior"},
			{Name: "sigma_max", Type: Float, Default: 80.0, Range: above(0, 1e6), Doc: "largest noise level"},
			{Name: "rho", Type: Float, Default: 7.0, Range: from(1, 100), Doc: "how much denser the levels are near 0"},
		}, finish: increasing("sigma_min", "sigma_max")},
		{Name: "vp", Doc: "variance-preserving, β linear in time (Song et al. 2021)", Keys: []Key{
			{Name: "beta_min", Type: Float, Default: 0.1, Range: above(0, 1e4), Doc: "β at the data"},
			{Name: "beta_max", Type: Float, Default: 20.0, Range: above(0, 1e4), Doc: "β at the noise"},
		}, finish: increasing("beta_min", "beta_max")},
		{Name: "ve", Doc: "variance-exploding, σ geometric in time (Song et al. 2021)", Keys: []Key{
			{Name: "sigma_min", Type: Float, Required: true, Range: above(0, 1e6), Doc: "smallest noise level, in standard deviations of the prior"},
			{Name: "sigma_max", Type: Float, Required: true, Range: above(0, 1e6), Doc: "largest noise level"},
		}, finish: increasing("sigma_min", "sigma_max")},
	}}
}

func increasing(low, high string) func(*Block) error {
	return func(b *Block) error {
		if b.Float(low) >= b.Float(high) {
			return b.fault(high, "%s is not above %s = %s", short(b.Float(high)), low, short(b.Float(low)))
		}
		return nil
	}
}

// finishSampler checks a grid and makes steps the number of its levels above 0.
func finishSampler(b *Block) error {
	grid := b.Floats("grid")
	if grid == nil {
		return nil
	}
	for i := 1; i < len(grid); i++ {
		if grid[i] >= grid[i-1] {
			return b.fault("grid", "the noise levels do not decrease: %s at place %d after %s", short(grid[i]), i, short(grid[i-1]))
		}
	}
	levels := len(grid)
	if grid[levels-1] == 0 {
		levels--
	}
	if levels == 0 {
		return b.fault("grid", "no level is above 0")
	}
	if b.Given("steps") && b.Int("steps") != levels {
		return b.fault("steps", "%d steps, but grid has %d levels above 0", b.Int("steps"), levels).allowed("leave out steps or grid")
	}
	b.values["steps"] = levels
	return nil
}

func runSection() Section {
	return Section{Name: "run", Doc: "how much is done, and on what", Kinds: []Kind{{Keys: []Key{
		{Name: "samples", Type: Int, Default: 1000, Range: from(1, 1e9), Doc: "how many points are wanted"},
		{Name: "seed", Type: Int, Default: 0, Range: from(0, 1<<62), Doc: "equal seeds give equal bytes"},
		{Name: "backend", Type: String, Default: "go", Allowed: []string{"go", "xla", "auto"}, Doc: "what runs the compiled steps"},
		{Name: "dtype", Type: String, Allowed: []string{"float32", "float64"}, Doc: "precision of the steps (default: the prior's)"},
		{Name: "workers", Type: Int, Default: 0, Range: from(0, 65536), Doc: "threads; 0: all cores; results do not depend on it"},
		{Name: "chunk", Type: Int, Default: 512, Range: from(1, 1<<24), Doc: "samples per compiled step; results depend on it"},
	}}}}
}

func reportSection() Section {
	return Section{Name: "report", Doc: "what the page shows", Kinds: []Kind{{Keys: []Key{
		{Name: "x", Type: Expr, Doc: "formula of the figure's horizontal axis"},
		{Name: "y", Type: Expr, Doc: "formula of the figure's vertical axis"},
		{Name: "x_label", Type: String, Doc: "label with the unit (default: the formula)"},
		{Name: "y_label", Type: String, Doc: "label with the unit (default: the formula)"},
		{Name: "rank", Type: Expr, Doc: "formula that orders the samples, smallest best"},
		{Name: "rank_label", Type: String, Doc: "label with the unit (default: the formula)"},
		{Name: "top", Type: Int, Default: 10, Range: from(0, 1000), Doc: "how many of the best are listed"},
		{Name: "data", Type: Path, Allowed: tables, Doc: "real rows to compare with (default: the prior's data)"},
	}, finish: finishReport}}}
}

func finishReport(b *Block) error {
	for _, pair := range [][2]string{{"x", "y"}, {"y", "x"}} {
		if b.Has(pair[0]) && !b.Has(pair[1]) {
			return b.fault(pair[0], "the figure has no %s", pair[1]).allowed("both x and y, or neither")
		}
	}
	for _, key := range []string{"x", "y", "rank"} {
		label := key + "_label"
		if b.Has(label) && !b.Has(key) {
			return b.fault(label, "a label without its formula %s", key)
		}
		if b.Has(key) && !b.Has(label) {
			b.values[label] = oneLine(b.String(key))
		}
	}
	return nil
}
