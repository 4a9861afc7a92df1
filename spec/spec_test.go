package spec

import (
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const gaussian = "[prior]\nkind = \"gaussian\"\nmean = [0, 0]\n"

func mustParse(t testing.TB, src string, overrides ...string) *Spec {
	t.Helper()
	s, err := Parse("test.toml", []byte(src), overrides)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, src)
	}
	return s
}

// plain strips a spec of places: what remains is what it says.
func plain(s *Spec) []any {
	var out []any
	for _, b := range s.blocks() {
		out = append(out, plainBlock(b))
	}
	return append(out, s.Title)
}

func plainBlock(b *Block) map[string]any {
	m := map[string]any{"path": b.path, "kind": b.Kind}
	for k, v := range b.values {
		if sub, ok := v.(*Block); ok {
			v = plainBlock(sub)
		}
		if subs, ok := v.([]*Block); ok {
			var all []map[string]any
			for _, sub := range subs {
				all = append(all, plainBlock(sub))
			}
			v = all
		}
		m["key "+k] = v
	}
	return m
}

func TestResolvedGolden(t *testing.T) {
	s, err := Load("testdata/mix.toml", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := s.Resolved()
	const golden = "testdata/mix.resolved.toml"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("resolved spec differs (-want +got):\n%s", d)
	}
}

func TestDefaults(t *testing.T) {
	s := mustParse(t, gaussian)
	if s.Method.Kind != "twisted-smc" || s.Sampler.Kind != "ddpm" || s.Sampler.Table("process").Kind != "edm" {
		t.Errorf("kinds %s, %s, %s", s.Method.Kind, s.Sampler.Kind, s.Sampler.Table("process").Kind)
	}
	if s.Run.Int("samples") != 1000 || s.Run.String("backend") != "go" || s.Run.Has("dtype") || s.Run.String("dtype") != "" {
		t.Errorf("run: %v", s.Run.values)
	}
	if p := s.Sampler.Table("process"); p.Float("sigma_min") != 0.002 || p.Float("sigma_max") != 80 || p.Float("rho") != 7 {
		t.Errorf("process: %v", p.values)
	}
	if s.Prior.Float("covariance") != 1 || s.Prior.Rank("covariance") != 0 || s.Prior.Given("covariance") || !s.Prior.Given("mean") {
		t.Errorf("prior: %v", s.Prior.values)
	}
	// A population as large as the samples, or larger, is one; a smaller one is not (testdata/bad).
	if p := mustParse(t, gaussian, "run.samples=200", "method.particles=200").Method.Int("particles"); p != 200 {
		t.Errorf("particles %d", p)
	}
	m := mustParse(t, "[prior]\nkind = \"gaussian-mixture\"\nmeans = [[0], [1], [2]]\n")
	if w := m.Prior.Floats("weights"); !reflect.DeepEqual(w, []float64{1. / 3, 1. / 3, 1. / 3}) {
		t.Errorf("weights %v", w)
	}
}

