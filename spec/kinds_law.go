package spec

import (
	"slices"

	"abide/equation"
)

// lawKinds are laws of whole fields: what package physics has, on the grid of the prior.
func lawKinds() []Kind {
	axis := func(doc string) Key { return Key{Name: "axis", Type: String, Doc: doc} }
	side := func(doc string, sides ...string) Key {
		return Key{Name: "side", Type: String, Default: sides[0], Allowed: sides, Doc: doc}
	}
	values := func(of, doc string) []Key {
		return []Key{
			{Name: "value", Type: Float | Floats | Expr, Doc: "the values " + of + ": one number, a list, or a formula of the coordinates and pi" + doc},
			{Name: "file", Type: Path, Allowed: tables, Doc: "a file with the values, instead"},
		}
	}
	keys := func(first Key, more []Key, rest ...Key) []Key { return append(append([]Key{first}, more...), rest...) }
	sliced := axis("the axis whose places have one row each (default: t, where the grid has it; none: one row for the whole field)")
	content := Key{Name: "value", Type: Float | Floats | Expr, Doc: "the content: one number for every slice, a list, a formula of the slice's coordinate (and pi), or \"conserved\": what it is in the first slice (default)"}
	gain := Key{Name: "gain", Type: Float | Floats, Doc: "with \"conserved\": what a step from slice to slice adds, one number or one each, from fluxes and sources of the scheme"}
	file := Key{Name: "file", Type: Path, Allowed: tables, Doc: "a file with the values, instead"}
	names := func(name, doc string) Key { return Key{Name: name, Type: Strings, Doc: doc} }
	return []Kind{
		lawKind("initial-value", "u = value at one end of an axis: an initial (or final) condition", finishValues,
			keys(axis("the axis (default: t)"), values("in the order of the columns", ""), side("which end", "left", "right"))...),
		lawKind("boundary-value", "u = value on the boundary of the axes of space (Dirichlet)", finishValues,
			keys(axis("the axis (default: all axes but t that are not periodic)"), values("at one side, in the order of the columns", ""), side("which side", "both", "left", "right"))...),
		lawKind("sensors", "exact readings at points, by linear interpolation between places; noisy ones are a potential of kind measurement", finishSensors,
			keys(Key{Name: "points", Type: Matrix, Doc: "one row of coordinates each, an axis after the other; or give index"},
				values("in the order of the points", ""), Key{Name: "index", Type: Ints, Range: from(0, 1e9), Doc: "columns that are read, from 0, instead of points"})...),
		lawKind("mass", "the content Σ w u of each slice, w the weights of quadrature: trapezia between vertices, whole cells", finishContent, sliced, content, file, gain),
		lawKind("moments", "Σ w m u of each slice for given weights m: centre of mass, momentum, Fourier coefficients", finishValues, sliced,
			Key{Name: "of", Type: Exprs, Required: true, Doc: "formulas m of the coordinates and pi, such as [\"1\", \"x\"]"},
			Key{Name: "value", Type: Float | Floats, Doc: "one number for all, or one for each moment of each slice, slice by slice"}, file),
		lawKind("energy", "½ Σ w u² of each slice (slices along the first axis, or the whole field)", finishValues, sliced,
			Key{Name: "value", Type: Float | Floats | Expr, Doc: "the energies, above 0: one number, one for each slice, or a formula of the slice's coordinate"}, file),
		lawKind("flux", "du/dx = value at one end of an axis, along the axis (not outwards), by one-sided differences", finishFlux,
			keys(axis("the axis (default: the only one beside t)"), values("at one side, in the order of the columns", ""), side("which side", "left", "right"),
				Key{Name: "order", Type: Int, Default: 2, Range: from(2, 4), Doc: "of the difference: 2 (three points) or 4 (five points)"})...),
		lawKind("divergence-free", "Σ ∂u_a/∂x_a = 0 of a flow whose components are fields one after the other", nil,
			Key{Name: "form", Type: String, Default: "spectral", Allowed: []string{"spectral", "mac"}, Doc: "spectral: periodic, all components at the same points; mac: normal velocities on the faces of cells, axes count cells, walls where they are not periodic"}),
		lawKind("symmetry", "u is left alone by mirrors, turns and shifts", finishSymmetry,
			names("even", "axes of mirrors"), names("odd", "axes of mirrors that change the sign"),
			names("turn", "two axes of equal length whose quarter turns leave u alone"),
			Key{Name: "shift", Type: Numbers, Doc: "shifts along periodic axes by numbers of places, such as { x = 8 }"},
			names("ends", "axes whose first and last place are the same point"),
			Key{Name: "vector", Type: Bool, Default: false, Doc: "fields are the components of a vector, of which a mirror turns round the one across it"}),
		lawKind("band-limit", "no Fourier modes above the highest, on periodic axes", nil,
			Key{Name: "highest", Type: Int | Ints, Repeats: true, Required: true, Range: from(0, 1e6), Doc: "highest wave number that is left, one for all axes or one each"}),
		lawKind("field-bounds", "lower ≤ u ≤ upper at every place", finishFieldBounds,
			Key{Name: "lower", Type: Float | Floats | Expr, Range: boundRange(), Doc: "one number, one for each column, or a formula of the coordinates and pi"},
			Key{Name: "upper", Type: Float | Floats | Expr, Range: boundRange(), Doc: "one number, one for each column, or a formula of the coordinates and pi"},
			Key{Name: "mass", Type: Float | Floats | Expr, Doc: "the content of each slice besides, one projection for both: see kind mass"}, sliced),
		lawKind("monotone", "profiles along the last axis that do not fall", nil,
			Key{Name: "falling", Type: Bool, Default: false, Doc: "profiles that do not rise instead"}),
		lawKind("convex", "profiles along the last axis that bend upwards", nil,
			Key{Name: "concave", Type: Bool, Default: false, Doc: "profiles that bend downwards instead"}),
		lawKind("equation", "a differential equation as text, on the grid", finishEquation, equationKeys()...),
		lawKind("family", "the equations of a family of abide data, in the form its data are made with", nil,
			Key{Name: "family", Type: String, Allowed: familyNames(), Doc: "the family (default: that of the prior)"},
			Key{Name: "parameters", Type: Numbers | Texts, Doc: "its parameters (default: those of the prior, or its own)"},
			Key{Name: "given", Type: Numbers, Doc: "numbers of a sample that are known, such as { nu = 2 }; residuals that read others than these and the field are left out"},
			names("rows", "which of its rows hold (default: all)")),
	}
}

