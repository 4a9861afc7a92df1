package testkit

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is what the rules of the house look at in one Go file.
type source struct {
	file    string // slash path from the module's root
	pkg     string // package name
	imports []string
	lines   int
	pins    bool // build tag keep: only holds versions in go.mod
}

func (s source) dir() string { return path.Dir(s.file) }
func (s source) test() bool  { return strings.HasSuffix(s.file, "_test.go") }

// module is the import path every package of ours begins with.
const module = "abide/"

// sameLayer lists the imports allowed within a layer, as the page has them.
var sameLayer = map[string][]string{
	"sampler":   {"guide", "correct"},
	"field":     {"fem"},
	"physics":   {"pde"},
	"cmd/abide": {"internal/cli"},
}

// programs stand above all layers: nothing imports them.
var programs = regexp.MustCompile(`^(bench|examples|tools)(/|$)`)

const programLayer = 100

// graphMaths are the packages that build graphs themselves.
var graphMaths = []string{"internal/engine", "expr", "equation", "network", "onnx", "prior", "constraint", "potential", "operator", "guide", "inverse", "particle", "train"}

// Of GoMLX, these are for the engine alone, but for the words that signatures
// of graphs are made of; the rest of gomlx/gomlx is for graph mathematics and
// tests.
var engineOnly = []string{"github.com/gomlx/compute", "github.com/gomlx/go-xla", "github.com/gomlx/gomlx/core/tensors"}

var graphWords = []string{"github.com/gomlx/compute/dtypes", "github.com/gomlx/compute/shapes"}

const bannedNames = "util utils common helper helpers base misc"

func TestArchitecture(t *testing.T) {
	root := moduleRoot(t)
	page, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	layers := layerTable(string(page))
	for _, p := range []string{"dataio", "run", "cmd/abide", "internal/testkit"} {
		if _, ok := layers[p]; !ok {
			t.Errorf("docs/architecture.md: the table of packages does not list %s", p)
		}
	}
	for _, v := range violations(readSources(t, root), layers) {
		t.Error(v)
	}
}

// Every rule must be able to fail.
func TestViolationsAreFound(t *testing.T) {
	layers := layerTable("| layer | package | holds |\n| --- | --- | --- |\n| 5 | `sampler`, `guide`, `correct` | a `b` c |\n| 1 | `expr`, `dataio` | |\n| 0 | `internal/engine`, `internal/testkit` | |\n")
	if len(layers) != 7 || layers["sampler"] != 5 || layers["internal/engine"] != 0 {
		t.Fatalf("layers %v", layers)
	}
	file := func(file string, imports ...string) source {
		return source{file: file, pkg: path.Base(path.Dir(file)), imports: imports, lines: 10}
	}
	long, misnamed, pins := file("expr/a.go"), file("expr/a.go"), file("keep.go", "github.com/gomlx/go-xla/compute/xla")
	long.lines, misnamed.pkg, pins.pins = 501, "helpers", true
	longTest := long
	longTest.file = "expr/a_test.go"
	for _, c := range []struct {
		name string
		file source
		want string // "" is no violation
	}{
		{"lower layer", file("sampler/a.go", "abide/expr", "math"), ""},
		{"higher layer", file("expr/a.go", "abide/sampler"), "layer 1 imports abide/sampler of layer 5"},
		{"same layer", file("expr/a.go", "abide/dataio"), "layer 1 imports abide/dataio of layer 1"},
		{"same layer, allowed", file("sampler/a.go", "abide/guide", "abide/correct"), ""},
		{"same layer, allowed one way only", file("guide/a.go", "abide/sampler"), "layer 5 imports abide/sampler of layer 5"},
		{"tests see all layers", file("expr/a_test.go", "abide/sampler"), ""},
		{"unlisted package", file("stray/a.go"), "stray is not in the table"},
		{"unlisted import", file("expr/a.go", "abide/stray"), "abide/stray, which is not in the table"},
		{"root package", file("a.go"), "is not in the table"},
		{"version pins", pins, ""},
		{"programs see all layers", file("examples/x/a.go", "abide/sampler"), ""},
		{"nothing sees programs", file("sampler/a.go", "abide/bench"), "abide/bench, which is not in the table"},
		{"testkit in a program", file("sampler/a.go", "abide/internal/testkit"), "for tests"},
		{"testkit in a test", file("sampler/a_test.go", "abide/internal/testkit"), ""},
		{"graph in graph mathematics", file("expr/a.go", "github.com/gomlx/gomlx/core/graph"), ""},
		{"graph elsewhere", file("sampler/a.go", "github.com/gomlx/gomlx/core/graph"), "graph mathematics"},
		{"graph in a test", file("sampler/a_test.go", "github.com/gomlx/gomlx/core/graph"), ""},
		{"dtypes in graph mathematics", file("expr/a.go", "github.com/gomlx/compute/dtypes"), ""},
		{"dtypes elsewhere", file("sampler/a.go", "github.com/gomlx/compute/dtypes"), "graph mathematics"},
		{"tensors in graph mathematics", file("expr/a.go", "github.com/gomlx/gomlx/core/tensors"), "only internal/engine"},
		{"backend in a test", file("expr/a_test.go", "github.com/gomlx/compute/gobackend"), "only internal/engine"},
		{"backend in the engine", file("internal/engine/a.go", "github.com/gomlx/go-xla/compute/xla", "github.com/gomlx/compute"), ""},
		{"another project of the same prefix", file("expr/a.go", "github.com/gomlx/compute-else"), ""},
		{"long file", long, "501 lines"},
		{"long test", longTest, ""},
		{"banned folder", file("expr/util/a.go"), "names nothing"},
		{"banned package", misnamed, "names nothing"},
	} {
		got := strings.Join(violations([]source{c.file}, layers), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: violations %q, want %q", c.name, got, c.want)
		}
	}
}

