package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// The page of a set and the page of its file verified show the same pictures.
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
	if len(made) != 2 || !slices.Equal(made, read) {
		t.Errorf("%d and %d pictures, or others", len(made), len(read))
	}
	refused(t, folder, exitUsage, []string{"name it page.html"}, "data", "poisson", "--grid", "8", "--n", "4", "--page", "page.svg")
}
