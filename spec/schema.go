package spec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Type says which values a key takes. Types are combined by |.
type Type uint32

const (
	String   Type = 1 << iota // one line of text
	Bool                      // true or false
	Int                       // an integer
	Float                     // a number
	Floats                    // a list of numbers
	Matrix                    // a list of rows of equal length
	Matrices                  // a list of matrices of equal size
	Ints                      // a list of integers, different ones but where the key repeats
	Strings                   // a list of different strings
	Expr                      // a formula over the columns
	Exprs                     // a list of different formulas
	Relation                  // two formulas with <=, >= or == between them
	Path                      // a file; relative paths start at the spec's folder
	Numbers                   // a table of numbers by names of the user's
	Texts                     // a table of texts by names of the user's
	Table                     // a block of its own, with a kind
	Tables                    // a list of such blocks
)

var typeNames = []string{
	"text", "true or false", "an integer", "a number", "a list of numbers", "a matrix (a list of rows)",
	"a list of matrices", "a list of integers", "a list of names", "a formula (text)",
	"a list of formulas",
	`a relation (text with "<=", ">=" or "==")`, "a path (text)",
	"a table of numbers by name", "a table of texts by name", "a table with a kind",
	"a list of tables with a kind",
}

// String says in words which values are meant, such as "a number or a list of numbers".
func (t Type) String() string {
	var names []string
	for i, name := range typeNames {
		if t&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

// Range bounds every number of a value.
type Range struct {
	Min, Max         float64
	MinOpen, MaxOpen bool // the bound itself is not allowed
	Infinite         bool // −inf and inf are allowed
	NaN              bool // nan is allowed, for what is missing
}

// largest is the size up to which numbers are taken where a key has no range of
// its own: its square and sums of it are still numbers.
const largest = 1e100

func from(min, max float64) *Range   { return &Range{Min: min, Max: max} }
func above(min, max float64) *Range  { return &Range{Min: min, Max: max, MinOpen: true} }
func below(min, max float64) *Range  { return &Range{Min: min, Max: max, MaxOpen: true} }
func (r *Range) has(v float64) bool  { return r.over(v) && r.under(v) }
func (r *Range) over(v float64) bool { return v > r.Min || (v == r.Min && !r.MinOpen) || r.isFree(v) }
func (r *Range) under(v float64) bool {
	return v < r.Max || (v == r.Max && !r.MaxOpen) || r.isFree(v)
}
func (r *Range) isFree(v float64) bool { return r.Infinite && math.IsInf(v, 0) }

// String gives the range as text, such as "0 ≤ value < 1".
func (r *Range) String() string {
	low, high := " ≤ ", " ≤ "
	if r.MinOpen {
		low = " < "
	}
	if r.MaxOpen {
		high = " < "
	}
	text := short(r.Min) + low + "value"
	if r.Max < largest {
		text += high + short(r.Max)
	}
	return text
}

// short writes a number for people.
func short(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	if math.Abs(v) < 1e7 && math.Abs(v) > 1e-5 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Key is one key of a block.
type Key struct {
	Name     string
	Type     Type
	Default  any // in the Go type of [Block]'s accessors; nil where there is none
	Required bool
	Range    *Range   // of every number; nil allows all of size up to 1e100
	Allowed  []string // the only texts allowed, or for a path the only endings; nil allows all
	Table    *Section // what stands in a key of type Table or Tables; with String too, a text is the kind alone
	Repeats  bool     // the integers of a list may be equal
	Doc      string
}

// Kind is one kind of a block: its keys, and the checks that need several of them.
type Kind struct {
	Name string // empty for a block that has no kinds
	Doc  string
	Keys []Key

	aliases []string // published names that stand for this kind
	law     bool     // a law of whole fields, not rows over columns

	finish func(*Block) error // checks the keys against each other and fills defaults that depend on them
}

// Section is a block of the spec with the kinds it comes in.
type Section struct {
	Name        string // "prior"; empty for the keys above the first block
	Doc         string
	Repeated    bool   // written [[name]], any number of times
	Required    bool   // a spec without it is an error
	DefaultKind string // the kind where none is named; empty when one has to be
	Kinds       []Kind
}

// Sections returns the table of everything a spec can say, in canonical order.
func Sections() []Section {
	return []Section{
		topSection(), priorSection(), constraintSection(), potentialSection(),
		methodSection(), samplerSection(), runSection(), reportSection(),
	}
}

// HasKinds tells whether the block has a key "kind".
func (s *Section) HasKinds() bool { return s.Kinds[0].Name != "" }

// KindNames lists the kinds in order.
func (s *Section) KindNames() []string {
	var names []string
	for _, k := range s.Kinds {
		names = append(names, k.Name)
	}
	return names
}

// everyName lists the kinds and their published names.
func (s *Section) everyName() []string {
	names := s.KindNames()
	for _, k := range s.Kinds {
		names = append(names, k.aliases...)
	}
	return names
}

// KindNamed returns the kind of that name, or nil.
func (s *Section) KindNamed(name string) *Kind {
	for i := range s.Kinds {
		if s.Kinds[i].Name == name {
			return &s.Kinds[i]
		}
	}
	return nil
}

// Key returns the key of that name, or nil.
func (k *Kind) Key(name string) *Key {
	for i := range k.Keys {
		if k.Keys[i].Name == name {
			return &k.Keys[i]
		}
	}
	return nil
}

// firstKey is the key a block of this section begins with.
func (s *Section) firstKey() string {
	if s.HasKinds() {
		return "kind"
	}
	return s.Kinds[0].Keys[0].Name
}

// kindsWith lists the kinds that have the key.
func (s *Section) kindsWith(key string) []string {
	var names []string
	for i := range s.Kinds {
		if s.Kinds[i].Key(key) != nil {
			names = append(names, s.Kinds[i].Name)
		}
	}
	return names
}

func member(path string, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
