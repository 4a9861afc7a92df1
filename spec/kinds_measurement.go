package spec

import (
	"math"

	"abide/potential"
)

// measurementKind is y = operator(x) with noise; a spec may have several.
func measurementKind(name Key) Kind {
	return Kind{Name: "measurement", Doc: "y = operator(x) with noise: E = −log p(y | operator(x)), Σ (operator(x) − y)²/(2 std²) where the noise is Gaussian", Keys: []Key{
		name,
		{Name: "operator", Type: Table, Required: true, Table: operatorSection(), Doc: "what was measured"},
		{Name: "y", Type: Floats | Path, Required: true, Allowed: tables, Range: &Range{Min: -largest, Max: largest, NaN: true}, Doc: "the m measured values, in the operator's order; or a file with them, of any shape, row by row"},
		{Name: "missing", Type: Bool, Default: false, Doc: "nan in y stands for a value that was not measured"},
		{Name: "noise", Type: String | Table, Table: noiseSection(), Allowed: []string{"gaussian", "poisson"}, Doc: "law of the noise, a kind alone or a table (default: gaussian, with std or covariance)"},
		{Name: "std", Type: Float | Floats | Path, Allowed: tables, Range: above(0, largest), Doc: "standard deviation of Gaussian noise, one for all or one each; or a file with them"},
		{Name: "covariance", Type: Matrix | Path, Allowed: tables, Doc: "m×m covariance of Gaussian noise, instead of std; or a file with it"},
	}, finish: finishMeasurement}
}

func noiseSection() *Section {
	return &Section{Name: "noise", Doc: "how y differs from operator(x)", DefaultKind: "gaussian", Kinds: []Kind{
		{Name: "gaussian", Doc: "normal, with std or covariance beside y"},
		{Name: "poisson", Doc: "counts: y ~ Poisson(gain·max(operator(x), floor))", Keys: []Key{
			{Name: "gain", Type: Float, Default: 1.0, Range: above(0, largest), Doc: "mean count for one unit of operator(x)"},
			{Name: "floor", Type: Float, Default: 1e-3, Range: above(0, largest), Doc: "background in the unit of operator(x), counted where that is less"},
		}},
		{Name: "formula", Doc: "−log p(y | at) by a formula of y and at = operator(x), summed over the values", Keys: []Key{
			{Name: "expr", Type: Expr, Required: true, Doc: "such as \"abs(y - at)/0.1\" for Laplace noise"},
		}, finish: func(b *Block) error {
			if _, err := potential.NewFormula(b.String("expr")); err != nil {
				return b.formulaFault("expr", err)
			}
			return nil
		}},
	}}
}

func finishMeasurement(b *Block) error {
	if b.Table("noise").Kind != "gaussian" {
		for _, key := range []string{"std", "covariance"} {
			if b.Has(key) {
				return b.fault(key, "does not go with noise of kind %s", b.Table("noise").Kind).allowed("%s with noise = \"gaussian\"", key)
			}
		}
	} else if err := b.oneOf("std", "covariance"); err != nil {
		return err
	}
	if b.Rank("y") == 1 {
		if err := b.measured(b.Floats("y")); err != nil {
			return err
		}
	}
	m, of := rowsOf(b.Table("operator"))
	if m == 0 && b.Rank("y") == 1 {
		m, of = len(b.Floats("y")), "y"
	}
	if m == 0 {
		return nil // known when the file is read
	}
	if b.Rank("y") == 1 {
		if err := b.length("y", len(b.Floats("y")), m, of); err != nil {
			return err
		}
	}
	switch {
	case b.Rank("std") == 1:
		return b.length("std", len(b.Floats("std")), m, of)
	case b.Rank("covariance") == 2:
		if r := b.Matrix("covariance"); len(r) != m || len(r[0]) != m {
			return b.fault("covariance", "is %d×%d, %s has %d", len(r), len(r[0]), of, m).allowed("%d×%d", m, m)
		}
		return b.covariance("covariance", "covariance", b.Matrix("covariance"), m)
	}
	return nil
}

// measured refuses values of y that are missing where that is not said, and data
// that are missing altogether.
func (b *Block) measured(y []float64) error {
	missing := 0
	for i, v := range y {
		if !math.IsNaN(v) {
			continue
		}
		if missing++; !b.Bool("missing") {
			return b.elementFault("y", i, "is nan").allowed("finite numbers, or missing = true")
		}
	}
	if missing == len(y) {
		return b.fault("y", "all %d values are missing", missing).allowed("at least one number")
	}
	return nil
}

// rowsOf is how many values an operator gives where its block alone tells that, and
// the key that does.
func rowsOf(op *Block) (int, string) {
	switch op.Kind {
	case "matrix":
		if op.Rank("value") == 2 {
			return len(op.Matrix("value")), "operator.value"
		}
	case "mask":
		if op.Has("index") {
			return len(op.Ints("index")), "operator.index"
		}
		return len(op.Strings("columns")), "operator.columns"
	case "formula":
		return len(op.formulas()), "operator.expr"
	}
	return 0, ""
}
