package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The numbers of the README, on a grid of 16×16: what is drawn does not depend on the
// number of workers, and on the machine by rounding alone.
func TestInversion(t *testing.T) {
	dir := t.TempDir()
	var w bytes.Buffer
	r, err := invert(context.Background(), &w, 16, 64, 1, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(w.String())
	if math.Abs(r.rmse-0.213) > 0.02 || math.Abs(r.coverage-0.953) > 0.05 {
		t.Errorf("error %.4f and coverage %.4f, want 0.213 and 0.953", r.rmse, r.coverage)
	}
	if r.rmse > 0.5*rms(r.truth) {
		t.Errorf("the mean is off by %.3f, the truth's size is %.3f", r.rmse, rms(r.truth))
	}
	svg, err := os.ReadFile(filepath.Join(dir, "figure.svg"))
	if err != nil || strings.Count(string(svg), "<path") != 4*30 {
		t.Errorf("figure.svg: %v, %d crosses, want 30 in each of four maps", err, strings.Count(string(svg), "<path"))
	}
	vtu, err := os.ReadFile(filepath.Join(dir, "posterior.vtu"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"truth", "mean", "std"} {
		if !bytes.Contains(vtu, []byte(`Name="`+name+`"`)) {
			t.Errorf("posterior.vtu has no field %s", name)
		}
	}
}
