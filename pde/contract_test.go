package pde

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// contractValues make a kind small enough for every test; a kind that is not listed has
// its parameter "grid", if any, set to 16 at most.
var contractValues = map[string]Values{}

func contractSmall(k Kind) Values {
	if v, ok := contractValues[k.Name]; ok {
		return v
	}
	v := Values{}
	if p, ok := k.parameter("grid"); ok {
		if n, ok := p.Default.(int); ok && n > 16 {
			v["grid"] = max(16, int(p.Min))
		}
	}
	return v
}

func contractEach(t *testing.T, test func(t *testing.T, k Kind, f Family)) {
	for _, k := range Table {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			f, err := k.Make(contractSmall(k))
			if err != nil {
				t.Fatal(err)
			}
			test(t, k, f)
		})
	}
}

func contractDraw(t *testing.T, f Family, seed uint64, index int) Sample {
	t.Helper()
	s, err := f.Draw(context.Background(), seed, index)
	if err != nil {
		t.Fatalf("sample %d of seed %d: %v", index, seed, err)
	}
	return s
}

func contractSame(a, b Sample) bool {
	return slices.EqualFunc(a, b, func(x, y []float64) bool {
		return slices.EqualFunc(x, y, func(p, q float64) bool { return math.Float64bits(p) == math.Float64bits(q) })
	})
}

// Names are unique and fit for files and command lines, and nothing that people read is
// left empty.
func TestContractDescriptions(t *testing.T) {
	seen := map[string]bool{}
	plain := func(name string) bool {
		return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && name[0] >= 'a' && name[0] <= 'z'
	}
	for _, k := range Table {
		if !plain(k.Name) || seen[k.Name] {
			t.Errorf("name %q: lower-case letters, digits and hyphens, once each", k.Name)
		}
		seen[k.Name] = true
		if k.Equation == "" || k.Scheme == "" || k.Source == "" {
			t.Errorf("%s: equation %q, scheme %q, source %q: none is empty", k.Name, k.Equation, k.Scheme, k.Source)
		}
		names := map[string]bool{}
		for _, p := range k.Parameters {
			if !plain(p.Name) || names[p.Name] || p.Doc == "" {
				t.Errorf("%s: parameter %q, %q: a name once each, and a line about it", k.Name, p.Name, p.Doc)
			}
			names[p.Name] = true
			if err := p.check(p.Default); err != nil {
				t.Errorf("%s: the default is refused: %v", k.Name, err)
			}
		}
	}
	contractEach(t, func(t *testing.T, k Kind, f Family) {
		arrays, rows := f.Arrays(), f.Rows()
		if len(arrays) == 0 || len(rows) == 0 {
			t.Fatalf("%d arrays, %d rows", len(arrays), len(rows))
		}
		names := map[string]bool{}
		for _, a := range arrays {
			if a.Name == "" || names[a.Name] || a.Doc == "" || a.Size() < 1 {
				t.Errorf("array %+v: a name once each, a line about it, and numbers", a)
			}
			names[a.Name] = true
		}
		names = map[string]bool{}
		for _, r := range rows {
			if r.Name == "" || names[r.Name] || r.Doc == "" || r.Size < 1 || !(r.Unit > 0) || math.IsInf(r.Unit, 1) {
				t.Errorf("row %+v: a name once each, a line about it, residuals and a unit", r)
			}
			names[r.Name] = true
		}
	})
}

// Parameters are checked by name, type and bounds; families with the defaults, and with
// each allowed text, can be made.
func TestContractParameters(t *testing.T) {
	for _, k := range Table {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			if _, err := k.Make(nil); err != nil {
				t.Errorf("defaults: %v", err)
			}
			if _, err := k.Make(Values{"no such parameter": 1}); err == nil {
				t.Error("an unknown parameter: no error")
			}
			for _, p := range k.Parameters {
				var bad []any
				switch p.Default.(type) {
				case string:
					bad = []any{"no such text", 1}
				case int:
					bad = []any{int(p.Min) - 1, "text", 0.5}
				default:
					bad = []any{p.Min - 1, p.Max * 2, math.NaN(), "text"}
				}
				for _, b := range bad {
					if _, err := k.Make(Values{p.Name: b}); err == nil {
						t.Errorf("%s = %v: no error", p.Name, b)
					}
				}
				for _, text := range p.Allowed {
					v := Values{p.Name: text}
					for name, x := range contractSmall(k) {
						if name != p.Name {
							v[name] = x
						}
					}
					f, err := k.Make(v)
					if err != nil {
						t.Errorf("%s = %s: %v", p.Name, text, err)
						continue
					}
					contractTrue(t, f, 0)
				}
			}
		})
	}
}

