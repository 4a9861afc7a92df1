package spec

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"pgregory.net/rapid"
)

// accepts is a small validator of JSON Schema, written for this test from the
// standard (draft 2020-12): it knows the words our schema uses and no other.
func accepts(t testing.TB, schema map[string]any, v any) error {
	for word, arg := range schema {
		if err := acceptsWord(t, schema, word, arg, v); err != nil {
			return err
		}
	}
	return nil
}

func acceptsWord(t testing.TB, schema map[string]any, word string, arg, v any) error {
	number, isNumber := asNumber(v)
	text, isText := v.(string)
	list, isList := v.([]any)
	table, isTable := v.(map[string]any)
	ok := true
	switch word {
	case "$schema", "title", "description", "default":
	case "type":
		switch arg {
		case "object":
			ok = isTable
		case "array":
			ok = isList
		case "string":
			ok = isText
		case "boolean":
			_, ok = v.(bool)
		case "number":
			ok = isNumber
		case "integer":
			_, ok = v.(int64)
		default:
			t.Fatalf("type %v", arg)
		}
	case "const":
		ok = reflect.DeepEqual(arg, v)
	case "enum":
		ok = slices.Contains(arg.([]any), v)
	case "minimum":
		ok = !isNumber || number >= arg.(float64)
	case "exclusiveMinimum":
		ok = !isNumber || number > arg.(float64)
	case "maximum":
		ok = !isNumber || number <= arg.(float64)
	case "exclusiveMaximum":
		ok = !isNumber || number < arg.(float64)
	case "minLength":
		ok = !isText || float64(len(text)) >= arg.(float64)
	case "minItems":
		ok = !isList || float64(len(list)) >= arg.(float64)
	case "uniqueItems":
		for i := range list {
			ok = ok && slices.Index(list[:i], list[i]) < 0
		}
	case "items":
		for _, item := range list {
			if err := accepts(t, arg.(map[string]any), item); err != nil {
				return err
			}
		}
	case "required":
		for _, key := range arg.([]any) {
			_, has := table[key.(string)]
			ok = ok && (has || !isTable)
		}
	case "properties":
		for key, value := range table {
			if sub, has := arg.(map[string]any)[key]; has {
				if err := accepts(t, sub.(map[string]any), value); err != nil {
					return fmt.Errorf("%s: %w", key, err)
				}
			}
		}
	case "additionalProperties":
		properties, _ := schema["properties"].(map[string]any)
		for key, value := range table {
			_, has := properties[key]
			if sub, named := arg.(map[string]any); named && !has { // names of the user's
				if err := accepts(t, sub, value); err != nil {
					return fmt.Errorf("%s: %w", key, err)
				}
				has = true
			}
			ok = ok && has
		}
	case "oneOf", "anyOf":
		n := 0
		for _, sub := range arg.([]any) {
			if accepts(t, sub.(map[string]any), v) == nil {
				n++
			}
		}
		ok = n == 1 || (n > 1 && word == "anyOf")
	default:
		t.Fatalf("the schema uses %q, which this validator does not know", word)
	}
	if !ok {
		return fmt.Errorf("%v fails %s %v", v, word, arg)
	}
	return nil
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, !math.IsNaN(v)
	}
	return 0, false
}

func schemaOf(t testing.TB) map[string]any {
	t.Helper()
	text, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

func decode(t testing.TB, src []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := toml.Unmarshal(src, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestJSONSchemaAcceptsSpecs(t *testing.T) {
	schema := schemaOf(t)
	for _, file := range []string{"testdata/mix.toml", "testdata/mix.resolved.toml"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := accepts(t, schema, decode(t, src)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		src := drawSpec(r)
		if err := accepts(t, schema, decode(t, []byte(src))); err != nil {
			r.Fatalf("%v\n%s", err, src)
		}
	})
}

// Faults of one key are faults of the schema too; faults between keys are not.
func TestJSONSchemaRefusesBadSpecs(t *testing.T) {
	schema := schemaOf(t)
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(file, src, nil)
		var v map[string]any
		if toml.Unmarshal(src, &v) != nil || !slices.ContainsFunc([]string{"unknown key", "is out of range", "is the text", "is the integer", "is the number", "is the date", "is no kind", "is unknown", "the list is empty", "is missing; allowed: a "},
			func(s string) bool { return strings.Contains(err.Error(), s) }) {
			continue
		}
		tested++
		if accepts(t, schema, v) == nil {
			t.Errorf("the schema accepts %s: %v", file, err)
		}
	}
	if tested < 40 {
		t.Errorf("only %d specs tried", tested)
	}
}

// The schema has every key of the table, and no other.
func TestJSONSchemaIsComplete(t *testing.T) {
	blocks := schemaOf(t)["properties"].(map[string]any)
	sections := Sections()
	for _, s := range sections[1:] {
		block := blocks[s.Name].(map[string]any)
		if s.Repeated {
			block = block["items"].(map[string]any)
		}
		kinds, _ := block["oneOf"].([]any)
		if !s.HasKinds() {
			kinds = []any{block}
		}
		if len(kinds) != len(s.Kinds) {
			t.Errorf("%s has %d kinds, the schema %d", s.Name, len(s.Kinds), len(kinds))
			continue
		}
		for i, k := range s.Kinds {
			properties := kinds[i].(map[string]any)["properties"].(map[string]any)
			want := len(k.Keys)
			if s.HasKinds() {
				want++
			}
			for _, key := range k.Keys {
				p, ok := properties[key.Name].(map[string]any)
				if !ok || p["description"] != key.Doc {
					t.Errorf("%s %s: %s is %v", s.Name, k.Name, key.Name, properties[key.Name])
				}
			}
			if len(properties) != want {
				t.Errorf("%s %s has %d keys, the schema %d", s.Name, k.Name, want, len(properties))
			}
		}
	}
}

// What the table says of itself must hold: names once, docs, defaults that their
// own checks accept.
func TestSections(t *testing.T) {
	var check func(s *Section)
	check = func(s *Section) {
		if s.DefaultKind != "" && s.KindNamed(s.DefaultKind) == nil {
			t.Errorf("%s: default kind %q is none", s.Name, s.DefaultKind)
		}
		for i := range s.Kinds {
			k := &s.Kinds[i]
			for j := range k.Keys {
				key := &k.Keys[j]
				if k.Key(key.Name) != key || key.Name == "kind" {
					t.Errorf("%s %s: key %s stands twice", s.Name, k.Name, key.Name)
				}
				if key.Doc == "" || key.Type.String() == "" {
					t.Errorf("%s %s: %s has no words", s.Name, k.Name, key.Name)
				}
				if (key.Type&(Table|Tables) != 0) != (key.Table != nil) || (key.Required && key.Default != nil) {
					t.Errorf("%s %s: %s contradicts itself", s.Name, k.Name, key.Name)
				}
				if key.Table != nil {
					check(key.Table)
				} else if key.Default != nil {
					w := &writer{}
					w.value(key.Default)
					doc, err := parseTree(&source{text: []byte("v = " + w.String())})
					if err != nil {
						t.Fatal(err)
					}
					if v, err := value(key, doc.fields["v"], key.Name); err != nil || !reflect.DeepEqual(v, key.Default) {
						t.Errorf("%s %s: default of %s: %v, %v", s.Name, k.Name, key.Name, v, err)
					}
				}
			}
		}
	}
	for _, s := range Sections() {
		check(&s)
	}
}
