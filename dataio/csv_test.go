package dataio

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// put writes a file into a fresh folder and returns its path.
func put(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadCSV(t *testing.T) {
	want := &Table{Names: []string{"a", "b"}, Rows: 2, Data: []float64{1, -2.5, 3e4, 0}}
	for _, c := range []struct {
		name, text string
		columns    []string
		want       *Table
	}{
		{"plain", "a,b\n1,-2.5\n3e4,0\n", nil, want},
		{"no line end at the end", "a,b\n1,-2.5\n3e4,0", nil, want},
		{"CRLF", "a,b\r\n1,-2.5\r\n3e4,0\r\n", nil, want},
		{"byte-order mark", "\xef\xbb\xbfa,b\n1,-2.5\n3e4,0\n", nil, want},
		{"quoted cells and names", "\"a\",\"b\"\n\"1\",\"-2.5\"\n3e4,0\n", nil, want},
		{"blanks around cells", " a , b\n 1 ,-2.5\n 3e4, \"0\"\n", nil, want},
		{"blank lines", "\na,b\n\n1,-2.5\n3e4,0\n\n\n", nil, want},
		{"text columns are left out", "id,a,note,b\nx,1,,-2.5\ny,3e4,,0\n", nil, want},
		{"a text column with some numbers in it", "a,code,b\n1,7,-2.5\n3e4,7b,0\n", nil, want},
		{"wanted columns in the wanted order", "b,c,a\n-2.5,NA,1\n0,,3e4\n", []string{"a", "b"}, want},
		{"comma inside a name", "\"a,b\"\n1\n", nil, &Table{Names: []string{"a,b"}, Rows: 1, Data: []float64{1}}},
		{"underflow is zero", "a\n1e-999\n", nil, &Table{Names: []string{"a"}, Rows: 1, Data: []float64{0}}},
	} {
		got, err := ReadTable(put(t, "in.csv", []byte(c.text)), c.columns)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

// Every message must begin with file and line, and name place and remedy.
func TestReadCSVErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		columns    []string
		line       string
		want       []string
	}{
		{"empty file", "", nil, ":1:", []string{"empty", "header line"}},
		{"blank file", "\n\n", nil, ":1:", []string{"empty"}},
		{"only a byte-order mark", "\xef\xbb\xbf", nil, ":1:", []string{"empty"}},
		{"header only", "a,b\n", nil, ":1:", []string{"no rows", "add one line"}},
		{"short row", "a,b\n1,2\n3\n", nil, ":3:", []string{"1 cells where the header has 2"}},
		{"long row", "a,b\n1,2,3\n", nil, ":2:", []string{"3 cells", "quotes"}},
		{"empty cell", "a,b\n1,2\n3,\n5,6\n", nil, ":3:", []string{`column "b"`, "empty", "fill it in"}},
		{"empty cell in a wanted column", "a,b\n1,\n", []string{"b"}, ":2:", []string{`column "b"`, "empty"}},
		{"NaN", "a\n1\nNaN\n2\n", nil, ":3:", []string{`column "a"`, "NaN is not a finite number"}},
		{"infinity", "a\n1\n-inf\n2\n", nil, ":3:", []string{"-inf is not a finite number"}},
		{"too large", "a\n1\n1e999\n2\n", nil, ":3:", []string{"1e999 is too large", "unit"}},
		{"a slip in a numeric column", "a,b\n1,2\n1,x4\n1,5\n", nil, ":3:", []string{`column "b"`, `"x4" is not a number`, "correct the cell"}},
		{"mostly missing numbers", "a,b\n1,\n1,\n1,5\n", nil, ":2:", []string{`column "b"`, "empty"}},
		{"text in a wanted column", "a,b\n1,red\n", []string{"b"}, ":2:", []string{`"red" is not a number`}},
		{"Go number syntax", "a,b\n1,0x10\n2,3\n2,3\n", nil, ":2:", []string{`"0x10"`}},
		{"decimal comma", "a,b\n1,\"1,5\"\n2,2\n2,2\n", nil, ":2:", []string{"decimal point: 1.5"}},
		{"line numbers count quoted line ends", "a,b\n1,\"2\n\"\n1,2\n1,x\n", nil, ":5:", []string{`"x"`}},
		{"all text", "a,b\nx,y\n", nil, ":1:", []string{"no column of numbers", `"x"`}},
		{"duplicate names", "a,b,a\n1,2,3\n", nil, ":1:", []string{"columns 1 and 3", `"a"`, "rename"}},
		{"empty name", ",a\n0,1\n", nil, ":1:", []string{"column 1 has no name", "index=False"}},
		{"no header", "1,2\n3,4\n", nil, ":1:", []string{"numbers only", "column names"}},
		{"missing column", "water,cement\n1,2\n", []string{"watr"}, ":1:", []string{`no column "watr"`, `did you mean "water"?`, "water, cement"}},
		{"missing column, other case", "Water,cement\n1,2\n", []string{"water"}, ":1:", []string{`did you mean "Water"?`}},
		{"semicolons", "a;b\n1,5;2\n", nil, ":1:", []string{"semicolons", "commas"}},
		{"tabs", "a\tb\n1\t2\n", nil, ":1:", []string{"tabs", "commas"}},
		{"quote not closed", "a,b\n1,2\n\"3,4\n5,6\n", nil, ":3:", []string{"quote"}},
		{"quote inside a cell", "a,b\n1,2\n3\",4\n", nil, ":3:", []string{"quote"}},
		{"huge cell", "a,b\n1,2\n1," + strings.Repeat("7", maxCell+1) + "\n", nil, ":3:", []string{`column "b"`, "1048577 bytes"}},
		{"UTF-16", "\xff\xfea\x00", nil, ":1:", []string{"UTF-16", "UTF-8"}},
		{"Latin-1 name", "gr\xf6\xdfe\n1\n", nil, ":1:", []string{"UTF-8"}},
		{"CR line ends", "a,b\r1,2\r3,4\r", nil, ":1:", []string{"LF"}},
		{"spreadsheet", "PK\x03\x04rest", nil, ":1:", []string{"zip", "export"}},
		{"gzip", "\x1f\x8b\x08", nil, ":1:", []string{"gzip", "unpack"}},
		{"binary", "a,\x00\n", nil, ":1:", []string{"binary"}},
	} {
		path := put(t, "in.csv", []byte(c.text))
		got, err := ReadTable(path, c.columns)
		if err == nil {
			t.Errorf("%s: read %v, want an error", c.name, got)
			continue
		}
		for _, want := range append(c.want, "dataio: "+path+c.line) {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q does not say %q", c.name, err, want)
			}
		}
		if len(err.Error()) > len(path)+400 {
			t.Errorf("%s: error of %d bytes", c.name, len(err.Error()))
		}
	}
}

