package spec

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"abide/dataio"
)

const empirical = "[prior]\nkind = \"empirical\"\ndata = \"a.csv\"\n[[potential]]\nkind = \"measurement\"\n"

// The energy of a measurement is that of its law, worked out here by hand.
func TestMeasurementEnergies(t *testing.T) {
	x := []float64{0.7, 2, 0.0001}
	square := func(v float64) float64 { return v * v }
	for _, c := range []struct {
		block string
		want  float64
	}{
		{"operator = { kind = \"mask\", index = [0, 1] }\ny = [1, 0.5]\nstd = [0.5, 2]\n", square(0.3)/(2*0.25) + square(1.5)/(2*4)},
		{"operator.kind = \"identity\"\ny = [1, nan, 0.5]\nstd = [0.5, 2, 3]\nmissing = true\n", square(0.3)/(2*0.25) + square(0.4999)/(2*9)},
		// R = [[2, 1], [1, 2]] has the inverse [[2, −1], [−1, 2]]/3.
		{"operator = { kind = \"mask\", index = [0, 1] }\ny = [1, 0.5]\ncovariance = [[2, 1], [1, 2]]\n",
			0.5 * (2*square(0.3) + 2*square(1.5) + 2*0.3*1.5) / 3},
		{"operator.kind = \"identity\"\ny = [nan, 1, 0.5]\nmissing = true\ncovariance = [[5, 0.1, 0.2], [0.1, 2, 1], [0.2, 1, 2]]\n",
			0.5 * (2*square(1) + 2*square(0.4999) + 2*1*0.4999) / 3},
		{"operator.kind = \"identity\"\ny = [3, 0, 1]\nnoise = \"poisson\"\n",
			0.7 - 3*math.Log(0.7) + 2 + 1e-3 - math.Log(1e-3)},
		{"operator.kind = \"identity\"\ny = [3, 0, nan]\nmissing = true\nnoise = { kind = \"poisson\", gain = 10, floor = 1 }\n",
			10*1 - 3*math.Log(1) + 10*2},
		{"operator.kind = \"identity\"\ny = [1, 0.5, 0]\nnoise = { kind = \"formula\", expr = \"abs(y - at)/0.1\" }\n", (0.3 + 1.5 + 0.0001) / 0.1},
	} {
		s := mustParse(t, empirical+c.block)
		checkFixedPoint(t, s)
		p, err := measured(t, s, 3)
		if err != nil {
			t.Errorf("%s: %v", c.block, err)
			continue
		}
		if e := p.EnergyAt(x); math.Abs(e-c.want) > 1e-12*(1+math.Abs(c.want)) {
			t.Errorf("%s: energy %.15g, want %.15g", c.block, e, c.want)
		}
	}
}

// Two spellings of one measurement: numbers in the spec, and numbers in files.
func TestMeasurementFiles(t *testing.T) {
	dir := t.TempDir()
	npy := func(name string, shape []int, v ...float64) {
		err := dataio.WriteFile(filepath.Join(dir, name), func(w io.Writer) error {
			return dataio.WriteNPY(w, &dataio.Array{Shape: shape, F64: v})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	nan := math.NaN()
	npy("y.npy", []int{2, 2}, 1, nan, 3, 4)
	npy("whole.npy", []int{2}, 1, 2)
	npy("std.npy", []int{4}, 1, 2, 3, 4)
	npy("zero.npy", []int{4}, 1, 2, 0, 4)
	npy("cov.npy", []int{2, 2}, 2, 1, 1, 2)
	npy("singular.npy", []int{2, 2}, 1, 1, 1, 1)
	npy("huge.npy", []int{1}, 1e101)
	npy("none.npy", []int{2}, nan, nan)
	if err := os.WriteFile(filepath.Join(dir, "y.csv"), []byte("a,b\n1,\n3,4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	parse := func(block string) *Spec {
		s, err := Parse(filepath.Join(dir, "test.toml"), []byte(empirical+block), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, block)
		}
		return s
	}
	identity, four := "operator.kind = \"identity\"\n", "missing = true\nstd = [1, 2, 3, 4]\n"
	for _, c := range []struct{ files, numbers string }{
		{"y = \"y.npy\"\nmissing = true\nstd = \"std.npy\"\n", "y = [1, nan, 3, 4]\n" + four},
		{"y = \"y.csv\"\n" + four, "y = [1, nan, 3, 4]\n" + four},
		{"y = \"whole.npy\"\ncovariance = \"cov.npy\"\n", "y = [1, 2]\ncovariance = [[2, 1], [1, 2]]\n"},
	} {
		d := 4
		if strings.Contains(c.files, "whole") {
			d = 2
		}
		a, err := measured(t, parse(identity+c.files), d)
		if err != nil {
			t.Errorf("%s: %v", c.files, err)
			continue
		}
		b, err := measured(t, parse(identity+c.numbers), d)
		if err != nil {
			t.Fatal(err)
		}
		x := ramp(d)
		if d := cmp.Diff(b.Y, a.Y) + cmp.Diff(b.EnergyAt(x), a.EnergyAt(x), cmpopts.EquateApprox(1e-14, 0)); d != "" {
			t.Errorf("%s (-numbers +files):\n%s", c.files, d)
		}
	}
	if _, err := measured(t, parse("operator = { kind = \"matrix\", value = \"cov.npy\" }\ny = [1, 2]\nstd = 1\n"), 2); err != nil {
		t.Error(err)
	}
	for _, c := range []struct{ block, want string }{
		{"y = \"gone.npy\"\nstd = 1", ":7:5: potential[0].y: "},
		{"y = \"gone.npy\"\nstd = 1", "no such file"},
		{"y = \"whole.npy\"\nstd = 1", ":7:5: potential[0].y: has length 2, operator has 4; allowed: length 4"},
		{"y = \"y.npy\"\nstd = 1", ":7:5: potential[0].y[1]: is nan; allowed: finite numbers, or missing = true"},
		{"y = \"huge.npy\"\nstd = 1", "potential[0].y: number 0 of the file is 1e+101"},
		{"y = [1, 2, 3, 4]\nstd = \"zero.npy\"", ":8:7: potential[0].std: std[2] is 0: want a positive number"},
		{"y = [1, 2, 3, 4]\nstd = \"whole.npy\"", ":8:7: potential[0].std: has length 2, operator has 4"},
		{"y = [1, 2, 3, 4]\ncovariance = \"std.npy\"", ":8:14: potential[0].covariance: the array of the file has shape [4]; allowed: a matrix"},
		{"y = [1, 2, 3, 4]\ncovariance = \"cov.npy\"", ":8:14: potential[0].covariance: has length 2, operator has 4"},
	} {
		_, err := measured(t, parse(identity+c.block), 4)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.block, err, c.want)
		}
	}
	for block, want := range map[string]string{
		"y = [1, 2]\ncovariance = \"singular.npy\"": "potential[0].covariance: the covariance of the noise is not positive definite",
		"y = \"none.npy\"\nstd = 1\nmissing = true": "potential[0].y: all 2 values are missing",
		"y = [1, -2]\nnoise = \"poisson\"":          "potential[0].y: ",
		"y = [1, 2.5]\nnoise = \"poisson\"":         "y[1] is 2.5: Poisson noise is of counts",
	} {
		_, err := measured(t, parse(identity+block), 2)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", block, err, want)
		}
	}
}

