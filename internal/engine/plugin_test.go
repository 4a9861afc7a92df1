package engine

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFindPluginByVariable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "libpjrt_cpu.so")
	t.Setenv(PluginVariable, file)
	if path, looked := FindPlugin(); path != "" || !slices.Equal(looked, []string{file}) {
		t.Errorf("a missing file: %q, looked at %v", path, looked)
	}
	touch(t, file)
	if path, _ := FindPlugin(); path != file {
		t.Errorf("got %q, want %q", path, file)
	}
	// A relative path is made absolute: only those are loaded without a search.
	t.Chdir(filepath.Dir(file))
	t.Setenv(PluginVariable, "libpjrt_cpu.so")
	if path, _ := FindPlugin(); path != file {
		t.Errorf("relative: got %q, want %q", path, file)
	}
	// A folder is no plug-in.
	t.Setenv(PluginVariable, filepath.Dir(file))
	if path, _ := FindPlugin(); path != "" {
		t.Errorf("a folder: got %q", path)
	}
}

func TestFindPluginByPlace(t *testing.T) {
	root := t.TempDir()
	places := map[string]string{"VIRTUAL_ENV": root + "/venv", "CONDA_PREFIX": root + "/conda", "PYENV_ROOT": root + "/pyenv"}
	env := func(name string) string { return places[name] }
	dir := func(name string) func() (string, error) {
		return func() (string, error) { return filepath.Join(root, name), nil }
	}
	patterns := pluginPlaces(env, dir("cache"), dir("home"))
	// In rising order of preference: each new file is found before the ones so far.
	for _, file := range []string{
		"pyenv/versions/3.9.1/lib/python3.9/site-packages/" + wheels[0],
		"pyenv/versions/3.12.1/lib/python3.12/site-packages/" + wheels[0],
		"home/.local/lib/python3.12/site-packages/" + wheels[1],
		"home/.local/lib/python3.12/site-packages/" + wheels[0],
		"conda/lib/python3.13/site-packages/" + wheels[0],
		"venv/lib/python3.11/site-packages/" + wheels[1],
		"cache/abide/pjrt/pjrt_c_api_cpu_plugin.so",
		"cache/abide/pjrt/" + wheels[0],
	} {
		want := filepath.Join(root, file)
		touch(t, want)
		path, looked := find(patterns)
		if strings.Contains(file, "pyenv") {
			// Which version of Python comes first does not matter, but one must.
			if path == "" {
				t.Errorf("%s was not found", file)
			}
		} else if path != want {
			t.Errorf("got %q, want %q", path, want)
		}
		if len(looked) == 0 || len(looked) > len(patterns) {
			t.Errorf("looked at %v", looked)
		}
	}
	// The default of pyenv, and nothing known at all.
	if p := pluginPlaces(func(string) string { return "" }, dir("cache"), dir("home")); !slices.ContainsFunc(p, func(s string) bool { return strings.Contains(s, "home/.pyenv/versions") }) {
		t.Errorf("no pyenv among %v", p)
	}
	none := func() (string, error) { return "", errors.New("none") }
	if p := pluginPlaces(func(string) string { return "" }, none, none); len(p) == 0 {
		t.Error("no places at all")
	}
}

func touch(t *testing.T, file string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}
