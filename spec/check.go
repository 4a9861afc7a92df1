package spec

import (
	"fmt"
	"slices"
	"strings"
)

// build checks the tree against the table of sections and fills in defaults.
func build(root *node) (*Spec, error) {
	sections := Sections()
	if len(root.keys) == 0 {
		return nil, root.fault("prior", "the spec is empty").allowed("at least a block [prior]")
	}
	top := newTable(root.src, 0, 0)
	for _, key := range root.keys {
		if !slices.ContainsFunc(sections[1:], func(s Section) bool { return s.Name == key }) {
			top.put(key, root.fields[key])
		}
	}
	s := &Spec{}
	var err error
	if s.top, err = block(&sections[0], top, root, ""); err != nil {
		return nil, err
	}
	s.Title = s.top.String("title")
	single := map[string]**Block{"prior": &s.Prior, "method": &s.Method, "sampler": &s.Sampler, "run": &s.Run, "report": &s.Report}
	repeated := map[string]*[]*Block{"constraint": &s.Constraints, "potential": &s.Potentials}
	for i := range sections[1:] {
		section := &sections[1+i]
		n := root.fields[section.Name]
		if section.Repeated {
			*repeated[section.Name], err = blocks(section, n, root)
		} else {
			*single[section.Name], err = block(section, n, root, section.Name)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, s.checkPopulation()
}

// checkPopulation refuses populations smaller than the samples drawn from them.
func (s *Spec) checkPopulation() error {
	if s.Method.kind.Key("particles") == nil {
		return nil
	}
	if p, n := s.Method.Int("particles"), s.Run.Int("samples"); p != 0 && p < n {
		return s.Method.fault("particles", "%d particles are fewer than run.samples = %d", p, n).allowed("0 or at least %d", n)
	}
	return nil
}

// blocks reads the list of a repeated section and names its blocks.
func blocks(section *Section, n, root *node) ([]*Block, error) {
	if n == nil {
		return nil, nil
	}
	if n.kind != listNode {
		e := n.fault(section.Name, "is "+describe(n)).allowed("a list of blocks")
		e.Suggestion = "[[" + section.Name + "]]"
		return nil, e
	}
	var all []*Block
	for i, e := range n.list {
		b, err := block(section, e, root, element(section.Name, i))
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nameBlocks(all)
}

// nameBlocks gives the blocks without a name one, and refuses equal names.
func nameBlocks(all []*Block) error {
	taken := map[string]*Block{}
	for _, b := range all {
		if name := b.String("name"); name != "" {
			if other := taken[name]; other != nil {
				return b.fault("name", "%q is the name of %s already", name, other.path).allowed("names that differ")
			}
			taken[name] = b
		}
	}
	for _, b := range all {
		if b.Has("name") {
			continue
		}
		base := b.Kind
		if b.kind.Key("expr") != nil {
			base = oneLine(b.String("expr"))
		}
		name := base
		for i := 2; taken[name] != nil; i++ {
			name = fmt.Sprintf("%s (%d)", base, i)
		}
		b.values["name"], taken[name] = name, b
	}
	return nil
}

// block reads one block; n is nil where the spec does not have it.
func block(section *Section, n, root *node, path string) (*Block, error) {
	if n == nil {
		if section.Required {
			return nil, root.fault(path, "the block is missing").allowed("[%s] with kind = %s", section.Name, strings.Join(section.KindNames(), ", "))
		}
		n = newTable(root.src, 0, 0)
	}
	if n.kind != tableNode {
		return nil, notATable(section, n, path)
	}
	kind, err := kindOf(section, n, path)
	if err != nil {
		return nil, err
	}
	b := &Block{Kind: kind.Name, path: path, kind: kind, at: n, nodes: n.fields, values: map[string]any{}}
	for _, key := range n.keys {
		if kind.Key(key) == nil && !(key == "kind" && section.HasKinds()) {
			return nil, unknownKey(section, kind, n.fields[key], path, key)
		}
	}
	for i := range kind.Keys {
		if err := b.set(&kind.Keys[i], root); err != nil {
			return nil, err
		}
	}
	if kind.finish != nil {
		return b, kind.finish(b)
	}
	return b, nil
}

// set fills one key of a block from the spec or by its default.
func (b *Block) set(k *Key, root *node) error {
	n, path := b.nodes[k.Name], member(b.path, k.Name)
	switch {
	case n == nil && k.Required:
		return b.fault(k.Name, "is missing").allowed("%s: %s", k.Type, k.Doc)
	case k.Type == Table:
		sub, err := block(k.Table, n, root, path)
		b.values[k.Name] = sub
		return err
	case n == nil:
		if k.Default != nil {
			b.values[k.Name] = k.Default
		}
		return nil
	}
	v, err := value(k, n, path)
	b.values[k.Name] = v
	return err
}

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
		return nil, given.fault(path, fmt.Sprintf("%q is no kind of %s", cut(given.text), section.Name)).nearest(given.text, names)
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
		if s.Name != section.Name && len(s.kindsWith(key)) > 0 {
			e.Suggestion = s.Name + "." + key
			break
		}
	}
	return e
}
