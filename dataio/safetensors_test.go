package dataio

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// tensorFile builds a safetensors file by hand.
func tensorFile(header string, payload ...byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), payload...)
}

func TestWriteSafetensorsExact(t *testing.T) {
	var got bytes.Buffer
	err := WriteSafetensors(&got, []*Array{
		{Name: "b<", Shape: []int{2}, F32: []float32{1, -2}},
		{Name: "n", Shape: nil, I64: []int64{-1}},
	}, map[string]string{"z": "1", "a": "é"})
	if err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"a":"é","z":"1"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"b\u003c":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := string(tensorFile(header)) + "\xff\xff\xff\xff\xff\xff\xff\xff" + "\x00\x00\x80\x3f\x00\x00\x00\xc0"
	if got.String() != want {
		t.Errorf("got\n%q, want\n%q", got.String(), want)
	}
}

func TestReadSafetensorsTypes(t *testing.T) {
	for _, c := range []struct {
		dtype   string
		payload []byte
		want    Array
	}{
		{"F64", []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, Array{F64: []float64{1}}},
		{"F32", []byte{0, 0, 0x20, 0xc0}, Array{F32: []float32{-2.5}}},
		{"F16", []byte{0x00, 0xc1}, Array{F32: []float32{-2.5}}},
		{"BF16", []byte{0x20, 0xc0}, Array{F32: []float32{-2.5}}},
		{"I64", []byte{254, 255, 255, 255, 255, 255, 255, 255}, Array{I64: []int64{-2}}},
		{"I32", []byte{254, 255, 255, 255}, Array{I64: []int64{-2}}},
		{"U8", []byte{254}, Array{I64: []int64{254}}},
	} {
		header := `{"t":{"dtype":"` + c.dtype + `","shape":[1],"data_offsets":[0,` + string('0'+rune(len(c.payload))) + `]}}   `
		c.want.Name, c.want.Shape = "t", []int{1}
		got, metadata, err := ReadSafetensors(bytes.NewReader(tensorFile(header, c.payload...)))
		if diff := gocmp.Diff([]*Array{&c.want}, got); err != nil || metadata != nil || diff != "" {
			t.Errorf("%s: error %v, metadata %v, (-want +got)\n%s", c.dtype, err, metadata, diff)
		}
	}
}

