package spec

import (
	"abide/internal/nearest"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every file of testdata/bad begins with the fault it must be refused with: line,
// column, key, what is wrong and what would be right.
func TestBadSpecs(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d malformed specs (%v), want at least 60", len(files), err)
	}
	place := regexp.MustCompile(`^[1-9]\d*:[1-9]\d*: [a-z]`)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".toml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			line, _, _ := bytes.Cut(src, []byte("\n"))
			want, ok := strings.CutPrefix(string(line), "# want: ")
			if !ok || !place.MatchString(want) {
				t.Fatalf("the first line %q does not say line, column and key", line)
			}
			s, err := Load(file, nil)
			var fault *Error
			if !errors.As(err, &fault) {
				t.Fatalf("got %v and spec %v, want an *Error", err, s)
			}
			if got := err.Error(); got != file+":"+want {
				t.Errorf("got  %s\nwant %s:%s", got, file, want)
			}
			if fault.Key == "" || fault.Line == 0 {
				t.Errorf("no key or line in %#v", fault)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "none.toml"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := Load(dir, nil); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a folder: %v", err)
	}
	large := append([]byte("[prior]\n# "), bytes.Repeat([]byte("a"), maxSource)...)
	if _, err := Read("large.toml", bytes.NewReader(large), nil); err == nil || !strings.Contains(err.Error(), "larger than 16 MiB") {
		t.Errorf("a large file: %v", err)
	}
	many := []byte(gaussian + strings.Repeat("[[constraint]]\nexpr = \"x[0] <= 1\"\n", maxBlocks+1))
	if _, err := Parse("many.toml", many, nil); err == nil || !strings.Contains(err.Error(), "many.toml:4:3: constraint: has 10001 blocks; allowed: up to 10000") {
		t.Errorf("many blocks: %v", err)
	}
	if _, err := Parse("long.toml", []byte("title = \""+strings.Repeat("a", maxText+1)+"\""), nil); err == nil || !strings.Contains(err.Error(), "long.toml:1:9: title: has 65537 bytes") {
		t.Errorf("a long text: %v", err)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"project", "twisted-smc", "none", "guided"}
	for got, want := range map[string]string{
		"twisted_smc": "twisted-smc", "Project": "project", "porject": "project", "guide": "guided",
		"": "", "banana": "", "x": "",
	} {
		if s := nearest.Name(got, names); s != want {
			t.Errorf("nearest(%q) = %q, want %q", got, s, want)
		}
	}
}
