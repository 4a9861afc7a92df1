package pde

import "fmt"

// Parameter is a number or a choice that a row of the table understands.
type Parameter struct {
	Name             string
	Default          any // float64, int or string: also its type
	Min, Max         float64
	MinOpen, MaxOpen bool     // the bound itself is not allowed
	Allowed          []string // the only texts allowed
	Doc              string
}

// Values are parameters by name, in the type of their default.
type Values map[string]any

// Float is a parameter of that type.
func (v Values) Float(name string) float64 { return value[float64](v, name) }

// Int is a parameter of that type.
func (v Values) Int(name string) int { return value[int](v, name) }

// Text is a parameter of that type.
func (v Values) Text(name string) string { return value[string](v, name) }

// value panics where a row asks for what it did not declare: an error of the program,
// never of its user.
func value[T any](v Values, name string) T {
	x, ok := v[name].(T)
	if !ok {
		panic(fmt.Sprintf("pde: parameter %q is %T, asked for as %T", name, v[name], x))
	}
	return x
}

// Kind is a family before its grid and parameters are chosen: a row of [Table].
type Kind struct {
	Name       string // as on the command line: "darcy"
	Equation   string // in Unicode, with its domain and boundary conditions
	Scheme     string // how it is solved, and the order of its error
	Source     string // author, year, table or file of the recipe
	Parameters []Parameter
	New        func(Values) (Family, error)
}

// Make completes the values that were given with the defaults, checks them and
// makes the family.
func (k Kind) Make(given Values) (Family, error) {
	all := Values{}
	for _, p := range k.Parameters {
		all[p.Name] = p.Default
	}
	for name, v := range given {
		p, ok := k.parameter(name)
		if !ok {
			return nil, fmt.Errorf("pde: %s has no parameter %q", k.Name, name)
		}
		if err := p.check(v); err != nil {
			return nil, fmt.Errorf("pde: %s: %w", k.Name, err)
		}
		all[name] = v
	}
	return k.New(all)
}

func (k Kind) parameter(name string) (Parameter, bool) {
	for _, p := range k.Parameters {
		if p.Name == name {
			return p, true
		}
	}
	return Parameter{}, false
}

// check tells whether v has the type of the default and lies within the bounds.
func (p Parameter) check(v any) error {
	var x float64
	switch p.Default.(type) {
	case string:
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("%s is a text, not %v", p.Name, v)
		}
		for _, a := range p.Allowed {
			if s == a {
				return nil
			}
		}
		return fmt.Errorf("%s = %q: allowed are %q", p.Name, s, p.Allowed)
	case int:
		n, ok := v.(int)
		if !ok {
			return fmt.Errorf("%s is a whole number, not %v", p.Name, v)
		}
		x = float64(n)
	default:
		f, ok := v.(float64)
		if !ok {
			return fmt.Errorf("%s is a number, not %v", p.Name, v)
		}
		x = f
	}
	if !(x >= p.Min && x <= p.Max) || (p.MinOpen && x == p.Min) || (p.MaxOpen && x == p.Max) {
		left, right := "[", "]"
		if p.MinOpen {
			left = "("
		}
		if p.MaxOpen {
			right = ")"
		}
		return fmt.Errorf("%s = %v is outside %s%g, %g%s", p.Name, v, left, p.Min, p.Max, right)
	}
	return nil
}

// Table holds every family, in the order of the lists that people see: one file of
// this package each, which adds no more than its row here.
var Table = []Kind{
	darcyKind,
	darcy1dKind,
	poissonKind,
	helmholtzKind,
	heatKind,
	heatClosedKind,
	stokesSecondKind,
	porousMediumKind,
	stefanKind,
	advectionKind,
	waveKind,
	burgersKind,
	burgersShockKind,
	reactionDiffusionKind,
	allenCahnKind,
	fitzHughNagumoKind,
	navierStokesKind,
	stokesKind,
	elasticityKind,
	nonlinearPoissonKind,
}
