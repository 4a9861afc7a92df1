package spec

func onnxKind() Kind {
	return Kind{Name: "onnx", Doc: "a diffusion or flow network that another framework exported", Keys: []Key{
		{Name: "model", Type: Path, Required: true, Allowed: []string{".onnx"}, Doc: "the network f(x, t)"},
		{Name: "output", Type: String, Required: true, Allowed: []string{"noise", "x0", "velocity", "score", "v"}, Doc: "what the network returns"},
		{Name: "process", Type: Table, Required: true, Table: networkProcessSection(), Doc: "the noise process the network was trained on"},
		{Name: "time", Type: String, Default: "t", Allowed: []string{"t", "sigma", "log_sigma"}, Doc: "how the network is told the noise: the process's time, σ = b/a or ln σ"},
		{Name: "time_scale", Type: Float, Default: 1.0, Range: above(0, 1e9), Doc: "factor of the time, such as 1000, or 0.25 for EDM's ln(σ)/4"},
		{Name: "shape", Type: Floats, Range: from(1, 1<<20), Doc: "shape of one point as the network takes it, such as [1, 8, 8] (default: the network's own)"},
		{Name: "vectors", Type: Path, Allowed: []string{".npz"}, Doc: "what the exporting framework computed, from tools/export (default: beside the model, as NAME.vectors.npz)"},
		{Name: "data", Type: Path, Allowed: tables, Doc: "rows the network was trained on, or some like them (default: those in vectors)"},
		columnsKey("columns of the data, or names of the numbers of a point (default: x[0], x[1], …)"),
		{Name: "shift", Type: Float | Floats, Doc: "the network works on (x − shift)/scale (default: the data's means; 0 without data)"},
		{Name: "scale", Type: Float | Floats, Range: above(0, largest), Doc: "see shift (default: the data's standard deviations; 1 without data)"},
		{Name: "handover", Type: Float, Default: 5.0, Range: above(0, 1e6), Doc: "noise level, in standard deviations of the data, above which the data's Gaussian replaces the network"},
		{Name: "resolution", Type: Float, Default: 0.02, Range: below(0, 1), Doc: "distance, in standard deviations, that the network tells apart; 0 for an exact one"},
	}, finish: finishOnnx}
}

// networkProcessSection are the processes of prior.Process.
func networkProcessSection() *Section {
	sigmas := func(min, max float64) []Key {
		return []Key{
			{Name: "sigma_min", Type: Float, Default: min, Range: above(0, 1e6), Doc: "smallest noise level, in the network's units"},
			{Name: "sigma_max", Type: Float, Default: max, Range: above(0, 1e6), Doc: "largest noise level"},
		}
	}
	return &Section{Name: "process", Doc: "how noise grew in the training", Kinds: []Kind{
		{Name: "vp", Doc: "a² + b² = 1, β linear in a time from 0 to 1 (Song et al. 2021)", Keys: []Key{
			{Name: "beta_min", Type: Float, Default: 0.1, Range: above(0, 1e4), Doc: "β at the data"},
			{Name: "beta_max", Type: Float, Default: 20.0, Range: above(0, 1e4), Doc: "β at the noise"},
		}, finish: increasing("beta_min", "beta_max")},
		{Name: "ddpm", Doc: "the chain of Ho et al. (2020); its time is the index 0, 1, …, steps − 1", Keys: []Key{
			{Name: "schedule", Type: String, Default: "linear", Allowed: []string{"linear", "scaled-linear", "cosine"}, Doc: "β linear, √β linear, or Nichol and Dhariwal's cosine"},
			{Name: "steps", Type: Int, Default: 1000, Range: from(2, 1e5), Doc: "length of the chain"},
			{Name: "beta_start", Type: Float, Default: 1e-4, Range: &Range{Min: 0, Max: 1, MinOpen: true, MaxOpen: true}, Doc: "first β"},
			{Name: "beta_end", Type: Float, Default: 0.02, Range: &Range{Min: 0, Max: 1, MinOpen: true, MaxOpen: true}, Doc: "last β"},
		}},
		{Name: "ve", Doc: "a = 1, b = σ geometric in a time from 0 to 1 (Song et al. 2021)", Keys: sigmas(0.01, 50), finish: increasing("sigma_min", "sigma_max")},
		{Name: "edm", Doc: "a = 1, b = σ, which is the time (Karras et al. 2022)", Keys: sigmas(0.002, 80), finish: increasing("sigma_min", "sigma_max")},
		{Name: "flow", Doc: "the straight path between noise and data: a = t, b = 1 − t", Keys: []Key{
			{Name: "data_at_zero", Type: Bool, Default: false, Doc: "time runs from the data to the noise: a = 1 − t, b = t"},
		}},
	}}
}

func finishOnnx(b *Block) error {
	d := 1.0
	for _, n := range b.Floats("shape") {
		if d *= n; n != float64(int(n)) || d > 1<<24 {
			return b.fault("shape", "%s is no length of an axis", short(n)).allowed("whole numbers whose product is at most 2²⁴")
		}
	}
	if b.Table("process").Kind == "ddpm" && b.String("output") == "velocity" {
		return b.fault("output", "a chain of discrete times has no velocity").allowed("noise, x0, score, v, or process.kind = \"vp\"")
	}
	for _, key := range []string{"shift", "scale"} {
		if b.Rank(key) == 1 && b.Rank("shape") == 1 {
			if err := b.length(key, len(b.Floats(key)), int(d), "a point of that shape"); err != nil {
				return err
			}
		}
	}
	return nil
}
