package dataio

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// numpyWrites saves arrays in every form numpy has a switch for.
const numpyWrites = `
import numpy as np, sys, os
d = sys.argv[1]
a = np.arange(24).reshape(2, 3, 4) - 5
forms = {}
for t in ['<f8', '>f8', '<f4', '>f4', '<f2', '<i8', '>i8', '<i4', '>i2', '|i1', '<u4']:
    for order in 'CF':
        b = np.array(abs(a) if 'u' in t else a, dtype=t, order=order)
        name = t[1:] + ('big' if t[0] == '>' else '') + order
        np.save(os.path.join(d, name + '.npy'), b)
        forms[name] = b
np.savez(os.path.join(d, 'all.npz'), **forms)
np.savez_compressed(os.path.join(d, 'packed.npz'), **forms)
with open(os.path.join(d, 'v3.npy'), 'wb') as f:
    np.lib.format.write_array(f, a.astype('<f8'), version=(3, 0))
np.save(os.path.join(d, 'scalar.npy'), np.float64(2.5))
np.save(os.path.join(d, 'empty.npy'), np.zeros((0, 3)))
`

// numpyReads checks what WriteNPZ wrote, value and type.
const numpyReads = `
import numpy as np, sys
z = np.load(sys.argv[1], allow_pickle=False)
assert z.files == ['x', 'logw', 'ancestor', 'scalar', 'empty'], z.files
def same(name, want):
    got = z[name]
    assert got.dtype == want.dtype and got.shape == want.shape and got.tobytes() == want.tobytes(), (name, got, want)
same('x', np.array([[1.5, -0.0], [np.inf, 1e-310], [3, 4]]))
same('logw', np.array([0.1, -2.5], dtype=np.float32))
same('ancestor', np.array([-1, 2**62]))
same('scalar', np.array(7.0))
same('empty', np.zeros((0, 2)))
n = np.load(sys.argv[2])
assert n.dtype == np.float64 and n.tolist() == [[1, 2, 3]], n
assert np.isfinite(np.loadtxt(sys.argv[3], delimiter=',', skiprows=1)).all()
`

// python runs a program, or skips the test where numpy is not installed.
func python(t *testing.T, program string, args ...string) {
	t.Helper()
	if err := exec.Command("python3", "-c", "import numpy").Run(); err != nil {
		t.Skip("python3 with numpy is not installed: ", err)
	}
	out, err := exec.Command("python3", append([]string{"-c", program}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestNumpyReadsOurs(t *testing.T) {
	folder := t.TempDir()
	npz, npy, csv := filepath.Join(folder, "a.npz"), filepath.Join(folder, "a.npy"), filepath.Join(folder, "a.csv")
	inf, tiny := 1/zero, 1e-310
	write := func(path string, b *bytes.Buffer, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	write(npz, &b, WriteNPZ(&b, []*Array{
		{Name: "x", Shape: []int{3, 2}, F64: []float64{1.5, -zero, inf, tiny, 3, 4}},
		{Name: "logw", Shape: []int{2}, F32: []float32{0.1, -2.5}},
		{Name: "ancestor", Shape: []int{2}, I64: []int64{-1, 1 << 62}},
		{Name: "scalar", F64: []float64{7}},
		{Name: "empty", Shape: []int{0, 2}, F64: []float64{}},
	}))
	var c bytes.Buffer
	write(npy, &c, WriteNPY(&c, &Array{Shape: []int{1, 3}, F64: []float64{1, 2, 3}}))
	var d bytes.Buffer
	write(csv, &d, WriteCSV(&d, []string{"a", "b"}, []float64{1e-7, 1e6, -0.25, 1e300}))
	python(t, numpyReads, npz, npy, csv)
}

// zero is a variable, so that −zero and 1/zero are computed and not constants.
var zero = 0.0

func TestWeReadNumpys(t *testing.T) {
	folder := t.TempDir()
	python(t, numpyWrites, folder)
	signed, unsigned := make([]float64, 24), make([]float64, 24)
	for i := range signed {
		signed[i] = float64(i - 5)
		unsigned[i] = max(signed[i], -signed[i])
	}
	check := func(where string, a *Array) {
		want := signed
		if a.Name[0] == 'u' {
			want = unsigned
		}
		if !slices.Equal(a.Shape, []int{2, 3, 4}) || !slices.Equal(a.Float64(), want) {
			t.Errorf("%s: %s: got %v %v", where, a.Name, a.Shape, a.Float64())
		}
	}
	for _, archive := range []string{"all.npz", "packed.npz"} {
		arrays, err := ReadNPZ(filepath.Join(folder, archive))
		if err != nil || len(arrays) != 22 {
			t.Fatalf("%s: %d arrays, %v", archive, len(arrays), err)
		}
		for _, a := range arrays {
			check(archive, a)
			file, err := os.ReadFile(filepath.Join(folder, a.Name+".npy"))
			if err != nil {
				t.Fatal(err)
			}
			alone, err := ReadNPY(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			alone.Name = a.Name
			if diff := cmp.Diff(a, alone); diff != "" {
				t.Errorf("%s: npz and npy differ\n%s", a.Name, diff)
			}
		}
	}
	for name, want := range map[string]*Array{
		"v3": {Shape: []int{2, 3, 4}, F64: signed}, "scalar": {Shape: []int{}, F64: []float64{2.5}}, "empty": {Shape: []int{0, 3}, F64: []float64{}},
	} {
		file, err := os.ReadFile(filepath.Join(folder, name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadNPY(bytes.NewReader(file))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v, (-want +got)\n%s", name, err, diff)
		}
	}
}
