package onnx

import (
	"path/filepath"
	"strings"
	"testing"

	"abide/internal/engine"
)

func open(t testing.TB) *engine.Engine {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Networks of three exporters, and a graph per family of operators, give what
// their frameworks computed and differentiated.
func TestFixturesAgreeWithTheirFramework(t *testing.T) {
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	e := open(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".onnx"), func(t *testing.T) {
			m, err := Read(file)
			if err != nil {
				t.Fatal(err)
			}
			v, err := ReadVectors(strings.TrimSuffix(file, ".onnx") + ".vectors.npz")
			if err != nil {
				t.Fatal(err)
			}
			r, err := v.Check(e, m)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("output %.1e, gradient %.1e", r.Out, r.Grad)
		})
	}
}
