package engine

import (
	"os"
	"path/filepath"
	"slices"
)

// PluginVariable is the environment variable that names the PJRT plug-in to load.
const PluginVariable = "ABIDE_PJRT_PLUGIN"

// PluginAdvice says how a person gets a plug-in; abide itself downloads nothing.
const PluginAdvice = "one comes in a Python wheel: run `pip download --no-deps fastatomstruct-xla-cpu==2026.6.23`, unzip the wheel " +
	"and set " + PluginVariable + " to the absolute path of its libpjrt_cpu.so"

// wheels are the places of a CPU plug-in inside the Python wheels known to carry one.
var wheels = []string{
	"fastatomstruct_xla_cpu/libpjrt_cpu.so",
	"xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so",
}

// FindPlugin returns the path of the PJRT plug-in the XLA backend would load,
// or "" where there is none, and the places it looked at, in order: the file
// named by ABIDE_PJRT_PLUGIN (where it is set, nothing else counts), the folder
// abide/pjrt of the user's cache, and Python's package folders.
func FindPlugin() (path string, looked []string) {
	if p := os.Getenv(PluginVariable); p != "" {
		looked = []string{p}
		if isFile(p) {
			if abs, err := filepath.Abs(p); err == nil {
				path = abs
			}
		}
		return path, looked
	}
	return find(pluginPlaces(os.Getenv, os.UserCacheDir, os.UserHomeDir))
}

// find returns the first file that one of the patterns matches.
func find(patterns []string) (path string, looked []string) {
	for i, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue // a prefix with a stray bracket matches nothing
		}
		// Later versions of Python sort last; take the newest.
		for _, p := range slices.Backward(found) {
			if isFile(p) {
				return p, patterns[:i+1]
			}
		}
	}
	return "", patterns
}

// pluginPlaces lists the patterns of files to look at. Their prefixes are known
// folders, so that Python need not be run to ask it for its own.
func pluginPlaces(env func(string) string, cache, home func() (string, error)) []string {
	var patterns []string
	if dir, err := cache(); err == nil {
		own := filepath.Join(dir, "abide", "pjrt")
		for _, w := range wheels {
			patterns = append(patterns, filepath.Join(own, w))
		}
		patterns = append(patterns, filepath.Join(own, "*.so"))
	}
	const packages = "lib/python3.*/site-packages"
	var prefixes []string
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := env(variable); dir != "" {
			prefixes = append(prefixes, filepath.Join(dir, packages))
		}
	}
	pyenv := env("PYENV_ROOT")
	if dir, err := home(); err == nil {
		prefixes = append(prefixes, filepath.Join(dir, ".local", packages))
		if pyenv == "" {
			pyenv = filepath.Join(dir, ".pyenv")
		}
	}
	if pyenv != "" {
		prefixes = append(prefixes, filepath.Join(pyenv, "versions", "*", packages))
	}
	prefixes = append(prefixes,
		"/usr/local/lib/python3.*/site-packages",
		"/usr/local/lib/python3.*/dist-packages",
		"/usr/lib/python3/dist-packages",
		"/usr/lib/python3.*/site-packages",
	)
	for _, prefix := range prefixes {
		for _, w := range wheels {
			patterns = append(patterns, filepath.Join(prefix, w))
		}
	}
	return patterns
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
