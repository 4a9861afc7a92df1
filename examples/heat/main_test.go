package main

import (
	"bytes"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abide/dataio"
	"abide/internal/cli"
)

// The law's mean and standard deviation are those of quadrature over ν.
func TestLaw(t *testing.T) {
	e := law()
	const nodes = 4000
	for _, i := range []int{0, 1, 20, times - 1} {
		for _, j := range []int{0, 7, 40} {
			var m, s float64
			for k := range nodes {
				nu := 1 + 4*(float64(k)+0.5)/nodes
				v := math.Sin(2*math.Pi*float64(j)/points+math.Pi/4) * math.Exp(-nu*float64(i)/(times-1))
				m += v / nodes
				s += v * v / nodes
			}
			s = math.Sqrt(math.Max(s-m*m, 0))
			if k := i*points + j; !(math.Abs(e.mean[k]-m) <= 1e-6 && math.Abs(e.std[k]-s) <= 1e-6) {
				t.Errorf("time %d, point %d: %g ± %g, want %g ± %g", i, j, e.mean[k], e.std[k], m, s)
			}
		}
	}
}

// A race of two methods is read back: every method is in the table and in the picture, and
// the one without a look at the law's covariance is further off.
func TestRace(t *testing.T) {
	dir := t.TempDir()
	race, out := filepath.Join(dir, "race"), filepath.Join(dir, "race.svg")
	var stderr bytes.Buffer
	args := []string{"run", "heat.toml", "--out", race, "-q", "run.samples=16", "sampler.steps=10", "method.kind=[project,tweedie-projection]"}
	if rc := cli.Main(context.Background(), args, strings.NewReader(""), io.Discard, &stderr, func(string) string { return "" }); rc != 0 {
		t.Fatalf("exit %d: %s", rc, stderr.String())
	}
	var table bytes.Buffer
	if err := run(race, out, &table); err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(table.String()), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[2], "tweedie-projection") || !strings.HasPrefix(lines[3], "project") {
		t.Errorf("the table is\n%s", table.String())
	}
	for _, name := range []string{">the law<", ">tweedie-projection: ", ">project: "} {
		if !bytes.Contains(picture, []byte(name)) {
			t.Errorf("the picture has no %q", name)
		}
	}
}

// What is no race of heat.toml is named, with the command that makes one.
func TestOtherFoldersAreRefused(t *testing.T) {
	dir := t.TempDir()
	if err := run(dir, "a.svg", io.Discard); err == nil || !strings.Contains(err.Error(), "abide run examples/heat/heat.toml") {
		t.Error(err)
	}
	folder := filepath.Join(dir, "method.kind=eci")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := dataio.WriteNPZ(&file, []*dataio.Array{{Name: "x", Shape: []int{2, 3}, F64: make([]float64, 6)}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "samples.npz"), file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, "a.svg", io.Discard); err == nil || !strings.Contains(err.Error(), "3072 numbers") {
		t.Error(err)
	}
}
