package dataio

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// npyOf is the npy file of an array.
func npyOf(t testing.TB, a *Array) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteNPY(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipOf packs entries with the standard library's writer.
func zipOf(t testing.TB, method uint16, entries ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: entries[i].(string), Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(entries[i+1].([]byte)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// handmadeZip stores one entry, its sizes in zip64 fields as numpy.savez has
// them; plain and packed are the sizes claimed for the content.
func handmadeZip(name string, content []byte, plain, packed uint64) []byte {
	le := binary.LittleEndian
	entry := func(b []byte, central bool) []byte {
		if central {
			b = append(b, "PK\x01\x02\x2d\x00"...)
		} else {
			b = append(b, "PK\x03\x04"...)
		}
		b = append(b, 45, 0, 0, 0, 0, 0, 0, 0, 0x21, 0) // version, flags, stored, 1980-01-01
		b = le.AppendUint32(b, crc32.ChecksumIEEE(content))
		b = append(b, "\xff\xff\xff\xff\xff\xff\xff\xff"...) // sizes: see zip64
		b = le.AppendUint16(b, uint16(len(name)))
		b = le.AppendUint16(b, 20)
		if central {
			b = append(b, make([]byte, 14)...) // comment, disk, attributes, offset 0
		}
		b = append(b, name...)
		b = append(b, 1, 0, 16, 0)
		b = le.AppendUint64(b, plain)
		return le.AppendUint64(b, packed)
	}
	file := append(entry(nil, false), content...)
	directory := len(file)
	file = entry(file, true)
	size := len(file) - directory
	file = append(file, "PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00"...)
	file = le.AppendUint32(file, uint32(size))
	file = le.AppendUint32(file, uint32(directory))
	return append(file, 0, 0)
}

func TestReadNPZ(t *testing.T) {
	x := &Array{Name: "x", Shape: []int{2, 2}, F64: []float64{1, 2, 3, 4}}
	w := &Array{Name: "logw", Shape: []int{2}, F32: []float32{0, -1}}
	for name, file := range map[string][]byte{
		"stored":   zipOf(t, zip.Store, "x.npy", npyOf(t, x), "logw.npy", npyOf(t, w)),
		"deflated": zipOf(t, zip.Deflate, "x.npy", npyOf(t, x), "logw.npy", npyOf(t, w)),
	} {
		path := put(t, "a.npz", file)
		got, err := ReadNPZ(path)
		if diff := cmp.Diff([]*Array{x, w}, got); err != nil || diff != "" {
			t.Errorf("%s: error %v, (-want +got)\n%s", name, err, diff)
		}
		table, err := ReadTable(path, nil)
		if diff := cmp.Diff(&Table{Names: []string{"x[0]", "x[1]"}, Rows: 2, Data: []float64{1, 2, 3, 4}}, table); err != nil || diff != "" {
			t.Errorf("%s: table: error %v, (-want +got)\n%s", name, err, diff)
		}
	}
	// a zip64 entry built by hand, as the only array of the archive
	content := npyOf(t, x)
	got, err := ReadTable(put(t, "b.npz", handmadeZip("points.npy", content, uint64(len(content)), uint64(len(content)))), []string{"x[1]"})
	if diff := cmp.Diff(&Table{Names: []string{"x[1]"}, Rows: 2, Data: []float64{2, 4}}, got); err != nil || diff != "" {
		t.Errorf("zip64: error %v, (-want +got)\n%s", err, diff)
	}
	// arrays that are not asked for may be of any type
	file := zipOf(t, zip.Store, "names.npy", npyFile(1, dict("<U3", "False", "(1,)"), make([]byte, 12)), "x.npy", npyOf(t, x))
	if _, err := ReadTable(put(t, "c.npz", file), nil); err != nil {
		t.Errorf("beside an array of text: %v", err)
	}
}

func TestReadNPZErrors(t *testing.T) {
	content := npyOf(t, &Array{Shape: []int{2, 2}, F64: []float64{1, 2, 3, 4}})
	good := zipOf(t, zip.Store, "x.npy", content)
	flipped := bytes.Clone(good)
	flipped[bytes.Index(good, content)+len(content)-1] ^= 1
	size := uint64(len(content))
	terabyte := npyFile(1, dict("<f8", "False", "(137438953472, 1)"), nil)
	claims := npyFile(1, dict("<f8", "False", "(4000000, 1)"), nil)
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty file", nil, "not an npz"},
		{"not a zip", []byte("a,b\n1,2\n"), "not an npz"},
		{"cut short", good[:len(good)-1], "not an npz"},
		{"no arrays", zipOf(t, zip.Store), "archive is empty"},
		{"no x among several", zipOf(t, zip.Store, "a.npy", content, "b.npy", content), "a, b and none named x"},
		{"name twice", zipOf(t, zip.Store, "x.npy", content, "x.npy", content), "twice"},
		{"not an array", zipOf(t, zip.Store, "readme.txt", content), "not an npy array"},
		{"array cut short", zipOf(t, zip.Deflate, "x.npy", content[:len(content)-8]), `array "x": npy header: shape [2 2] needs 32 bytes, the file holds 24`},
		{"array too long", zipOf(t, zip.Deflate, "x.npy", append(bytes.Clone(content), 0)), "needs 32 bytes, the file holds 33"},
		{"damaged number", flipped, "checksum"},
		{"zip64 size too large", handmadeZip("x.npy", content, 1<<62, size), "cannot hold"},
		{"zip64 size off by one", handmadeZip("x.npy", content, size+1, size), "cannot hold"},
		{"zip64 sizes beyond the file", handmadeZip("x.npy", terabyte, 1<<40+uint64(len(terabyte)), 1<<40+uint64(len(terabyte))), "cannot hold"},
		{"header claims more", handmadeZip("x.npy", claims, uint64(len(claims)), uint64(len(claims))), "needs 32000000 bytes, the file holds 0"},
	} {
		path := put(t, "a.npz", c.file)
		if got, err := ReadTable(path, nil); err == nil {
			t.Errorf("%s: read %+v, want an error", c.name, got)
		} else if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "dataio: "+path+": ") {
			t.Errorf("%s: error %q does not say %q", c.name, err, c.want)
		}
	}
	// a deflated entry cannot claim more than its bytes can unpack to
	e := &zip.File{FileHeader: zip.FileHeader{Name: "x.npy", Method: zip.Deflate, CompressedSize64: 100, UncompressedSize64: 101 * maxInflate}}
	if err := checkEntry(e, 1000); err == nil {
		t.Error("a deflate bomb passed")
	}
	for _, e := range []zip.FileHeader{{Name: "x.npy", Method: 12}, {Name: "x.npy", Flags: 1}} {
		if err := checkEntry(&zip.File{FileHeader: e}, 1000); err == nil {
			t.Errorf("%+v passed", e)
		}
	}
	if err := WriteNPZ(&bytes.Buffer{}, []*Array{{Name: "x", F64: []float64{1}}, {Name: "x", F64: []float64{1}}}); err == nil {
		t.Error("two arrays of one name were written")
	}
}

// Law: write then read is the identity, and equal arrays give equal bytes.
func TestNPZRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var arrays []*Array
		used := map[string]bool{}
		for range rapid.IntRange(1, 3).Draw(t, "arrays") {
			if a := drawArray(t); !used[a.Name] {
				used[a.Name] = true
				arrays = append(arrays, a)
			}
		}
		var first, second bytes.Buffer
		for _, b := range []*bytes.Buffer{&first, &second} {
			if err := WriteNPZ(b, arrays); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatal("two writes of the same arrays differ")
		}
		got, err := readNPZ(bytes.NewReader(first.Bytes()), int64(first.Len()))
		if err != nil || len(got) != len(arrays) {
			t.Fatalf("read %d of %d arrays: %v", len(got), len(arrays), err)
		}
		for i, a := range arrays {
			if !sameArray(a, got[i]) {
				t.Fatalf("wrote %+v, read %+v", a, got[i])
			}
		}
	})
}

