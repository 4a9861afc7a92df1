package spec

func potentialSection() Section {
	name := Key{Name: "name", Type: String, Doc: "the name in reports (default: the formula or the kind)"}
	return Section{Name: "potential", Doc: "what is wanted or was measured: an energy E(x); the law carries exp(−E)", Repeated: true, Kinds: []Kind{
		{Name: "cost", Doc: "E = weight·expr", Keys: []Key{
			name,
			{Name: "expr", Type: Expr, Required: true, Doc: "such as \"0.9*cement + 0.07*slag\""},
			{Name: "weight", Type: Float, Default: 1.0, Doc: "one over the unit of the formula; negative to seek large values"},
		}},
		{Name: "measurement", Doc: "y = operator·x + std·n with n ~ N(0, 1): E = Σ (operator·x − y)²/(2 std²)", Keys: []Key{
			name,
			{Name: "operator", Type: Table, Required: true, Table: operatorSection(), Doc: "what was measured"},
			{Name: "y", Type: Floats, Required: true, Doc: "the m measured values"},
			{Name: "std", Type: Float | Floats, Required: true, Range: above(0, largest), Doc: "standard deviation of the noise, one for all or one each"},
		}, finish: finishMeasurement},
		{Name: "penalty", Doc: "E = weight·Σ (violation/scale)² of a relation: a soft constraint", Keys: []Key{
			name,
			{Name: "expr", Type: Relation, Required: true, Doc: "such as \"water <= 180\""},
			{Name: "weight", Type: Float, Required: true, Range: above(0, largest), Doc: "how hard it pulls"},
		}},
	}}
}

func operatorSection() *Section {
	return &Section{Name: "operator", Doc: "a linear map of x", Kinds: []Kind{
		{Name: "matrix", Doc: "A·x", Keys: []Key{
			{Name: "value", Type: Matrix, Required: true, Doc: "m rows, one number per column"},
		}},
		{Name: "mask", Doc: "some of the columns", Keys: []Key{
			{Name: "index", Type: Ints, Range: from(0, 1e6), Doc: "places of the columns, from 0; or give columns"},
			columnsKey("names of the columns; or give index"),
		}, finish: func(b *Block) error { return b.oneOf("columns", "index") }},
	}}
}

func finishMeasurement(b *Block) error {
	m, of := 0, "operator.value"
	switch op := b.Table("operator"); {
	case op.Kind == "matrix":
		m = len(op.Matrix("value"))
	case op.Has("index"):
		m, of = len(op.Ints("index")), "operator.index"
	default:
		m, of = len(op.Strings("columns")), "operator.columns"
	}
	if err := b.length("y", len(b.Floats("y")), m, of); err != nil {
		return err
	}
	if b.Rank("std") == 1 {
		return b.length("std", len(b.Floats("std")), m, of)
	}
	return nil
}
