// Package method is the table of methods: each row says what a method is made
// of, what it promises and what it needs, and builds its kernel. `abide list
// methods` prints the rows that run.
package method

import (
	"fmt"
	"slices"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/problem"
	"abide/sampler"
)

// Settings are what a run asks of a method.
type Settings struct {
	Samples int
	Seed    uint64
	Chunk   int // 0: 512
	Workers int // 0: all cores

	Grid   diffusion.Grid
	Bridge sampler.Bridge // used by methods whose points do not interact

	Trajectory bool // keep the points of every level; not for populations, whose points have no past of their own

	Values Values // the method's own parameters; what is not given has its default
}

// Method is one row of the table.
type Method struct {
	Name    string
	Summary string // one sentence

	Guide, Corrector, Bridge, Population, Outer string // what it is made of; "" is none

	Exact      string   // in which limit its samples follow the law, or what is wrong with them
	Needs      string   // what the problem must offer
	Calls      string   // denoiser calls and vector–Jacobian products per step
	References []string // keys into References
	Weighted   bool     // samples carry weights, ESS and evidence
	Parameters []Parameter

	new func(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error)
}

// New binds the method to a problem. Parameters that are not given have their
// defaults.
func (m Method) New(e *engine.Engine, p *problem.Problem, s Settings) (sampler.Kernel, error) {
	if p.Law != nil && m.Weighted {
		return nil, &problem.UnsupportedError{Method: m.Name, Needs: "no laws of fields", Has: fmt.Sprintf("%q", p.Law.Rows()[0].Name), Try: "use method project, eci or ppr"}
	}
	return m.new(e, p, m.completed(s))
}

// Table lists the methods in the order they are printed. Rows of a family stand
// in a file of their own.
var Table = slices.Concat([]Method{none, project, guided, twistedSMC}, guideRows, kalmanRows, gradientRows, consistentRows, splitRows, hostRows, routeRows, controlRows, residualRows, chanceRows, tweedieRows)

// Find returns the row with a name.
func Find(name string) (Method, error) {
	var names []string
	for _, m := range Table {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return Method{}, fmt.Errorf("method: %q is not in the table; it has %v", name, names)
}
