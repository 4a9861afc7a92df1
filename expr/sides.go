package expr

import (
	"errors"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// Sides is an equation, left = right, or a formula, which has a left side alone, as it
// was read: names and functions have no meaning yet. Whoever gives them one, such as
// package equation, words its errors with Fail.
type Sides struct {
	Left, Right ast.Node
	Sign        file.Location // of "="

	text *text
}

// ReadEquation reads "left = right"; "==" is understood too. Errors of the text are of
// type [*Error].
func ReadEquation(source string) (*Sides, error) {
	t := newText(source)
	tokens, err := lexer.Lex(file.NewSource(source))
	if err != nil {
		return nil, t.lexical(err)
	}
	var signs []lexer.Token
	for _, tok := range tokens {
		if tok.Is(lexer.Operator, "=", "==") {
			signs = append(signs, tok)
		}
	}
	switch {
	case len(signs) == 0:
		return nil, t.fail(t.end(), "no equation: write = and a second side, as in … = 0")
	case len(signs) > 1:
		return nil, t.fail(signs[1].Location, "a second =: one equation at a time")
	}
	at := signs[0].Location
	s := &Sides{Sign: at, text: t}
	if s.Left, err = t.side(0, at.From); err != nil {
		return nil, err
	}
	s.Right, err = t.side(at.To, len(t.runes))
	return s, err
}

// ReadFormula reads a formula as the left side.
func ReadFormula(source string) (*Sides, error) {
	t := newText(source)
	left, err := t.side(0, len(t.runes))
	return &Sides{Left: left, text: t}, err
}

// side reads the characters from … to−1 as a formula. The others become blanks, so that
// places stay those of the whole.
func (t *text) side(from, to int) (ast.Node, error) {
	if strings.TrimSpace(string(t.runes[from:to])) == "" {
		return nil, t.fail(file.Location{From: from, To: from}, "nothing stands on this side, it is empty: write 0")
	}
	blank := func(runes []rune) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, string(runes))
	}
	part := newText(blank(t.runes[:from]) + string(t.runes[from:to]) + blank(t.runes[to:]))
	scanned, err := part.scan()
	if err == nil && len(scanned.relations) > 0 {
		err = part.fail(scanned.relations[0].at, "a relation, where a single number is wanted: write a formula without %s", scanned.relations[0].operator)
	}
	var tree ast.Node
	if err == nil {
		tree, err = part.tree(scanned.tokens, &columns{})
	}
	var e *Error
	if errors.As(err, &e) {
		e.Source = t.source
	}
	return tree, err
}

// Fail is an error of type [*Error] that points at a place of the text.
func (s *Sides) Fail(at file.Location, format string, args ...any) error {
	return s.text.fail(at, format, args...)
}

// Text is what stands at a node of the tree, shortened for messages.
func (s *Sides) Text(n ast.Node) string {
	from, to := len(s.text.runes), 0
	ast.Walk(&n, visitor(func(n ast.Node) { from, to = min(from, n.Location().From), max(to, n.Location().To) }))
	from, to = min(from, len(s.text.runes)), min(to, len(s.text.runes))
	for open := 0; to < len(s.text.runes); to++ { // a call ends behind its brackets
		open = strings.Count(string(s.text.runes[from:to]), "(") - strings.Count(string(s.text.runes[from:to]), ")")
		if open <= 0 && !unicode.IsSpace(s.text.runes[to]) || from >= to {
			break
		}
	}
	return shorten(strings.TrimSpace(string(s.text.runes[min(from, to):to])), 60)
}

type visitor func(ast.Node)

func (v visitor) Visit(n *ast.Node) { v(*n) }
