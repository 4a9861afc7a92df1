package spec

import (
	"fmt"
	"strings"
)

// Block is one block of a spec with its defaults filled in.
//
// The accessors return the zero value where an optional key without a default is
// absent. They panic when the block's kind has no such key or it is of another
// type: that is an error of the program, never of the spec.
type Block struct {
	Kind string // empty for blocks without kinds

	path   string // such as "constraint[0]"
	kind   *Kind
	values map[string]any
	at     *node            // where the block stands
	nodes  map[string]*node // where the keys that were given stand
}

// Path is the block's place in the spec, such as constraint[0].
func (b *Block) Path() string { return b.path }

// Has tells whether a key has a value, given or by default.
func (b *Block) Has(key string) bool {
	_, ok := b.values[b.known(key).Name]
	return ok
}

// Given tells whether a key was written in the spec or an override.
func (b *Block) Given(key string) bool { return b.nodes[b.known(key).Name] != nil }

// String returns a text, formula or path as written; see [Spec.Path] for paths.
func (b *Block) String(key string) string { return get[string](b, key) }

// Bool returns true or false.
func (b *Block) Bool(key string) bool { return get[bool](b, key) }

// Int returns an integer.
func (b *Block) Int(key string) int { return get[int](b, key) }

// Float returns a number; [Block.Rank] tells 0 for it where lists are allowed too.
func (b *Block) Float(key string) float64 { return get[float64](b, key) }

// Floats returns a list of numbers (rank 1).
func (b *Block) Floats(key string) []float64 { return get[[]float64](b, key) }

// Matrix returns rows of equal length (rank 2).
func (b *Block) Matrix(key string) [][]float64 { return get[[][]float64](b, key) }

// Matrices returns matrices of equal size (rank 3).
func (b *Block) Matrices(key string) [][][]float64 { return get[[][][]float64](b, key) }

// Ints returns a list of integers.
func (b *Block) Ints(key string) []int { return get[[]int](b, key) }

// Strings returns a list of names.
func (b *Block) Strings(key string) []string { return get[[]string](b, key) }

// Named returns the numbers and texts of a table by their names.
func (b *Block) Named(key string) map[string]any { return get[map[string]any](b, key) }

// Table returns the block that stands in a key.
func (b *Block) Table(key string) *Block { return get[*Block](b, key) }

// Tables returns the blocks of a list.
func (b *Block) Tables(key string) []*Block { return get[[]*Block](b, key) }

// Rank is 0 for a number, 1 for a list of numbers, 2 for a matrix, 3 for a list
// of matrices and −1 for anything else and for an absent key.
func (b *Block) Rank(key string) int {
	switch b.values[b.known(key).Name].(type) {
	case float64:
		return 0
	case []float64:
		return 1
	case [][]float64:
		return 2
	case [][][]float64:
		return 3
	}
	return -1
}

// Spread returns n numbers: a list as it is, a single number n times, nil for an
// absent key.
func (b *Block) Spread(key string, n int) []float64 {
	if b.Rank(key) != 0 {
		return b.Floats(key)
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = b.Float(key)
	}
	return out
}

// Errorf makes an [Error] at the place of a key, or of the block where key is
// empty or was not given.
func (b *Block) Errorf(key, format string, args ...any) error { return b.fault(key, format, args...) }

func (b *Block) known(key string) *Key {
	k := b.kind.Key(key)
	if k == nil {
		panic(fmt.Sprintf("spec: %s: kind %q has no key %q", b.path, b.Kind, key))
	}
	return k
}

func get[T any](b *Block, key string) T {
	var zero T
	v, ok := b.values[b.known(key).Name]
	if !ok {
		return zero
	}
	t, ok := v.(T)
	if !ok {
		panic(fmt.Sprintf("spec: %s is %T, asked for as %T", member(b.path, key), v, zero))
	}
	return t
}

func (b *Block) fault(key, format string, args ...any) *Error {
	at, path := b.at, b.path
	if n := b.nodes[key]; n != nil {
		at = n
	}
	if key != "" {
		path = member(b.path, key)
	}
	return at.fault(path, fmt.Sprintf(format, args...))
}

// flat returns a number as a list of one, a list as it is.
func (b *Block) flat(key string) []float64 { return b.Spread(key, 1) }

// length refuses a list whose length does not fit another key. Absent lists fit.
func (b *Block) length(key string, got, want int, of string) error {
	if !b.Has(key) || got == want {
		return nil
	}
	return b.fault(key, "has length %d, %s has %d", got, of, want).allowed("length %d", want)
}

// oneOf refuses a block that does not have exactly one of two keys.
func (b *Block) oneOf(first, second string) error {
	if b.Has(first) && b.Has(second) {
		return b.fault(second, "stands beside %s", first).allowed("%s or %s, not both", first, second)
	}
	if !b.Has(first) && !b.Has(second) {
		return b.fault(first, "is missing").allowed("%s or %s", first, second)
	}
	return nil
}

// oneLine joins the lines of a formula.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
