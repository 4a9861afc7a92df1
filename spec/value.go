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
// float64, []float64, [][]float64, [][][]float64, []int or []string.
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
	case n.kind == listNode && k.Type&(Strings|Ints|Floats|Matrix|Matrices) != 0:
		if len(n.list) == 0 {
			return nil, n.fault(path, "the list is empty").allowed("%s", k.Type)
		}
		switch {
		case k.Type&Strings != 0:
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
	case k.Type == Path && k.Allowed != nil && !slices.Contains(k.Allowed, strings.ToLower(filepath.Ext(n.text))):
		return n.fault(path, fmt.Sprintf("the file %q has another ending", cut(n.text))).allowed("%s", strings.Join(k.Allowed, ", "))
	case k.Type == String && k.Allowed != nil && !slices.Contains(k.Allowed, n.text):
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
	case k.Range != nil && !k.Range.has(v):
		return 0, n.fault(path, n.raw+" is out of range").allowed("%s", k.Range)
	case math.Abs(v) > largest && !infinite:
		return 0, n.fault(path, n.raw+" is too large").allowed("numbers up to %g in size", largest)
	}
	return v, nil
}

func names(k *Key, n *node, path string) ([]string, error) {
	var out []string
	for i, e := range n.list {
		at := element(path, i)
		if e.kind != textNode {
			return nil, wrongType(String, e, at)
		}
		if err := checkText(&Key{Type: String}, e, at); err != nil {
			return nil, err
		}
		if j := slices.Index(out, e.text); j >= 0 {
			return nil, e.fault(at, fmt.Sprintf("%q stands at place %d already", e.text, j)).allowed("each name once")
		}
		out = append(out, e.text)
	}
	return out, nil
}

func integers(k *Key, n *node, path string) ([]int, error) {
	var out []int
	for i, e := range n.list {
		at := element(path, i)
		if e.kind != integerNode {
			return nil, wrongType(Int, e, at)
		}
		v, err := integer(k, e, at)
		if err != nil {
			return nil, err
		}
		if j := slices.Index(out, v); j >= 0 {
			return nil, e.fault(at, fmt.Sprintf("%d stands at place %d already", v, j)).allowed("each number once")
		}
		out = append(out, v)
	}
	return out, nil
}

// numbers reads a list, a matrix or a list of matrices, whichever the first
// element begins.
func numbers(k *Key, n *node, path string) (any, error) {
	first := n.list[0]
	rank := 1
	for first.kind == listNode && rank < 4 {
		rank++
		if len(first.list) == 0 {
			break
		}
		first = first.list[0]
	}
	switch {
	case rank == 1 && k.Type&Floats != 0:
		return row(k, n, path)
	case rank == 2 && k.Type&Matrix != 0:
		return matrix(k, n, path)
	case rank == 3 && k.Type&Matrices != 0:
		return matrices(k, n, path)
	}
	if rank == 1 && first.kind != integerNode && first.kind != floatNode {
		return nil, wrongType(Float, first, element(path, 0))
	}
	return nil, n.fault(path, fmt.Sprintf("is %s", rankName(rank))).allowed("%s", k.Type)
}

func rankName(rank int) string {
	switch rank {
	case 1:
		return "a list of numbers"
	case 2:
		return "a list of lists"
	case 3:
		return "a list of lists of lists"
	}
	return "nested too deep"
}

func row(k *Key, n *node, path string) ([]float64, error) {
	if n.kind != listNode {
		return nil, wrongType(Floats, n, path)
	}
	out := make([]float64, len(n.list))
	for i, e := range n.list {
		var err error
		if out[i], err = number(k, e, element(path, i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func matrix(k *Key, n *node, path string) ([][]float64, error) {
	if n.kind != listNode || len(n.list) == 0 {
		return nil, wrongType(Matrix, n, path)
	}
	out := make([][]float64, len(n.list))
	for i, e := range n.list {
		var err error
		if out[i], err = row(k, e, element(path, i)); err != nil {
			return nil, err
		}
		if len(out[i]) == 0 {
			return nil, e.fault(element(path, i), "the row is empty").allowed("rows of equal length, at least 1")
		}
		if len(out[i]) != len(out[0]) {
			return nil, e.fault(element(path, i), fmt.Sprintf("the row has length %d, the first row %d", len(out[i]), len(out[0]))).allowed("rows of equal length")
		}
	}
	return out, nil
}

func matrices(k *Key, n *node, path string) ([][][]float64, error) {
	out := make([][][]float64, len(n.list))
	for i, e := range n.list {
		var err error
		if out[i], err = matrix(k, e, element(path, i)); err != nil {
			return nil, err
		}
		if len(out[i]) != len(out[0]) || len(out[i][0]) != len(out[0][0]) {
			return nil, e.fault(element(path, i), fmt.Sprintf("the matrix is %d×%d, the first one %d×%d", len(out[i]), len(out[i][0]), len(out[0]), len(out[0][0]))).allowed("matrices of equal size")
		}
	}
	return out, nil
}
