package cli

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"abide/internal/engine"
	"abide/spec"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "doctor",
		Short:   "Say what this binary can do here, and how to get the rest",
		Long:    "Print version, build, backends, cores and cache, with the remedy for whatever is missing.",
		Example: "  abide doctor\n  abide doctor --json",
		Args:    cobra.NoArgs,
		RunE:    a.does(func(context.Context, []string) error { return a.doctor() }),
	}
}

// finding is one line of the doctor's: what, how it is, and what mends it.
type finding struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	OK     bool   `json:"ok"`
	Remedy string `json:"remedy,omitempty"`
}

func (a *app) doctor() error {
	all := []finding{
		{Name: "abide", Value: fullVersion(), OK: true},
		{Name: "go", Value: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH, OK: true},
		simd(), a.goBackend(), xla(),
		{Name: "cores", Value: fmt.Sprintf("%d (GOMAXPROCS %d)", runtime.NumCPU(), runtime.GOMAXPROCS(0)), OK: true},
		a.cache(),
	}
	if a.json {
		return a.printJSON(all)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 3, ' ', 0)
	for _, f := range all {
		mark := "ok"
		if !f.OK {
			mark = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", mark, f.Name, f.Value)
		if f.Remedy != "" {
			fmt.Fprintf(w, "\t\t→ %s\n", f.Remedy)
		}
	}
	return w.Flush()
}

// simd says whether the pure-Go backend has its vector kernels.
func simd() finding {
	f := finding{Name: "SIMD kernels", Value: "on (GOEXPERIMENT=simd)", OK: strings.Contains(buildSetting("GOEXPERIMENT"), "simd")}
	if !f.OK {
		f.Value = "off"
		f.Remedy = "build with `make build`, or GOEXPERIMENT=simd go build ./cmd/abide: networks run several times faster"
	}
	return f
}

func (a *app) goBackend() finding {
	f := finding{Name: "backend go", OK: true}
	e, err := engine.Open("go")
	if err != nil {
		return finding{Name: f.Name, Value: err.Error()}
	}
	f.Value = e.Description()
	return f
}

// xla says how far the XLA backend is from working.
func xla() finding {
	f := finding{Name: "backend xla"}
	plugin, looked := engine.FindPlugin()
	found := "plug-in " + plugin
	if plugin == "" {
		found = fmt.Sprintf("no PJRT plug-in in %d places", len(looked))
	}
	switch {
	case !engine.HasXLA:
		f.Value, f.Remedy = "not in this binary; "+found, "optional: `make build-xla` (needs a C compiler)"
		if plugin == "" {
			f.Remedy += ", and a plug-in: " + engine.PluginAdvice
		}
	case plugin == "":
		f.Value, f.Remedy = found, engine.PluginAdvice
	default:
		e, err := engine.Open("xla")
		if err != nil {
			f.Value, f.Remedy = err.Error(), engine.PluginAdvice
			return f
		}
		f.Value, f.OK = e.Description()+", "+found, true
	}
	return f
}

// cache says where trained networks are kept.
func (a *app) cache() finding {
	path, err := a.cachePath("x")
	if err != nil {
		return finding{Name: "cache", Value: err.Error(), Remedy: "set ABIDE_CACHE to a writable folder"}
	}
	folder := strings.TrimSuffix(path, "x.safetensors")
	files, _ := os.ReadDir(folder)
	return finding{Name: "cache", Value: fmt.Sprintf("%s, %d files", folder, len(files)), OK: true}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  abide version\n  abide version --json",
		Args:    cobra.NoArgs,
		RunE: a.does(func(context.Context, []string) error {
			if a.json {
				return a.printJSON(map[string]string{"abide": fullVersion(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			fmt.Fprintf(a.stdout, "abide %s (%s, %s/%s)\n", fullVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		}),
	}
}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of a spec, for editors",
		Long:    "Print the JSON Schema (draft 2020-12) of a spec; editors that check TOML by one complete keys and show their meaning.",
		Example: "  abide schema > abide.schema.json\n  abide schema --json",
		Args:    cobra.NoArgs,
		RunE: a.does(func(context.Context, []string) error {
			schema, err := spec.JSONSchema()
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(schema)
			return err
		}),
	}
}
