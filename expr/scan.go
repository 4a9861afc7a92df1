package expr

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

// Limits that keep every recursion over a formula shallow.
const (
	maxCharacters = 100_000
	maxTokens     = 20_000
	maxNesting    = 200
)

// relation is a comparison found in a formula.
type relation struct {
	operator string
	at       file.Location
	depth    int // brackets around it
}

// scanned is a formula cut into tokens that all have a meaning here; its
// brackets are balanced.
type scanned struct {
	tokens    []lexer.Token
	relations []relation
}

// scan cuts the formula into tokens. The language of the parser is far larger
// than ours, so what we do not offer is refused here, by name, and the parser
// meets only arithmetic.
func (t *text) scan() (*scanned, error) {
	if len(t.runes) > maxCharacters {
		return nil, t.fail(file.Location{}, "the formula has %d characters, more than %d: cut it into several", len(t.runes), maxCharacters)
	}
	tokens, err := lexer.Lex(file.NewSource(t.source))
	if err != nil {
		return nil, t.lexical(err)
	}
	tokens = tokens[:len(tokens)-1] // the last one is EOF
	if len(tokens) == 0 {
		return nil, t.fail(t.end(), "the formula is empty: write one over the columns, such as x[0] + 2*x[1]")
	}
	if len(tokens) > maxTokens {
		return nil, t.fail(tokens[maxTokens].Location, "the formula has more than %d parts: cut it into several", maxTokens)
	}
	for _, tok := range tokens {
		if err := t.word(tok); err != nil {
			return nil, err
		}
	}
	if err := t.comments(tokens); err != nil {
		return nil, err
	}
	relations, err := t.brackets(tokens)
	return &scanned{tokens, relations}, err
}

// lexical words an error of the lexer.
func (t *text) lexical(err error) error {
	var e *file.Error
	if !errors.As(err, &e) {
		return t.fail(file.Location{}, "cannot be read: %v", err)
	}
	at := e.Location
	switch {
	case strings.HasPrefix(e.Message, "unrecognized character") && at.From < len(t.runes):
		return t.fail(at, "%s", foreign(t.runes[at.From]))
	case strings.HasPrefix(e.Message, "bad number"):
		for at.From > 0 && (unicode.In(t.runes[at.From-1], unicode.L, unicode.Nd) || strings.ContainsRune("._$", t.runes[at.From-1])) {
			at.From--
		}
		return t.fail(at, "not a number: numbers look like 2, 0.5 or 1e-3; a product needs *, as in 2*x[0]")
	case strings.HasPrefix(e.Message, "literal not terminated"):
		return t.fail(at, "a quoted column name is not closed: add the closing quote")
	case strings.HasPrefix(e.Message, "unclosed comment"):
		return t.fail(at, "/* starts a comment that never ends; comments are not allowed in a formula")
	}
	return t.fail(at, "%s: in a quoted column name write \\\\ for a backslash", e.Message)
}

// comments refuses comments, which the lexer skips: whoever writes a // b means
// a quotient, and must not get a.
func (t *text) comments(tokens []lexer.Token) error {
	i := 0
	for _, tok := range append(tokens, lexer.Token{Location: file.Location{From: len(t.runes)}}) {
		for ; i < tok.From; i++ {
			if !unicode.IsSpace(t.runes[i]) {
				return t.fail(file.Location{From: i, To: i + 2}, "this starts a comment, and comments are not allowed in a formula; a quotient is written with one /")
			}
		}
		i = tok.To
	}
	return nil
}

// word refuses a token without a meaning in formulas.
func (t *text) word(tok lexer.Token) error {
	switch tok.Kind {
	case lexer.Bytes:
		return t.fail(tok.Location, "not a column name: leave out the b before the quote")
	case lexer.Number:
		return t.number(tok)
	case lexer.Bracket:
		if tok.Value == "{" || tok.Value == "}" {
			return t.fail(tok.Location, "braces have no meaning in a formula: use ( ) to group and [ ] for a list")
		}
	case lexer.Operator:
		switch tok.Value {
		case "+", "-", "*", "/", "**", "^", "<=", ">=", "==", ",", ":":
		case "=":
			if i := tok.To; i < len(t.runes) && (t.runes[i] == '<' || t.runes[i] == '>') {
				return t.fail(tok.Location, "write %c= for %[1]c with equality", t.runes[i])
			}
			return t.fail(tok.Location, "%s", instead("="))
		default:
			return t.fail(tok.Location, "%s", instead(tok.Value))
		}
	}
	return nil
}

// number refuses a number that the parser cannot hold.
func (t *text) number(tok lexer.Token) error {
	if _, err := parser.Parse(tok.Value); err == nil {
		return nil
	}
	v, err := strconv.ParseFloat(tok.Value, 64)
	if err == nil {
		return t.fail(tok.Location, "too large for a whole number: write %g", v)
	}
	if errors.Is(err, strconv.ErrRange) {
		return t.fail(tok.Location, "too large for a number: the largest is about 1.8e308")
	}
	return t.fail(tok.Location, "not a number: numbers look like 2, 0.5 or 1e-3")
}

// brackets checks that brackets are balanced and notes the relations.
func (t *text) brackets(tokens []lexer.Token) ([]relation, error) {
	var open []lexer.Token
	var relations []relation
	for _, tok := range tokens {
		switch {
		case tok.Is(lexer.Bracket, "(", "["):
			if len(open) == maxNesting {
				return nil, t.fail(tok.Location, "more than %d brackets inside each other: cut the formula into several", maxNesting)
			}
			open = append(open, tok)
		case tok.Is(lexer.Bracket, ")", "]"):
			if len(open) == 0 {
				return nil, t.fail(tok.Location, "this bracket was never opened: remove it, or open it before")
			}
			last := open[len(open)-1]
			if (last.Value == "(") != (tok.Value == ")") {
				return nil, t.fail(tok.Location, "the bracket open here is %q: close it with its own kind", last.Value)
			}
			open = open[:len(open)-1]
		case tok.Is(lexer.Operator, "<=", ">=", "=="):
			relations = append(relations, relation{tok.Value, tok.Location, len(open)})
		}
	}
	if len(open) > 0 {
		return nil, t.fail(open[len(open)-1].Location, "this bracket is never closed")
	}
	return relations, nil
}
