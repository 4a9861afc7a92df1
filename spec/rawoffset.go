package spec

import (
	"strings"
	"unicode/utf8"
)

// rawOffset finds the n-th character of a TOML string in the string as written:
// behind its quotes and with its escapes, in bytes.
func rawOffset(raw string, n int) int {
	i, escapes, long := opening(raw)
	for ; n > 0 && i < len(raw); n-- {
		i = skipContinuation(raw, i, escapes && long)
		if i < len(raw) && raw[i] == '\\' && escapes {
			i += escapeLength(raw[i:])
		} else if i < len(raw) {
			_, size := utf8.DecodeRuneInString(raw[i:])
			i += size
		}
	}
	return min(skipContinuation(raw, i, escapes && long), len(raw))
}

// opening measures the quotes a string begins with. A newline right after three
// quotes is not part of the text.
func opening(raw string) (length int, escapes, long bool) {
	escapes = strings.HasPrefix(raw, `"`)
	if !strings.HasPrefix(raw, `"""`) && !strings.HasPrefix(raw, "'''") {
		return min(1, len(raw)), escapes, false
	}
	length = 3
	if strings.HasPrefix(raw[3:], "\r\n") {
		length = 5
	} else if strings.HasPrefix(raw[3:], "\n") {
		length = 4
	}
	return length, escapes, true
}

// skipContinuation skips a backslash at the end of a line with all blanks and
// line ends after it: they stand for nothing.
func skipContinuation(raw string, i int, possible bool) int {
	for possible && i < len(raw) && raw[i] == '\\' {
		rest := strings.TrimLeft(raw[i+1:], " \t")
		if !strings.HasPrefix(rest, "\n") && !strings.HasPrefix(rest, "\r\n") {
			break
		}
		i = len(raw) - len(strings.TrimLeft(rest, " \t\r\n"))
	}
	return i
}

// escapeLength is the length of the escape that s begins with.
func escapeLength(s string) int {
	if len(s) > 1 {
		switch s[1] {
		case 'x':
			return 4
		case 'u':
			return 6
		case 'U':
			return 10
		}
	}
	return 2
}
