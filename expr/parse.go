package expr

import (
	"errors"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

// tree runs the parser over tokens that have been scanned.
func (t *text) tree(tokens []lexer.Token, c *columns) (ast.Node, error) {
	// The parser has functions of its own with a syntax of their own (sum, map,
	// filter, …). Overriding every word in use makes all calls plain ones.
	config := &conf.Config{Functions: conf.FunctionsTable{}}
	for _, tok := range tokens {
		if tok.Kind == lexer.Identifier {
			config.Functions[tok.Value] = nil
		}
	}
	tree, err := parser.ParseWithConfig(t.source, config)
	if err != nil {
		return nil, t.syntax(err, tokens, c)
	}
	return tree.Node, nil
}

// syntax words an error of the parser. The tokens are known to be good one by
// one, so one is missing or one too many.
func (t *text) syntax(err error, tokens []lexer.Token, c *columns) error {
	var e *file.Error
	if !errors.As(err, &e) {
		return t.fail(file.Location{}, "cannot be read: %v", err)
	}
	i := 0
	for i < len(tokens) && tokens[i].Location != e.Location {
		i++
	}
	last := tokens[len(tokens)-1]
	if strings.HasSuffix(e.Message, "token EOF") || i == len(tokens) {
		return t.fail(t.end(), "the formula ends too early: a number, a column or a bracket must follow %s", t.written(last))
	}
	switch tok := tokens[i]; {
	case tok.Value == ",":
		return t.fail(tok.Location, "a comma stands between the arguments of a function or in a list [a, b]; fractions take a point, as in 0.5")
	case tok.Value == ":":
		return t.fail(tok.Location, "a colon stands once, inside the brackets of x[i:j]")
	case i > 0 && endsOperand(tokens[i-1]):
		return t.fail(tok.Location, "an operator (+ - * / **) is missing between %s and this%s", t.written(tokens[i-1]), c.quoting())
	default:
		return t.fail(tok.Location, "a number, a column or an opening bracket is expected here")
	}
}

// written is a token as it stands in the formula, quoted for a message.
func (t *text) written(tok lexer.Token) string {
	return "\"" + shorten(string(t.runes[tok.From:tok.To]), 40) + "\""
}

func endsOperand(tok lexer.Token) bool {
	return tok.Kind == lexer.Identifier || tok.Kind == lexer.Number || tok.Kind == lexer.String || tok.Is(lexer.Bracket, ")", "]")
}

// quoting reminds of quotes where a column name has blanks in it.
func (c *columns) quoting() string {
	for _, n := range c.names {
		if strings.IndexFunc(n, unicode.IsSpace) >= 0 {
			return "; a column name with blanks is quoted, as in " + written(n)
		}
	}
	return ""
}
