package spec

import (
	"bytes"
	"fmt"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// maxSource bounds the size of a spec in bytes: tables of data belong in files.
const maxSource = 16 << 20

type nodeKind int

const (
	tableNode nodeKind = iota
	listNode
	textNode
	integerNode
	floatNode
	boolNode
	dateNode
)

// node is a TOML value with its place.
type node struct {
	kind   nodeKind
	src    *source
	key    int    // offset of the key that names the value
	offset int    // offset of the value
	raw    string // a scalar as written, with its quotes
	text   string // the string itself
	list   []*node
	keys   []string // of a table, in order of appearance
	fields map[string]*node
}

// parseTree reads a TOML document. The decoder of go-toml judges the document
// (grammar, repeated keys, ranges of integers); its AST then gives the places.
func parseTree(src *source) (*node, error) {
	if len(src.text) > maxSource {
		return nil, src.fault(0, "", fmt.Sprintf("the spec is larger than %d MiB: keep data in a csv, npy or npz file", maxSource>>20))
	}
	src.text = bytes.TrimPrefix(src.text, []byte("\ufeff"))
	if i := invalidUTF8(src.text); i >= 0 {
		return nil, src.fault(i, keyAt(src, i), fmt.Sprintf("byte 0x%02x is not UTF-8: save the file as UTF-8", src.text[i]))
	}
	var judged map[string]any
	if err := toml.Unmarshal(src.text, &judged); err != nil {
		return nil, syntaxFault(src, err)
	}
	root := newTable(src, 0, 0)
	var p unstable.Parser
	p.Reset(src.text)
	for current := root; p.NextExpression(); {
		e := p.Expression()
		var err error
		switch e.Kind {
		case unstable.Table:
			current, err = descend(root, e.Key(), false)
		case unstable.ArrayTable:
			current, err = descend(root, e.Key(), true)
		default:
			err = assign(current, e)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := p.Error(); err != nil {
		return nil, syntaxFault(src, err)
	}
	return root, nil
}

func newTable(src *source, key, offset int) *node {
	return &node{kind: tableNode, src: src, key: key, offset: offset, fields: map[string]*node{}}
}

// put sets a key of a table.
func (n *node) put(key string, value *node) {
	if _, ok := n.fields[key]; !ok {
		n.keys = append(n.keys, key)
	}
	n.fields[key] = value
}

// remove takes a key out of a table.
func (n *node) remove(key string) {
	delete(n.fields, key)
	for i, k := range n.keys {
		if k == key {
			n.keys = append(n.keys[:i:i], n.keys[i+1:]...)
			return
		}
	}
}

// fault makes an error about the value.
func (n *node) fault(key, what string) *Error { return n.src.fault(n.offset, key, what) }

// descend walks a header such as [a.b] or [[a.b]] down from the root and makes
// the tables that are not there yet. A list on the way stands for its last table.
func descend(root *node, keys unstable.Iterator, repeated bool) (*node, error) {
	at := root
	for keys.Next() {
		name, offset := string(keys.Node().Data), int(keys.Node().Raw.Offset)
		next := at.fields[name]
		if repeated && keys.IsLast() {
			if next == nil {
				next = &node{kind: listNode, src: root.src, key: offset, offset: offset}
				at.put(name, next)
			}
			if next.kind != listNode {
				return nil, root.src.fault(offset, name, "is defined twice")
			}
			next.list = append(next.list, newTable(root.src, offset, offset))
		} else if next == nil {
			next = newTable(root.src, offset, offset)
			at.put(name, next)
		}
		if next.kind == listNode && len(next.list) > 0 {
			next = next.list[len(next.list)-1]
		}
		if next.kind != tableNode {
			return nil, root.src.fault(offset, name, "is defined twice")
		}
		at = next
	}
	return at, nil
}

// assign sets a possibly dotted key of a table to a value.
func assign(at *node, e *unstable.Node) error {
	for keys := e.Key(); keys.Next(); {
		name, offset := string(keys.Node().Data), int(keys.Node().Raw.Offset)
		next := at.fields[name]
		if keys.IsLast() {
			value, err := convertNode(at.src, e.Value(), offset)
			if err != nil {
				return err
			}
			at.put(name, value)
			return nil
		}
		if next == nil {
			next = newTable(at.src, offset, offset)
			at.put(name, next)
		}
		if next.kind != tableNode {
			return at.src.fault(offset, name, "is defined twice")
		}
		at = next
	}
	return nil
}

// convertNode copies a value out of the parser's arena. A list has no place of
// its own there; it takes the one of its first element.
func convertNode(src *source, v *unstable.Node, key int) (*node, error) {
	n := &node{src: src, key: key, offset: key}
	if v.Raw.Length > 0 {
		n.offset = int(v.Raw.Offset)
		n.raw = string(src.text[v.Raw.Offset : v.Raw.Offset+v.Raw.Length])
	}
	switch v.Kind {
	case unstable.Array:
		n.kind = listNode
		for it := v.Children(); it.Next(); {
			child, err := convertNode(src, it.Node(), n.offset)
			if err != nil {
				return nil, err
			}
			if len(n.list) == 0 {
				n.offset = child.offset
			}
			n.list = append(n.list, child)
		}
	case unstable.InlineTable:
		n.kind, n.fields = tableNode, map[string]*node{}
		for it := v.Children(); it.Next(); {
			if err := assign(n, it.Node()); err != nil {
				return nil, err
			}
		}
	case unstable.String:
		n.kind, n.text = textNode, string(v.Data)
	case unstable.Integer:
		n.kind = integerNode
	case unstable.Float:
		n.kind = floatNode
	case unstable.Bool:
		n.kind = boolNode
	default:
		n.kind = dateNode
	}
	return n, nil
}
