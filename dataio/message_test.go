package dataio

import (
	"strings"
	"testing"
)

func TestNoSuggestionWhereNoneIsNear(t *testing.T) {
	if got := didYouMean("temperature", []string{"cement", "water"}); got != "" {
		t.Errorf("suggested %q", got)
	}
	if got := list(strings.Split(strings.Repeat("a ", 29)+"a", " ")); !strings.HasSuffix(got, "a, … (30 in all)") {
		t.Errorf("list: %q", got)
	}
}
