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
	expandAlias(root)
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

// maxBlocks bounds the blocks of a repeated section.
const maxBlocks = 10000

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
	if len(n.list) > maxBlocks {
		return nil, n.fault(section.Name, fmt.Sprintf("has %d blocks", len(n.list))).allowed("up to %d; many rows fit in one polytope or linear-equality", maxBlocks)
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
	equal := map[string]int{} // copies of a name so far
	for _, b := range all {
		if b.Has("name") {
			continue
		}
		base := b.Kind
		if b.kind.Key("expr") != nil {
			base = oneLine(b.String("expr"))
		}
		name := base
		for taken[name] != nil {
			equal[base]++
			name = fmt.Sprintf("%s (%d)", base, equal[base]+1)
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
	case k.Type&Table != 0:
		if n != nil && n.kind == textNode && k.Type&String != 0 {
			n = ofKind(n)
		}
		sub, err := block(k.Table, n, root, path)
		b.values[k.Name] = sub
		return err
	case n != nil && k.Type == Tables:
		all, err := b.list(k, n, root)
		b.values[k.Name] = all
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

// ofKind is the table { kind = n } at the place of its text n.
func ofKind(n *node) *node {
	t := newTable(n.src, n.key, n.offset)
	t.put("kind", n)
	return t
}

// list reads the blocks of a key of type Tables.
func (b *Block) list(k *Key, n, root *node) ([]*Block, error) {
	path := member(b.path, k.Name)
	switch {
	case n.kind != listNode:
		return nil, wrongType(Tables, n, path)
	case len(n.list) == 0:
		return nil, n.fault(path, "the list is empty").allowed("%s", k.Type)
	case len(n.list) > maxBlocks:
		return nil, n.fault(path, fmt.Sprintf("has %d blocks", len(n.list))).allowed("up to %d", maxBlocks)
	}
	var all []*Block
	for i, e := range n.list {
		sub, err := block(k.Table, e, root, element(path, i))
		if err != nil {
			return nil, err
		}
		all = append(all, sub)
	}
	return all, nil
}
