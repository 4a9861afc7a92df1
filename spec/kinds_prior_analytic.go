package spec

import (
	"fmt"
	"slices"
	"strings"
)

// kernels of a gaussian-field and forms of a fitted covariance, as package prior
// has them.
var (
	kernels = []string{"matern12", "matern32", "matern52", "rbf"}
	forms   = []string{"full", "diagonal", "spherical"}
)

// analyticKinds are priors with an exact denoiser: laws given by numbers or a
// formula, and laws fitted to data in closed form or by a climb.
func analyticKinds() []Kind {
	return []Kind{
		{Name: "gaussian", Doc: "N(mean, covariance), with its exact denoiser", Keys: []Key{
			{Name: "mean", Type: Floats, Required: true, Doc: "mean of each column; its length is the dimension d"},
			{Name: "covariance", Type: Float | Floats | Matrix, Default: 1.0, Doc: "one variance for all columns, d variances, or a d×d matrix"},
			columnsKey("names of the d columns (default x[0], x[1], …)"),
		}, finish: finishGaussian},
		{Name: "gaussian-mixture", Doc: "Σ weight·N(mean, covariance), given or fitted to the rows of a file, with its exact denoiser", Keys: append([]Key{
			{Name: "weights", Type: Floats, Range: above(0, largest), Doc: "relative weights of the k components (default: equal)"},
			{Name: "means", Type: Matrix, Doc: "k rows of d numbers"},
			{Name: "covariances", Type: String | Float | Floats | Matrix | Matrices, Default: 1.0, Allowed: forms, Doc: "one variance for all, k variances, k rows of d variances, or k matrices d×d; with data the form to fit (default full)"},
			columnsKey("names of the d columns (default x[0], x[1], …); with data the columns to use (default: all numeric ones)"),
		}, fitKeys()...), finish: finishMixture},
		{Name: "gaussian-field", Doc: "a stationary Gaussian random field on a regular grid, with its exact denoiser", Keys: fieldKeys(), finish: finishField},
		{Name: "state-space", Doc: "the trajectory of a linear model with Gaussian noise, x' = transition·x + offset + q, with its exact denoiser", Keys: []Key{
			{Name: "transition", Type: Matrix, Required: true, Doc: "n×n matrix of one step"},
			{Name: "offset", Type: Floats, Doc: "what a step adds (default 0)"},
			{Name: "noise", Type: Float | Floats | Matrix, Required: true, Doc: "covariance of a step's noise q: one variance, n variances, or an n×n matrix"},
			{Name: "mean", Type: Floats, Required: true, Doc: "mean of the first state; its length is the size n of the state"},
			{Name: "covariance", Type: Float | Floats | Matrix, Default: 1.0, Doc: "covariance of the first state: one variance, n variances, or an n×n matrix"},
			{Name: "steps", Type: Int, Required: true, Range: from(1, 2047), Doc: "number of steps: the columns are the steps + 1 states, time after time, 2,048 at most"},
			columnsKey("names of the columns (default x[0], x[1], …)"),
		}, finish: finishStateSpace},
		{Name: "empirical", Doc: "the rows of a file, drawn at random, with their exact denoiser", Keys: []Key{
			dataKey(), columnsKey("columns to use (default: all numeric ones)"),
		}},
		{Name: "ppca", Doc: "a linear autoencoder fitted to the rows of a file (probabilistic PCA), with its exact denoiser", Keys: []Key{
			dataKey(), columnsKey("columns to use (default: all numeric ones)"),
			{Name: "latent", Type: Int, Required: true, Range: from(1, 1e4), Doc: "latent dimensions, fewer than columns"},
		}},
		{Name: "energy", Doc: "exp(−expr) in one or two columns, with its denoiser by quadrature", Keys: []Key{
			{Name: "expr", Type: Expr, Required: true, Doc: "the energy over the columns; the density is proportional to exp(−expr)"},
			{Name: "lower", Type: Floats, Required: true, Doc: "lower bound of each column, where the density is negligible"},
			{Name: "upper", Type: Floats, Required: true, Doc: "upper bound of each column, where the density is negligible"},
			columnsKey("names of the columns (default x[0], x[1])"),
			{Name: "points", Type: Int, Range: from(9, 1025), Doc: "points of the grid along each axis, an odd number (default: 257 for one column, 65 for two)"},
		}, finish: finishEnergy},
	}
}

func fitKeys() []Key {
	return []Key{
		{Name: "data", Type: Path, Allowed: tables, Doc: "the file of data rows to fit the mixture to, instead of means"},
		{Name: "components", Type: Int | Ints, Range: from(1, 1000), Doc: "with data: the number of components, or a list of numbers of which the one of smallest BIC is taken (default 1 to 10)"},
		{Name: "restarts", Type: Int, Range: from(1, 1000), Doc: "with data: starts, of which the best fit is kept (default 5)"},
		{Name: "floor", Type: Float, Range: above(0, 1), Doc: "with data: floor of the variances of components, as a share of the column's (default 1e-6)"},
		{Name: "seed", Type: Int, Range: from(0, 1<<62), Doc: "with data: seed of the starts (default 0)"},
	}
}