// lawKind adds the keys every law of fields has.
func lawKind(name, doc string, finish func(*Block) error, keys ...Key) Kind {
	all := []Key{{Name: "name", Type: String, Doc: "the name in reports (default: the kind)"}}
	all = append(all, keys...)
	all = append(all,
		Key{Name: "axes", Type: Tables, Table: axisSection(), Doc: "the axes of the grid, the last one fast (default: the prior's; axes named here change those of the same name)"},
		Key{Name: "shape", Type: Ints, Repeats: true, Range: from(1, 1<<20), Doc: "places along the axes x, y, z from 0 to 1, where neither the prior nor axes tell"},
		Key{Name: "tolerance", Type: Float, Default: 1e-9, Range: above(0, largest), Doc: "largest violation that counts as obeyed, in the row's unit"})
	if name != "equation" { // whose fields have names
		all = append(all, Key{Name: "fields", Type: Int, Range: from(1, 64), Doc: "how many fields the columns are, one after the other (default: the prior's, or 1)"})
	}
	if slices.Contains([]string{"initial-value", "boundary-value", "sensors", "mass", "moments"}, name) {
		all = append(all, Key{Name: "field", Type: Int, Range: from(0, 63), Doc: "which of several fields, from 0"})
	}
	return Kind{Name: name, Doc: doc, Keys: all, finish: func(b *Block) error {
		if b.Has("axes") && b.Has("shape") {
			return b.fault("shape", "stands beside axes").allowed("axes or shape, not both")
		}
		if finish == nil {
			return nil
		}
		return finish(b)
	}, law: true}
}

func axisSection() *Section {
	return &Section{Name: "axis", Doc: "an axis of the grid", Kinds: []Kind{{Keys: []Key{
		{Name: "name", Type: String, Required: true, Doc: "letters, and digits after them, such as t or x"},
		{Name: "points", Type: Int, Range: from(1, 1<<20), Doc: "places along it"},
		{Name: "range", Type: Floats, Doc: "[first, last] coordinate, walls included; or give length"},
		{Name: "length", Type: Float, Range: above(0, largest), Doc: "length from 0 on, or one period"},
		{Name: "centring", Type: String, Allowed: []string{"vertex", "cell"}, Doc: "places are vertices (default) or cells"},
		{Name: "boundary", Type: String, Doc: "rule of both sides: none, periodic, or for equations \"dirichlet …\", \"neumann …\", \"inflow …\" with a formula"},
		{Name: "left", Type: String, Doc: "rule of the left side"},
		{Name: "right", Type: String, Doc: "rule of the right side"},
	}, finish: func(b *Block) error {
		if b.Has("range") && b.Has("length") {
			return b.fault("length", "stands beside range").allowed("range or length, not both")
		}
		if r := b.Floats("range"); b.Has("range") && (len(r) != 2 || r[0] >= r[1]) {
			return b.fault("range", "is no range").allowed("[first, last] with first < last")
		}
		return nil
	}}}}
}

