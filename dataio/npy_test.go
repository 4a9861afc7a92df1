package dataio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// npyFile builds an npy file by hand, independently of the writer.
func npyFile(version byte, dict string, payload []byte) []byte {
	b := []byte("\x93NUMPY")
	b = append(b, version, 0)
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(dict)))
	}
	return append(append(b, dict...), payload...)
}

func dict(descr, fortran, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, fortran, shape)
}

func TestReadNPYTypes(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	f64 := func(o binary.AppendByteOrder, v ...float64) (b []byte) {
		for _, x := range v {
			b = o.AppendUint64(b, math.Float64bits(x))
		}
		return b
	}
	f32 := func(o binary.AppendByteOrder, v ...float32) (b []byte) {
		for _, x := range v {
			b = o.AppendUint32(b, math.Float32bits(x))
		}
		return b
	}
	for _, c := range []struct {
		descr   string
		payload []byte
		want    Array
	}{
		{"<f8", f64(le, 1, -0.1), Array{F64: []float64{1, -0.1}}},
		{">f8", f64(be, 1, -0.1), Array{F64: []float64{1, -0.1}}},
		{"<f4", f32(le, 1, -0.1), Array{F32: []float32{1, -0.1}}},
		{">f4", f32(be, 1, -0.1), Array{F32: []float32{1, -0.1}}},
		{"<f2", []byte{0x00, 0x3c, 0x00, 0xc1}, Array{F32: []float32{1, -2.5}}},
		{"<i8", []byte{1, 0, 0, 0, 0, 0, 0, 0, 254, 255, 255, 255, 255, 255, 255, 255}, Array{I64: []int64{1, -2}}},
		{">i4", []byte{0, 0, 1, 0, 255, 255, 255, 254}, Array{I64: []int64{256, -2}}},
		{"<i2", []byte{0, 1, 254, 255}, Array{I64: []int64{256, -2}}},
		{"|i1", []byte{1, 254}, Array{I64: []int64{1, -2}}},
		{"|u1", []byte{1, 254}, Array{I64: []int64{1, 254}}},
		{"<u2", []byte{0, 1, 254, 255}, Array{I64: []int64{256, 65534}}},
		{">u4", []byte{0, 0, 1, 0, 255, 255, 255, 254}, Array{I64: []int64{256, 1<<32 - 2}}},
		{"<u8", []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, Array{I64: []int64{1, 2}}},
	} {
		for version := byte(1); version <= 3; version++ {
			c.want.Shape = []int{2}
			got, err := ReadNPY(bytes.NewReader(npyFile(version, dict(c.descr, "False", "(2,)"), c.payload)))
			if err != nil {
				t.Errorf("%s version %d: %v", c.descr, version, err)
			} else if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Errorf("%s version %d: (-want +got)\n%s", c.descr, version, diff)
			}
		}
	}
}

// Fortran order: element (i, j, k) of shape (2, 3, 2) lies at i + 2j + 6k.
func TestReadNPYFortranOrder(t *testing.T) {
	payload := make([]byte, 12)
	want := []int64{}
	for i := range 2 {
		for j := range 3 {
			for k := range 2 {
				payload[i+2*j+6*k] = byte(100*i + 10*j + k)
				want = append(want, int64(100*i+10*j+k))
			}
		}
	}
	got, err := ReadNPY(bytes.NewReader(npyFile(1, dict("|u1", "True", "(2, 3, 2)"), payload)))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.I64, want) {
		t.Errorf("got %v, want %v", got.I64, want)
	}
}

// The file numpy.save writes for [[1, 2, 3]] in float64, byte for byte.
func TestWriteNPYExact(t *testing.T) {
	var got bytes.Buffer
	if err := WriteNPY(&got, &Array{Shape: []int{1, 3}, F64: []float64{1, 2, 3}}); err != nil {
		t.Fatal(err)
	}
	head := "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), }"
	head += strings.Repeat(" ", 128-10-1-len(head)) + "\n"
	want := "\x93NUMPY\x01\x00\x76\x00" + head + "\x00\x00\x00\x00\x00\x00\xf0\x3f" + "\x00\x00\x00\x00\x00\x00\x00\x40" + "\x00\x00\x00\x00\x00\x00\x08\x40"
	if got.String() != want {
		t.Errorf("got\n%q, want\n%q", got.String(), want)
	}
}

