package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"
)

// Version of abide.
const version = "0.1.0"

const manifestSchema = "abide.manifest/1"

// manifest is manifest.json: what is needed to make a run again, and what it took.
type manifest struct {
	Schema     string            `json:"schema"`
	Abide      string            `json:"abide"`
	Go         string            `json:"go"`
	Platform   string            `json:"platform"`
	Build      map[string]string `json:"build"`
	Cores      int               `json:"cores"`
	Backend    string            `json:"backend"`
	BackendIs  string            `json:"backend_description"`
	Seed       int               `json:"seed"`
	Spec       string            `json:"spec"` // where it came from
	Overrides  []string          `json:"overrides"`
	SpecHash   string            `json:"spec_sha256"`
	Prior      manifestPrior     `json:"prior"`
	Method     string            `json:"method"`
	References []string          `json:"references"` // keys of `abide cite`
	Started    time.Time         `json:"started"`
	Seconds    manifestSeconds   `json:"seconds"`
}

type manifestPrior struct {
	Kind        string `json:"kind"`
	Fingerprint string `json:"fingerprint,omitempty"`
	Description string `json:"description"`
}

type manifestSeconds struct {
	Setup float64 `json:"setup"`
	Loop  float64 `json:"loop"` // over all parts of a resumed run
	Total float64 `json:"total"`
}

// newManifest describes this program and this machine.
func newManifest() *manifest {
	m := &manifest{
		Schema: manifestSchema, Abide: fullVersion(), Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Build: map[string]string{}, Cores: runtime.NumCPU(),
	}
	for _, key := range []string{"GOEXPERIMENT", "CGO_ENABLED", "GOAMD64", "-tags"} {
		if v := buildSetting(key); v != "" {
			m.Build[key] = v
		}
	}
	return m
}

func (m *manifest) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(m)
}

// readManifest reads a run folder's manifest.
func readManifest(folder string) (*manifest, error) {
	raw, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return nil, usage(fmt.Errorf("%s is no run folder: %w", folder, err))
	}
	m := &manifest{}
	if err := json.Unmarshal(raw, m); err != nil || m.Schema != manifestSchema {
		return nil, usage(fmt.Errorf("%s: schema %q is not %q: it was written by another version", filepath.Join(folder, "manifest.json"), m.Schema, manifestSchema))
	}
	return m, nil
}

// fullVersion is the version with the commit it was built from, where that is known.
func fullVersion() string {
	revision := buildSetting("vcs.revision")
	if len(revision) < 12 {
		return version
	}
	out := version + "+" + revision[:12]
	if buildSetting("vcs.modified") == "true" {
		out += ".modified"
	}
	return out
}

// buildSetting is one setting the binary was built with, "" where it is not recorded.
func buildSetting(key string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
