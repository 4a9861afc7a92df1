package spec

func samplerSection() Section {
	eta := Key{Name: "eta", Type: Float, Default: 0.0, Range: from(0, 1), Doc: "share of ddpm's noise; 0: deterministic"}
	denoise := func(doc string) Key { return Key{Name: "denoise", Type: Bool, Default: true, Doc: doc} }
	flowDenoise := denoise("ve and edm: end at the clean estimate, not at the noise of t = 0")
	churn := []Key{
		{Name: "churn", Type: Float, Default: 0.0, Range: from(0, 1e6), Doc: "noise added on the way, S_churn; 0: deterministic"},
		{Name: "churn_min", Type: Float, Default: 0.0, Range: from(0, 1e6), Doc: "smallest noise level at which it is added"},
		{Name: "churn_max", Type: Float, Default: 0.0, Range: from(0, 1e6), Doc: "largest such level; 0: all"},
		{Name: "churn_noise", Type: Float, Default: 1.0, Range: above(0, 10), Doc: "standard deviation of what is added, S_noise"},
	}
	return Section{Name: "sampler", Doc: "the walk from noise to data", DefaultKind: "ddpm", Kinds: []Kind{
		walk("ddpm", "ancestral sampling: the Gaussian bridge at the denoised point", "edm", 64),
		walk("ddim", "the same with less noise", "edm", 64, eta),
		walk("smld", "ancestral sampling of score matching with Langevin dynamics (ve, edm)", "edm", 64),
		walk("euler-maruyama", "the reverse equation, one Euler–Maruyama step at a time", "vp", 64, denoise("leave out the noise of the last step")),
		walk("euler", "the probability-flow equation in the noise level by Euler's rule, with churn (ve, edm)", "edm", 64, churn...),
		walk("heun", "the probability-flow equation in the noise level by Heun's rule, second order, with churn (ve, edm)", "edm", 64, churn...),
		walk("dpm-solver++", "the probability-flow equation in the log-SNR, second order with one call a step (2M)", "edm", 32),
		walk("ode", "the probability-flow equation in the time of the process, by a fixed rule", "flow", 32,
			Key{Name: "rule", Type: String, Default: "heun", Allowed: []string{"euler", "heun", "rk4"}, Doc: "of order 1, 2 or 4"}, flowDenoise),
		walk("dormand-prince", "the same with steps chosen to a tolerance; steps only says how often it pauses", "flow", 8,
			Key{Name: "rtol", Type: Float, Default: 1e-5, Range: from(1e-13, 1), Doc: "relative error of a step"},
			Key{Name: "atol", Type: Float, Default: 1e-5, Range: from(1e-13, 1), Doc: "absolute error of a step, in standard deviations of the prior"}, flowDenoise),
		{Name: "langevin", Doc: "a Markov chain at one noise level (ULA); not for separated modes, nor for twisted-smc", Keys: []Key{
			{Name: "steps", Type: Int, Default: 1000, Range: from(1, 1e6), Doc: "steps of the chain; one more call ends it"},
			{Name: "step", Type: Float, Default: 0.01, Range: above(0, 1e3), Doc: "step η of z + η s + √(2η) n; at most sigma² is safe"},
			{Name: "sigma", Type: Float, Default: 0.1, Range: above(0, 1e6), Doc: "the noise level, in standard deviations of the prior"},
			denoise("end at the clean estimate, not at the noisy point"),
		}},
	}}
}

// walk is a kind that goes from level to level of a process.
func walk(name, doc, process string, steps int, more ...Key) Kind {
	keys := []Key{
		{Name: "steps", Type: Int, Default: steps, Range: from(1, 1e6), Doc: "steps from noise to data (default with grid or times: their number)"},
		{Name: "process", Type: Table, Table: processSection(process), Doc: "the noise process"},
		{Name: "grid", Type: Floats, Range: from(0, 1e6), Doc: "noise levels b/a, decreasing; a last 0 may be left out (default: from the process)"},
		{Name: "times", Type: Floats, Range: from(0, 1), Doc: "times of the process, decreasing; a last 0 may be left out (default: equal steps from 1)"},
	}
	corrector := []Key{
		{Name: "corrector_steps", Type: Int, Default: 0, Range: from(0, 1e4), Doc: "steps of Langevin dynamics after each step"},
		{Name: "snr", Type: Float, Default: 0.1, Range: above(0, 10), Doc: "size of such a step: noise against score"},
	}
	return Kind{Name: name, Doc: doc, Keys: append(append(keys, more...), corrector...), finish: finishSampler}
}

