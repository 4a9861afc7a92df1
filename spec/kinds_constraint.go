package spec

import "math"

func constraintSection() Section {
	return Section{Name: "constraint", Doc: "what must hold: each block is one or more rows g(x) ≤ 0 or h(x) = 0", Repeated: true, DefaultKind: "formula", Kinds: append([]Kind{
		constraintKind("formula", "a relation between formulas over the columns", nil,
			Key{Name: "expr", Type: Relation, Required: true, Doc: "such as \"water/(cement + fly_ash) <= 0.45\""}),
		constraintKind("half-space", "normal·x ≤ offset", finishHalfSpace,
			Key{Name: "normal", Type: Floats, Required: true, Doc: "one number per column"},
			Key{Name: "offset", Type: Float, Required: true, Doc: "bound of normal·x"}),
		constraintKind("polytope", "matrix·x ≤ bound, row by row", finishRows("bound"),
			Key{Name: "matrix", Type: Matrix, Required: true, Doc: "m rows, one number per column"},
			Key{Name: "bound", Type: Floats, Required: true, Doc: "m numbers"}),
		constraintKind("box", "lower ≤ x ≤ upper, column by column; equal bounds fix a column", finishBox,
			Key{Name: "lower", Type: Float | Floats, Range: boundRange(), Doc: "one number for all columns or one each; -inf is no bound (default)"},
			Key{Name: "upper", Type: Float | Floats, Range: boundRange(), Doc: "one number for all columns or one each; inf is no bound (default)"},
			columnsKey("the columns the bounds are for (default: all)")),
		constraintKind("ball", "‖x − center‖ ≤ radius", nil,
			Key{Name: "center", Type: Floats, Required: true, Doc: "one number per column"},
			Key{Name: "radius", Type: Float, Required: true, Range: above(0, largest), Doc: "in the unit of the columns"}),
		constraintKind("linear-equality", "matrix·x = value, row by row", finishRows("value"),
			Key{Name: "matrix", Type: Matrix, Required: true, Doc: "m rows, one number per column"},
			Key{Name: "value", Type: Floats, Required: true, Doc: "m numbers"}),
		constraintKind("fixed", "some columns have given values", finishFixed,
			columnsKey("names of the columns; or give index"),
			Key{Name: "index", Type: Ints, Range: from(0, 1e6), Doc: "places of the columns, from 0; or give columns"},
			Key{Name: "value", Type: Float | Floats, Required: true, Doc: "one number for all of them or one each"}),
	}, lawKinds()...)}
}

func boundRange() *Range { return &Range{Min: -largest, Max: largest, Infinite: true} }

// constraintKind adds the keys every constraint has.
func constraintKind(name, doc string, finish func(*Block) error, keys ...Key) Kind {
	all := []Key{{Name: "name", Type: String, Doc: "the name in reports (default: the formula or the kind)"}}
	all = append(all, keys...)
	all = append(all, Key{Name: "tolerance", Type: Float, Default: 1e-6, Range: above(0, largest), Doc: "largest violation that counts as obeyed, in the row's unit"})
	return Kind{Name: name, Doc: doc, Keys: all, finish: finish}
}

func finishHalfSpace(b *Block) error {
	if isZero(b.Floats("normal")) {
		return b.fault("normal", "all numbers are 0").allowed("at least one number that is not 0")
	}
	return nil
}

// finishRows checks a matrix against its right-hand side.
func finishRows(side string) func(*Block) error {
	return func(b *Block) error {
		rows := b.Matrix("matrix")
		for i, row := range rows {
			if isZero(row) {
				return b.fault("matrix", "row %d is all 0", i).allowed("rows with at least one number that is not 0")
			}
		}
		return b.length(side, len(b.Floats(side)), len(rows), "matrix")
	}
}

func finishBox(b *Block) error {
	if !b.Has("lower") && !b.Has("upper") {
		return b.fault("kind", "a box without bounds").allowed("lower, upper or both")
	}
	lower, upper := b.flat("lower"), b.flat("upper")
	for _, v := range lower {
		if math.IsInf(v, 1) {
			return b.fault("lower", "inf is no lower bound").allowed("finite numbers and -inf")
		}
	}
	for _, v := range upper {
		if math.IsInf(v, -1) {
			return b.fault("upper", "-inf is no upper bound").allowed("finite numbers and inf")
		}
	}
	if b.Rank("lower") == 1 && b.Rank("upper") == 1 {
		if err := b.length("upper", len(upper), len(lower), "lower"); err != nil {
			return err
		}
	}
	for _, key := range []string{"lower", "upper"} {
		if b.Rank(key) == 1 && b.Has("columns") {
			if err := b.length(key, len(b.Floats(key)), len(b.Strings("columns")), "columns"); err != nil {
				return err
			}
		}
	}
	return b.ordered(lower, upper)
}

// ordered refuses boxes that are empty or everything.
func (b *Block) ordered(lower, upper []float64) error {
	bounds := 0
	for _, v := range append(lower[:len(lower):len(lower)], upper...) {
		if !math.IsInf(v, 0) {
			bounds++
		}
	}
	if bounds == 0 {
		return b.fault("kind", "no bound of the box is finite").allowed("at least one finite number in lower or upper")
	}
	if len(lower) == 0 || len(upper) == 0 {
		return nil
	}
	for i := range max(len(lower), len(upper)) {
		lo, up := lower[min(i, len(lower)-1)], upper[min(i, len(upper)-1)]
		if lo > up {
			return b.fault("lower", "lower bound %s is above the upper bound %s at place %d", short(lo), short(up), i)
		}
	}
	return nil
}

func finishFixed(b *Block) error {
	if err := b.oneOf("columns", "index"); err != nil {
		return err
	}
	if b.Rank("value") == 0 {
		return nil
	}
	n, key := len(b.Strings("columns")), "columns"
	if b.Has("index") {
		n, key = len(b.Ints("index")), "index"
	}
	return b.length("value", len(b.Floats("value")), n, key)
}

func isZero(v []float64) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}