// Law: write then read is the identity, bits included; arrays may follow one
// another in one stream.
func TestNPYRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawArray(t), drawArray(t)
		var file bytes.Buffer
		for _, x := range []*Array{a, b} {
			if err := WriteNPY(&file, x); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []*Array{a, b} {
			got, err := ReadNPY(&file)
			if err != nil {
				t.Fatal(err)
			}
			got.Name = want.Name
			if !sameArray(want, got) {
				t.Fatalf("wrote %+v, read %+v", want, got)
			}
		}
		if file.Len() != 0 {
			t.Fatalf("%d bytes left", file.Len())
		}
	})
}

func drawArray(t *rapid.T) *Array {
	a := &Array{Name: rapid.StringMatching(`[a-zé./ ]{1,6}`).Draw(t, "name"), Shape: rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "shape")}
	n, _ := product(a.Shape)
	switch rapid.IntRange(0, 2).Draw(t, "type") {
	case 0:
		a.F64 = rapid.SliceOfN(rapid.Map(rapid.Uint64(), math.Float64frombits), n, n).Draw(t, "F64")
	case 1:
		a.F32 = rapid.SliceOfN(rapid.Map(rapid.Uint32(), math.Float32frombits), n, n).Draw(t, "F32")
	case 2:
		a.I64 = rapid.SliceOfN(rapid.Int64(), n, n).Draw(t, "I64")
	}
	return a
}

