package mesh

import (
	"fmt"
	"strings"

	"abide/internal/nearest"
)

// Group finds a group by its name, one of facets before one of cells. The error for a
// name that is not there lists those that are.
func (m *Mesh) Group(name string) (Group, error) {
	for _, dim := range []int{m.Dim() - 1, m.Dim()} {
		if g, err := m.GroupOf(dim, name); err == nil {
			return g, nil
		}
	}
	return Group{}, m.noGroup(name, "group", m.Groups)
}

// GroupOf finds a group of cells (dim = that of the mesh) or facets (one less).
func (m *Mesh) GroupOf(dim int, name string) (Group, error) {
	var there []Group
	for _, g := range m.Groups {
		if g.Dim == dim {
			if g.Name == name {
				return g, nil
			}
			there = append(there, g)
		}
	}
	what := map[int]string{m.Dim(): "group of cells", m.Dim() - 1: "group of facets"}[dim]
	if what == "" {
		return Group{}, fmt.Errorf("mesh: group %q of dimension %d: groups of a mesh of dimension %d are of cells (%d) or facets (%d)", name, dim, m.Dim(), m.Dim(), m.Dim()-1)
	}
	return Group{}, m.noGroup(name, what, there)
}

func (m *Mesh) noGroup(name, what string, there []Group) error {
	if len(there) == 0 {
		return fmt.Errorf("mesh: no %s %q: the mesh has none at all; name physical groups in Gmsh, or set Groups", what, name)
	}
	var names, listed []string
	for _, g := range there {
		kind := "facets"
		if g.Dim == m.Dim() {
			kind = "cells"
		}
		names, listed = append(names, g.Name), append(listed, fmt.Sprintf("%q (%s)", g.Name, kind))
	}
	hint := ""
	if n := nearest.Name(name, names); n != "" {
		hint = fmt.Sprintf("; did you mean %q?", n)
	}
	return fmt.Errorf("mesh: no %s %q: there are %s%s", what, name, strings.Join(listed, ", "), hint)
}