func processSection(kind string) *Section {
	beta := []Key{
		{Name: "beta_min", Type: Float, Default: 0.1, Range: above(0, 1e4), Doc: "β at the data"},
		{Name: "beta_max", Type: Float, Default: 20.0, Range: above(0, 1e4), Doc: "β at the noise"},
	}
	return &Section{Name: "process", Doc: "how noise grows", DefaultKind: kind, Kinds: []Kind{
		{Name: "edm", Doc: "a = 1, b = σ, levels by a power law (Karras et al. 2022, equation 5)", Keys: []Key{
			{Name: "sigma_min", Type: Float, Default: 0.002, Range: above(0, 1e6), Doc: "smallest noise level, in standard deviations of the prior"},
			{Name: "sigma_max", Type: Float, Default: 80.0, Range: above(0, 1e6), Doc: "largest noise level"},
			{Name: "rho", Type: Float, Default: 7.0, Range: from(1, 100), Doc: "how much denser the levels are near 0"},
		}, finish: increasing("sigma_min", "sigma_max")},
		{Name: "vp", Doc: "variance-preserving, β linear in time (Song et al. 2021)", Keys: beta, finish: increasing("beta_min", "beta_max")},
		{Name: "vp-cosine", Doc: "variance-preserving, a a cosine in time (Nichol and Dhariwal 2021)", Keys: []Key{
			{Name: "offset", Type: Float, Default: 0.008, Range: above(0, 1), Doc: "shift of the cosine, which keeps β above 0 at the data"},
			{Name: "beta_max", Type: Float, Default: 999.0, Range: above(0, 1e6), Doc: "β is clipped here"},
		}},
		{Name: "sub-vp", Doc: "as vp with less noise, b = 1 − a² (Song et al. 2021)", Keys: beta, finish: increasing("beta_min", "beta_max")},
		{Name: "ve", Doc: "variance-exploding, σ geometric in time (Song et al. 2021)", Keys: []Key{
			{Name: "sigma_min", Type: Float, Required: true, Range: above(0, 1e6), Doc: "smallest noise level, in standard deviations of the prior"},
			{Name: "sigma_max", Type: Float, Required: true, Range: above(0, 1e6), Doc: "largest noise level"},
		}, finish: increasing("sigma_min", "sigma_max")},
		{Name: "flow", Doc: "straight paths, a = 1 − t, b = t (flow matching: Lipman et al. 2023)"},
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

// finishSampler checks levels of churn, and a grid or times, and makes steps their number above 0.
func finishSampler(b *Block) error {
	if b.Has("grid") && b.Has("times") {
		return b.fault("times", "times stand beside a grid").allowed("one of them")
	}
	if b.kind.Key("churn") != nil {
		if low, high := b.Float("churn_min"), b.Float("churn_max"); high > 0 && high < low {
			return b.fault("churn_max", "%s is below churn_min = %s", short(high), short(low)).allowed("0, or a level from churn_min on")
		}
	}
	for _, key := range []string{"grid", "times"} {
		if err := finishLevels(b, key); err != nil {
			return err
		}
	}
	return nil
}

func finishLevels(b *Block, key string) error {
	list := b.Floats(key)
	if list == nil {
		return nil
	}
	for i := 1; i < len(list); i++ {
		if list[i] >= list[i-1] {
			what := map[string]string{"grid": "noise levels", "times": "times"}[key]
			return b.fault(key, "the %s do not decrease: %s at place %d after %s", what, short(list[i]), i, short(list[i-1]))
		}
	}
	levels := len(list)
	if list[levels-1] == 0 {
		levels--
	}
	if levels == 0 {
		return b.fault(key, "no level is above 0")
	}
	if b.Given("steps") && b.Int("steps") != levels {
		return b.fault("steps", "%d steps, but %s has %d levels above 0", b.Int("steps"), key, levels).allowed("leave out steps or %s", key)
	}
	b.values["steps"] = levels
	return nil
}