func sameArray(a, b *Array) bool {
	return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) && (a.F64 == nil) == (b.F64 == nil) && (a.F32 == nil) == (b.F32 == nil) &&
		sameBits(a.F64, b.F64) && slices.Equal(a.I64, b.I64) &&
		slices.EqualFunc(a.F32, b.F32, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// binary16 against its definition: (−1)ˢ 2^(e−15) (1 + f/1024), subnormal
// (−1)ˢ 2⁻¹⁴ f/1024, over all 65,536 patterns.
func TestHalfAllPatterns(t *testing.T) {
	for h := range 1 << 16 {
		e, f := h>>10&31, float64(h&1023)/1024
		want := math.Ldexp(1+f, e-15)
		switch {
		case e == 31 && f == 0:
			want = math.Inf(1)
		case e == 31:
			want = math.NaN()
		case e == 0:
			want = math.Ldexp(f, -14)
		}
		if h>>15 == 1 {
			want = -want
		}
		got := float64(half(uint16(h)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != (h>>15 == 1) && !math.IsNaN(got) {
			t.Fatalf("half(%#04x) = %g, want %g", h, got, want)
		}
	}
}

func TestReadNPYErrors(t *testing.T) {
	whole := npyFile(1, dict("<f8", "False", "(2,)"), make([]byte, 16))
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "cut short"},
		{"not npy", []byte("a,b\n1,2\n"), "not an npy file"},
		{"version 9", npyFile(9, "", nil), "version 9"},
		{"cut in the magic", whole[:5], "cut short"},
		{"cut in the length", whole[:9], "cut short"},
		{"cut in the header", whole[:30], "cut short"},
		{"cut in the numbers", whole[:len(whole)-1], "cut short"},
		{"no numbers", whole[:len(whole)-16], "cut short"},
		{"objects", npyFile(1, dict("|O", "False", "(1,)"), make([]byte, 8)), "Python objects"},
		{"truth values", npyFile(1, dict("|b1", "False", "(1,)"), make([]byte, 1)), "astype(float)"},
		{"text", npyFile(1, dict("<U10", "False", "(1,)"), make([]byte, 40)), "not supported"},
		{"complex", npyFile(1, dict("<c16", "False", "(1,)"), make([]byte, 16)), "not supported"},
		{"structured", npyFile(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", make([]byte, 8)), "structured"},
		{"no byte order", npyFile(1, dict("|f8", "False", "(1,)"), make([]byte, 8)), "byte order"},
		{"large unsigned", npyFile(1, dict("<u8", "False", "(1,)"), bytes.Repeat([]byte{255}, 8)), "does not fit"},
		{"header of 4 GB", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), "damaged"},
		{"negative length", npyFile(1, dict("<f8", "False", "(-1,)"), nil), "not a length"},
		{"overflow", npyFile(1, dict("<f8", "False", "(4294967296, 4294967296)"), nil), "too large"},
		{"length beyond any integer", npyFile(1, dict("<f8", "False", "(99999999999999999999,)"), nil), "not a length"},
		{"many dimensions", npyFile(1, dict("<f8", "False", "("+strings.Repeat("1,", 65)+")"), nil), "65 dimensions"},
		{"no dictionary", npyFile(1, "[1, 2]", nil), `"{" is missing`},
		{"shape missing", npyFile(1, "{'descr': '<f8', 'fortran_order': False}", nil), "needed"},
		{"key twice", npyFile(1, "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': ()}", nil), "twice"},
		{"unknown key", npyFile(1, "{'colour': 'red'}", nil), `unknown key "colour"`},
		{"no order", npyFile(1, dict("<f8", "0", "(1,)"), nil), "neither True nor False"},
		{"open quote", npyFile(1, "{'descr: 1}", nil), "not closed"},
		{"missing comma", npyFile(1, "{'descr': '<f8' 'fortran_order': False}", nil), "comma"},
		{"text after", npyFile(1, dict("<f8", "False", "()")+"x", make([]byte, 8)), "nothing after"},
	} {
		got, err := ReadNPY(bytes.NewReader(c.file))
		if err == nil {
			t.Errorf("%s: read %+v, want an error", c.name, got)
		} else if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "dataio: read npy: ") {
			t.Errorf("%s: error %q does not say %q", c.name, err, c.want)
		}
	}
	_, err := ReadTable(put(t, "long.npy", append(whole, 0)), nil)
	if err == nil || !strings.Contains(err.Error(), "needs 16 bytes, the file holds 17") {
		t.Errorf("trailing byte: error %v", err)
	}
}

// A header that claims a terabyte must cost no more memory than the reader's
// buffers: 2²⁰ bytes is their sum with room to spare (two chunks of 2¹⁶
// elements of 8 bytes at most, as slices).
func TestHeaderLiesCostNoMemory(t *testing.T) {
	lie := npyFile(1, dict("<f8", "False", "(137438953472,)"), make([]byte, 64))
	tensor := `{"t":{"dtype":"F64","shape":[137438953472],"data_offsets":[0,1099511627776]}}`
	safetensors := append(binary.LittleEndian.AppendUint64(nil, uint64(len(tensor))), tensor...)
	longHeader := append(binary.LittleEndian.AppendUint64(nil, maxSafetensorsHeader), '{')
	for name, read := range map[string]func() error{
		"npy stream":         func() error { _, err := ReadNPY(bytes.NewReader(lie)); return err },
		"npy file":           func() error { _, err := readNPY(bytes.NewReader(lie), int64(len(lie))); return err },
		"safetensors":        func() error { _, _, err := ReadSafetensors(bytes.NewReader(safetensors)); return err },
		"safetensors header": func() error { _, _, err := ReadSafetensors(bytes.NewReader(longHeader)); return err },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := read()
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "cut short") {
			t.Errorf("%s: error %v", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: took %d bytes of memory", name, took)
		}
	}
}

func TestWriteArrayErrors(t *testing.T) {
	for _, c := range []struct {
		a    Array
		want string
	}{
		{Array{Shape: []int{1}}, "0 of F64, F32 and I64"},
		{Array{Shape: []int{1}, F64: []float64{1}, I64: []int64{1}}, "2 of F64, F32 and I64"},
		{Array{Shape: []int{2}, F64: []float64{1}}, "holds 2 numbers, 1 are given"},
		{Array{Shape: []int{-1}, F64: []float64{1}}, "negative"},
	} {
		c.a.Name = "a"
		for name, err := range map[string]error{
			"npy":         WriteNPY(io.Discard, &c.a),
			"npz":         WriteNPZ(io.Discard, []*Array{&c.a}),
			"safetensors": WriteSafetensors(io.Discard, []*Array{&c.a}, nil),
		} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %+v: error %v, want %q", name, c.a, err, c.want)
			}
		}
	}
}