// layerTable reads the rows | number | `package`, … | of the page.
func layerTable(page string) map[string]int {
	row := regexp.MustCompile("(?m)^\\| *(\\d+) *\\|([^|]*)\\|")
	quoted := regexp.MustCompile("`([^`]+)`")
	layers := map[string]int{}
	for _, m := range row.FindAllStringSubmatch(page, -1) {
		layer, _ := strconv.Atoi(m[1])
		for _, p := range quoted.FindAllStringSubmatch(m[2], -1) {
			layers[p[1]] = layer
		}
	}
	return layers
}

func violations(files []source, layers map[string]int) []string {
	var found []string
	for _, s := range files {
		complain := func(format string, args ...any) {
			found = append(found, s.file+": "+fmt.Sprintf(format, args...))
		}
		if s.pins {
			continue
		}
		if banned := strings.Fields(bannedNames); slices.Contains(banned, path.Base(s.dir())) || slices.Contains(banned, strings.TrimSuffix(s.pkg, "_test")) {
			complain("package %s: such a name names nothing; say what the package is about", s.pkg)
		}
		if !s.test() && s.lines > 500 {
			complain("%d lines; split it by idea (500 at most, 150 as a rule)", s.lines)
		}
		layer, listed := layers[s.dir()]
		if programs.MatchString(s.dir()) {
			layer, listed = programLayer, true
		}
		if !listed {
			complain("package %s is not in the table of docs/architecture.md", s.dir())
			continue
		}
		for _, i := range s.imports {
			if p, ours := strings.CutPrefix(i, module); ours {
				checkImport(s, p, layer, layers, complain)
			} else {
				checkEngineDoor(s, i, complain)
			}
		}
	}
	return found
}

func checkImport(s source, p string, layer int, layers map[string]int, complain func(string, ...any)) {
	its, listed := layers[p]
	switch {
	case !listed:
		complain("imports %s%s, which is not in the table of docs/architecture.md", module, p)
	case s.test():
	case p == "internal/testkit":
		complain("imports %s%s, which is for tests", module, p)
	case its > layer, its == layer && !slices.Contains(sameLayer[s.dir()], p):
		complain("layer %d imports %s%s of layer %d; only lower layers may be imported", layer, module, p, its)
	}
}

func checkEngineDoor(s source, i string, complain func(string, ...any)) {
	within := func(prefix string) bool { return i == prefix || strings.HasPrefix(i, prefix+"/") }
	words := slices.Contains(graphWords, i)
	switch {
	case s.dir() == "internal/engine":
	case slices.ContainsFunc(engineOnly, within) && !words:
		complain("imports %s; only internal/engine may", i)
	case (words || within("github.com/gomlx/gomlx")) && !s.test() && !slices.Contains(graphMaths, s.dir()):
		complain("imports %s; only graph mathematics (%s) and tests may", i, strings.Join(graphMaths, ", "))
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		} else if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
}

// readSources parses the imports of every Go file of the module.
func readSources(t *testing.T, root string) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && file != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		s, err := readSource(root, file)
		files = append(files, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("found %d Go files under %s", len(files), root)
	}
	return files
}

func readSource(root, file string) (source, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return source{}, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return source{}, err
	}
	s := source{file: filepath.ToSlash(rel), pkg: parsed.Name.Name, lines: strings.Count(string(text), "\n"), pins: taggedKeep(parsed)}
	for _, i := range parsed.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, p)
	}
	return s, nil
}

func taggedKeep(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if e, err := constraint.Parse(c.Text); err == nil && c.Pos() < f.Package && e.String() == "keep" {
				return true
			}
		}
	}
	return false
}
