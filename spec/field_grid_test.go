package spec

import (
	"fmt"
	"strings"
	"testing"

	"abide/pde"
)

// Every family tells the axes of its last array in what is said of it, as many as it has;
// fields of a prior that tells no grid are on that of their family.
func TestFieldGridOfFamilies(t *testing.T) {
	for _, kind := range pde.Table {
		f, err := kind.Make(pde.Values{})
		if err != nil {
			t.Fatal(kind.Name, err)
		}
		arrays := f.Arrays()
		last := arrays[len(arrays)-1]
		s, err := Parse("spec.toml", fmt.Appendf(nil, "[prior]\nkind = \"empirical\"\ndata = \"rows.csv\"\n[[constraint]]\nkind = \"family\"\nfamily = %q\n", kind.Name), nil)
		if err != nil {
			t.Fatal(kind.Name, err)
		}
		g := s.FieldGrid(last.Size())
		if len(last.Shape) < 2 {
			continue
		}
		if g == nil {
			t.Errorf("%s: %q does not tell the axes of shape %v", kind.Name, last.Doc, last.Shape)
			continue
		}
		shape := g.Shape()
		if g.Fields > 1 {
			shape = append([]int{g.Fields}, shape...)
		}
		if fmt.Sprint(shape) != fmt.Sprint(last.Shape) || strings.Contains(fmt.Sprint(g.names()), "component") {
			t.Errorf("%s: grid %s for shape %v", kind.Name, g, last.Shape)
		}
		if s.FieldGrid(last.Size()+1) != nil {
			t.Errorf("%s: a grid for fields of another size", kind.Name)
		}
	}
}

// A block's own axes are the grid of fields of data.
func TestFieldGridOfAxes(t *testing.T) {
	s, err := Parse("spec.toml", []byte(`[prior]
kind = "empirical"
data = "rows.csv"
[[constraint]]
kind = "mass"
axes = [{ name = "t", points = 3, range = [0, 2] }, { name = "x", points = 4, range = [0, 1] }]
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if g := s.FieldGrid(12); g == nil || g.String() != "t 3 × x 4" {
		t.Errorf("grid %v", g)
	}
	if g := s.FieldGrid(13); g != nil {
		t.Errorf("grid %v of 13 columns", g)
	}
}
