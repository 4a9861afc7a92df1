package spec

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A wrong name in a formula is reported where it stands in the file, however the
// text is quoted.
func TestFormulaPlaces(t *testing.T) {
	for name, text := range map[string]string{
		"basic":               `"cement + wter <= 1"`,
		"at the start":        `"wter <= 1"`,
		"literal":             `'cement + wter <= 1'`,
		"after an escape":     `"cement\t+ \u0063ement + wter <= 1"`,
		"after a long escape": `"\U00000063ement + wter <= 1"`,
		"after a quote":       `"'caf\u00e9 \"au lait\"' + wter <= 1"`,
		"after ü":             `"'ü' + wter <= 1"`,
		"long":                "\"\"\"\ncement +\n  wter <= 1\"\"\"",
		"long, one line":      "\"\"\"cement + wter <= 1\"\"\"",
		"long literal":        "'''\ncement +\n\n wter <= 1'''",
		"long, windows":       "'''\r\ncement +\r\n wter <= 1'''",
		"continued":           "\"\"\"cement + \\\n    \n   wter <= 1\"\"\"",
		"continued at once":   "\"\"\"\\\n   wter <= 1\"\"\"",
	} {
		src := "[prior]\nkind = \"empirical\"\ndata = \"a.csv\"\n[[constraint]]\nexpr =   " + text + "\n"
		s := mustParse(t, src)
		err := s.Bind([]string{"cement", "water", "ü", "café \"au lait\""})
		before := src[:strings.Index(src, "wter")]
		line := strings.Count(before, "\n") + 1
		column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
		want := fmt.Sprintf("test.toml:%d:%d: constraint[0].expr: at \"wter\": unknown column", line, column)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v\nwant %s", name, err, want)
		}
	}
}

func TestBindErrors(t *testing.T) {
	names := []string{"cement", "water", "age"}
	for _, c := range []struct{ block, want string }{
		{"[[constraint]]\nexpr = \"cement + wter <= 1\"", `5:18: constraint[0].expr: at "wter": unknown column`},
		{"[[constraint]]\nexpr = \"cement + water\"", `5:23: constraint[0].expr: no relation`},
		{"[[constraint]]\nexpr = \"cement < 1\"", `5:16: constraint[0].expr: at "<"`},
		{"[[constraint]]\nexpr = \"cement - cement <= 1\"", `4:3: constraint[0]: formula`},
		{"[[constraint]]\nexpr = \"x[3] <= 1\"", `5:11: constraint[0].expr: at `},
		{"[[constraint]]\nkind = \"half-space\"\nnormal = [1, 0]\noffset = 1", `6:11: constraint[0].normal: has length 2, the prior has 3; allowed: length 3`},
		{"[[constraint]]\nkind = \"polytope\"\nmatrix = [[1, 0], [0, 1]]\nbound = [1, 1]", `6:12: constraint[0].matrix: the rows have length 2, the prior has 3 columns; allowed: length 3`},
		{"[[constraint]]\nkind = \"linear-equality\"\nmatrix = [[1, 0, 1, 1]]\nvalue = [1]", `6:12: constraint[0].matrix: the rows have length 4`},
		{"[[constraint]]\nkind = \"ball\"\ncenter = [1]\nradius = 1", `6:11: constraint[0].center: has length 1`},
		{"[[constraint]]\nkind = \"box\"\nlower = [0, 0]", `6:10: constraint[0].lower: has length 2, the prior has 3`},
		{"[[constraint]]\nkind = \"box\"\nupper = 1\ncolumns = [\"cement\", \"watre\"]", `7:22: constraint[0].columns[1]: there is no column "watre"; allowed: cement, water, age; did you mean "water"?`},
		{"[[constraint]]\nkind = \"fixed\"\ncolumns = [\"days\"]\nvalue = 28", `6:12: constraint[0].columns[0]: there is no column "days"; allowed: cement, water, age`},
		{"[[constraint]]\nkind = \"fixed\"\nindex = [0, 3]\nvalue = 28", `6:13: constraint[0].index[1]: there is no column 3; allowed: 0 to 2`},
		{"[[potential]]\nkind = \"cost\"\nexpr = \"cement <= 1\"", `6:16: potential[0].expr: at "<="`},
		{"[[potential]]\nkind = \"cost\"\nexpr = \"2 + 3\"", `4:3: potential[0]: cost`},
		{"[[potential]]\nkind = \"penalty\"\nexpr = \"cement\"\nweight = 1", `6:15: potential[0].expr: no relation`},
		{"[[potential]]\nkind = \"measurement\"\noperator = { kind = \"matrix\", value = [[1, 0]] }\ny = [1]\nstd = 1", `6:41: potential[0].operator.value: the rows have length 2, the prior has 3 columns`},
		{"[[potential]]\nkind = \"measurement\"\noperator = { kind = \"mask\", columns = [\"cemnt\"] }\ny = [1]\nstd = 1", `6:40: potential[0].operator.columns[0]: there is no column "cemnt"`},
		{"[report]\nx = \"cement\"\ny = \"wter\"", `6:6: report.y: at "wter": unknown column`},
		{"[report]\nrank = \"x\"", `5:9: report.rank: at `},
	} {
		src := "[prior]\nkind = \"empirical\"\ndata = \"a.csv\"\n" + c.block + "\n"
		err := mustParse(t, src).Bind(names)
		var fault *Error
		if !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), "test.toml:"+c.want) {
			t.Errorf("got  %v\nwant test.toml:%s\nin\n%s", err, c.want, c.block)
		}
	}
	s := mustParse(t, gaussian+"[[constraint]]\nexpr = \"x[0] <= 1\"\n", "constraint[0].expr=x[0] + y <= 1")
	if err := s.Bind([]string{"x[0]", "x[1]"}); err == nil || !strings.HasPrefix(err.Error(), `override "constraint[0].expr=x[0] + y <= 1": constraint[0].expr: at "y": unknown name: the columns here have no names`) {
		t.Errorf("formula of an override: %v", err)
	}
}

