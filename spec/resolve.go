package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// writer writes blocks in canonical order.
type writer struct {
	bytes.Buffer
	path func(string) string         // how a path is written
	skip func(path, key string) bool // keys to leave out
}

// Resolved writes the spec with every default, in canonical order. It reads back
// as an equal spec from the same folder.
func (s *Spec) Resolved() []byte {
	return s.write(&writer{path: func(p string) string { return p }})
}

// ResolvedFor is Resolved for a file that will stand in another folder: relative
// paths are rewritten so that they lead to the same files.
func (s *Spec) ResolvedFor(folder string) ([]byte, error) {
	to, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("spec: %s: %w", folder, err)
	}
	from, err := filepath.Abs(s.dir)
	if err != nil {
		return nil, fmt.Errorf("spec: %s: %w", s.dir, err)
	}
	return s.write(&writer{path: func(p string) string {
		if filepath.IsAbs(p) {
			return p
		}
		full := filepath.Join(from, p)
		rel, err := filepath.Rel(to, full)
		if err != nil {
			return full // another volume: no relative path leads there
		}
		return filepath.ToSlash(rel)
	}}), nil
}

// Hash is the SHA-256 of what results depend on: the resolved spec without
// [report] and run.workers. Of paths only the last element counts, so that a run
// folder's own spec has the hash of the spec it came from. What files of measured
// and prescribed numbers hold counts too; a prior's data are told apart by its fingerprint.
func (s *Spec) Hash() string {
	sum := sha256.New()
	sum.Write(s.write(&writer{
		path: filepath.Base,
		skip: func(path, key string) bool { return path == "report" || (path == "run" && key == "workers") },
	}))
	for _, b := range append(s.Constraints[:len(s.Constraints):len(s.Constraints)], s.Potentials...) {
		for _, file := range b.files() {
			content, _ := os.ReadFile(s.Path(file)) // who builds the spec is told what is wrong
			each := sha256.Sum256(content)
			sum.Write(each[:])
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// LawTexts are the constraints, resolved, without names and tolerances: what a network
// that is trained for them depends on.
func (s *Spec) LawTexts() []string {
	var all []string
	for _, b := range s.Constraints {
		w := &writer{path: filepath.Base, skip: func(_, key string) bool { return key == "name" || key == "tolerance" }}
		w.keys(b, "", "\n")
		all = append(all, w.String())
	}
	return all
}

// files are the paths in a block and in the blocks inside it.
func (b *Block) files() []string {
	var all []string
	for i := range b.kind.Keys {
		k := &b.kind.Keys[i]
		switch v := b.values[k.Name].(type) {
		case string:
			if k.Type&Path != 0 {
				all = append(all, v)
			}
		case *Block:
			all = append(all, v.files()...)
		case []*Block:
			for _, sub := range v {
				all = append(all, sub.files()...)
			}
		}
	}
	return all
}

func (s *Spec) write(w *writer) []byte {
	for _, b := range s.blocks() {
		w.block(b)
	}
	return bytes.TrimLeft(w.Bytes(), "\n")
}

func (w *writer) block(b *Block) {
	switch {
	case b.path == "":
	case strings.HasSuffix(b.path, "]"):
		fmt.Fprintf(w, "\n[[%s]]\n", b.path[:strings.IndexByte(b.path, '[')])
	default:
		fmt.Fprintf(w, "\n[%s]\n", b.path)
	}
	w.keys(b, "", "\n")
}

// keys writes the kind and the keys of a block, each between before and after.
func (w *writer) keys(b *Block, before, after string) {
	if b.Kind != "" {
		w.WriteString(before + "kind = " + quote(b.Kind) + after)
	}
	for i := range b.kind.Keys {
		k := &b.kind.Keys[i]
		v, ok := b.values[k.Name]
		if !ok || (w.skip != nil && w.skip(b.path, k.Name)) {
			continue
		}
		w.WriteString(before + k.Name + " = ")
		if s, ok := v.(string); ok && k.Type&Path != 0 {
			v = w.path(s)
		}
		w.value(v)
		w.WriteString(after)
	}
}

func (w *writer) value(v any) {
	switch v := v.(type) {
	case string:
		w.WriteString(quote(v))
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int:
		w.WriteString(strconv.Itoa(v))
	case float64:
		w.WriteString(formatFloat(v))
	case []float64:
		list(w, v)
	case [][]float64:
		list(w, v)
	case [][][]float64:
		list(w, v)
	case []int:
		list(w, v)
	case []string:
		list(w, v)
	case map[string]any:
		w.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				w.WriteByte(',')
			}
			w.WriteString(" " + quote(name) + " = ")
			w.value(v[name])
		}
		w.WriteString(" }")
	case []*Block:
		list(w, v)
	case *Block:
		inline := &writer{path: w.path, skip: w.skip}
		inline.keys(v, " ", ",")
		w.WriteString("{" + strings.TrimSuffix(inline.String(), ",") + " }")
	}
}

func list[T any](w *writer, all []T) {
	w.WriteByte('[')
	for i, v := range all {
		if i > 0 {
			w.WriteString(", ")
		}
		w.value(v)
	}
	w.WriteByte(']')
}

// formatFloat writes the shortest TOML float that reads back as v.
func formatFloat(v float64) string {
	if math.IsNaN(v) {
		return "nan"
	}
	if math.IsInf(v, 0) {
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(v, 'g', -1, 64), "+"))
	}
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// quote writes a TOML basic string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}