// The bytes of an archive may not change with the version of the standard
// library unnoticed: checksum of a small one, pinned.
func TestWriteNPZPinned(t *testing.T) {
	var b bytes.Buffer
	if err := WriteNPZ(&b, []*Array{{Name: "x", Shape: []int{1}, F64: []float64{1}}}); err != nil {
		t.Fatal(err)
	}
	const want = 0x251ce109
	if got := crc32.ChecksumIEEE(b.Bytes()); got != want {
		t.Errorf("checksum %#x, want %#x: files of equal runs would differ from those of earlier versions", got, want)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	e := z.File[0]
	if e.Name != "x.npy" || e.Method != zip.Store || !e.Modified.Equal(zipTime) {
		t.Errorf("entry %q, method %d, time %v", e.Name, e.Method, e.Modified)
	}
}

// Whatever the bytes, the arrays read are well-formed and survive the writer.
func FuzzReadNPZ(f *testing.F) {
	x := npyOf(f, &Array{Shape: []int{2}, F64: []float64{1, 2}})
	f.Add(zipOf(f, zip.Store, "x.npy", x))
	f.Add(zipOf(f, zip.Deflate, "x.npy", x, "y.npy", x))
	f.Add(handmadeZip("x.npy", x, uint64(len(x)), uint64(len(x))))
	f.Fuzz(func(t *testing.T, file []byte) {
		arrays, err := readNPZ(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		for _, a := range arrays {
			if err := a.check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