func TestReadTableFromArrays(t *testing.T) {
	write := func(a *Array) string {
		var b bytes.Buffer
		if err := WriteNPY(&b, a); err != nil {
			t.Fatal(err)
		}
		return put(t, "a.NPY", b.Bytes())
	}
	good := write(&Array{Shape: []int{2, 3}, I64: []int64{1, 2, 3, 4, 5, 6}})
	got, err := ReadTable(good, []string{"x[2]", "x[0]"})
	if diff := cmp.Diff(&Table{Names: []string{"x[2]", "x[0]"}, Rows: 2, Data: []float64{3, 1, 6, 4}}, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got)\n%s", err, diff)
	}
	// Fields are rows of their numbers in row-major order.
	fields := write(&Array{Shape: []int{2, 2, 3}, I64: []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}})
	got, err = ReadTable(fields, []string{"x[0]", "x[4]"})
	if diff := cmp.Diff(&Table{Names: []string{"x[0]", "x[4]"}, Rows: 2, Data: []float64{1, 5, 7, 11}}, got); err != nil || diff != "" {
		t.Errorf("fields: error %v, (-want +got)\n%s", err, diff)
	}
	for _, c := range []struct {
		a       Array
		columns []string
		want    string
	}{
		{Array{Shape: []int{2}, F64: []float64{1, 2}}, nil, "not a table"},
		{Array{Shape: []int{}, F64: []float64{1}}, nil, "reshape"},
		{Array{Shape: []int{2, 3, 0}, F64: []float64{}}, nil, "holds no numbers"},
		{Array{Shape: []int{0, 2}, F64: []float64{}}, nil, "holds no numbers"},
		{Array{Shape: []int{1 << 30, 0}, F64: []float64{}}, nil, "holds no numbers"},
		{Array{Shape: []int{2, 1}, F64: []float64{1, math.NaN()}}, nil, "row 1 (from 0), column x[0]: NaN"},
		{Array{Shape: []int{1, 2}, F32: []float32{1, float32(math.Inf(-1))}}, nil, "column x[1]: -Inf"},
		{Array{Shape: []int{1, 2}, F64: []float64{1, 2}}, []string{"x[2]"}, `no column "x[2]", did you mean "x[0]"?`},
	} {
		path := write(&c.a)
		if _, err := ReadTable(path, c.columns); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "dataio: "+path+": ") {
			t.Errorf("%+v: error %v, want %q", c.a, err, c.want)
		}
	}
}

// Whatever the bytes, an array read is well-formed and survives the writer.
func FuzzReadNPY(f *testing.F) {
	f.Add(npyFile(1, dict("<f8", "False", "(2,)"), make([]byte, 16)))
	f.Add(npyFile(2, dict(">i2", "True", "(2, 1)"), make([]byte, 4)))
	f.Add(npyFile(3, dict("<f2", "False", "()"), make([]byte, 2)))
	f.Add(npyFile(1, dict("|O", "False", "(0,)"), nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := ReadNPY(bytes.NewReader(file))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteNPY(&b, a); err != nil {
			t.Fatal(err)
		}
		back, err := ReadNPY(&b)
		if err != nil || !sameArray(a, back) {
			t.Fatalf("%+v read back as %+v, %v", a, back, err)
		}
	})
}
