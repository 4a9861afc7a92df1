package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"abide/expr"
)

// Columns returns the names of the columns where the spec itself tells them, and
// nil where the data have to be read for them. With them [Spec.Bind] can run
// before any file is opened.
func (s *Spec) Columns() []string { return s.Prior.columnNames() }

// Bind checks the spec against the columns of its prior: every formula, every
// column name and every length. names are the names of the d columns; where data
// have none they are x[0], x[1], ….
func (s *Spec) Bind(names []string) error {
	if _, err := s.BuildConstraints(names); err != nil {
		return err
	}
	if _, err := s.BuildLaws(names, nil); err != nil {
		return err
	}
	if _, err := s.BuildPotentials(names); err != nil {
		return err
	}
	for _, key := range []string{"x", "y", "rank"} {
		if _, err := s.Report.Expr(key, names); err != nil {
			return err
		}
	}
	return nil
}

// Expr reads the formula of a key over the columns; nil where the key is absent.
func (b *Block) Expr(key string, names []string) (*expr.Expr, error) {
	if !b.Has(key) {
		return nil, nil
	}
	e, err := expr.Parse(b.String(key), formulaNames(names), len(names))
	if err != nil {
		return nil, b.formulaFault(key, err)
	}
	return e, nil
}

// Relation reads the relation of a key over the columns; nil where the key is absent.
func (b *Block) Relation(key string, names []string) (*expr.Relation, error) {
	if !b.Has(key) {
		return nil, nil
	}
	r, err := expr.ParseRelation(b.String(key), formulaNames(names), len(names))
	if err != nil {
		return nil, b.formulaFault(key, err)
	}
	return r, nil
}

// formulaNames returns nil for the names x[0], x[1], … of columns without names:
// formulas have that notation of their own.
func formulaNames(names []string) []string {
	for j, name := range names {
		if name != element("x", j) {
			return names
		}
	}
	return nil
}

// formulaFault puts an error of a formula at its place in the file.
func (b *Block) formulaFault(key string, err error) *Error {
	return b.fault(key, "%s", formulaWhat(err)).within(b.nodes[key], err)
}

// formulas are those of a key expr that takes one or a list.
func (b *Block) formulas() []string {
	if one, ok := b.values["expr"].(string); ok {
		return []string{one}
	}
	return b.Strings("expr")
}

// formulasFault puts an error of the i-th of the formulas at its place in the file.
func (b *Block) formulasFault(i int, err error) *Error {
	n := b.nodes["expr"]
	if n == nil || n.kind != listNode {
		return b.formulaFault("expr", err)
	}
	return b.elementFault("expr", i, "%s", formulaWhat(err)).within(n.list[i], err)
}

func formulaWhat(err error) string {
	var fe *expr.Error
	if !errors.As(err, &fe) {
		return err.Error()
	}
	if fe.Token != "" {
		return fmt.Sprintf("at %q: %s", cut(fe.Token), fe.Message)
	}
	return fe.Message
}

// within moves a fault to the place in the text n that an error of a formula names.
func (e *Error) within(n *node, err error) *Error {
	var fe *expr.Error
	if errors.As(err, &fe) && n != nil && !n.src.override {
		at := n.offset + rawOffset(n.raw, runeIndex(fe.Source, fe.Line, fe.Column))
		e.Line, e.Column = n.src.place(at)
	}
	return e
}

// runeIndex turns line and column, both from 1, into a number of characters.
func runeIndex(text string, line, column int) int {
	lines := strings.SplitAfter(text, "\n")
	before := strings.Join(lines[:min(line-1, len(lines))], "")
	return len([]rune(before)) + column - 1
}

// columns returns the places of the columns a block names, by columns or index;
// nil where it names none.
func (b *Block) columns(names []string) ([]int, error) {
	if b.kind.Key("index") != nil && b.Has("index") {
		index := b.Ints("index")
		for i, j := range index {
			if j >= len(names) {
				return nil, b.elementFault("index", i, "there is no column %d", j).allowed("0 to %d", len(names)-1)
			}
		}
		return index, nil
	}
	var index []int
	for i, name := range b.Strings("columns") {
		j := slices.Index(names, name)
		if j < 0 {
			return nil, b.elementFault("columns", i, "there is no column %q", name).nearest(name, names)
		}
		index = append(index, j)
	}
	return index, nil
}

// elementFault makes an error at one element of a list.
func (b *Block) elementFault(key string, i int, format string, args ...any) *Error {
	what, path := fmt.Sprintf(format, args...), element(member(b.path, key), i)
	switch n := b.nodes[key]; {
	case n == nil:
		return b.at.fault(path, what)
	case i < len(n.list):
		return n.list[i].fault(path, what)
	default: // of a file
		return n.fault(path, what)
	}
}

// built puts an error of a constructor at the block.
func (b *Block) built(err error) *Error {
	_, what, ok := strings.Cut(err.Error(), ": ") // the package's name
	if !ok {
		what = err.Error()
	}
	return b.fault("", "%s", what)
}
