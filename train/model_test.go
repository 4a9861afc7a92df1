package train

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"abide/dataio"
	"abide/internal/engine"
	"abide/prior"
)

func table(n int) *dataio.Table {
	return &dataio.Table{Names: []string{"a", "b"}, Rows: n, Data: rows(n, 0.5, 0)}
}

func coordinates() prior.Coordinates {
	return prior.Coordinates{Names: []string{"a", "b"}, Shift: []float64{1, 2}, Scale: []float64{3, 0.5}}
}

func trained(t *testing.T) *Model {
	t.Helper()
	tab := table(60)
	tr := trainer(t, tab.Data, small())
	if err := every(tr, 20).Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return tr.Model(tab, coordinates())
}

func save(t *testing.T, m *Model) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := dataio.WriteFile(path, m.Write); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestModelRoundTrip(t *testing.T) {
	m := trained(t)
	path := save(t, m)
	back, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Card, m.Card) {
		t.Errorf("the card is %+v, was %+v", back.Card, m.Card)
	}
	if back.Card.HeldoutLoss <= 0 || back.Card.BestStep < 20 || back.Card.Rows != 60 {
		t.Errorf("the card says %+v", back.Card)
	}
	for i, w := range m.Network.Weights() {
		if !slices.Equal(back.Network.Weights()[i].Data, w.Data) {
			t.Errorf("weights %s differ", w.Name)
		}
	}
	// The same bytes again, and the same denoiser.
	var a, b bytes.Buffer
	if err := m.Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := back.Write(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("written again, the file differs")
	}
	var out [2][]float64
	for i, m := range []*Model{m, back} {
		p, err := m.Prior(table(60), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		f := openGo(t).NewFunction("denoise", p.DType, func(in []*engine.Node) []*engine.Node {
			return []*engine.Node{p.Denoiser.Denoise(in[0], in[1])}
		})
		y, err := f.Call(engine.Rows([]float64{0.3, -1}, 2), engine.Scalar(0.5))
		if err != nil {
			t.Fatal(err)
		}
		out[i] = y[0].F64
		if p.Fingerprint != m.Card.Fingerprint || !reflect.DeepEqual(p.Coordinates, coordinates()) {
			t.Errorf("the prior has fingerprint %s and coordinates %+v", p.Fingerprint, p.Coordinates)
		}
	}
	if !slices.Equal(out[0], out[1]) {
		t.Errorf("denoised %v, before %v", out[1], out[0])
	}
}

func TestReadMatching(t *testing.T) {
	m := trained(t)
	path := save(t, m)
	if got, err := ReadMatching(path, m.Card.Fingerprint); err != nil || got == nil {
		t.Errorf("its own fingerprint: %v, %v", got, err)
	}
	if got, err := ReadMatching(path, "other"); err != nil || got != nil {
		t.Errorf("another fingerprint: %v, %v", got, err)
	}
	if got, err := ReadMatching(path+".none", "other"); err != nil || got != nil {
		t.Errorf("no file: %v, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("junk"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadMatching(path, "other"); err == nil || got != nil {
		t.Errorf("junk: %v, %v", got, err)
	}
}

func TestCorruptedModels(t *testing.T) {
	m := trained(t)
	raw, err := os.ReadFile(save(t, m))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, raw []byte, want string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "broken.safetensors")
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path)
		if err == nil || got != nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v", what, got, err)
		}
	}
	refused("an empty file", nil, "train: model")
	for n := 1; n < len(raw); n += 1 + len(raw)/50 {
		refused("a truncated file", raw[:n], "train: model")
	}
	arrays, meta, err := dataio.ReadSafetensors(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	write := func(arrays []*dataio.Array, meta map[string]string) []byte {
		var b bytes.Buffer
		if err := dataio.WriteSafetensors(&b, arrays, meta); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for i, a := range arrays {
		without := append(append([]*dataio.Array(nil), arrays[:i]...), arrays[i+1:]...)
		refused("without "+a.Name, write(without, meta), `"`+a.Name+`"`)
	}
	refused("without a card", write(arrays, nil), "no card")
	refused("a card that is no JSON", write(arrays, map[string]string{"card": "{"}), "no card")
	for what, change := range map[string]func(*Card){
		"another schema":  func(c *Card) { c.Schema = "abide.prior/0" },
		"no columns":      func(c *Card) { c.Columns = nil },
		"a shift missing": func(c *Card) { c.Shift = c.Shift[:1] },
		"a scale missing": func(c *Card) { c.Scale = nil },
		"no width":        func(c *Card) { c.Settings.Network.Width = 0 },
		"negative depth":  func(c *Card) { c.Settings.Network.Depth = -1 },
		"no embedding":    func(c *Card) { c.Settings.Network.Embedding = 0 },
		"wider":           func(c *Card) { c.Settings.Network.Width++ },
		"deeper":          func(c *Card) { c.Settings.Network.Depth++ },
		"far too wide":    func(c *Card) { c.Settings.Network.Width = 1 << 40 },
		"one column more": func(c *Card) {
			c.Columns, c.Shift, c.Scale = append(slices.Clone(c.Columns), "c"), append(slices.Clone(c.Shift), 0), append(slices.Clone(c.Scale), 1)
		},
	} {
		card := m.Card
		change(&card)
		text, err := json.Marshal(card)
		if err != nil {
			t.Fatal(err)
		}
		refused(what, write(arrays, map[string]string{"card": string(text)}), "train it again")
	}
}

// Any change of data, names or settings is another model.
func TestFingerprint(t *testing.T) {
	s := small()
	base := Fingerprint(table(60), s)
	if Fingerprint(table(60), s) != base {
		t.Error("the same data and settings have two fingerprints")
	}
	seen := map[string]string{base: "the original"}
	another := func(what, f string) {
		t.Helper()
		if was, ok := seen[f]; ok {
			t.Errorf("%s has the fingerprint of %s", what, was)
		}
		seen[f] = what
	}
	cell := table(60)
	cell.Data[17] += 1e-12
	another("a cell changed", Fingerprint(cell, s))
	names := table(60)
	names.Names = []string{"a", "c"}
	another("a column renamed", Fingerprint(names, s))
	another("a row less", Fingerprint(&dataio.Table{Names: []string{"a", "b"}, Rows: 59, Data: table(60).Data[:118]}, s))
	another("another shape", Fingerprint(&dataio.Table{Names: []string{"a", "b", "c"}, Rows: 40, Data: table(60).Data}, s))
	changeEach(t, "setting", reflect.ValueOf(&s).Elem(), func(what string) { another("another "+what, Fingerprint(table(60), s)) })
}

// changeEach changes one field at a time, those of structs within too.
func changeEach(t *testing.T, path string, v reflect.Value, changed func(what string)) {
	t.Helper()
	for i := range v.NumField() {
		name := path + "." + v.Type().Field(i).Name
		kept := reflect.ValueOf(v.Field(i).Interface())
		switch f := v.Field(i); f.Kind() {
		case reflect.Struct:
			changeEach(t, name, f, changed)
			continue
		case reflect.String:
			f.SetString(f.String() + "x")
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Int:
			f.SetInt(f.Int() + 1)
		case reflect.Uint64:
			f.SetUint(f.Uint() + 1)
		case reflect.Float64:
			f.SetFloat(f.Float() + 0.001)
		default:
			t.Fatalf("%s is of a kind this test does not know", name)
		}
		changed(name)
		v.Field(i).Set(kept)
	}
}