func TestAccessors(t *testing.T) {
	s := mustParse(t, "constraint = [{ kind = \"box\", lower = [-inf, 0], upper = 2.5 }, { expr = \"x[0] <= 1\" }, { expr = \"x[0]  <=\\n1\" }]\n"+gaussian+`
covariance = [[2, 1], [1, 2]]
columns = ["a", "b"]
[[potential]]
kind = "measurement"
operator.kind = "matrix"
operator.value = [[1, 2], [3, 4], [5, 6]]
y = [1, 2, 3]
std = 0.5
[method]
rejuvenate = false
[sampler]
grid = [10, 1, 0.1, 0]
`)
	for name, pair := range map[string][2]any{
		"matrix":        {s.Prior.Matrix("covariance"), [][]float64{{2, 1}, {1, 2}}},
		"rank":          {s.Prior.Rank("covariance"), 2},
		"no rank":       {s.Prior.Rank("columns"), -1},
		"names":         {s.Prior.Strings("columns"), []string{"a", "b"}},
		"dotted keys":   {s.Potentials[0].Table("operator").Matrix("value"), [][]float64{{1, 2}, {3, 4}, {5, 6}}},
		"spread number": {s.Potentials[0].Spread("std", 3), []float64{0.5, 0.5, 0.5}},
		"spread list":   {s.Potentials[0].Spread("y", 3), []float64{1, 2, 3}},
		"spread mean":   {s.Prior.Spread("mean", 9), []float64{0, 0}},
		"bool":          {s.Method.Bool("rejuvenate"), false},
		"steps of grid": {s.Sampler.Int("steps"), 3},
		"name by kind":  {s.Constraints[0].String("name"), "box"},
		"name by expr":  {s.Constraints[1].String("name"), "x[0] <= 1"},
		"second name":   {s.Constraints[2].String("name"), "x[0] <= 1 (2)"},
		"place":         {s.Constraints[2].Path(), "constraint[2]"},
		"has":           {s.Sampler.Has("grid") && !s.Report.Has("x"), true},
		"error":         {s.Prior.Errorf("columns", "no %q", "c").Error(), "test.toml:7:12: prior.columns: no \"c\""},
		"error, absent": {s.Run.Errorf("seed", "odd").Error(), "test.toml:1:1: run.seed: odd"},
	} {
		if d := cmp.Diff(pair[1], pair[0]); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestPaths(t *testing.T) {
	s, err := Parse(filepath.Join("a", "b", "s.toml"), []byte("[prior]\nkind = \"empirical\"\ndata = \"../rows.csv\"\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Path(s.Prior.String("data")); got != filepath.Join("a", "rows.csv") {
		t.Errorf("path %q", got)
	}
	if got := s.Path("/data/rows.csv"); got != "/data/rows.csv" {
		t.Errorf("absolute path %q", got)
	}
	text, err := s.ResolvedFor(filepath.Join("runs", "x"))
	if err != nil {
		t.Fatal(err)
	}
	there, err := Parse(filepath.Join("runs", "x", "spec.toml"), text, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := there.Path(there.Prior.String("data")); got != filepath.Join("a", "rows.csv") {
		t.Errorf("the moved spec reads %q:\n%s", got, text)
	}
	if s.Hash() != there.Hash() {
		t.Error("the moved spec has another hash")
	}
}

func TestHash(t *testing.T) {
	base := mustParse(t, gaussian).Hash()
	for _, o := range []string{"run.workers=3", "report.top=3", "report.rank=x[0]", "run.samples=1000"} {
		if h := mustParse(t, gaussian, o).Hash(); h != base {
			t.Errorf("%s changes the hash", o)
		}
	}
	seen := map[string]string{base: "nothing"}
	for _, o := range []string{"run.samples=999", "run.seed=1", "run.chunk=8", "prior.mean=[0,1]", "method.kind=none", "sampler.steps=63", "sampler.process.rho=6"} {
		h := mustParse(t, gaussian, o).Hash()
		if other, ok := seen[h]; ok {
			t.Errorf("%s has the hash of %s", o, other)
		}
		seen[h] = o
	}
}

func TestErrorPlaceOfBOMAndUnicode(t *testing.T) {
	_, err := Parse("s.toml", []byte("\ufefftitle = \"ü\" \n[prior]\nkind = \"gaussian\"\ncolumns = [\"ü\", 3]\nmean = [0]"), nil)
	var e *Error
	if !errors.As(err, &e) || e.Line != 4 || e.Column != 17 || e.Key != "prior.columns[1]" {
		t.Errorf("got %v, want 4:17 (columns count characters, not bytes)", err)
	}
}

func TestInfinityOnlyInBoxes(t *testing.T) {
	s := mustParse(t, gaussian+"[[constraint]]\nkind = \"box\"\nlower = [-inf, 0]\nupper = inf\n")
	if v := s.Constraints[0].Floats("lower"); !math.IsInf(v[0], -1) || v[1] != 0 {
		t.Errorf("lower %v", v)
	}
	for _, section := range Sections() {
		for _, kind := range section.Kinds {
			for _, key := range kind.Keys {
				if key.Range != nil && key.Range.Infinite && kind.Name != "box" && kind.Name != "field-bounds" {
					t.Errorf("%s.%s allows inf", section.Name, key.Name)
				}
			}
		}
	}
}

// Asking a block for what its kind does not have is an error of the program.
func TestAccessorsPanicOnProgramErrors(t *testing.T) {
	b := mustParse(t, gaussian).Prior
	for name, call := range map[string]func(){
		"unknown key":         func() { b.Float("meen") },
		"unknown key, Has":    func() { b.Has("meen") },
		"key of another kind": func() { b.Matrix("means") },
		"wrong type":          func() { b.Float("mean") },
	} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.HasPrefix(r.(string), "spec: ") {
					t.Errorf("%s: recovered %v", name, r)
				}
			}()
			call()
		}()
	}
}
