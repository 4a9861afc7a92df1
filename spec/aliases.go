package spec

import (
	"fmt"
	"strings"
	"sync"

	"abide/method"
)

// Alias is a published name of a method: the row of the table it stands for, with
// its parameters, and the sampler it was published with.
type Alias struct {
	Name    string
	Method  string // keys of [method], as TOML
	Sampler string // keys of [sampler], as TOML; what a spec says itself goes before
}

// AliasNamed returns the alias of that name, in whatever case, or nil; the name of a
// row is no alias, so that kpddpm is the row and KPDDPM the publication.
func AliasNamed(name string) *Alias {
	if _, err := method.Find(name); err == nil {
		return nil
	}
	for i := range Aliases {
		if strings.EqualFold(Aliases[i].Name, name) {
			return &Aliases[i]
		}
	}
	return nil
}

// Row is the name of the row the alias stands for.
func (a *Alias) Row() string { return a.tree().fields["method"].fields["kind"].text }

// aliasesOf are the published names of each row.
var aliasesOf = sync.OnceValue(func() map[string][]string {
	names := map[string][]string{}
	for i := range Aliases {
		row := Aliases[i].Row()
		names[row] = append(names[row], Aliases[i].Name)
	}
	return names
})

// tree is the alias as a spec.
func (a *Alias) tree() *node {
	text := "[method]\n" + a.Method + "\n[sampler]\n" + a.Sampler + "\n"
	root, err := parseTree(&source{name: "alias " + a.Name, text: []byte(text)})
	if err != nil {
		panic(fmt.Sprintf("spec: %v", err))
	}
	return root
}

// expandAlias writes out a published name that stands for the kind of method: the
// row's name in its place, and those keys of the publication that the spec leaves
// open. A sampler of another kind than the published one keeps its own defaults.
func expandAlias(root *node) {
	at := root.fields["method"]
	if at == nil || at.kind != tableNode || at.fields["kind"] == nil {
		return
	}
	kind := at.fields["kind"]
	a := AliasNamed(kind.text)
	if a == nil || kind.kind != textNode {
		return
	}
	published := a.tree()
	row := *published.fields["method"].fields["kind"]
	row.src, row.key, row.offset = kind.src, kind.key, kind.offset
	at.put("kind", &row)
	fill(at, published.fields["method"])
	sampler := published.fields["sampler"]
	own := root.fields["sampler"]
	switch {
	case len(sampler.keys) == 0:
	case own == nil:
		root.put("sampler", sampler)
	case own.kind == tableNode && (own.fields["kind"] == nil || own.fields["kind"].text == sampler.fields["kind"].text):
		if own.fields["grid"] != nil || own.fields["times"] != nil { // levels of its own
			sampler.remove("steps")
		}
		fill(own, sampler)
	}
}

// fill puts the keys of one table that another does not have.
func fill(table, from *node) {
	for _, key := range from.keys {
		if table.fields[key] == nil {
			table.put(key, from.fields[key])
		}
	}
}