// equationKeys are those of [equation.Spec].
func equationKeys() []Key {
	return []Key{
		{Name: "equation", Type: Expr, Doc: "such as \"dt(u) + u*dx(u) - nu*dxx(u) = 0\""},
		{Name: "equations", Type: Exprs, Doc: "or several"},
		{Name: "fields", Type: Tables, Table: &Section{Name: "unknown", Doc: "a field of the equations", Kinds: []Kind{{Keys: []Key{
			{Name: "name", Type: String, Required: true, Doc: "its name in the equations"},
			{Name: "axes", Type: Strings, Doc: "axes it varies along (default: all); \"none\" alone: a single number"},
			{Name: "rules", Type: Texts, Doc: "boundary rules of its own, by axis or side, such as { \"x left\" = \"dirichlet\" }"},
		}}}}, Doc: "the fields, in the order of the columns (default: u, or u, v, w where the prior has several)"},
		{Name: "constants", Type: Numbers, Doc: "numbers by name, such as { nu = 0.01 }"},
		{Name: "functions", Type: Texts, Doc: "known functions by name: formulas of coordinates and constants"},
		{Name: "time", Type: String, Doc: "scheme of dt: crank-nicolson (default), \"theta 0.7\", forward, backward, central"},
		{Name: "flux", Type: String, Allowed: []string{"central", "godunov", "engquist-osher", "rusanov"}, Doc: "numerical flux of dx(f(u)) (default central)"},
		{Name: "mean", Type: String, Allowed: []string{"arithmetic", "harmonic"}, Doc: "how coefficients get to faces (default arithmetic)"},
		{Name: "units", Type: Texts, Doc: "units of all names, such as { u = \"m/s\", x = \"m\" }: both sides of every sum are compared"},
		{Name: "unit", Type: Float, Range: above(0, largest), Doc: "residual that counts as one (default: what a change of 1 at one place makes)"},
	}
}

func finishValues(b *Block) error { return b.oneOf("value", "file") }

func finishSensors(b *Block) error {
	if err := b.oneOf("points", "index"); err != nil {
		return err
	}
	if err := finishValues(b); err != nil {
		return err
	}
	if b.Rank("value") != 1 {
		return nil
	}
	n, key := len(b.Matrix("points")), "points"
	if b.Has("index") {
		n, key = len(b.Ints("index")), "index"
	}
	return b.length("value", len(b.Floats("value")), n, key)
}

func finishContent(b *Block) error {
	if b.Has("value") && b.Has("file") {
		return b.fault("file", "stands beside value").allowed("value or file, not both")
	}
	if !b.Has("value") && !b.Has("file") {
		b.values["value"] = "conserved"
	}
	if b.Has("gain") && !b.conserved() {
		return b.fault("gain", "stands beside contents that are given").allowed("gain with value = \"conserved\"")
	}
	return nil
}

func (b *Block) conserved() bool { return b.values["value"] == "conserved" }

func finishFlux(b *Block) error {
	if n := b.Int("order"); n == 3 {
		return b.fault("order", "%d is no order of the differences", n).allowed("2 or 4")
	}
	return finishValues(b)
}

func finishSymmetry(b *Block) error {
	for _, key := range []string{"even", "odd", "turn", "shift", "ends"} {
		if b.Has(key) {
			if n := len(b.Strings("turn")); b.Has("turn") && n != 2 {
				return b.fault("turn", "has length %d", n).allowed("two axes")
			}
			return nil
		}
	}
	return b.fault("kind", "a symmetry without a motion").allowed("even, odd, turn, shift or ends")
}

func finishFieldBounds(b *Block) error {
	if !b.Has("lower") && !b.Has("upper") {
		return b.fault("kind", "bounds without a bound").allowed("lower, upper or both")
	}
	if b.Rank("lower") == 0 && b.Rank("upper") == 0 && b.Float("lower") > b.Float("upper") {
		return b.fault("lower", "lower bound %s is above the upper bound %s", short(b.Float("lower")), short(b.Float("upper")))
	}
	return nil
}

func finishEquation(b *Block) error { return b.oneOf("equation", "equations") }

// equationAxes are the axes of a block, of which what is not said is zero.
func equationAxes(blocks []*Block) []equation.Axis {
	var axes []equation.Axis
	for _, a := range blocks {
		axes = append(axes, equation.Axis{
			Name: a.String("name"), Points: a.Int("points"), Range: a.Floats("range"), Length: a.Float("length"),
			Centring: a.String("centring"), Boundary: a.String("boundary"), Left: a.String("left"), Right: a.String("right"),
		})
	}
	return axes
}
