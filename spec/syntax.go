package spec

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

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
