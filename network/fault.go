package network

import "fmt"

// Fault is what is wrong with one field of an [Architecture].
type Fault struct {
	Kind  string // of the network
	Field string // as in JSON: shape, condition, width, depth, levels, …
	What  string // and what would be right
}

// Error gives the fault as one line.
func (f *Fault) Error() string { return "network: " + f.Kind + ": " + f.What }

func (a Architecture) fault(field, format string, args ...any) error {
	return &Fault{a.Kind, field, fmt.Sprintf(format, args...)}
}

// checkSizes refuses sizes that no network of the kind has.
func (a Architecture) checkSizes(width, depth, embedding int) error {
	for _, s := range []struct {
		field          string
		got, low, high int
	}{{"width", a.Width, 1, width}, {"depth", a.Depth, 1, depth}, {"embedding", a.Embedding, 2, embedding}} {
		if s.got < s.low || s.got > s.high {
			return a.fault(s.field, "%s %d: need %d … %d", s.field, s.got, s.low, s.high)
		}
	}
	return nil
}
