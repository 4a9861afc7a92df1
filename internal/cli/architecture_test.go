package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"abide/spec"
)

// Every key of every kind of network says which network it is: another value is
// another fingerprint, and a default written out is the same one.
func TestEveryNetworkKeyIsInTheFingerprint(t *testing.T) {
	folder := t.TempDir()
	var rows strings.Builder
	for j := range 64 {
		fmt.Fprintf(&rows, "%sp%d", strings.Repeat(",", min(j, 1)), j)
	}
	for i := range 3 {
		rows.WriteByte('\n')
		for j := range 64 {
			fmt.Fprintf(&rows, "%s%d", strings.Repeat(",", min(j, 1)), (7*i+j*j)%11)
		}
	}
	write(t, filepath.Join(folder, "rows.csv"), rows.String())
	fingerprint := func(keys ...string) string {
		t.Helper()
		src := "[prior]\nkind = \"diffusion\"\ndata = \"rows.csv\"\nholdout = 0\nnetwork = { " + strings.Join(keys, ", ") + " }\n"
		s, err := spec.Parse(filepath.Join(folder, "spec.toml"), []byte(src), nil)
		if err != nil {
			t.Fatal(err)
		}
		l, err := newLesson(s)
		if err != nil {
			t.Fatal(err)
		}
		return l.fingerprint
	}
	other := map[string]string{
		"width": "12", "depth": "1", "embedding": "8", "fourier": "0.5", "patch": "2", "levels": "1", "multipliers": "[1, 3]",
		"heads": "0", "modes": "3", "shape": "[64]", "channels": "true",
	}
	resolved := map[string]string{"unet/levels": "2", "unet/multipliers": "[1, 2]", "unet/heads": "4", "fno/modes": "4", "unet/channels": "false", "fno/channels": "false"}
	table := networkTable(t)
	seen := map[string]string{}
	for i := range table.Kinds {
		k := &table.Kinds[i]
		base := []string{fmt.Sprintf("kind = %q", k.Name)}
		if k.Key("shape") != nil {
			base = append(base, "shape = [8, 8]")
		}
		first := fingerprint(base...)
		for _, key := range k.Keys {
			value, ok := other[key.Name]
			if !ok {
				t.Fatalf("no value to try for %s", key.Name)
			}
			keys := append(append([]string{}, base...), key.Name+" = "+value)
			if key.Name == "shape" {
				keys = append(base[:1:1], "shape = "+value)
			}
			f := fingerprint(keys...)
			if what := k.Name + "." + key.Name; f == first || seen[f] != "" {
				t.Errorf("%s = %s has the fingerprint of %s", what, value, seen[f]+" or of the default")
			} else {
				seen[f] = what
			}
			same, ok := resolved[k.Name+"/"+key.Name]
			if key.Default != nil {
				same, ok = fmt.Sprint(key.Default), true
			}
			if key.Type == spec.Float {
				same += ".0"
			}
			if ok && fingerprint(append(base[:len(base):len(base)], key.Name+" = "+same)...) != first {
				t.Errorf("%s.%s = %s is the default, and has another fingerprint", k.Name, key.Name, same)
			}
		}
	}
}

func networkTable(t *testing.T) *spec.Section {
	for _, s := range spec.Sections() {
		if s.Name == "prior" {
			return s.KindNamed("diffusion").Key("network").Table
		}
	}
	t.Fatal("no section prior")
	return nil
}
