package spec

import (
	"fmt"
	"slices"

	"abide/pde"
	"abide/physics"
)

// familyOf are the families of the oracles.
var familyOf = map[string]string{
	"oracle-heat": "heat-closed", "oracle-stokes": "stokes-second", "oracle-porous-medium": "porous-medium",
	"oracle-stefan": "stefan", "oracle-burgers": "burgers-shock",
}

// chosenFamily is the family of a block, with the parameters of the prior where that is of
// the same family.
func (s *Spec) chosenFamily(b *Block) (pde.Family, error) {
	of := familyOf[s.Prior.Kind]
	if s.Prior.Kind == "oracle-solutions" {
		of = s.Prior.String("family")
	}
	name := of
	if b.Has("family") {
		name = b.String("family")
	}
	if name == "" {
		return nil, b.fault("family", "is missing: prior %s is of no family", s.Prior.Kind).nearest("", familyNames())
	}
	kind := pde.Table[slices.IndexFunc(pde.Table, func(k pde.Kind) bool { return k.Name == name })]
	values := pde.Values{}
	for _, p := range kind.Parameters {
		if k := s.Prior.kind.Key(p.Name); name == of && k != nil && s.Prior.Has(p.Name) && k.Type == Int {
			values[p.Name] = s.Prior.Int(p.Name)
		}
		v, given := b.Named("parameters")[p.Name]
		if x, ok := v.(float64); ok {
			if _, whole := p.Default.(int); whole && x == float64(int(x)) {
				v = int(x)
			}
		}
		if given {
			values[p.Name] = v
		}
	}
	for given := range b.Named("parameters") {
		if !slices.ContainsFunc(kind.Parameters, func(p pde.Parameter) bool { return p.Name == given }) {
			return nil, b.fault("parameters", "%s has no parameter %q", name, cut(given))
		}
	}
	f, err := kind.Make(values)
	if err != nil {
		return nil, b.builtAt("parameters", err)
	}
	return f, nil
}

// familyLaw is the residual of a family on its last array. Scalars that are given are
// known; residuals that read other arrays are left out.
func (s *Spec) familyLaw(b *Block, d int, w physics.Metric) (physics.Constraint, error) {
	f, err := s.chosenFamily(b)
	if err != nil {
		return nil, err
	}
	arrays := f.Arrays()
	last := arrays[len(arrays)-1]
	if last.Size() != d {
		return nil, b.fault("family", "its array %s of shape %v has %d numbers, the prior has %d columns", last.Name, last.Shape, last.Size(), d).allowed("parameters of the grid that fit")
	}
	choice := physics.Choice{Arrays: []string{last.Name}, Given: pde.NewSample(f), Rows: b.Strings("rows"), Tolerance: b.Float("tolerance")}
	for _, name := range b.Strings("rows") {
		var names []string
		for _, r := range f.Rows() {
			names = append(names, r.Name)
		}
		if !slices.Contains(names, name) {
			return nil, b.fault("rows", "there is no row %q", cut(name)).nearest(name, names)
		}
	}
	var unknown []string
	for k, a := range arrays[:len(arrays)-1] {
		if v, ok := b.Named("given")[a.Name].(float64); ok && a.Size() == 1 {
			choice.Given[k][0] = v
		} else {
			unknown = append(unknown, a.Name)
		}
	}
	for name := range b.Named("given") {
		if !slices.ContainsFunc(arrays[:len(arrays)-1], func(a pde.Array) bool { return a.Name == name && a.Size() == 1 }) {
			return nil, b.fault("given", "the family has no number %q beside its field", cut(name))
		}
	}
	if len(unknown) > 0 {
		if choice.Keep, err = withoutUnknown(f, choice, unknown); err != nil {
			return nil, b.built(err)
		}
	} else if len(arrays) == 1 && w == nil {
		if m, ok := f.(pde.Modal); ok && !b.Has("rows") {
			return b.lawful(physics.NewModal(m))
		}
		if m, ok := f.(pde.Shifted); ok {
			return b.lawful(physics.NewShift(m, physics.Choice{Rows: choice.Rows, Tolerance: choice.Tolerance}))
		}
	}
	c, err := physics.FromFamily(f, choice)
	if err != nil {
		if len(unknown) > 0 {
			return nil, b.fault("given", "%v: its rows read %q, which are not known", b.built(err).What, unknown)
		}
		return nil, b.built(err)
	}
	return c, nil
}

// withoutUnknown keeps the residuals that read no array but the field and what is given.
func withoutUnknown(f pde.Family, choice physics.Choice, unknown []string) (func(row string, place int) bool, error) {
	wide := choice
	wide.Arrays = append(slices.Clone(unknown), choice.Arrays...)
	c, err := physics.FromFamily(f, wide)
	if err != nil {
		return nil, err
	}
	l, ok := c.(physics.Linearised)
	if !ok {
		return nil, fmt.Errorf("spec: arrays %q are not known: give them, given = { %s = … }", unknown, unknown[0])
	}
	field := 0
	for _, a := range f.Arrays() {
		if a.Name == choice.Arrays[0] {
			field = c.Dim() - a.Size()
		}
	}
	pattern, reads, i := l.Pattern(), map[string][]bool{}, 0
	for _, r := range c.Rows() {
		for range r.Size {
			index := pattern.Index[pattern.Ptr[i]:pattern.Ptr[i+1]]
			reads[r.Name] = append(reads[r.Name], slices.ContainsFunc(index, func(j int32) bool { return int(j) < field }))
			i++
		}
	}
	return func(row string, place int) bool { return place < len(reads[row]) && !reads[row][place] }, nil
}
