package spec

import (
	"fmt"
	"strconv"
	"strings"
)

// step is one step of a path such as constraint[0].offset: a key or a place.
type step struct {
	name  string
	index int // −1 for a key
}

// override sets one key of the tree from a text key=value.
func override(root *node, text string) error {
	src := &source{name: text, text: []byte(text), override: true}
	path, valueText, ok := strings.Cut(text, "=")
	if !ok {
		return src.fault(0, "", "has no =").allowed("key=value, such as run.samples=2000")
	}
	if invalidUTF8(src.text) >= 0 {
		return src.fault(0, "", "is not UTF-8")
	}
	path = strings.TrimSpace(path)
	steps, ok := parsePath(path)
	if !ok {
		return src.fault(0, path, "is no path of a key").allowed("such as run.samples or constraint[0].offset")
	}
	v, err := overrideValue(src, path, strings.TrimSpace(valueText))
	if err != nil {
		return err
	}
	table, err := setAt(root, src, path, steps, v)
	if err != nil {
		return err
	}
	if last := steps[len(steps)-1]; last.name == "kind" && table != nil {
		section, _ := schemaAt(steps[:len(steps)-1])
		changeKind(section, table, v)
		return nil
	}
	if table != nil {
		table.put(steps[len(steps)-1].name, v)
	}
	return nil
}

// changeKind sets the kind of a block and drops the keys of the file that the
// old kind knew and the new one does not.
func changeKind(section *Section, table, v *node) {
	if section != nil && v.kind == textNode {
		name := section.DefaultKind
		if n := table.fields["kind"]; n != nil {
			name = n.text
		}
		to := v.text
		if a := AliasNamed(to); a != nil && section.Name == "method" {
			to = a.Row()
		}
		was, is := section.KindNamed(name), section.KindNamed(to)
		for _, key := range append([]string(nil), table.keys...) {
			if was != nil && is != nil && was.Key(key) != nil && is.Key(key) == nil && !table.fields[key].src.override {
				table.remove(key)
			}
		}
	}
	table.put("kind", v)
}

// setAt walks to the place of a path. It returns the table in which the last key
// is to be set; an element of a list it sets itself, and returns nil.
func setAt(root *node, src *source, path string, steps []step, v *node) (*node, error) {
	at, walked := root, ""
	for i, s := range steps {
		last := i == len(steps)-1
		if s.index >= 0 {
			if at.kind != listNode {
				return nil, src.fault(0, path, walked+" is no list").allowed("%s without [%d]", walked, s.index)
			}
			if s.index >= len(at.list) {
				return nil, src.fault(0, path, fmt.Sprintf("the spec has %d of %s", len(at.list), walked)).allowed("places from 0 to %d", len(at.list)-1)
			}
			walked = element(walked, s.index)
			if last {
				at.list[s.index] = v
				return nil, nil
			}
			at = at.list[s.index]
			continue
		}
		if at.kind == listNode {
			return nil, src.fault(0, path, walked+" is a list").allowed("%s[0] and so on", walked)
		}
		if at.kind != tableNode {
			return nil, src.fault(0, path, walked+" is "+describe(at)+", not a block")
		}
		if last {
			return at, nil
		}
		walked = member(walked, s.name)
		next := at.fields[s.name]
		if next == nil {
			if steps[i+1].index >= 0 {
				return nil, src.fault(0, path, "the spec has no "+walked).allowed("places of lists that the spec has")
			}
			next = newTable(src, 0, 0)
			at.put(s.name, next)
		}
		at = next
	}
	return at, nil
}

// parsePath splits a path into its steps.
func parsePath(path string) ([]step, bool) {
	var steps []step
	for _, part := range strings.Split(path, ".") {
		name, rest, indexed := strings.Cut(strings.TrimSpace(part), "[")
		if name == "" || strings.ContainsAny(name, "] \t\"'") {
			return nil, false
		}
		steps = append(steps, step{name: name, index: -1})
		for indexed {
			var digits string
			digits, rest, indexed = strings.Cut(rest, "]")
			i, err := strconv.ParseUint(digits, 10, 31)
			if !indexed || err != nil {
				return nil, false
			}
			steps = append(steps, step{index: int(i)})
			if rest == "" {
				break
			}
			if !strings.HasPrefix(rest, "[") {
				return nil, false
			}
			rest = rest[1:]
		}
	}
	return steps, true
}
