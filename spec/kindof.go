package spec

import (
	"fmt"
	"strings"
)

// manyKinds is how many kinds an error lists by their names.
const manyKinds = 20

// kindOf finds the kind a table is of.
func kindOf(section *Section, n *node, path string) (*Kind, error) {
	if !section.HasKinds() {
		return &section.Kinds[0], nil
	}
	given, path := n.fields["kind"], member(path, "kind")
	names := section.KindNames()
	switch {
	case given == nil && section.DefaultKind == "":
		return nil, n.fault(path, "is missing").nearest("", names)
	case given == nil && section.Repeated && n.fields["expr"] == nil:
		e := n.fault(path, "is missing, and there is no expr").allowed("expr = \"…\", or kind = %s", strings.Join(names, ", "))
		for _, key := range n.keys {
			if kinds := section.kindsWith(key); len(kinds) == 1 {
				e.Suggestion = kinds[0]
			}
		}
		return nil, e
	case given == nil:
		return section.KindNamed(section.DefaultKind), nil
	case given.kind != textNode:
		return nil, given.fault(path, "is "+describe(given)).nearest("", names)
	case section.KindNamed(given.text) == nil:
		e := given.fault(path, fmt.Sprintf("%q is no kind of %s", cut(given.text), section.Name)).nearest(given.text, section.everyName())
		if e.Allowed = strings.Join(names, ", "); len(names) > manyKinds {
			e.allowed("one of the %d that abide list %ss prints", len(names), section.Name)
		}
		return nil, e
	case section.Name == "constraint" && given.text != "formula" && n.fields["expr"] != nil:
		return nil, n.fields["expr"].keyFault(member(strings.TrimSuffix(path, ".kind"), "expr"), fmt.Sprintf("stands beside kind = %q", given.text)).
			allowed("expr without a kind, or a kind with its own keys")
	}
	return section.KindNamed(given.text), nil
}

// notATable says that something else stands where a block should.
func notATable(section *Section, n *node, path string) *Error {
	e := n.fault(path, "is "+describe(n))
	if path != section.Name {
		return e.allowed("a table such as { %s = … }", section.firstKey())
	}
	return e.allowed("one block [%s]", section.Name)
}

// keyFault makes an error at the key that names the value.
func (n *node) keyFault(key, what string) *Error { return n.src.fault(n.key, key, what) }

// unknownKey names the keys there are and the likely one: of this kind, or else
// one of the same name elsewhere in the spec.
func unknownKey(section *Section, kind *Kind, n *node, path, key string) *Error {
	var names []string
	if section.HasKinds() {
		names = append(names, "kind")
	}
	for _, k := range kind.Keys {
		names = append(names, k.Name)
	}
	sections := Sections()
	if path == "" {
		for _, s := range sections[1:] {
			names = append(names, s.Name)
		}
	}
	what := "unknown key"
	if kind.Name != "" {
		what = fmt.Sprintf("unknown key for kind %q", kind.Name)
	}
	if kinds := section.kindsWith(key); len(kinds) > 0 {
		what += fmt.Sprintf(" (it belongs to %s)", strings.Join(kinds, ", "))
	}
	e := n.keyFault(member(path, cut(key)), what).nearest(key, names)
	for _, s := range sections[1:] {
		if s.Name != section.Name && len(section.kindsWith(key)) == 0 && len(s.kindsWith(key)) > 0 {
			e.Suggestion = s.Name + "." + key
			break
		}
	}
	return e
}
