package spec

import "math"

func runSection() Section {
	return Section{Name: "run", Doc: "how much is done, and on what", Kinds: []Kind{{Keys: []Key{
		{Name: "samples", Type: Int, Default: 1000, Range: from(1, 1e9), Doc: "how many points are wanted"},
		{Name: "seed", Type: Int, Default: 0, Range: from(0, 1<<62), Doc: "equal seeds give equal bytes"},
		{Name: "backend", Type: String, Default: "go", Allowed: []string{"go", "xla", "auto"}, Doc: "what runs the compiled steps"},
		{Name: "dtype", Type: String, Allowed: []string{"float32", "float64"}, Doc: "precision of the steps (default: the prior's)"},
		{Name: "workers", Type: Int, Default: 0, Range: from(0, 65536), Doc: "threads; 0: all cores; results do not depend on it"},
		{Name: "chunk", Type: Int, Default: 512, Range: from(1, 1<<24), Doc: "samples per compiled step; results depend on it"},
		{Name: "trajectory", Type: Bool, Default: false, Doc: "write the points of every level to samples.npz (not for twisted-smc)"},
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
		{Name: "truth", Type: Path, Allowed: tables, Doc: "one row, the point that was measured, where it is known: the page shows it and the samples are scored by it (error, PSNR, SSIM, CRPS, coverage)"},
		{Name: "reference", Type: String, Allowed: []string{"exact"}, Doc: "measure the samples by draws of the exact law: \"exact\", for linear measurements with Gaussian noise and a prior that has a posterior in closed form (Gaussian, mixture, field, state space, data set, a product of them), for linear equations and for inequalities that are not rare as constraints, and for any constraints and costs of data sets and tables of solutions"},
		{Name: "image", Type: Floats, Range: from(1, 4096), Doc: "rows are images: [height, width], or [height, width, 3] for colour; the columns are their pixels, row by row"},
	}, finish: finishReport}}}
}

func finishReport(b *Block) error {
	for _, pair := range [][2]string{{"x", "y"}, {"y", "x"}} {
		if b.Has(pair[0]) && !b.Has(pair[1]) {
			return b.fault(pair[0], "the figure has no %s", pair[1]).allowed("both x and y, or neither")
		}
	}
	if shape := b.Floats("image"); shape != nil {
		for i, v := range shape {
			if v != math.Trunc(v) {
				return b.elementFault("image", i, "%s is no whole number", short(v))
			}
		}
		if !(len(shape) == 2 || len(shape) == 3 && shape[2] == 3) {
			return b.fault("image", "%v is no shape of an image", shape).allowed("[height, width] or [height, width, 3]")
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
