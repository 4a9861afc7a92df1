package spec

func potentialSection() Section {
	name := Key{Name: "name", Type: String, Doc: "the name in reports (default: the formula or the kind)"}
	return Section{Name: "potential", Doc: "what is wanted or was measured: an energy E(x); the law carries exp(−E)", Repeated: true, Kinds: []Kind{
		{Name: "cost", Doc: "E = weight·expr", Keys: []Key{
			name,
			{Name: "expr", Type: Expr, Required: true, Doc: "such as \"0.9*cement + 0.07*slag\""},
			{Name: "weight", Type: Float, Default: 1.0, Doc: "one over the unit of the formula; negative to seek large values"},
		}},
		measurementKind(name),
		{Name: "penalty", Doc: "E = weight·Σ (violation/scale)² of a relation: a soft constraint", Keys: []Key{
			name,
			{Name: "expr", Type: Relation, Required: true, Doc: "such as \"water <= 180\""},
			{Name: "weight", Type: Float, Required: true, Range: above(0, largest), Doc: "how hard it pulls"},
		}},
	}}
}
