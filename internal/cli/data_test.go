package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"abide/pde"
)

// A set that was stopped in the middle of a record is continued to the same bytes,
// whatever the number of workers.
func TestDataGoOn(t *testing.T) {
	folder := t.TempDir()
	call := func(args ...string) (stderr string) {
		var out, errs bytes.Buffer
		if code := Main(context.Background(), append([]string{"data", "poisson", "--grid", "8"}, args...), nil, &out, &errs, os.Getenv); code != 0 {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		return errs.String()
	}
	whole, stopped := filepath.Join(folder, "whole.npz"), filepath.Join(folder, "stopped.npz")
	call("--n", "9", "--seed", "3", "--out", whole, "--workers", "1")

	kind := pde.Table[2]
	if kind.Name != "poisson" {
		t.Fatal(kind.Name)
	}
	family, err := kind.Make(pde.Values{"grid": 8})
	if err != nil {
		t.Fatal(err)
	}
	u, err := openUnfinished(stopped+".unfinished", "poisson", pde.Values{"grid": 8}, family, dataFlags{seed: 3, check: 1})
	if err != nil {
		t.Fatal(err)
	}
	err = pde.Generate(t.Context(), family, pde.Draws{Seed: 3, N: 4, Check: 1}, func(_ int, s pde.Sample, worst []float64) error {
		return u.append(s, worst)
	})
	if err != nil {
		t.Fatal(err)
	}
	u.out.WriteString("half a record")
	if err := u.flush(); err != nil {
		t.Fatal(err)
	}
	u.close()
	if notes := call("--n", "9", "--seed", "3", "--out", stopped, "--workers", "3"); !bytes.Contains([]byte(notes), []byte("4 of 9 samples were there")) {
		t.Errorf("it began again: %q", notes)
	}
	a, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(stopped)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("other bytes after a stop")
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*unfinished*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// dataUnfinished are the first n samples of poisson on 8 cells, in the making for out.
func dataUnfinished(t *testing.T, out string, seed uint64, n int) *unfinished {
	t.Helper()
	family, err := pde.Table[2].Make(pde.Values{"grid": 8})
	if err != nil {
		t.Fatal(err)
	}
	u, err := openUnfinished(out+".unfinished", "poisson", pde.Values{"grid": 8}, family, dataFlags{seed: seed, check: 1})
	if err != nil {
		t.Fatal(err)
	}
	err = pde.Generate(t.Context(), family, pde.Draws{Seed: seed, N: n, Check: 1}, func(_ int, s pde.Sample, worst []float64) error {
		return u.append(s, worst)
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func dataCall(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(t.Context(), append([]string{"data", "poisson", "--grid", "8"}, args...), nil, &out, &errs, os.Getenv)
	return code, errs.String()
}

// Two calls for the same file take nothing from one another: what the first has written
// of a record is there when it goes on, whatever a second did in between.
func TestDataTwoCalls(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	first := dataUnfinished(t, out, 3, 4)
	half := first.buffer[:len(first.buffer)/2]
	first.out.Write(half)
	if err := first.flush(); err != nil {
		t.Fatal(err)
	}
	second := dataUnfinished(t, out, 3, 0)
	if second.count != 4 {
		t.Errorf("the second call sees %d samples, want 4", second.count)
	}
	first.out.Write(first.buffer[len(half):]) // its fifth record
	if err := first.flush(); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(first.buffer))
	if _, err := first.file.ReadAt(got, first.head+4*int64(len(got))); err != nil || !bytes.Equal(got, first.buffer) {
		t.Errorf("the record has a hole (%v)", err)
	}
	first.close()
	second.close()
}

// Samples that this program would make otherwise are not continued.
func TestDataOfAnotherProgram(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	u := dataUnfinished(t, out, 3, 4)
	if err := u.flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := u.file.WriteAt([]byte{1}, u.head+3*8*int64(u.size)+8*100); err != nil { // last bits of u in the last record
		t.Fatal(err)
	}
	u.close()
	if code, stderr := dataCall(t, "--n", "9", "--seed", "3", "--out", out); code == 0 || !strings.Contains(stderr, "sample 3 in") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// A short call leaves what a longer one has made, and data never go where their
// description does.
func TestDataKeepsWhatIsThere(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	u := dataUnfinished(t, out, 3, 7)
	if err := u.flush(); err != nil {
		t.Fatal(err)
	}
	u.close()
	if code, stderr := dataCall(t, "--n", "2", "--seed", "3", "--out", out); code != 0 || !strings.Contains(stderr, "keeps the 7 samples") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, stderr := dataCall(t, "--n", "8", "--seed", "3", "--out", out); code != 0 || !strings.Contains(stderr, "7 of 8 samples were there") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, stderr := dataCall(t, "--out", filepath.Join(t.TempDir(), "x.json")); code != 2 || !strings.Contains(stderr, "name an npz file") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// What was made is replaced by nothing that lacks a sample of it.
func TestDataReplaces(t *testing.T) {
	folder := t.TempDir()
	must(t, folder, "data", "poisson", "--grid", "8", "--n", "3")
	must(t, folder, "data", "poisson", "--grid", "8", "--n", "4")
	for name, args := range map[string][]string{
		"fewer":      {"--n", "3"},
		"other":      {"--n", "4", "--first", "4"},
		"seed":       {"--n", "4", "--seed", "1"},
		"parameters": {"--n", "4", "--grid", "4"},
		"one array":  {"--n", "4", "--keep", "u"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, folder, exitUsage, []string{"poisson.npz", "4 samples of poisson from number 0 of seed 0", "--out", "--replace"},
				append([]string{"data", "poisson", "--grid", "8"}, args...)...)
		})
	}
	refused(t, folder, exitUsage, []string{"name an npz file, u.npz"}, "data", "poisson", "--grid", "8", "--out", "u.json")
	must(t, folder, "data", "poisson", "--grid", "8", "--replace")
	write(t, filepath.Join(folder, "mine.npz"), "mine")
	refused(t, folder, exitUsage, []string{"mine.npz", "other data"}, "data", "poisson", "--grid", "8", "--out", "mine.npz")
}

// The page of a set and the page of its file verified show the same pictures, each with its bar.
func TestDataPage(t *testing.T) {
	folder := t.TempDir()
	pictures := func(name string) []string {
		page, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(`base64,[^"]*`).FindAllString(string(page), -1)
	}
	must(t, folder, "data", "poisson", "--grid", "8", "--n", "3", "--page", "made.html")
	must(t, folder, "data", "poisson", "--grid", "8", "--verify", "poisson.npz", "--page", "read.html")
	made, read := pictures("made.html"), pictures("read.html")
	if len(made) != 4 || !slices.Equal(made, read) {
		t.Errorf("%d and %d pictures, or others", len(made), len(read))
	}
	refused(t, folder, exitUsage, []string{"name it page.html"}, "data", "poisson", "--grid", "8", "--n", "4", "--page", "page.svg")
}

// The largest residual of all samples is reported, wherever it is, and --strict ends with 3.
func TestDataReportsTheWorst(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	u := dataUnfinished(t, out, 3, 0)
	family, err := pde.Table[2].Make(pde.Values{"grid": 8})
	if err != nil {
		t.Fatal(err)
	}
	for i, worst := range [][]float64{{1e-16, 2}, {0.5, 0}, {1e-16, 1}} {
		s, err := family.Draw(t.Context(), 3, i)
		if err != nil {
			t.Fatal(err)
		}
		if err := u.append(s, worst); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.flush(); err != nil {
		t.Fatal(err)
	}
	u.close()
	code, stderr := dataCall(t, "--n", "3", "--seed", "3", "--out", out, "--strict")
	text, err := os.ReadFile(strings.TrimSuffix(out, ".npz") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if code != 3 || !strings.Contains(string(text), `"worst": 0.5`) || !strings.Contains(string(text), `"worst": 2`) {
		t.Errorf("exit %d: %s%s", code, stderr, text)
	}
}
