package method

import "fmt"

// Parameter is a key of [method] that a row of the table understands.
type Parameter struct {
	Name             string
	Default          any // float64, int, bool or string: also its type
	Min, Max         float64
	MinOpen, MaxOpen bool     // the bound itself is not allowed
	Allowed          []string // the only texts allowed
	Doc              string
}

// largest is the size up to which parameters are taken.
const largest = 1e100

// Values are the parameters that were given, by name, in the type of their default.
type Values map[string]any

// Float is a parameter that is a number.
func (s Settings) Float(name string) float64 { return value[float64](s, name) }

// Int is a parameter that is an integer.
func (s Settings) Int(name string) int { return value[int](s, name) }

// Bool is a parameter that is true or false.
func (s Settings) Bool(name string) bool { return value[bool](s, name) }

// Text is a parameter that is a text.
func (s Settings) Text(name string) string { return value[string](s, name) }

// value panics where a row asks for what it did not declare: an error of the
// program, never of its user.
func value[T any](s Settings, name string) T {
	v, ok := s.Values[name].(T)
	if !ok {
		panic(fmt.Sprintf("method: parameter %q is %T, asked for as %T", name, s.Values[name], v))
	}
	return v
}

// completed are the settings with every parameter of a row that was not given at
// its default.
func (m Method) completed(s Settings) Settings {
	all := Values{}
	for _, p := range m.Parameters {
		all[p.Name] = p.Default
	}
	for k, v := range s.Values {
		if _, known := all[k]; !known {
			panic(fmt.Sprintf("method: %s has no parameter %q", m.Name, k))
		}
		all[k] = v
	}
	s.Values = all
	return s
}
