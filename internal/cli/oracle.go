package cli

import (
	"context"
	"runtime"

	"abide/pde"
	"abide/prior"
	"abide/spec"
)

// newOracle makes the law of a family of solutions with its exact denoiser.
func newOracle(b *spec.Block) (p *prior.Prior, err error) {
	over := func(key string) prior.Range {
		v := b.Spread(key, 2)
		return prior.Range{Low: v[0], High: v[1]}
	}
	switch b.Kind {
	case "oracle-heat":
		p, err = prior.NewHeat(b.Int("times"), b.Int("grid"), over("nu"), over("phi"), b.Float("scale"))
	case "oracle-stokes":
		p, err = prior.NewStokes(b.Int("times"), b.Int("grid"), over("omega"), over("k"), b.Float("scale"))
	case "oracle-porous-medium":
		p, err = prior.NewPorousMedium(b.Int("grid"), over("m"), b.Float("scale"))
	case "oracle-stefan":
		p, err = prior.NewLattice(family("stefan"), pde.Values{"grid": b.Int("grid"), "times": b.Int("times")}, []int{b.Int("nodes")}, b.Float("scale"))
	case "oracle-burgers":
		p, err = prior.NewLattice(family("burgers-shock"), pde.Values{"grid": b.Int("grid")}, b.Ints("nodes"), b.Float("scale"))
	case "oracle-solutions":
		kind, values := b.FamilyKind()
		p, err = prior.NewSolutions(context.Background(), kind, values, uint64(b.Int("seed")), b.Int("rows"), runtime.GOMAXPROCS(0), b.Float("scale"))
	}
	if err != nil {
		return nil, b.Errorf("kind", "%v", err)
	}
	p.Kind = b.Kind
	if names := b.Strings("columns"); names != nil {
		p.Coordinates.Names = names
	}
	return p, nil
}

func family(name string) pde.Kind {
	for _, k := range pde.Table {
		if k.Name == name {
			return k
		}
	}
	panic("cli: no family " + name)
}
