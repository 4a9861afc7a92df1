package main

import (
	"bytes"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"abide/mesh"
)

var rewrite = flag.Bool("rewrite", false, "write plate.msh anew")

// quarter is the mesh of the folder: lines from the hole of radius 1 to the sides at x = 20
// and y = 10, and layers that grow with the distance from the hole.
func quarter(around, layers int) *mesh.Mesh {
	m := &mesh.Mesh{Shape: mesh.Triangle, Groups: []mesh.Group{
		{Name: "left", Dim: 1, Tag: 1}, {Name: "right", Dim: 1, Tag: 2}, {Name: "bottom", Dim: 1, Tag: 3}, {Name: "top", Dim: 1, Tag: 4}, {Name: "hole", Dim: 1, Tag: 5},
		{Name: "plate", Dim: 2, Tag: 6}}}
	grow := math.Pow(1.25, 16/float64(layers))
	for i := range layers + 1 {
		s := (math.Pow(grow, float64(i)) - 1) / (math.Pow(grow, float64(layers)) - 1)
		for j := range around + 1 {
			sin, cos := math.Sincos(math.Pi / 2 * float64(j) / float64(around))
			x, y := 20., 30*float64(j)/float64(around)
			if 3*j > around {
				x, y = 30*float64(around-j)/float64(around), 10
			}
			x, y = cos+s*(x-cos), sin+s*(y-sin)
			m.Points = append(m.Points, math.Round(x*1e9)/1e9, math.Round(y*1e9)/1e9)
		}
	}
	at := func(i, j int) int32 { return int32(i*(around+1) + j) }
	side := func(tag int32, a, b int32) { m.Facets, m.FacetTag = append(m.Facets, a, b), append(m.FacetTag, tag) }
	for i := range layers {
		for j := range around {
			a, b, c, d := at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)
			m.Cells = append(m.Cells, a, b, c, a, c, d)
			m.CellTag = append(m.CellTag, 6, 6)
		}
		side(3, at(i, 0), at(i+1, 0))
		side(1, at(i+1, around), at(i, around))
	}
	for j := range around {
		side(5, at(0, j+1), at(0, j))
		if 3*j < around {
			side(2, at(layers, j), at(layers, j+1))
		} else {
			side(4, at(layers, j), at(layers, j+1))
		}
	}
	return m
}

// The file is what the README says it is.
func TestMesh(t *testing.T) {
	var want bytes.Buffer
	if err := mesh.WriteMSH(&want, quarter(24, 16)); err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile("plate.msh", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("plate.msh")
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("plate.msh is not what quarter(24, 16) is (%v): go test ./examples/plate -rewrite", err)
	}
}

// The program prints what the README shows, and on a finer mesh a factor within 1 % of
// Heywood's 3.03.
func TestPlate(t *testing.T) {
	out := filepath.Join(t.TempDir(), "plate.vtu")
	var shown bytes.Buffer
	if err := run(&shown, "plate.msh", out); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ReplaceAll(string(page), "\n    ", "\n"), shown.String()) {
		t.Errorf("the README does not show\n%s", &shown)
	}
	vtu, err := os.ReadFile(out)
	if err != nil || !bytes.Contains(vtu, []byte(`Name="von Mises stress (MPa)"`)) {
		t.Errorf("no stresses in the file of %d bytes (%v)", len(vtu), err)
	}

	in := filepath.Join(t.TempDir(), "finer.msh")
	file, err := os.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := mesh.WriteMSH(file, quarter(48, 32)); err != nil {
		t.Fatal(err)
	}
	file.Close()
	shown.Reset()
	if err := run(&shown, in, out); err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`hole: ([0-9.]+) times`).FindStringSubmatch(shown.String())
	if found == nil {
		t.Fatalf("no factor in\n%s", &shown)
	}
	if factor, _ := strconv.ParseFloat(found[1], 64); math.Abs(factor/3.03-1) > 0.01 {
		t.Errorf("factor %g on a finer mesh, want 3.03", factor)
	}
}

// Names that are missing are said.
func TestPlateErrors(t *testing.T) {
	m := quarter(4, 2)
	m.Groups[1].Name = "rihgt"
	in := filepath.Join(t.TempDir(), "bad.msh")
	var data bytes.Buffer
	if err := mesh.WriteMSH(&data, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, data.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	err := run(&bytes.Buffer{}, in, filepath.Join(t.TempDir(), "out.vtu"))
	if err == nil || !strings.Contains(err.Error(), `did you mean "rihgt"`) {
		t.Errorf("error %v", err)
	}
}
