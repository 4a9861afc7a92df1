package nearest

import "testing"

func TestName(t *testing.T) {
	names := []string{"cement", "water", "fly_ash", "compressive_strength", "age"}
	for word, want := range map[string]string{
		"cemnet": "cement", // neighbours swapped count as one letter
		"Watr":   "water",
		"flyash": "fly_ash",
		"compr":  "compressive_strength", // continued
		"agee":   "age",
		"ago":    "age",
		"slag":   "",
		"":       "",
		"zz":     "",
	} {
		if got := Name(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// The distance against its definition on short words: the least number of edits,
// found by breadth-first search over all words within three edits.
func TestDistanceAgainstSearch(t *testing.T) {
	words := []string{"", "a", "b", "ab", "ba", "abc", "acb", "bca", "cab", "abca"}
	for _, a := range words {
		reach := map[string]int{a: 0}
		edge := []string{a}
		for step := 1; step <= 2; step++ {
			var next []string
			for _, w := range edge {
				for _, e := range edits(w) {
					if _, seen := reach[e]; !seen {
						reach[e] = step
						next = append(next, e)
					}
				}
			}
			edge = next
		}
		for _, b := range words {
			got := distance([]rune(a), []rune(b), 10)
			// Optimal string alignment edits no part twice, so it may exceed the
			// search, but never below it; up to one edit they agree.
			if want, ok := reach[b]; ok && (got < want || want <= 1 && got != want) || !ok && got <= 2 {
				t.Errorf("%q to %q: %d, search %d (%v)", a, b, got, want, ok)
			}
		}
	}
}

func edits(w string) []string {
	var out []string
	for i := 0; i <= len(w); i++ {
		for _, c := range "abc" {
			out = append(out, w[:i]+string(c)+w[i:])
			if i < len(w) {
				out = append(out, w[:i]+string(c)+w[i+1:])
			}
		}
		if i < len(w) {
			out = append(out, w[:i]+w[i+1:])
		}
		if i+1 < len(w) {
			out = append(out, w[:i]+w[i+1:i+2]+w[i:i+1]+w[i+2:])
		}
	}
	return out
}