// What needs the columns is refused when they are known, at its place.
func TestOperatorBindErrors(t *testing.T) {
	for _, c := range []struct{ operator, want string }{
		{`{ kind = "blur", std = 1 }`, `6:12: potential[0].operator.shape: is missing, and nothing else tells what the 12 columns are; allowed: shape = [n], [height, width] or [height, width, channels], or [report] image`},
		{`{ kind = "blur", std = 1, shape = [3, 5] }`, `6:47: potential[0].operator.shape: an image of 3×5 pixels of 1 numbers does not have 12 columns; allowed: sizes whose product is 12`},
		{`{ kind = "blur", std = 1, shape = [1, 2, 2, 3] }`, `6:47: potential[0].operator.shape: shape: [1 2 2 3] has 4 numbers`},
		{`{ kind = "pool", factor = 5, shape = [3, 4] }`, `6:12: potential[0].operator: `},
		{`{ kind = "grey", shape = [3, 4] }`, `6:12: potential[0].operator: grey: the image has 1 channels: want 3, red, green and blue`},
		{`{ kind = "box", top = 1, left = 1, height = 9, width = 1, shape = [3, 4] }`, `6:12: potential[0].operator: box: `},
		{`{ kind = "blur", kernel = "motion", length = 9000, shape = [3, 4] }`, `6:57: potential[0].operator.length: 9000 pixels on an image of 3×4; allowed: up to 8`},
		{`{ kind = "formula", expr = ["x[0]", "x[0] + z"] }`, `6:56: potential[0].operator.expr[1]: at "z": unknown name`},
		{`{ kind = "formula", expr = "x[0] + z" }`, `6:47: potential[0].operator.expr: at "z": unknown name`},
		{`{ kind = "formula", expr = "2 + 3" }`, `6:12: potential[0].operator: formula: "2 + 3" uses no column`},
		{`{ kind = "compose", parts = [{ kind = "pool", factor = 2, shape = [2, 6] }, { kind = "mask", index = [3] }] }`, `6:114: potential[0].operator.parts[1].index[0]: there is no column 3; allowed: 0 to 2`},
		{`{ kind = "compose", parts = [{ kind = "mask", index = [0, 1] }, { kind = "pool", factor = 2 }] }`, `6:76: potential[0].operator.parts[1].shape: is missing, and nothing else tells what the 2 columns are`},
	} {
		s := mustParse(t, empirical+"operator = "+c.operator+"\ny = \"y.npy\"\nnoise = \"poisson\"\n")
		err := s.Bind(indexed(12))
		var fault *Error
		if !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), "test.toml:"+c.want) {
			t.Errorf("got  %v\nwant test.toml:%s", err, c.want)
		}
	}
}

// The hash of a spec is that of the numbers measured, wherever the folder stands.
func TestHashOfMeasuredFiles(t *testing.T) {
	hash := func(y float64) string {
		dir := t.TempDir()
		err := dataio.WriteFile(filepath.Join(dir, "y.npy"), func(w io.Writer) error {
			return dataio.WriteNPY(w, &dataio.Array{Shape: []int{1}, F64: []float64{y}})
		})
		if err != nil {
			t.Fatal(err)
		}
		block := "operator = { kind = \"compose\", parts = [{ kind = \"matrix\", value = \"y.npy\" }] }\ny = [1]\nstd = 1\n"
		s, err := Parse(filepath.Join(dir, "test.toml"), []byte(empirical+block), nil)
		if err != nil {
			t.Fatal(err)
		}
		return s.Hash()
	}
	if hash(1) != hash(1) || hash(1) == hash(2) {
		t.Error("the hash does not tell what the file holds")
	}
}
