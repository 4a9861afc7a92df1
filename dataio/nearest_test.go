package dataio

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"größe", "grösse", 2}} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// Laws of a metric: zero only for equal words, symmetric, triangle inequality.
func TestEditDistanceIsAMetric(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		ab, ba, bc, ac := editDistance(a, b), editDistance(b, a), editDistance(b, c), editDistance(a, c)
		if (ab == 0) != (a == b) || ab != ba || ac > ab+bc {
			t.Fatalf("%q %q %q: ab %d, ba %d, bc %d, ac %d", a, b, c, ab, ba, bc, ac)
		}
	})
}

func TestNoSuggestionWhereNoneIsNear(t *testing.T) {
	if got := didYouMean("temperature", []string{"cement", "water"}); got != "" {
		t.Errorf("suggested %q", got)
	}
	if got := list(strings.Split(strings.Repeat("a ", 29)+"a", " ")); !strings.HasSuffix(got, "a, … (30 in all)") {
		t.Errorf("list: %q", got)
	}
}
