package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/file"
)

// Error says where a formula is wrong, and what to write instead.
type Error struct {
	Source       string // the whole formula
	Line, Column int    // of Token, both from 1; columns count characters
	Token        string // the text at fault; "" where the formula ends too early
	Message      string // what is wrong and the remedy, without place and token
}

// Error is one line with place, token, message and the formula.
func (e *Error) Error() string {
	at := "at the end"
	if e.Token != "" {
		at = "at " + strconv.Quote(e.Token)
	}
	return fmt.Sprintf("expr: line %d, column %d, %s: %s (in %s)", e.Line, e.Column, at, e.Message, strconv.Quote(shorten(e.Source, 80)))
}

// shorten cuts s to n characters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// text is a formula under examination. Places in it are counted in runes, as
// the lexer counts them.
type text struct {
	source string
	runes  []rune
}

func newText(source string) *text { return &text{source: source, runes: []rune(source)} }

// end is the place behind the last character that is not a blank.
func (t *text) end() file.Location {
	n := len([]rune(strings.TrimRight(t.source, " \t\r\n")))
	return file.Location{From: n, To: n}
}

// fail makes the error for a place.
func (t *text) fail(at file.Location, format string, args ...any) error {
	e := &Error{Source: t.source, Line: 1, Column: 1, Message: fmt.Sprintf(format, args...)}
	from, to := min(at.From, len(t.runes)), min(at.To, len(t.runes))
	for _, r := range t.runes[:from] {
		e.Column++
		if r == '\n' {
			e.Line++
			e.Column = 1
		}
	}
	if from < to {
		e.Token = string(t.runes[from:to])
	}
	return e
}
