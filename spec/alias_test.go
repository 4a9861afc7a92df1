package spec

import (
	"strings"
	"testing"
)

// Every published name is a valid spec by itself, resolves to the row and the
// parameters it says, and leaves what the spec says.
func TestAliases(t *testing.T) {
	const prior = "[prior]\nkind = \"gaussian\"\nmean = [0.0]\ncovariance = [[1.0]]\n"
	for _, a := range Aliases {
		s, err := Parse("s.toml", []byte(prior+"[method]\nkind = \""+a.Name+"\"\n"), nil)
		if err != nil {
			t.Errorf("%s: %v", a.Name, err)
			continue
		}
		if s.Method.Kind != a.Row() {
			t.Errorf("%s is %s, want %s", a.Name, s.Method.Kind, a.Row())
		}
		for _, line := range strings.Split(a.Method+"\n"+a.Sampler, "\n") {
			key, _, _ := strings.Cut(line, " = ")
			if b := s.Method; key != "kind" && b.kind.Key(key) != nil && !b.Given(key) {
				t.Errorf("%s: method.%s is not set", a.Name, key)
			}
			if b := s.Sampler; key != "kind" && b.kind.Key(key) != nil && !b.Given(key) {
				t.Errorf("%s: sampler.%s is not set", a.Name, key)
			}
		}
		if a.Sampler != "" && s.Sampler.Int("steps") != 1000 {
			t.Errorf("%s: %d steps", a.Name, s.Sampler.Int("steps"))
		}
		own, err := Parse("s.toml", []byte(prior+"[method]\nkind = \""+a.Name+"\"\n[sampler]\nsteps = 7\n"), nil)
		if err != nil || own.Sampler.Int("steps") != 7 || own.Sampler.Kind != s.Sampler.Kind {
			t.Errorf("%s with 7 steps: %v", a.Name, err)
		}
		if _, err := Parse("s.toml", []byte(prior+"[method]\nkind = \""+a.Name+"\"\n[sampler]\ngrid = [3.0, 1.0]\n"), nil); err != nil {
			t.Errorf("%s with levels: %v", a.Name, err)
		}
		if _, err := Parse("s.toml", []byte(prior), []string{"method.particles=5000", "method.kind=" + a.Name}); err == nil {
			t.Errorf("%s by an override takes a key of another kind", a.Name)
		}
		if _, err := Parse("s.toml", []byte(prior+"[method]\nkind = \"twisted-smc\"\nparticles = 5000\n"), []string{"method.kind=" + a.Name}); err != nil {
			t.Errorf("%s by an override: %v", a.Name, err)
		}
	}
	if _, err := Parse("s.toml", []byte(prior+"[method]\nkind = \"TMPD2023avpj\"\n"), nil); err == nil || !strings.HasSuffix(err.Error(), `did you mean "TMPD2023avjp"?`) {
		t.Errorf("a name that is nearly one: %v", err)
	}
}