func TestColumns(t *testing.T) {
	for src, want := range map[string][]string{
		gaussian:                              {"x[0]", "x[1]"},
		gaussian + "columns = [\"a\", \"b\"]": {"a", "b"},
		"[prior]\nkind = \"gaussian-mixture\"\nmeans = [[1, 2, 3]]":          {"x[0]", "x[1]", "x[2]"},
		"[prior]\nkind = \"diffusion\"\ndata = \"a.csv\"\ncolumns = [\"u\"]": {"u"},
		"[prior]\nkind = \"empirical\"\ndata = \"a.csv\"":                    nil,
	} {
		if d := cmp.Diff(want, mustParse(t, src).Columns()); d != "" {
			t.Errorf("%s (-want +got):\n%s", src, d)
		}
	}
}

// Built constraints have the residuals that their blocks say, computed here by hand.
func TestBuildConstraints(t *testing.T) {
	names := []string{"a", "b", "c"}
	x := []float64{0.5, -2, 3}
	for _, c := range []struct {
		block string
		rows  []string
		want  []float64
	}{
		{`expr = "a*b <= c"`, []string{"a*b <= c"}, []float64{0.5*-2 - 3}},
		{`expr = "a >= 1 - x[1]"`, []string{"a >= 1 - x[1]"}, []float64{1 - -2 - 0.5}},
		{"kind = \"half-space\"\nnormal = [1, 2, 3]\noffset = 4", []string{"half-space"}, []float64{0.5 - 4 + 9 - 4}},
		{"kind = \"polytope\"\nname = \"P\"\nmatrix = [[1, 0, 0], [0, 1, 1]]\nbound = [1, 2]", []string{"P[0]", "P[1]"}, []float64{-0.5, -1}},
		{"kind = \"linear-equality\"\nmatrix = [[1, 1, 1]]\nvalue = [2]", []string{"linear-equality"}, []float64{-0.5}},
		{"kind = \"fixed\"\ncolumns = [\"c\", \"a\"]\nvalue = 28", []string{"c == 28", "a == 28"}, []float64{3 - 28, 0.5 - 28}},
		{"kind = \"fixed\"\nindex = [1, 0]\nvalue = [7, 8]", []string{"b == 7", "a == 8"}, []float64{-2 - 7, 0.5 - 8}},
		{"kind = \"box\"\nlower = 0", []string{"a >= 0", "b >= 0", "c >= 0"}, []float64{-0.5, 2, -3}},
		{"kind = \"box\"\nlower = [-inf, 1]\nupper = 5\ncolumns = [\"c\", \"b\"]", []string{"b <= 5", "b >= 1", "c <= 5"}, []float64{-7, 3, -2}},
	} {
		s := mustParse(t, "[prior]\nkind = \"empirical\"\ndata = \"a.csv\"\n[[constraint]]\n"+c.block+"\ntolerance = 1e-3\n")
		cs, err := s.BuildConstraints(names)
		if err != nil {
			t.Errorf("%s: %v", c.block, err)
			continue
		}
		var rows []string
		for _, r := range cs[0].Rows() {
			rows = append(rows, r.Name)
			if r.Tolerance != 1e-3 {
				t.Errorf("%s: tolerance %g", c.block, r.Tolerance)
			}
		}
		got := make([]float64, len(rows))
		cs[0].ResidualAt(x, got)
		if d := cmp.Diff(c.rows, rows) + cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.block, d)
		}
		if cs[0].Name() != s.Constraints[0].String("name") {
			t.Errorf("%s is called %q", c.block, cs[0].Name())
		}
	}
	ball, err := mustParse(t, gaussian+"[[constraint]]\nkind = \"ball\"\ncenter = [1, 1]\nradius = 2\n").BuildConstraints([]string{"x[0]", "x[1]"})
	if err != nil {
		t.Fatal(err)
	}
	r := make([]float64, 1)
	for _, p := range []struct {
		x      []float64
		inside bool
	}{{[]float64{1, 2.99}, true}, {[]float64{1, 3.01}, false}, {[]float64{-0.4, -0.4}, true}, {[]float64{-0.42, -0.42}, false}} {
		if ball[0].ResidualAt(p.x, r); (r[0] <= 0) != p.inside {
			t.Errorf("ball at %v: %g", p.x, r[0])
		}
	}
	if tol := ball[0].Rows()[0].Tolerance; tol != 1e-6 {
		t.Errorf("default tolerance %g", tol)
	}
}

