package spec

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxText bounds the length of one text in bytes.
const maxText = 1 << 16

// value turns a TOML value into the Go value of a key: string, bool, int,
// float64, []float64, [][]float64, [][][]float64, []int, []string or map[string]any.
func value(k *Key, n *node, path string) (any, error) {
	switch {
	case n.kind == textNode && k.Type&(String|Expr|Relation|Path) != 0:
		return n.text, checkText(k, n, path)
	case n.kind == boolNode && k.Type&Bool != 0:
		return n.raw == "true", nil
	case n.kind == integerNode && k.Type&Int != 0:
		return integer(k, n, path)
	case (n.kind == integerNode || n.kind == floatNode) && k.Type&Float != 0:
		return number(k, n, path)
	case n.kind == tableNode && k.Type&(Numbers|Texts) != 0:
		return named(k, n, path)
	case n.kind == listNode && k.Type&(Strings|Exprs|Ints|Floats|Matrix|Matrices) != 0:
		if len(n.list) == 0 {
			return nil, n.fault(path, "the list is empty").allowed("%s", k.Type)
		}
		switch {
		case k.Type&(Strings|Exprs) != 0:
			return names(k, n, path)
		case k.Type&Ints != 0:
			return integers(k, n, path)
		}
		return numbers(k, n, path)
	}
	return nil, wrongType(k.Type, n, path)
}

// wrongType says what stands there and what should.
func wrongType(want Type, n *node, path string) *Error {
	e := n.fault(path, "is "+describe(n)).allowed("%s", want)
	if want&Int != 0 && n.kind == floatNode {
		if v, err := parseFloat(n.raw); err == nil && v == math.Trunc(v) && math.Abs(v) < 1e15 {
			e.Suggestion = strconv.FormatInt(int64(v), 10)
		}
	}
	if n.kind == textNode && want&(Int|Float|Bool) != 0 {
		if _, err := strconv.ParseFloat(n.text, 64); err == nil || n.text == "true" || n.text == "false" {
			e.Allowed += ", without quotes"
		}
	}
	return e
}

// describe names a value as it was written.
func describe(n *node) string {
	switch n.kind {
	case tableNode:
		return "a table"
	case listNode:
		return fmt.Sprintf("a list of %d", len(n.list))
	case textNode:
		return fmt.Sprintf("the text %s", strconv.Quote(cut(n.text)))
	case integerNode:
		return "the integer " + n.raw
	case floatNode:
		return "the number " + n.raw
	case boolNode:
		return n.raw
	}
	return "the date or time " + n.raw
}

// cut shortens a text for a message.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "…"
	}
	return s
}

func checkText(k *Key, n *node, path string) error {
	switch {
	case strings.TrimSpace(n.text) == "":
		return n.fault(path, "is empty").allowed("%s", k.Type)
	case len(n.text) > maxText:
		return n.fault(path, fmt.Sprintf("has %d bytes", len(n.text))).allowed("up to %d", maxText)
	case k.Type&(Expr|Relation) == 0 && strings.IndexFunc(n.text, unicode.IsControl) >= 0:
		return n.fault(path, fmt.Sprintf("%q has control characters", cut(n.text))).allowed("one line of text")
	case k.Type&Path != 0 && k.Allowed != nil && !slices.Contains(k.Allowed, strings.ToLower(filepath.Ext(n.text))):
		return n.fault(path, fmt.Sprintf("the file %q has another ending", cut(n.text))).allowed("%s", strings.Join(k.Allowed, ", "))
	case k.Type&^Matrix == String && k.Allowed != nil && !slices.Contains(k.Allowed, n.text):
		return n.fault(path, fmt.Sprintf("%q is unknown", cut(n.text))).nearest(n.text, k.Allowed)
	}
	return nil
}

func parseFloat(raw string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(raw, "_", ""), 64)
}

func integer(k *Key, n *node, path string) (int, error) {
	v, err := strconv.ParseInt(n.raw, 0, 64)
	if err != nil || int64(int(v)) != v {
		return 0, n.fault(path, n.raw+" is no integer of this machine")
	}
	if k.Range != nil && !k.Range.has(float64(v)) {
		return 0, n.fault(path, n.raw+" is out of range").allowed("%s", k.Range)
	}
	return int(v), nil
}

func number(k *Key, n *node, path string) (float64, error) {
	var v float64
	var err error
	switch n.kind {
	case integerNode:
		var i int64
		i, err = strconv.ParseInt(n.raw, 0, 64)
		v = float64(i)
	case floatNode:
		if k.Range != nil && k.Range.NaN && strings.HasSuffix(n.raw, "nan") {
			return math.NaN(), nil
		}
		v, err = parseFloat(n.raw)
	default:
		return 0, wrongType(Float, n, path)
	}
	infinite := k.Range != nil && k.Range.Infinite
	switch {
	case math.IsNaN(v):
		return 0, n.fault(path, "is nan").allowed("finite numbers")
	case err != nil:
		return 0, n.fault(path, n.raw+" is too large").allowed("numbers up to %g in size", largest)
	case math.IsInf(v, 0) && !infinite:
		return 0, n.fault(path, "is "+n.raw).allowed("finite numbers")
	case k.Range != nil && !k.Range.has(v) && !(v > largest && k.Range.Max >= largest):
		return 0, n.fault(path, n.raw+" is out of range").allowed("%s", k.Range)
	case math.Abs(v) > largest && !infinite:
		return 0, n.fault(path, n.raw+" is too large").allowed("numbers up to %g in size", largest)
	}
	return v, nil
}