func TestReadTableRefusesPaths(t *testing.T) {
	good := put(t, "points.csv", []byte("a\n1\n"))
	folder := filepath.Dir(good)
	locked := filepath.Join(folder, "locked.csv")
	if err := os.WriteFile(locked, nil, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "dir.csv"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.DevNull, filepath.Join(folder, "null.npy")); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ path, want string }{
		{filepath.Join(folder, "point.csv"), `did you mean "points.csv"?`},
		{filepath.Join(folder, "nowhere", "p.csv"), "nor a folder"},
		{filepath.Join(folder, "dir.csv"), "is a folder"},
		{filepath.Join(folder, "null.npy"), "device"},
		{filepath.Join(folder, "points.xlsx"), "unknown extension"},
		{filepath.Join(folder, "points"), "unknown extension"},
	}
	if os.Getuid() != 0 { // root reads what it likes
		cases = append(cases, struct{ path, want string }{locked, "permissions"})
	}
	for _, c := range cases {
		if _, err := ReadTable(c.path, nil); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "dataio: "+c.path) {
			t.Errorf("%s: error %v, want %q", c.path, err, c.want)
		}
	}
	if _, err := ReadTable(good, []string{"a", "a"}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("column asked for twice: error %v", err)
	}
}

// Law: what is written reads back to the same bits, names included.
func TestCSVRoundTrip(t *testing.T) {
	name := rapid.StringMatching(`[a-zA-Zäé_][a-z0-9_ ,"';.]{0,8}[a-z0-9]`)
	finite := rapid.Custom(func(t *rapid.T) float64 {
		v := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return rapid.Float64Range(-1e6, 1e6).Draw(t, "v")
		}
		return v
	})
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(name, 1, 5, rapid.ID).Draw(t, "names")
		if len(names) == 1 {
			names = append(names, "second") // a lone "a;b" is refused as semicolon-separated
		}
		n := rapid.IntRange(1, 5).Draw(t, "rows")
		data := rapid.SliceOfN(finite, n*len(names), n*len(names)).Draw(t, "data")
		var text bytes.Buffer
		if err := WriteCSV(&text, names, data); err != nil {
			t.Fatal(err)
		}
		got, err := readCSV(&text, "f", nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Names, names) || got.Rows != n || !sameBits(got.Data, data) {
			t.Fatalf("wrote %q %v, read %+v", names, data, got)
		}
	})
}