// Tensors come in the order of their bytes, not of the header; empty ones and
// scalars have their place.
func TestReadSafetensorsOrder(t *testing.T) {
	got, metadata, err := ReadSafetensors(bytes.NewReader(tensorFile(
		`{"b":{"dtype":"U8","shape":[],"data_offsets":[2,3]},"__metadata__":{"k":"v"},"e":{"dtype":"F64","shape":[0,3],"data_offsets":[2,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 1, 2, 3)))
	if err != nil {
		t.Fatal(err)
	}
	want := []*Array{{Name: "a", Shape: []int{2}, I64: []int64{1, 2}}, {Name: "e", Shape: []int{0, 3}, F64: []float64{}}, {Name: "b", Shape: []int{}, I64: []int64{3}}}
	if diff := gocmp.Diff(want, got); diff != "" || metadata["k"] != "v" {
		t.Errorf("metadata %v, (-want +got)\n%s", metadata, diff)
	}
}

func TestReadSafetensorsErrors(t *testing.T) {
	const a = `"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}`
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "cut short"},
		{"cut in the length", []byte{1, 0}, "cut short"},
		{"cut in the header", tensorFile("{" + a + "}")[:20], "cut short"},
		{"cut in the numbers", tensorFile("{"+a+"}", 1), `tensor "a": the file is cut short`},
		{"bytes after", tensorFile("{"+a+"}", 1, 2, 3), "bytes follow"},
		{"huge header", []byte("a,b\n1,2\n3,4\n"), "no safetensors file"},
		{"not JSON", tensorFile("hello"), "not a JSON object"},
		{"an array", tensorFile("[]"), "not a JSON object"},
		{"not UTF-8", tensorFile("{\"\xff\":1}"), "not a JSON object"},
		{"open object", tensorFile("{" + a), "EOF"},
		{"two objects", tensorFile("{}{}"), "follows the JSON object"},
		{"name twice", tensorFile("{"+a+","+a+"}", 1, 2), "twice"},
		{"not an object", tensorFile(`{"a":1}`), `tensor "a"`},
		{"no shape", tensorFile(`{"a":{"dtype":"U8","data_offsets":[0,2]}}`, 1, 2), "are needed"},
		{"no offsets", tensorFile(`{"a":{"dtype":"U8","shape":[2]}}`, 1, 2), "are needed"},
		{"three offsets", tensorFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1,2]}}`, 1, 2), "are needed"},
		{"dtype", tensorFile(`{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}`, 1, 2), `dtype "BOOL"`},
		{"negative length", tensorFile(`{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}`, 1, 2), "negative"},
		{"fraction", tensorFile(`{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,2]}}`, 1, 2), "1.5"},
		{"overflow", tensorFile(`{"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`), "too large"},
		{"offsets do not fit", tensorFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,3]}}`, 1, 2, 3), "needs 2 bytes"},
		{"offsets reversed", tensorFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}`, 1, 2), "do not fit"},
		{"negative offset", tensorFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[-2,0]}}`, 1, 2), "do not fit"},
		{"overlap", tensorFile(`{`+a+`,"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 1, 2, 3), "inside the one before"},
		{"gap", tensorFile(`{`+a+`,"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}`, 1, 2, 3, 4), "bytes 2 to 3 belong to no tensor"},
		{"out of range", tensorFile(`{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, 1, 2), "cut short"},
		{"metadata not text", tensorFile(`{"__metadata__":{"a":1}}`), "not text"},
		{"metadata null", tensorFile(`{"__metadata__":{"a":null}}`), "not text"},
		{"metadata list", tensorFile(`{"__metadata__":[]}`), "object is missing"},
	} {
		got, _, err := ReadSafetensors(bytes.NewReader(c.file))
		if err == nil {
			t.Errorf("%s: read %+v, want an error", c.name, got)
		} else if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "dataio: read safetensors: ") {
			t.Errorf("%s: error %q does not say %q", c.name, err, c.want)
		}
	}
	one := func(name string) *Array { return &Array{Name: name, F64: []float64{1}} }
	for name, tensors := range map[string][]*Array{"reserved": {one("__metadata__")}, "twice": {one("a"), one("a")}, "bytes": {one("\xff")}} {
		if err := WriteSafetensors(&bytes.Buffer{}, tensors, nil); err == nil {
			t.Errorf("%s: names were written", name)
		}
	}
	if err := WriteSafetensors(&bytes.Buffer{}, nil, map[string]string{"a": "\xff"}); err == nil {
		t.Error("metadata that is not UTF-8 was written")
	}
}

// Law: write then read is the identity up to order, and the header keeps
// every number aligned to its size.
func TestSafetensorsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tensors := rapid.SliceOfNDistinct(rapid.Custom(drawArray), 0, 4, func(a *Array) string { return a.Name }).Draw(t, "tensors")
		metadata := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "metadata")
		var file bytes.Buffer
		if err := WriteSafetensors(&file, tensors, metadata); err != nil {
			t.Fatal(err)
		}
		if header := binary.LittleEndian.Uint64(file.Bytes()); header%8 != 0 {
			t.Fatalf("header of %d bytes", header)
		}
		got, gotMetadata, err := ReadSafetensors(&file)
		if err != nil || len(got) != len(tensors) || len(gotMetadata) != len(metadata) {
			t.Fatalf("read %d of %d tensors, metadata %q: %v", len(got), len(tensors), gotMetadata, err)
		}
		for k, v := range metadata {
			if gotMetadata[k] != v {
				t.Fatalf("metadata %q: wrote %q, read %q", k, v, gotMetadata[k])
			}
		}
		at := 0
		for _, g := range got {
			if size := g.storage().size; at%size != 0 {
				t.Fatalf("tensor %q begins at byte %d", g.Name, at)
			} else {
				at += size * g.Len()
			}
		}
		byName := func(a, b *Array) int { return cmp.Compare(a.Name, b.Name) }
		slices.SortFunc(got, byName)
		slices.SortFunc(tensors, byName)
		if !slices.EqualFunc(got, tensors, sameArray) {
			t.Fatalf("wrote %+v, read %+v", tensors, got)
		}
	})
}

// bfloat16 is the upper half of a float32, so widening it is exact.
func TestBFloat16(t *testing.T) {
	for bits := range 1 << 16 {
		var a Array
		if err := (element{kind: 'b', size: 2}).read(bytes.NewReader([]byte{byte(bits), byte(bits >> 8)}), &a, 1, true); err != nil {
			t.Fatal(err)
		}
		if got := math.Float32bits(a.F32[0]); got != uint32(bits)<<16 {
			t.Fatalf("%#x read as %#x", bits, got)
		}
	}
}

// Whatever the bytes, tensors read are well-formed and survive the writer.
func FuzzReadSafetensors(f *testing.F) {
	f.Add(tensorFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 1, 2))
	f.Add(tensorFile(`{"__metadata__":{"k":"v"},"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}`, 1, 2))
	f.Add(tensorFile(`{}  `))
	f.Fuzz(func(t *testing.T, file []byte) {
		tensors, metadata, err := ReadSafetensors(bytes.NewReader(file))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteSafetensors(&b, tensors, metadata); err != nil {
			t.Fatal(err)
		}
		back, _, err := ReadSafetensors(&b)
		if err != nil || len(back) != len(tensors) {
			t.Fatalf("%d tensors read back as %d, %v", len(tensors), len(back), err)
		}
	})
}
