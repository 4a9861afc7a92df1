package spec

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"abide/equation"
	"abide/expr"
	"abide/physics"
)

// equationLaw is equations as text on the grid.
func (s *Spec) equationLaw(b *Block, d int, w physics.Metric) (physics.Constraint, error) {
	g, err := s.gridOf(b)
	if err != nil {
		return nil, err
	}
	e := equation.Spec{Equation: b.String("equation"), Equations: b.Strings("equations"), Axes: g.Axes, Time: b.String("time"), Flux: b.String("flux"), Mean: b.String("mean")}
	for name, v := range b.Named("constants") {
		if e.Constants == nil {
			e.Constants = map[string]float64{}
		}
		e.Constants[name] = v.(float64)
	}
	e.Functions, e.Units = b.texts("functions"), b.texts("units")
	if e.Fields = b.equationFields(g.Fields); e.Fields == nil && g.Fields > 1 {
		return nil, b.fault("fields", "is missing: the columns are %s", g).allowed("fields = [{ name = … }, …]")
	}
	parsed, err := equation.Parse(e)
	if err != nil {
		return nil, b.equationFault(err)
	}
	if parsed.Dim() != d {
		return nil, b.fault("axes", "the equation is on %d numbers (%s), the prior has %d columns", parsed.Dim(), g, d).allowed("a grid and fields of %d numbers", d)
	}
	choice := physics.EquationChoice{Metric: w, Unit: b.Float("unit"), Tolerance: b.Float("tolerance")}
	return b.lawful(physics.FromEquation(parsed, choice))
}

// equationFields are the fields that an equation names, or u, v and w where it names none of
// two or three; nil where it names none of another number.
func (b *Block) equationFields(n int) (fields []equation.Field) {
	for _, f := range b.Tables("fields") {
		fields = append(fields, equation.Field{Name: f.String("name"), Axes: f.Strings("axes"), Rules: f.texts("rules")})
	}
	if fields == nil && (n == 2 || n == 3) {
		for _, name := range []string{"u", "v", "w"}[:n] {
			fields = append(fields, equation.Field{Name: name})
		}
	}
	return fields
}

// texts is a table of texts as equations take it.
func (b *Block) texts(key string) map[string]string {
	if !b.Has(key) {
		return nil
	}
	out := map[string]string{}
	for name, v := range b.Named(key) {
		out[name] = v.(string)
	}
	return out
}

// equationFault puts an error of package equation at the token it points at, in an equation,
// a function or a boundary rule, or else at the key it is about.
func (b *Block) equationFault(err error) error {
	what := formulaWhat(err)
	var fe *expr.Error
	if !errors.As(err, &fe) {
		message := b.built(err).What
		for _, about := range [][2]string{{"units", "units"}, {"time", "time"}, {"flux", "flux"}, {"mean", "mean"}, {"function", "functions"}, {"constant", "constants"}, {"field", "fields"}, {"axis", "axes"}, {"boundary rule", "axes"}} {
			if strings.HasPrefix(message, about[0]) {
				return b.fault(about[1], "%s", message)
			}
		}
		return b.fault("", "%s", message)
	}
	if fe.Source == b.String("equation") && b.Has("equation") {
		return b.fault("equation", "%s", what).within(b.nodes["equation"], err)
	}
	if i := slices.Index(b.Strings("equations"), fe.Source); i >= 0 {
		fault := b.elementFault("equations", i, "%s", what)
		if n := b.nodes["equations"]; n != nil && i < len(n.list) {
			fault = fault.within(n.list[i], err)
		}
		return fault
	}
	for name, text := range b.texts("functions") {
		if n := b.nodes["functions"]; text == fe.Source && n != nil && n.fields[name] != nil {
			return n.fields[name].fault(member(member(b.path, "functions"), name), what).within(n.fields[name], err)
		}
	}
	for _, a := range b.Tables("axes") {
		for _, key := range []string{"boundary", "left", "right"} {
			text, n := a.String(key), a.nodes[key]
			at := strings.LastIndex(text, fe.Source)
			if at < 0 || n == nil || n.src.override {
				continue
			}
			fault := a.fault(key, "%s", what)
			index := utf8.RuneCountInString(text[:at]) + runeIndex(fe.Source, fe.Line, fe.Column)
			fault.Line, fault.Column = n.src.place(n.offset + rawOffset(n.raw, index))
			return fault
		}
	}
	return b.fault("", "%s", what)
}
