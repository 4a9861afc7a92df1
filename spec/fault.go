package spec

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"abide/internal/nearest"
)

// Error is a fault of a spec: where it stands, what is wrong, what would be right.
type Error struct {
	File         string // the spec's name as given; empty for a fault of an override
	Line, Column int    // from 1, the column in characters; 0 for a fault of an override
	Override     string // the override as given; empty for a fault of the file
	Key          string // such as constraint[0].normal
	What         string // what is wrong
	Allowed      string // what is allowed; may be empty
	Suggestion   string // what was probably meant; may be empty
}

// Error gives the fault as one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Override != "" {
		fmt.Fprintf(&b, "override %q", e.Override)
	} else {
		fmt.Fprintf(&b, "%s:%d:%d", e.File, e.Line, e.Column)
	}
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	b.WriteString(": " + e.What)
	if e.Allowed != "" {
		b.WriteString("; allowed: " + e.Allowed)
	}
	if e.Suggestion != "" {
		fmt.Fprintf(&b, "; did you mean %q?", e.Suggestion)
	}
	return printable(b.String())
}

// printable keeps a message on one line: quoted keys may hold any character.
func printable(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) {
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// source is a text that values come from: the file or one override.
type source struct {
	name     string // the file's name, or the override as given
	text     []byte
	override bool
}

// fault makes an error about a key at a byte offset of the source.
func (s *source) fault(offset int, key, what string) *Error {
	if s.override {
		return &Error{Override: s.name, Key: key, What: what}
	}
	line, column := s.place(offset)
	return &Error{File: s.name, Line: line, Column: column, Key: key, What: what}
}

// place turns a byte offset into line and column, both from 1.
func (s *source) place(offset int) (line, column int) {
	before := s.text[:min(offset, len(s.text))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

// allowed adds what would be right.
func (e *Error) allowed(format string, args ...any) *Error {
	e.Allowed = fmt.Sprintf(format, args...)
	return e
}

// nearest adds the allowed names and the one that is most like got.
func (e *Error) nearest(got string, names []string) *Error {
	e.Allowed = strings.Join(names, ", ")
	e.Suggestion = nearest.Name(got, names)
	return e
}
