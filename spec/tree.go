package spec

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

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

// syntaxFault turns an error of go-toml into one with our place and key.
func syntaxFault(src *source, err error) error {
	var de *toml.DecodeError
	if !errors.As(err, &de) {
		return src.fault(0, "", "not TOML: "+strings.TrimPrefix(err.Error(), "toml: "))
	}
	line, column := de.Position()
	offset := 0
	for range line - 1 {
		offset += bytes.IndexByte(src.text[offset:], '\n') + 1
	}
	offset += column - 1
	e := src.fault(offset, keyAt(src, offset), "not TOML: "+strings.TrimPrefix(de.Error(), "toml: "))
	if strings.HasSuffix(e.What, "at start of value") || strings.Contains(e.What, "must be quoted") {
		return e.allowed("text in quotes, numbers, true, false, lists in [ ], tables in { }")
	}
	return e
}

var (
	headerLine = regexp.MustCompile(`(?m)^[ \t]*\[{1,2}([a-zA-Z][\w.-]*)`)
	keyLine    = regexp.MustCompile(`(?m)^[ \t]*([\w.-]+)[ \t]*=`)
)

// keyAt guesses the key that a place of a broken document belongs to: the last
// header and the last key after it, up to the end of the place's line.
func keyAt(src *source, offset int) string {
	end := len(src.text)
	if i := bytes.IndexByte(src.text[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	text, header, key := src.text[:end], "", ""
	if all := headerLine.FindAllSubmatchIndex(text, -1); all != nil {
		last := all[len(all)-1]
		header, text = string(text[last[2]:last[3]]), text[last[1]:]
	}
	if all := keyLine.FindAllSubmatch(text, -1); all != nil {
		key = string(all[len(all)-1][1])
	}
	return strings.TrimSuffix(member(header, key), ".")
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or −1.
func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
