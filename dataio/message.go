package dataio

import (
	"fmt"
	"strings"

	"abide/internal/nearest"
)

// didYouMean is ", did you mean "…"?" with the nearest of the names, or nothing
// where none is near.
func didYouMean(name string, names []string) string {
	if n := nearest.Name(name, names); n != "" {
		return fmt.Sprintf(", did you mean %q?", n)
	}
	return ""
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
