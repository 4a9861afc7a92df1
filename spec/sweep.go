package spec

import (
	"fmt"
	"strings"
)

// maxSweep bounds the runs one sweep may ask for.
const maxSweep = 10000

// Sweep expands overrides that give a list to a key of single values, such as
// method.kind=[project,twisted-smc], into one list of overrides per run: all
// combinations, the last override changing fastest. A list for a key that takes
// lists is its value and is not expanded.
func Sweep(overrides []string) ([][]string, error) {
	runs := [][]string{nil}
	for _, text := range overrides {
		choices := choices(text)
		if len(runs)*len(choices) > maxSweep {
			return nil, fmt.Errorf("spec: override %q: the sweep has more than %d runs: give fewer values", text, maxSweep)
		}
		next := make([][]string, 0, len(runs)*len(choices))
		for _, run := range runs {
			for _, choice := range choices {
				next = append(next, append(run[:len(run):len(run)], choice))
			}
		}
		runs = next
	}
	return runs, nil
}

// choices lists the overrides one override stands for.
func choices(text string) []string {
	path, value, _ := strings.Cut(text, "=")
	steps, ok := parsePath(strings.TrimSpace(path))
	if !ok {
		return []string{text}
	}
	words, ok := splitList(strings.TrimSpace(value))
	_, types := schemaAt(steps)
	if !ok || len(words) == 0 || types == 0 || types&(Floats|Matrix|Matrices|Ints|Strings|Exprs|Table|Tables) != 0 {
		return []string{text}
	}
	var all []string
	for _, word := range words {
		all = append(all, strings.TrimSpace(path)+"="+word)
	}
	return all
}

// schemaAt finds what the table of sections says of a path: the section of a
// block, and the types a key has in any kind of its block; 0 where there is none.
func schemaAt(steps []step) (*Section, Type) {
	sections := Sections()
	at, listed := &sections[0], false // a list of tables was named last
	for i, s := range steps {
		if s.index >= 0 {
			if !(at.Repeated && i == 1) && !listed {
				return nil, 0
			}
			listed = false
			continue
		}
		if s.name == "kind" && at.HasKinds() && i == len(steps)-1 {
			return nil, String
		}
		next, types := at.at(s.name)
		if i == 0 && types == 0 {
			for j := range sections[1:] {
				if sections[1+j].Name == s.name {
					next, types = &sections[1+j], Table
				}
			}
		}
		if next == nil || i == len(steps)-1 {
			return next, types
		}
		at, listed = next, types&Tables != 0
	}
	return at, Table
}

// at returns the section that stands in a key, if any, and the key's types.
func (s *Section) at(key string) (*Section, Type) {
	var section *Section
	var types Type
	for i := range s.Kinds {
		if k := s.Kinds[i].Key(key); k != nil {
			types |= k.Type
			if k.Table != nil {
				section = k.Table
			}
		}
	}
	return section, types
}
