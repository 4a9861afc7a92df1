package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
)

// WriteJSON writes r as report.json: every key, in the order of the type, two
// spaces of indent. Numbers that are not finite become null, and a warning that
// names them is added to the file (not to r).
func WriteJSON(w io.Writer, r *Report) error {
	out := *r
	out.Schema = Schema
	out.Status = r.status()
	out.Population = r.population()
	out.Warnings = append(append([]string{}, r.Warnings...), nonFinite(reflect.ValueOf(out), "")...)

	var compact, indented bytes.Buffer
	if err := encode(&compact, reflect.ValueOf(out)); err != nil {
		return fmt.Errorf("report: json: %w", err)
	}
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		return fmt.Errorf("report: json: %w", err)
	}
	indented.WriteByte('\n')
	if _, err := w.Write(indented.Bytes()); err != nil {
		return fmt.Errorf("report: json: %w", err)
	}
	return nil
}

// ReadJSON reads what WriteJSON wrote. A null where a number belongs becomes
// NaN, so that a lost number is never taken for a zero.
func ReadJSON(source io.Reader) (*Report, error) {
	data, err := io.ReadAll(source)
	if err != nil {
		return nil, fmt.Errorf("report: json: %w", err)
	}
	r := &Report{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("report: json: %w", err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("report: json: schema %q is not %q: write the report again with this version", r.Schema, Schema)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, fmt.Errorf("report: json: %w", err)
	}
	restore(reflect.ValueOf(r).Elem(), tree)
	return r, nil
}

// encode writes v as encoding/json would, but floats that are not finite as
// null (the standard encoder refuses them) and nil slices as [].
func encode(b *bytes.Buffer, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Struct:
		b.WriteByte('{')
		for i := range v.NumField() {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Quote(key(v, i)) + ":")
			if err := encode(b, v.Field(i)); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := encode(b, v.Index(i)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case reflect.Pointer:
		if !v.IsNil() {
			return encode(b, v.Elem())
		}
		b.WriteString("null")
		return nil
	case reflect.Float64:
		if !finite(v.Float()) {
			b.WriteString("null")
			return nil
		}
	}
	leaf := json.NewEncoder(b)
	leaf.SetEscapeHTML(false) // names hold <= and >=
	return leaf.Encode(v.Interface())
}

// nonFinite lists a warning for every number in v that is not finite.
func nonFinite(v reflect.Value, path string) []string {
	var found []string
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := key(v, i)
			if path != "" {
				name = path + "." + name
			}
			found = append(found, nonFinite(v.Field(i), name)...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			found = append(found, nonFinite(v.Index(i), path+"["+strconv.Itoa(i)+"]")...)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return nonFinite(v.Elem(), path)
		}
	case reflect.Float64:
		if !finite(v.Float()) {
			return []string{fmt.Sprintf("%s is %s, written as null", path, special(v.Float()))}
		}
	}
	return found
}

// restore sets floats of v to NaN where the parsed file has null.
func restore(v reflect.Value, tree any) {
	switch v.Kind() {
	case reflect.Struct:
		object, _ := tree.(map[string]any)
		for i := range v.NumField() {
			if value, present := object[key(v, i)]; present {
				restore(v.Field(i), value)
			}
		}
	case reflect.Slice:
		items, _ := tree.([]any)
		for i := range min(v.Len(), len(items)) {
			restore(v.Index(i), items[i])
		}
	case reflect.Pointer:
		if !v.IsNil() {
			restore(v.Elem(), tree)
		}
	case reflect.Float64:
		if tree == nil {
			v.SetFloat(math.NaN())
		}
	}
}

// key is the JSON name of field i.
func key(v reflect.Value, i int) string { return v.Type().Field(i).Tag.Get("json") }