// sameBits tells −0 from 0 and takes equal NaNs as equal.
func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func TestWriteCSVExact(t *testing.T) {
	var text bytes.Buffer
	err := WriteCSV(&text, []string{"a", "b c", "d,e"}, []float64{1e6, 0.1, math.Inf(-1), 1e-7, math.Copysign(0, -1), 1e300})
	if err != nil {
		t.Fatal(err)
	}
	want := "a,b c,\"d,e\"\n1000000,0.1,-Inf\n1e-07,-0,1e+300\n"
	if text.String() != want {
		t.Errorf("got %q, want %q", text.String(), want)
	}
	for _, names := range [][]string{nil, {"a", "a"}, {"a", ""}, {"a", "b", "c", "d"}} {
		if err := WriteCSV(&text, names, make([]float64, 6)); err == nil || !strings.HasPrefix(err.Error(), "dataio: write CSV: ") {
			t.Errorf("names %q: error %v", names, err)
		}
	}
}

func TestReadsTheConcreteData(t *testing.T) {
	const path = "../examples/concrete/concrete.csv"
	if _, err := os.Stat(path); err != nil {
		t.Skip("the example's data is not there: ", err)
	}
	got, err := ReadTable(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Rows != 1030 || len(got.Names) != 9 || !slices.Equal(got.Data[:9], []float64{540, 0, 0, 162, 2.5, 1040, 676, 28, 79.99}) {
		t.Errorf("read %d rows of %q beginning %v", got.Rows, got.Names, got.Data[:9])
	}
}

// Whatever the bytes, reading ends in a well-formed table of finite numbers or
// an error that names the file; a table read survives writing and reading.
func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\xef\xbb\xbfa\n\"1\"\r\n", "a;b\n", "a,t\n1,x\n,y\n", "\"", "a,b\n1\n", "0,1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readCSV(bytes.NewReader(text), "fuzz.csv", nil)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "dataio: fuzz.csv") {
				t.Fatalf("error %q names no file", err)
			}
			return
		}
		if got.Rows < 1 || len(got.Names) < 1 || len(got.Data) != got.Rows*len(got.Names) {
			t.Fatalf("malformed table %+v", got)
		}
		for _, v := range got.Data {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("read %v", v)
			}
		}
		var again bytes.Buffer
		if err := WriteCSV(&again, got.Names, got.Data); err != nil {
			t.Fatal(err)
		}
		back, err := readCSV(&again, "again.csv", got.Names)
		if err != nil {
			if strings.Contains(err.Error(), "separated by") || strings.Contains(err.Error(), "numbers only") {
				return // a lone name such as "a;b", or columns that lost their only non-numeric neighbour
			}
			t.Fatal(err)
		}
		if !slices.Equal(back.Names, got.Names) || !sameBits(back.Data, got.Data) {
			t.Fatalf("%+v read back as %+v", got, back)
		}
	})
}
