package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"abide/internal/engine"
	"abide/method"
	"abide/pde"
	"abide/spec"
)

// listed are the things `abide list` knows, in the order they are printed.
var listed = []string{"methods", "aliases", "constraints", "potentials", "operators", "noises", "priors", "networks", "samplers", "processes", "equations", "numerics", "backends"}

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "list [" + strings.Join(listed, "|") + "]",
		Short:     "List methods and the kinds of blocks a spec can have",
		Long:      "List methods, the published names that stand for them, constraints, potentials, the operators and noises of measurements, priors, their networks, samplers, their processes, the equations that abide data solves, the numerical methods of the library, or backends, from the tables that runs use.",
		Example:   "  abide list methods\n  abide list constraints --json",
		ValidArgs: listed,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		RunE: a.does(func(_ context.Context, args []string) error {
			if len(args) == 0 {
				args = listed
			}
			return a.list(args)
		}),
	}
}

// entry is one thing of a list.
type entry struct {
	Name  string   `json:"name"`
	About string   `json:"about"`
	Keys  []string `json:"keys,omitempty"`

	References []string     `json:"references,omitempty"` // of a prior, a sampler, a process, an equation or a numerical method
	Method     *methodEntry `json:"method,omitempty"`

	Scheme string `json:"scheme,omitempty"` // of an equation
	Source string `json:"source,omitempty"`
}

// methodEntry is a row of the table of methods.
type methodEntry struct {
	Guide      string   `json:"guide"`
	Corrector  string   `json:"corrector"`
	Bridge     string   `json:"bridge"`
	Population string   `json:"population"`
	Exact      string   `json:"exact"`
	Needs      string   `json:"needs"`
	Calls      string   `json:"calls_per_step"`
	References []string `json:"references"`
}

func (a *app) list(what []string) error {
	all := map[string][]entry{}
	for _, name := range what {
		all[name] = entries(name)
	}
	if a.json {
		return a.printJSON(all)
	}
	for i, name := range what {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		if len(what) > 1 {
			fmt.Fprintf(a.stdout, "%s\n", name)
		}
		if err := a.printEntries(all[name]); err != nil {
			return err
		}
	}
	return nil
}

func entries(what string) []entry {
	switch what {
	case "methods":
		return methods()
	case "aliases":
		return aliases()
	case "equations":
		return equations()
	case "numerics":
		return numerics()
	case "backends":
		return backends()
	case "processes":
		out := inner("sampler", "process")
		for i := range out {
			out[i].References = method.ReferencesOf(method.Processes, out[i].Name)
		}
		return out
	case "networks":
		return inner("prior", "network")
	case "operators":
		return inner("potential", "operator")
	case "noises":
		return inner("potential", "noise")
	}
	out := kinds(strings.TrimSuffix(what, "s"))
	for i := range out {
		switch what {
		case "samplers":
			out[i].References = method.ReferencesOf(method.Samplers, out[i].Name)
		case "priors":
			out[i].References = method.ReferencesOf(method.Priors, out[i].Name)
		}
	}
	return out
}

func methods() []entry {
	var out []entry
	for _, m := range method.Table {
		out = append(out, entry{Name: m.Name, About: m.Summary, Keys: keysOf("method", m.Name), Method: &methodEntry{
			Guide: m.Guide, Corrector: m.Corrector, Bridge: m.Bridge, Population: m.Population,
			Exact: m.Exact, Needs: m.Needs, Calls: m.Calls, References: m.References,
		}})
	}
	return out
}

// aliases are the published names of methods.
func aliases() []entry {
	var out []entry
	for _, a := range spec.Aliases {
		about := strings.ReplaceAll(a.Method, "\n", ", ")
		if a.Sampler != "" {
			about += "; sampler: " + strings.ReplaceAll(a.Sampler, "\n", ", ")
		}
		out = append(out, entry{Name: a.Name, About: about})
	}
	return out
}

// equations are the families of abide data.
func equations() []entry {
	var out []entry
	for _, k := range pde.Table {
		e := entry{Name: k.Name, About: k.Equation, Scheme: k.Scheme, Source: k.Source, References: method.ReferencesOf(method.Families, k.Name)}
		for _, p := range k.Parameters {
			e.Keys = append(e.Keys, p.Name)
		}
		out = append(out, e)
	}
	return out
}

// numerics are the numerical methods of the library, for those who cite them.
func numerics() []entry {
	var out []entry
	for _, n := range method.Numerics {
		out = append(out, entry{Name: n.Name, About: n.About, References: n.References})
	}
	return out
}

// kinds are the kinds of a section of the spec.
func kinds(section string) []entry {
	for _, s := range spec.Sections() {
		if s.Name == section {
			return entriesOf(s.Kinds)
		}
	}
	return nil
}

func entriesOf(kinds []spec.Kind) []entry {
	var out []entry
	for i := range kinds {
		out = append(out, entry{Name: kinds[i].Name, About: kinds[i].Doc, Keys: keyNames(&kinds[i])})
	}
	return out
}

// inner are the kinds of the block in a key of a section's first kind that has it.
func inner(section, key string) []entry {
	for _, s := range spec.Sections() {
		if s.Name != section {
			continue
		}
		for _, k := range s.Kinds {
			if k := k.Key(key); k != nil {
				return entriesOf(k.Table.Kinds)
			}
		}
	}
	return nil
}

func keysOf(section, kind string) []string {
	for _, e := range kinds(section) {
		if e.Name == kind {
			return e.Keys
		}
	}
	return nil
}

func keyNames(k *spec.Kind) []string {
	var out []string
	for _, key := range k.Keys {
		out = append(out, key.Name)
	}
	return out
}

func backends() []entry {
	xla := "GoMLX on XLA; "
	if engine.HasXLA {
		xla += "this binary has it, and needs a PJRT plug-in (see abide doctor)"
	} else {
		xla += "not in this binary: make build-xla"
	}
	return []entry{
		{Name: "go", About: "GoMLX in pure Go, always there"},
		{Name: "xla", About: xla},
		{Name: "auto", About: "xla where it works, else go"},
	}
}

func (a *app) printEntries(all []entry) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, e := range all {
		fmt.Fprintf(w, "  %s\t%s\n", e.Name, e.About)
		if m := e.Method; m != nil {
			parts := []string{}
			for _, p := range [][2]string{{"guide", m.Guide}, {"corrector", m.Corrector}, {"bridge", m.Bridge}, {"population", m.Population}} {
				if p[1] != "" {
					parts = append(parts, p[0]+": "+p[1])
				}
			}
			fmt.Fprintf(w, "\tmade of    %s\n", strings.Join(parts, "; "))
			fmt.Fprintf(w, "\tthe law    %s\n", m.Exact)
			if m.Needs != "" {
				fmt.Fprintf(w, "\tneeds      %s\n", m.Needs)
			}
			fmt.Fprintf(w, "\tper step   %s\n", m.Calls)
			fmt.Fprintf(w, "\tafter      %s (abide cite %s)\n", strings.Join(m.References, ", "), e.Name)
		}
		if e.Scheme != "" {
			fmt.Fprintf(w, "\tscheme     %s\n\tsource     %s\n", e.Scheme, e.Source)
		}
		if len(e.References) > 0 {
			fmt.Fprintf(w, "\tafter      %s (abide cite %s)\n", strings.Join(e.References, ", "), e.Name)
		}
		if len(e.Keys) > 0 {
			fmt.Fprintf(w, "\tkeys       %s\n", strings.Join(e.Keys, ", "))
		}
	}
	return w.Flush()
}
