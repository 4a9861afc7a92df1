package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abide/dataio"
	"abide/internal/cli"
)

// vtuFile is what this test reads of the file: its arrays' names and where their bytes are.
type vtuFile struct {
	Piece struct {
		PointData []vtuArray `xml:"PointData>DataArray"`
		Points    []vtuArray `xml:"Points>DataArray"`
	} `xml:"UnstructuredGrid>Piece"`
}

type vtuArray struct {
	Name       string `xml:"Name,attr"`
	Components int    `xml:"NumberOfComponents,attr"`
	Offset     int    `xml:"offset,attr"`
}

// vtuRead gives all arrays at points by name, three numbers each; all fit one block.
func vtuRead(t *testing.T, path string) map[string][][3]float64 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, raw, found := bytes.Cut(data, []byte("\n_"))
	if !found {
		t.Fatal("no appended data")
	}
	var f vtuFile
	if err := xml.Unmarshal(append(bytes.Clone(head), "</AppendedData></VTKFile>"...), &f); err != nil {
		t.Fatal(err)
	}
	out := map[string][][3]float64{}
	for _, a := range append(f.Piece.PointData, f.Piece.Points...) {
		at := raw[a.Offset:]
		if blocks := binary.LittleEndian.Uint64(at); blocks != 1 || a.Components != 3 {
			t.Fatalf("%s: %d blocks of %d components, want 1 of 3", a.Name, blocks, a.Components)
		}
		z, err := zlib.NewReader(bytes.NewReader(at[32:]))
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		rows := make([][3]float64, len(part)/24)
		if err := binary.Read(bytes.NewReader(part), binary.LittleEndian, rows); err != nil {
			t.Fatal(err)
		}
		out[a.Name] = rows
	}
	return out
}

// The file of a run has, at each of its points, the velocity of the field there: mean and
// standard deviation of the samples' columns, found by place, and the vortex that the
// sensors read, by the formula of the spec; mean is truth where they are.
func TestVelocities(t *testing.T) {
	dir := t.TempDir()
	folder, out := filepath.Join(dir, "run"), filepath.Join(dir, "flow.vtu")
	var stderr bytes.Buffer
	if rc := cli.Main(context.Background(), []string{"run", "flow.toml", "--out", folder, "-q", "run.samples=5", "sampler.steps=4"}, strings.NewReader(""), io.Discard, &stderr, func(string) string { return "" }); rc != 0 {
		t.Fatalf("exit %d: %s", rc, stderr.String())
	}
	if err := run(folder, out); err != nil {
		t.Fatal(err)
	}
	arrays, err := dataio.ReadNPZ(filepath.Join(folder, "samples.npz"))
	if err != nil {
		t.Fatal(err)
	}
	x := arrays[0].F64
	got := vtuRead(t, out)
	if len(got) != 4 || len(got["Points"]) != 17*17 {
		t.Fatalf("%d arrays, %d points; want truth, mean, std and 289 points", len(got), len(got["Points"]))
	}
	sensors := 0
	for k, p := range got["Points"] {
		// The column of component c here, in the order of the prior: x slow, y fast.
		i, j := int(math.Round(16*p[0]))%16, int(math.Round(16*p[1]))%16
		want := [2]float64{math.Cos(2*math.Pi*p[0]) * math.Sin(2*math.Pi*p[1]), -math.Sin(2*math.Pi*p[0]) * math.Cos(2*math.Pi*p[1])}
		sensor := (i == 2 || i == 8 || i == 14) && (j == 2 || j == 8 || j == 14)
		if sensor {
			sensors++
		}
		for c := range 2 {
			var sum, squares float64
			for s := range 5 {
				sum += x[s*512+c*256+i*16+j] / 5
			}
			for s := range 5 {
				squares += math.Pow(x[s*512+c*256+i*16+j]-sum, 2) / 4
			}
			for name, want := range map[string]float64{"truth": want[c], "mean": sum, "std": math.Sqrt(squares)} {
				if v := got[name][k][c]; !(math.Abs(v-want) <= 1e-14) {
					t.Fatalf("%s at (%g, %g), component %d: %.15g, want %.15g", name, p[0], p[1], c, v, want)
				}
			}
			if sensor && !(math.Abs(got["mean"][k][c]-got["truth"][k][c]) <= 1e-9) {
				t.Errorf("at the sensor (%g, %g) component %d of the mean is %.12g, of the truth %.12g", p[0], p[1], c, got["mean"][k][c], got["truth"][k][c])
			}
		}
		for name, rows := range got {
			if rows[k][2] != 0 {
				t.Fatalf("%s leaves the plane", name)
			}
		}
	}
	if sensors != 9 {
		t.Errorf("%d sensors among the points, want 9", sensors)
	}
}

// What is no run of flow.toml is named.
func TestOtherRunsAreRefused(t *testing.T) {
	if err := write(filepath.Join(t.TempDir(), "a.vtu"), &dataio.Array{Name: "x", Shape: []int{2, 3}, F64: make([]float64, 6)}); err == nil || !strings.Contains(err.Error(), "[2 3]") {
		t.Error(err)
	}
	if err := run(t.TempDir(), "a.vtu"); err == nil || !strings.Contains(err.Error(), "samples.npz") {
		t.Error(err)
	}
}
