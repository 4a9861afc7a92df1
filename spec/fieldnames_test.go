package spec

import (
	"slices"
	"testing"
)

// Fields are called what an equation calls them, if it is about as many fields.
func TestFieldNames(t *testing.T) {
	equation := func(text, fields string) string {
		return "[[constraint]]\nkind = \"equation\"\nequation = \"" + text + "\"\n" + fields
	}
	for _, c := range []struct {
		blocks string
		want   []string
	}{
		{"[[constraint]]\nkind = \"divergence-free\"\n", nil},
		{equation("dx(u) + dy(v) = 0", ""), []string{"u", "v"}},
		{equation("dx(vx) + dy(vy) = 0", "fields = [{ name = \"vx\" }, { name = \"vy\" }]\n"), []string{"vx", "vy"}},
	} {
		s := mustParse(t, periodicFlow+c.blocks)
		if got := s.FieldNames(2); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.blocks, got, c.want)
		}
		if _, err := s.BuildLaws(s.Columns(), nil); err != nil {
			t.Error(err)
		}
	}
}
