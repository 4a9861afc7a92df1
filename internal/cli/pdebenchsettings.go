package cli

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"abide/diffusion"
	"abide/method"
	"abide/sampler"
)

// pdeFiles are the settings of methods for `abide bench pde`, a file each.
//
//go:embed pdebench/*.toml
var pdeFiles embed.FS

// setting are parameters of a method; "sampler" (ddim, which is the default, or
// dpm-solver++) and the "eta" of ddim are for methods that leave the transitions to one.
type setting map[string]any

// pdeChoices is such a file: what is tried for all families alike, and what was best.
type pdeChoices struct {
	Seeds  []int                `toml:"seeds" comment:"seeds that the settings were chosen on"`
	Try    []setting            `toml:"try" comment:"what is tried for each family"`
	Chosen map[string]pdeChoice `toml:"chosen"`
}

// pdeChoice is the entry of Try with the least MMSE + SMSE against the truth.
type pdeChoice struct {
	Try     int       `toml:"try" comment:"from 1"`
	Scores  []float64 `toml:"scores" comment:"mean MMSE + SMSE over the seeds of each"`
	Grid    int       `toml:"grid"`
	Steps   int       `toml:"steps"`
	Samples int       `toml:"samples"`
}

// pdeChoicesOf reads the file of a method in a folder, where there is one, or the embedded
// one; without either there is nothing to try but its defaults.
func pdeChoicesOf(folder, m string) (*pdeChoices, error) {
	c := &pdeChoices{}
	text, err := os.ReadFile(filepath.Join(folder, m+".toml"))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = pdeFiles.ReadFile("pdebench/" + m + ".toml")
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(c)
	}
	if err != nil {
		return nil, fmt.Errorf("bench: settings of %s: %w", m, err)
	}
	if len(c.Try) == 0 {
		c.Try = []setting{{}}
	}
	for family, chosen := range c.Chosen {
		if chosen.Try < 1 || chosen.Try > len(c.Try) {
			return nil, fmt.Errorf("bench: settings of %s: try %d for %s of %d", m, chosen.Try, family, len(c.Try))
		}
	}
	return c, nil
}

// of is the setting for a family, and how many were tried for it; 0: defaults.
func (c *pdeChoices) of(family string) (s setting, tried int) {
	if chosen, ok := c.Chosen[family]; ok {
		return c.Try[chosen.Try-1], len(c.Try)
	}
	return setting{}, 0
}

// split are the values of a method, and its sampler on a grid.
func (s setting) split(m method.Method, g diffusion.Grid) (method.Values, sampler.Bridge, error) {
	fail := func(format string, a ...any) (method.Values, sampler.Bridge, error) {
		return nil, nil, fmt.Errorf("bench: settings of %s: %s", m.Name, fmt.Sprintf(format, a...))
	}
	v, name, eta := method.Values{}, "ddim", 0.0
	for _, key := range slices.Sorted(maps.Keys(s)) {
		given, ok := s[key], true
		switch {
		case key == "eta" && m.Bridge == "any":
			if eta, ok = given.(float64); !ok {
				return fail("eta is %v, want a number with a point", given)
			}
			continue
		case key == "sampler" && m.Bridge == "any":
			if name, ok = given.(string); !ok {
				return fail("sampler is %v, want a name in quotes", given)
			}
			continue
		}
		i := slices.IndexFunc(m.Parameters, func(p method.Parameter) bool { return p.Name == key })
		if i < 0 {
			return fail("no parameter %q", key)
		}
		if n, ok := given.(int64); ok {
			given = int(n)
		}
		if want := m.Parameters[i].Default; fmt.Sprintf("%T", given) != fmt.Sprintf("%T", want) {
			return fail("%s is a %T, want a %T", key, given, want)
		}
		v[key] = given
	}
	switch name {
	case "ddim":
		return v, sampler.DDIM{Grid: g, Eta: eta}, nil
	case "dpm-solver++":
		if eta != 0 {
			return fail("eta = %g is of ddim, and the sampler is dpm-solver++", eta)
		}
		return v, sampler.DPMSolver{Grid: g}, nil
	}
	return fail("sampler is %q, want ddim or dpm-solver++", name)
}

// write puts the file of a method into a folder.
func (c *pdeChoices) write(folder, m string) (string, error) {
	text, err := toml.Marshal(c)
	if err != nil {
		return "", err
	}
	name := filepath.Join(folder, m+".toml")
	return name, os.WriteFile(name, text, 0o666)
}
