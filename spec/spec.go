// Package spec turns a TOML file into a validated [Spec]: the blocks of a run
// with every default filled in, and the objects they stand for.
//
// One table, [Sections], says which blocks, kinds and keys exist, with their
// types, defaults and bounds. Reading, defaults, the resolved spec, the JSON
// Schema and `abide list` all come from it.
//
// Every fault is an [Error] that reads
//
//	file:line:column: key: what is wrong; allowed …; did you mean "…"?
//
// and is found before any data are read. What needs the columns of the data is
// checked by [Spec.Bind], with the same places in its errors.
package spec

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Spec is a valid spec with its defaults filled in. It is not changed after
// [Parse] made it.
type Spec struct {
	Title       string
	Prior       *Block
	Constraints []*Block
	Potentials  []*Block
	Method      *Block
	Sampler     *Block
	Run         *Block
	Report      *Block

	top *Block
	dir string // folder that relative paths start from
}

// Load reads the spec at path; overrides are key=value texts (see [Parse]).
func Load(path string, overrides []string) (*Spec, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("spec: %w", err)
	}
	defer f.Close()
	return Read(path, f, overrides)
}

// Read reads a spec from r. Its faults are reported under name, and relative
// paths start from the folder of name: for standard input, whose name is "-",
// from the working folder.
func Read(name string, r io.Reader, overrides []string) (*Spec, error) {
	src, err := io.ReadAll(io.LimitReader(r, maxSource+1))
	if err != nil {
		return nil, fmt.Errorf("spec: %s: %w", name, err)
	}
	return Parse(name, src, overrides)
}

// Parse reads a spec from src.
//
// An override is key=value with a path of keys such as run.samples,
// sampler.process.kind or constraint[0].offset, and a TOML value; what is not
// TOML is taken as text, so method.kind=project needs no quotes. Overrides apply
// in order. A new kind drops those keys of the file that only the old one knew.
func Parse(name string, src []byte, overrides []string) (*Spec, error) {
	root, err := parseTree(&source{name: name, text: src})
	if err != nil {
		return nil, err
	}
	for _, text := range overrides {
		if err := override(root, text); err != nil {
			return nil, err
		}
	}
	s, err := build(root)
	if err != nil {
		return nil, err
	}
	s.dir = filepath.Dir(name)
	if err := s.checkLaws(); err != nil {
		return nil, err
	}
	return s, nil
}

// Path returns where p, a path of this spec, stands: relative paths start from
// the folder of the spec file.
func (s *Spec) Path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(s.dir, p)
}

// blocks lists all blocks in the order in which they are written.
func (s *Spec) blocks() []*Block {
	all := []*Block{s.top, s.Prior}
	all = append(all, s.Constraints...)
	all = append(all, s.Potentials...)
	return append(all, s.Method, s.Sampler, s.Run, s.Report)
}
