package dataio

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReadNumbers(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, w func(io.Writer) error) {
		if err := WriteFile(path(name), w); err != nil {
			t.Fatal(err)
		}
	}
	text := func(name, s string) {
		if err := os.WriteFile(path(name), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	nan := math.NaN()
	write("a.npy", func(w io.Writer) error {
		return WriteNPY(w, &Array{Shape: []int{3}, F64: []float64{1, nan, 3}})
	})
	write("b.npy", func(w io.Writer) error {
		return WriteNPY(w, &Array{Shape: []int{1, 2, 2}, I64: []int64{1, 2, 3, 4}})
	})
	write("c.npz", func(w io.Writer) error {
		return WriteNPZ(w, []*Array{{Name: "y", Shape: []int{2}, F32: []float32{0.5, 2}}})
	})
	write("none.npy", func(w io.Writer) error { return WriteNPY(w, &Array{Shape: []int{0}, F64: []float64{}}) })
	text("d.csv", "a,b\n1, nan\n,-2e3\n")
	text("text.csv", "a,b\n1,2\n3,x\n")
	text("inf.csv", "a\ninf\n")
	text("short.csv", "a,b\n1\n")
	text("head.csv", "a,b\n")
	for _, c := range []struct {
		name  string
		shape []int
		want  []float64
	}{
		{"a.npy", []int{3}, []float64{1, nan, 3}},
		{"b.npy", []int{1, 2, 2}, []float64{1, 2, 3, 4}},
		{"c.npz", []int{2}, []float64{0.5, 2}},
		{"d.csv", []int{2, 2}, []float64{1, nan, nan, -2000}},
	} {
		a, err := ReadNumbers(path(c.name))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
		if !slices.Equal(a.Shape, c.shape) || !slices.EqualFunc(a.F64, c.want, same) {
			t.Errorf("%s: %v of shape %v, want %v of %v", c.name, a.F64, a.Shape, c.want, c.shape)
		}
	}
	for name, want := range map[string]string{
		"none.npy": "holds no numbers", "text.csv": `text.csv:3: column "b": "x" is not a number`, "inf.csv": "inf is not a finite number",
		"short.csv": "short.csv:2: 1 cells where the header has 2", "head.csv": "holds no numbers", "gone.npy": "no such file", "a.txt": "unknown extension",
	} {
		if _, err := ReadNumbers(path(name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
