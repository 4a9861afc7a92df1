package spec

import (
	"fmt"
	"strings"
)

// overrideValue reads a TOML value, a list of bare words, or a bare word.
func overrideValue(src *source, path, text string) (*node, error) {
	if text == "" {
		return nil, src.fault(0, path, "has no value").allowed("key=value")
	}
	doc, err := parseTree(&source{name: src.name, text: []byte("v = " + text), override: true})
	if err == nil && len(doc.keys) == 1 && doc.keys[0] == "v" {
		return doc.fields["v"], nil
	}
	if words, ok := splitList(text); ok {
		list := &node{kind: listNode, src: src}
		for _, word := range words {
			n, err := overrideValue(src, path, word)
			if err != nil {
				return nil, err
			}
			list.list = append(list.list, n)
		}
		return list, nil
	}
	if strings.ContainsRune("\"'[{", rune(text[0])) {
		return nil, src.fault(0, path, fmt.Sprintf("%q is no TOML value", cut(text))).allowed("TOML values and bare words")
	}
	return &node{kind: textNode, src: src, raw: text, text: text}, nil
}

// splitList splits "[a, b, …]" at its own commas: those outside quotes and inner
// brackets. It reports false where the text is no list.
func splitList(text string) ([]string, bool) {
	if len(text) < 2 || text[0] != '[' || text[len(text)-1] != ']' {
		return nil, false
	}
	var parts []string
	depth, start, quote := 0, 1, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '(' || c == '{':
			depth++
		case c == ']' || c == ')' || c == '}':
			depth--
			if depth == 0 && i != len(text)-1 {
				return nil, false
			}
		case c == ',' && depth == 1:
			parts = append(parts, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	if depth != 0 || quote != 0 {
		return nil, false
	}
	if last := strings.TrimSpace(text[start : len(text)-1]); last != "" {
		parts = append(parts, last)
	}
	return parts, true
}
