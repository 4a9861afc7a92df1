package dataio

import (
	"fmt"
	"strings"
)

// didYouMean is ", did you mean "…"?" with the nearest of the names, or nothing
// where none is near: at most two letters, or a third of them, differ.
func didYouMean(name string, names []string) string {
	best, bestAt := max(2, len([]rune(name))/3)+1, -1
	for i, n := range names {
		if d := editDistance(strings.ToLower(name), strings.ToLower(n)); d < best {
			best, bestAt = d, i
		}
	}
	if bestAt < 0 {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", names[bestAt])
}

// editDistance is Levenshtein's: insertions, deletions and replacements.
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			cost := diagonal
			if s[i] != t[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(t)]
}

// list prints names for a message, the first 20 of them.
func list(names []string) string {
	const most = 20
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(", … (%d in all)", len(names))
	}
	return strings.Join(names, ", ")
}

// clip shortens foreign text so that it fits a message.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
