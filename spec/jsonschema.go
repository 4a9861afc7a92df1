package spec

import (
	"encoding/json"
	"fmt"
)

// object is a JSON object; encoding/json sorts its keys.
type object = map[string]any

// JSONSchema describes a spec as a JSON Schema (draft 2020-12), for editors that
// complete and check TOML by one. Checks that need several keys are not in it.
func JSONSchema() ([]byte, error) {
	sections := Sections()
	properties, required := keyProperties(&sections[0].Kinds[0])
	for i := range sections[1:] {
		s := &sections[1+i]
		schema := s.schema()
		if s.Repeated {
			schema = object{"type": "array", "items": schema, "description": s.Doc}
		}
		properties[s.Name] = schema
		if s.Required {
			required = append(required, s.Name)
		}
	}
	out, err := json.MarshalIndent(object{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "abide spec",
		"type":                 "object",
		"properties":           properties,
		"required":             required,
		"additionalProperties": false,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("spec: JSON Schema: %w", err)
	}
	return append(out, '\n'), nil
}

// schema describes a block: one alternative per kind.
func (s *Section) schema() object {
	if !s.HasKinds() {
		return s.kindSchema(&s.Kinds[0])
	}
	var kinds []object
	for i := range s.Kinds {
		kinds = append(kinds, s.kindSchema(&s.Kinds[i]))
	}
	return object{"oneOf": kinds, "description": s.Doc}
}

func (s *Section) kindSchema(k *Kind) object {
	properties, required := keyProperties(k)
	doc := k.Doc
	if k.Name == "" {
		doc = s.Doc
	} else {
		properties["kind"] = object{"const": k.Name}
		if len(k.aliases) > 0 {
			properties["kind"] = object{"enum": append([]string{k.Name}, k.aliases...)}
		}
		if k.Name != s.DefaultKind {
			required = append(required, "kind")
		}
	}
	schema := object{"type": "object", "description": doc, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

func keyProperties(k *Kind) (object, []string) {
	properties, required := object{}, []string{}
	for i := range k.Keys {
		key := &k.Keys[i]
		properties[key.Name] = key.schema()
		if key.Required {
			required = append(required, key.Name)
		}
	}
	return properties, required
}

// schema describes the values of a key.
func (k *Key) schema() object {
	var types []object
	for t := String; t <= Tables; t <<= 1 {
		if k.Type&t != 0 {
			types = append(types, k.typeSchema(t))
		}
	}
	schema := types[0]
	if len(types) > 1 {
		schema = object{"anyOf": types}
	}
	schema["description"] = k.Doc
	if k.Default != nil {
		schema["default"] = k.Default
	}
	return schema
}

func (k *Key) typeSchema(t Type) object {
	switch t {
	case Bool:
		return object{"type": "boolean"}
	case Int:
		return k.bounded("integer")
	case Float:
		return k.bounded("number")
	case Floats:
		return array(k.bounded("number"), false)
	case Matrix:
		return array(array(k.bounded("number"), false), false)
	case Matrices:
		return array(array(array(k.bounded("number"), false), false), false)
	case Ints:
		return array(k.bounded("integer"), !k.Repeats)
	case Strings, Exprs:
		return array(object{"type": "string", "minLength": 1}, true)
	case Numbers:
		return object{"type": "object", "additionalProperties": k.bounded("number")}
	case Texts:
		return object{"type": "object", "additionalProperties": object{"type": "string", "minLength": 1}}
	case Table:
		return k.Table.schema()
	case Tables:
		return array(k.Table.schema(), false)
	}
	s := object{"type": "string", "minLength": 1}
	if t == String && k.Allowed != nil {
		s["enum"] = k.Allowed
	}
	return s
}

func array(items object, distinct bool) object {
	a := object{"type": "array", "items": items, "minItems": 1}
	if distinct {
		a["uniqueItems"] = true
	}
	return a
}

// bounded describes one number with its range.
func (k *Key) bounded(name string) object {
	s := object{"type": name}
	if k.Range == nil || k.Range.Infinite {
		return s
	}
	low, high := "minimum", "maximum"
	if k.Range.MinOpen {
		low = "exclusiveMinimum"
	}
	if k.Range.MaxOpen {
		high = "exclusiveMaximum"
	}
	s[low], s[high] = k.Range.Min, k.Range.Max
	return s
}
