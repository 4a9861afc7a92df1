package method_test

import (
	"slices"
	"strings"
	"testing"

	. "abide/method"
	"abide/network"
	"abide/pde"
	"abide/spec"
	"abide/train"
)

// Every key of the table has an entry, every entry is used, none is there twice.
func TestReferencesOfTable(t *testing.T) {
	used := map[string]bool{}
	for _, m := range Table {
		if len(m.References) == 0 {
			t.Errorf("method %s names no reference", m.Name)
		}
		if _, err := Cite(m.References); err != nil {
			t.Errorf("method %s: %v", m.Name, err)
		}
		for _, key := range m.References {
			used[key] = true
		}
	}
	for section, parts := range map[string][]Part{"sampler": Samplers, "process": Processes, "prior": Priors, "output": Outputs, "likelihood": {Likelihood}, "family": Families} {
		var names []string
		for _, p := range parts {
			if _, err := Cite(p.References); err != nil || len(p.References) == 0 {
				t.Errorf("%s %s: references %v: %v", section, p.Name, p.References, err)
			}
			for _, key := range p.References {
				used[key] = true
			}
			names = append(names, p.Name)
		}
		if kinds := kindsOf(section); kinds != nil && !slices.Equal(slices.Sorted(slices.Values(names)), kinds) {
			t.Errorf("%s: references for %v, but a spec has %v", section, names, kinds)
		}
	}
	for _, n := range Numerics {
		if _, err := Cite(n.References); err != nil || len(n.References) == 0 || n.About == "" {
			t.Errorf("%s: about %q, references %v: %v", n.Name, n.About, n.References, err)
		}
		for _, key := range n.References {
			used[key] = true
		}
	}
	for _, s := range []train.Settings{
		{Objective: "edm", Condition: []train.Condition{{}}}, {Objective: "denoising", Output: "v", Weighting: "likelihood", Levels: "vp"},
		{Objective: "implicit"}, {Objective: "sliced", Levels: "ve"}, {Objective: "flow", Coupling: "ot"},
		{Objective: "flow", Physics: train.Physics{Loss: "pbfm"}}, {Physics: train.Physics{Loss: "pidm"}},
		{Network: network.Architecture{Kind: "residual-mlp"}}, {Network: network.Architecture{Kind: "unet", Patch: 2}}, {Network: network.Architecture{Kind: "fno", Fourier: 1}},
	} {
		if _, err := Cite(s.References()); err != nil {
			t.Errorf("training by %s: %v", s.Objective, err)
		}
		for _, key := range s.References() {
			used[key] = true
		}
	}
	var keys []string
	for _, r := range References {
		keys = append(keys, r.Key)
		if !used[r.Key] {
			t.Errorf("reference %s is used by nothing", r.Key)
		}
	}
	if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
		t.Errorf("keys are not in order, each once: %v", keys)
	}
	if _, err := Cite([]string{"nobody1900"}); err == nil {
		t.Error("an unknown key was found")
	}
}

// One name cites one thing: numerics are not named as methods, parts or families are.
func TestNumericsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]string{}
	for _, m := range Table {
		seen[m.Name] = "method"
	}
	for what, parts := range map[string][]Part{"sampler": Samplers, "process": Processes, "prior": Priors, "likelihood": {Likelihood}, "family": Families} {
		for _, p := range parts {
			seen[p.Name] = what
		}
	}
	for _, n := range Numerics {
		if other, ok := seen[n.Name]; ok {
			t.Errorf("%s is a numerical method and a %s", n.Name, other)
		}
		seen[n.Name] = "numerical method"
		if NumericNamed(n.Name).About != n.About {
			t.Errorf("%s is not found by its name", n.Name)
		}
	}
	if n := NumericNamed("magic"); n != nil {
		t.Errorf("an unknown name was found: %v", n)
	}
}

// kindsOf are the kinds a spec knows of priors, samplers, processes or outputs of
// imported networks, or the families of equations, sorted; nil for anything else.
func kindsOf(section string) []string {
	if section == "family" {
		var names []string
		for _, k := range pde.Table {
			names = append(names, k.Name)
		}
		return slices.Sorted(slices.Values(names))
	}
	for _, s := range spec.Sections() {
		switch {
		case s.Name == section:
			return slices.Sorted(slices.Values(s.KindNames()))
		case s.Name == "sampler" && section == "process":
			return slices.Sorted(slices.Values(s.Kinds[0].Key("process").Table.KindNames()))
		case s.Name == "prior" && section == "output":
			for _, k := range s.Kinds {
				if k.Name == "onnx" {
					return slices.Sorted(slices.Values(k.Key("output").Allowed))
				}
			}
		}
	}
	return nil
}

func TestReferenceFormats(t *testing.T) {
	r := Reference{Key: "efron2011", Entry: "article", Authors: "Bradley Efron", Title: "On X", In: "J. Stat.", Volume: "106(496)", Pages: "1--9", Year: 2011, DOI: "10.1/x"}
	if got, want := r.Text(), "Bradley Efron (2011). On X. J. Stat. 106(496), 1–9. doi:10.1/x"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want := "@article{efron2011,\n  author        = {Bradley Efron},\n  title         = {{On X}},\n  journal       = {J. Stat.},\n" +
		"  volume        = {106},\n  number        = {496},\n  pages         = {1--9},\n  year          = {2011},\n  doi           = {10.1/x},\n}\n"
	if got := r.BibTeX(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	two := Reference{Authors: "A B and C D and E F", Title: "T", Year: 2000, Press: "P", ArXiv: "2000.1"}
	if got, want := two.Text(), "A B, C D and E F (2000). T. P. arXiv:2000.1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	thesis := Reference{Key: "e2011", Entry: "phdthesis", Authors: "A B", Title: "T", Year: 2011, Press: "U"}
	if got, want := thesis.BibTeX(), "@phdthesis{e2011,\n  author        = {A B},\n  title         = {{T}},\n  school        = {U},\n  year          = {2011},\n}\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, r := range References {
		if b := r.BibTeX(); strings.Count(b, "{") != strings.Count(b, "}") {
			t.Errorf("unbalanced braces in\n%s", b)
		}
	}
}