func fieldKeys() []Key {
	return []Key{
		{Name: "shape", Type: Ints, Repeats: true, Required: true, Range: from(2, 2048), Doc: "points along the one axis or the two axes, the first one slow"},
		{Name: "extent", Type: Float | Floats, Default: 1.0, Range: above(0, largest), Doc: "length of all axes or of each, in the unit of length: from end to end, or one period"},
		{Name: "kernel", Type: String, Default: "matern52", Allowed: kernels, Doc: "covariance function: Matérn of smoothness 1/2, 3/2, 5/2, or squared exponential"},
		{Name: "length", Type: Float, Required: true, Range: above(0, largest), Doc: "correlation length"},
		{Name: "variance", Type: Float, Default: 1.0, Range: above(0, largest), Doc: "variance at a point"},
		{Name: "nugget", Type: Float, Default: 0.0, Range: from(0, largest), Doc: "variance of independent noise at every point, added"},
		{Name: "mean", Type: Float, Default: 0.0, Doc: "mean at every point"},
		{Name: "boundary", Type: String, Default: "free", Allowed: []string{"free", "periodic"}, Doc: "free (up to 2048 points, or kernel rbf) or periodic (up to 2^20 points)"},
		columnsKey("names of the points (default x[0], x[1], …)"),
	}
}

// productKind is the law of independent parts; parts are of the kinds above.
func productKind() Kind {
	return Kind{Name: "product", Doc: "independent parts side by side, each a prior of its own with an exact denoiser", Keys: []Key{
		{Name: "parts", Type: Tables, Required: true, Table: &Section{Name: "prior", Doc: "one part", Kinds: analyticKinds()}, Doc: "the parts, written [[prior.parts]], each with a kind and its keys"},
	}}
}

func finishField(b *Block) error {
	shape := b.Ints("shape")
	if len(shape) > 2 {
		return b.fault("shape", "has %d axes", len(shape)).allowed("one or two axes")
	}
	if b.Rank("extent") == 1 {
		if err := b.length("extent", len(b.Floats("extent")), len(shape), "shape"); err != nil {
			return err
		}
	}
	d := 1
	for _, n := range shape {
		d *= n
	}
	return b.length("columns", len(b.Strings("columns")), d, "the grid")
}

func finishEnergy(b *Block) error {
	d := len(b.Floats("lower"))
	if d > 2 {
		return b.fault("lower", "has length %d", d).allowed("length 1 or 2; in more columns take a broad gaussian and the formula as a cost")
	}
	if err := b.length("upper", len(b.Floats("upper")), d, "lower"); err != nil {
		return err
	}
	if err := b.length("columns", len(b.Strings("columns")), d, "lower"); err != nil {
		return err
	}
	if !b.Has("points") {
		b.values["points"] = []int{257, 65}[d-1]
	}
	if b.Int("points")%2 == 0 {
		return b.fault("points", "%d is even", b.Int("points")).allowed("odd numbers, such as %d", b.Int("points")+1)
	}
	_, err := b.Expr("expr", b.columnNames())
	return err
}

// finishFit checks a mixture that is fitted to data, and fills its defaults.
func finishFit(b *Block) error {
	for _, key := range []string{"means", "weights"} {
		if b.Has(key) {
			return b.fault(key, "stands beside data").allowed("means for a mixture that is given, data for one that is fitted")
		}
	}
	if !b.Given("covariances") {
		b.values["covariances"] = "full"
	}
	if form, ok := b.values["covariances"].(string); !ok || !slices.Contains(forms, form) {
		return b.fault("covariances", "is no form to fit to data").allowed("%s", strings.Join(forms, ", "))
	}
	switch k := b.values["components"].(type) {
	case nil:
		b.values["components"] = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	case int:
		b.values["components"] = []int{k}
	}
	for key, v := range map[string]any{"restarts": 5, "floor": 1e-6, "seed": 0} {
		if !b.Has(key) {
			b.values[key] = v
		}
	}
	return nil
}

// givenMixture refuses what is for a fit only.
func givenMixture(b *Block) error {
	if !b.Has("means") {
		return b.fault("means", "is missing").allowed("means for a mixture that is given, data for one that is fitted")
	}
	for _, k := range fitKeys() {
		if b.Given(k.Name) {
			return b.fault(k.Name, "stands without data").allowed("beside data, for a mixture that is fitted")
		}
	}
	if form, ok := b.values["covariances"].(string); ok {
		return b.fault("covariances", "the form %q stands beside means", form).allowed("variances or matrices; a form only with data")
	}
	return nil
}

// columnNames returns the names of a prior's columns where the spec itself tells
// them: those given, or x[0], x[1], …; nil where the data have to be read.
func (b *Block) columnNames() []string {
	if b.Kind == "product" {
		var all []string
		for _, part := range b.Tables("parts") {
			names := part.columnNames()
			if names == nil {
				return nil
			}
			for j, name := range names {
				if name == element("x", j) && !part.Has("columns") { // numbered anew
					name = element("x", len(all))
				}
				all = append(all, name)
			}
		}
		return all
	}
	if names := b.Strings("columns"); names != nil {
		return names
	}
	d := 0
	switch b.Kind {
	case "gaussian":
		d = len(b.Floats("mean"))
	case "gaussian-mixture":
		if b.Has("means") {
			d = len(b.Matrix("means")[0])
		}
	case "gaussian-field":
		d = 1
		for _, n := range b.Ints("shape") {
			d *= n
		}
	case "state-space":
		d = len(b.Floats("mean")) * (b.Int("steps") + 1)
	case "energy":
		d = len(b.Floats("lower"))
	case "oracle-heat", "oracle-stokes", "oracle-porous-medium", "oracle-stefan", "oracle-burgers":
		d = b.oracleSize()
	case "oracle-solutions":
		if f, err := b.Family(); err == nil {
			arrays := f.Arrays()
			d = arrays[len(arrays)-1].Size()
		}
	}
	var names []string
	for j := range d {
		names = append(names, fmt.Sprintf("x[%d]", j))
	}
	return names
}
