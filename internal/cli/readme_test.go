package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"abide/mesh"
)

// The console blocks of the README are run in their order, in one folder, beside
// the files that its other blocks stand for. A block under a comment "not run
// here" is left out; the comment says why.
func TestREADME(t *testing.T) {
	script, commands := scriptOf(t, "../../README.md")
	if commands < 5 {
		t.Fatalf("the README has %d commands to run, want at least 5", commands)
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "readme.txtar"), script)
	testscript.Run(t, scripts(folder))
}

// The specs of docs/exchange.md run with a network that torch exported; its Python is
// run by tools/export/check_exchange.py and by TestExchangeNumPyMeshio.
func TestExchangePage(t *testing.T) {
	script, commands := scriptOf(t, "../../docs/exchange.md")
	if commands < 2 {
		t.Fatalf("the page has %d commands to run, want at least 2", commands)
	}
	folder := t.TempDir()
	copies := "cp $NETWORKS/exact-noise.onnx net.onnx\ncp $NETWORKS/exact-noise.vectors.npz net.vectors.npz\n"
	write(t, filepath.Join(folder, "exchange.txtar"), copies+script)
	testscript.Run(t, scripts(folder))
}

// The Go of the pages stands, line by line, in an example that the tests run.
func TestGoOfPages(t *testing.T) {
	note := regexp.MustCompile(`^not run here: (Example\w+) of package (\w+) runs it$`)
	for _, page := range []string{"README.md", "docs/exchange.md", "docs/choose.md"} {
		for _, m := range block.FindAllStringSubmatch(string(read(t, filepath.Join("../..", page))), -1) {
			if m[2] != "go" {
				continue
			}
			named := note.FindStringSubmatch(m[1])
			if named == nil {
				t.Errorf("%s: a block of Go that no example runs:\n%s", page, m[3])
				continue
			}
			rest := goExample(t, named[2], named[1])
			for line := range strings.Lines(m[3]) {
				_, after, ok := strings.Cut(rest, strings.TrimSpace(line))
				if !ok {
					t.Errorf("%s: %s of package %s does not go on with %q", page, named[1], named[2], line)
					break
				}
				rest = after
			}
		}
	}
}

// goExample is the text of an example of a package.
func goExample(t *testing.T, pkg, name string) string {
	files, err := filepath.Glob(filepath.Join("../..", pkg, "*example_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, text, ok := strings.Cut(string(read(t, file)), "\nfunc "+name+"() {\n"); ok {
			text, _, _ = strings.Cut(text, "\n}\n")
			return text
		}
	}
	t.Fatalf("package %s has no %s", pkg, name)
	return ""
}

// What docs/exchange.md says in Python of arrays and meshes is true: it reads what
// abide data and mesh wrote, and writes what they read.
func TestExchangeNumPyMeshio(t *testing.T) {
	if out, err := exec.Command("python3", "-c", "import numpy, meshio").CombinedOutput(); err != nil {
		t.Skipf("python3 with numpy and meshio is not installed: %v\n%s", err, out)
	}
	var python strings.Builder
	for _, m := range block.FindAllStringSubmatch(string(read(t, "../../docs/exchange.md")), -1) {
		if strings.HasSuffix(m[1], ", by TestExchangeNumPyMeshio") {
			python.WriteString(m[3])
		}
	}
	t.Chdir(t.TempDir())
	call := func(want int, args ...string) string {
		var out, errs bytes.Buffer
		if code := Main(t.Context(), args, nil, &out, &errs, os.Getenv); code != want {
			t.Fatalf("abide %v: exit %d, want %d: %s", args, code, want, errs.String())
		}
		return errs.String()
	}
	call(0, "data", "darcy", "--n", "20", "--grid", "32", "--out", "darcy.npz")
	disc, err := mesh.NewDisc(mesh.Triangle, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	var vtu bytes.Buffer
	if err := mesh.WriteVTU(&vtu, disc, mesh.Field{Name: "potential", Values: make([]float64, disc.N())}); err != nil {
		t.Fatal(err)
	}
	write(t, "channel.vtu", vtu.String())
	fmt.Fprintf(&python, "assert points.shape == (%d, 3) and triangles.shape == (%d, 3) and potential.shape == (%[1]d,)\n", disc.N(), disc.Count())
	write(t, "page.py", python.String())
	if out, err := exec.Command("python3", "page.py").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if notes := call(3, "data", "darcy", "--grid", "32", "--verify", "theirs.npz", "--strict"); !strings.Contains(notes, `row "equation" is not satisfied`) {
		t.Errorf("single precision is as good as double: %s", notes)
	}
	file, err := os.Open("square.msh")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	square, err := mesh.ReadMSH(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := square.GroupOf(1, "floor"); err != nil || square.Count() != 2 || square.Volume() != 1 {
		t.Errorf("%d cells, area %g, floor: %v", square.Count(), square.Volume(), err)
	}
}

var block = regexp.MustCompile("(?ms)(?:^<!-- ([^\n]*) -->\n)?^```(\\w+)\n(.*?)^```$")

// scriptOf turns the fenced blocks of a page into a script and its files.
func scriptOf(t *testing.T, page string) (script string, commands int) {
	t.Helper()
	var run, files strings.Builder
	for _, m := range block.FindAllStringSubmatch(string(read(t, page)), -1) {
		note, language, body := m[1], m[2], m[3]
		switch {
		case strings.HasPrefix(note, "not run here: "):
		case strings.HasPrefix(note, "file: "):
			fmt.Fprintf(&files, "-- %s --\n%s", strings.TrimPrefix(note, "file: "), body)
		case language != "console":
			t.Fatalf("%s: a block of %s is neither a file nor run:\n%s", page, language, body)
		default:
			for line := range strings.Lines(body) {
				command, ok := strings.CutPrefix(line, "$ ")
				if !ok || !strings.HasPrefix(command, "abide ") {
					t.Fatalf("%s: %q is no command that can be run here", page, line)
				}
				fmt.Fprintf(&run, "exec %s\n", strings.TrimSpace(command))
				commands++
			}
		}
	}
	return run.String() + files.String(), commands
}

// Every relative link of the pages leads to a file of the repository.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, page := range []string{"README.md", "CHANGELOG.md", "docs/choose.md", "docs/architecture.md", "docs/exchange.md", "examples/concrete/README.md", "examples/digits/README.md"} {
		for _, m := range link.FindAllStringSubmatch(string(read(t, filepath.Join("../..", page))), -1) {
			target := filepath.Join("../..", filepath.Dir(page), m[1])
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
}
