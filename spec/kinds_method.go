package spec

import (
	"fmt"

	"abide/method"
)

// methodSection has a kind for every row of the table of methods.
func methodSection() Section {
	s := Section{Name: "method", Doc: "how samples are made to obey", DefaultKind: "twisted-smc"}
	for _, m := range method.Table {
		k := Kind{Name: m.Name, Doc: m.Summary, aliases: aliasesOf()[m.Name]}
		for _, p := range m.Parameters {
			k.Keys = append(k.Keys, methodKey(p))
		}
		s.Kinds = append(s.Kinds, k)
	}
	return s
}

func methodKey(p method.Parameter) Key {
	k := Key{Name: p.Name, Default: p.Default, Allowed: p.Allowed, Doc: p.Doc}
	switch p.Default.(type) {
	case float64:
		k.Type = Float
	case int:
		k.Type = Int
	case bool:
		k.Type = Bool
	case string:
		k.Type = String
	default:
		panic(fmt.Sprintf("spec: parameter %s of a method is %T", p.Name, p.Default))
	}
	if k.Type&(Float|Int) != 0 {
		k.Range = &Range{Min: p.Min, Max: p.Max, MinOpen: p.MinOpen, MaxOpen: p.MaxOpen}
	}
	return k
}

// MethodValues are the parameters of the block [method].
func (s *Spec) MethodValues() method.Values {
	v := method.Values{}
	for _, k := range s.Method.kind.Keys {
		v[k.Name] = s.Method.values[k.Name]
	}
	return v
}