// Built potentials have the energies that their blocks say, computed here by hand.
func TestBuildPotentials(t *testing.T) {
	x := []float64{0.5, -2, 3}
	for _, c := range []struct {
		block string
		want  float64
	}{
		{"kind = \"cost\"\nexpr = \"2*a + c\"\nweight = 0.5", 0.5 * 4},
		{"kind = \"cost\"\nexpr = \"a*c\"", 1.5},
		{"kind = \"penalty\"\nexpr = \"c <= 1\"\nweight = 3", 3 * 4},
		{"kind = \"penalty\"\nexpr = \"c >= 1\"\nweight = 3", 0},
		{"kind = \"measurement\"\noperator = { kind = \"matrix\", value = [[1, 1, 0], [0, 0, 2]] }\ny = [0.5, 5]\nstd = [2, 0.5]", 4./8 + 1./0.5},
		{"kind = \"measurement\"\noperator = { kind = \"mask\", columns = [\"c\", \"a\"] }\ny = [1, 1]\nstd = 2", (4 + 0.25) / 8},
		{"kind = \"measurement\"\noperator = { kind = \"mask\", index = [1] }\ny = [1]\nstd = 3", 9. / 18},
	} {
		s := mustParse(t, "[prior]\nkind = \"empirical\"\ndata = \"a.csv\"\n[[potential]]\n"+c.block+"\n")
		ps, err := s.BuildPotentials([]string{"a", "b", "c"})
		if err != nil {
			t.Errorf("%s: %v", c.block, err)
			continue
		}
		// Three products and sums of numbers below 16: a few units in the last place.
		if got := ps[0].EnergyAt(x); math.Abs(got-c.want) > 16*0x1p-52*8 {
			t.Errorf("%s: energy %g, want %g", c.block, got, c.want)
		}
		if ps[0].Name() != s.Potentials[0].String("name") {
			t.Errorf("%s is called %q", c.block, ps[0].Name())
		}
	}
}
