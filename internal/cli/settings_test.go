package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// A method with steps of its own warns of a sampler that it does not use, and not of
// the one that it is: KPSMLD brings smld along.
func TestUnusedSamplerIsNamed(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "spec.toml"), "[prior]\nkind = \"gaussian\"\nmean = [0, 0]\n"+
		"[[potential]]\nkind = \"measurement\"\noperator = { kind = \"mask\", index = [0] }\ny = [1]\nstd = 0.1\n[run]\nsamples = 5\n")
	for _, c := range []struct {
		args  []string
		warns bool
	}{{[]string{"method.kind=KPSMLD", "sampler.steps=10"}, false}, {[]string{"method.kind=kpddpm", "sampler.kind=heun"}, true}} {
		got := must(t, folder, append([]string{"run", "spec.toml", "--out", "out", "--force"}, c.args...)...)
		if strings.Contains(got, "does nothing here") != c.warns {
			t.Errorf("%v: %s", c.args, got)
		}
	}
}