// contractTrue checks a sample of its own data.
func contractTrue(t *testing.T, f Family, index int) {
	t.Helper()
	violations, err := Check(f, contractDraw(t, f, 11, index))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		if !(v.Worst <= 1e-10) {
			t.Errorf("sample %d, row %s: residual %g of %g at place %d", index, v.Row.Name, v.Worst, v.Row.Unit, v.Place)
		}
	}
}

// Every family's data satisfy its own rows.
func TestContractData(t *testing.T) {
	contractEach(t, func(t *testing.T, k Kind, f Family) {
		for i := range 3 {
			contractTrue(t, f, i)
		}
		for i, a := range contractDraw(t, f, 11, 0) {
			for _, v := range a {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("array %s has %g", f.Arrays()[i].Name, v)
				}
			}
		}
	})
}

// A sample is named by (seed, index): the order, the goroutine, the family object and
// the batch it is drawn with do not change a bit of it, and other names give others.
func TestContractReproducible(t *testing.T) {
	contractEach(t, func(t *testing.T, k Kind, f Family) {
		const n = 5
		var want [n]Sample
		for i := range n {
			want[i] = contractDraw(t, f, 7, i)
		}
		if contractSame(want[0], want[1]) || contractSame(want[0], contractDraw(t, f, 8, 0)) {
			t.Error("different names give the same sample")
		}
		other, err := k.Make(contractSmall(k))
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for i := n - 1; i >= 0; i-- {
			wait.Go(func() {
				for _, g := range []Family{f, other} {
					if s, err := g.Draw(context.Background(), 7, i); err != nil || !contractSame(s, want[i]) {
						t.Errorf("sample %d is another one when drawn beside others (%v)", i, err)
					}
				}
			})
		}
		wait.Wait()
		b, ok := f.(Batched)
		if !ok {
			return
		}
		if b.Batch() < 1 {
			t.Errorf("batches of %d", b.Batch())
		}
		for _, c := range [][2]int{{0, n}, {2, 1}, {1, 3}, {0, 0}} {
			batch, err := b.DrawBatch(context.Background(), 7, c[0], c[1])
			if err != nil || len(batch) != c[1] {
				t.Fatalf("batch of %d from %d: %d samples, %v", c[1], c[0], len(batch), err)
			}
			for i, s := range batch {
				if !contractSame(s, want[c[0]+i]) {
					t.Errorf("sample %d is another one in a batch of %d from %d", c[0]+i, c[1], c[0])
				}
			}
		}
	})
}

// A cancelled context stops a draw, or a draw is too short to look.
func TestContractCancel(t *testing.T) {
	contractEach(t, func(t *testing.T, k Kind, f Family) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := f.Draw(ctx, 1, 0); err == nil {
			t.Error("no error of a cancelled draw")
		}
	})
}

// The rows see every array: noise of a thousandth of its size is noticed by some row,
// and so is one number that is none.
func TestContractSensitive(t *testing.T) {
	contractEach(t, func(t *testing.T, k Kind, f Family) {
		r := rand.New(rand.NewPCG(1, 2))
		worst := func(s Sample) float64 {
			violations, err := Check(f, s)
			if err != nil {
				t.Fatal(err)
			}
			w := 0.0
			for _, v := range violations {
				if math.IsNaN(v.Worst) {
					return v.Worst
				}
				w = max(w, v.Worst)
			}
			return w
		}
		for i, a := range f.Arrays() {
			s := contractDraw(t, f, 3, 0)
			size := 0.0
			for _, v := range s[i] {
				size = max(size, math.Abs(v))
			}
			if size == 0 {
				t.Errorf("array %s is all zero", a.Name)
				continue
			}
			for j := range s[i] {
				s[i][j] += 1e-3 * size * (0.5 + r.Float64())
			}
			if w := worst(s); !(w > 1e-8) {
				t.Errorf("array %s off by 1e-3: residual %g", a.Name, w)
			}
			s = contractDraw(t, f, 3, 0)
			s[i][len(s[i])/2] = math.NaN()
			if w := worst(s); !math.IsNaN(w) {
				t.Errorf("array %s with a NaN: residual %g", a.Name, w)
			}
		}
		s := contractDraw(t, f, 3, 0)
		s[0] = s[0][1:]
		if _, err := Check(f, s); err == nil {
			t.Error("an array that is too short: no error")
		}
	})
}
