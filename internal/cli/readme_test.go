package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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

// The specs of docs/exchange.md run with a network that torch exported; its
// Python is run by tools/export/check_exchange.py.
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
