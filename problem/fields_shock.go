package problem

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"abide/pde"
	"abide/physics"
	"abide/prior"
)

const (
	shockNodes  = 24 // along p and b each
	stefanNodes = 64
)

// shockFields are Burgers' shocks: of the lattice of the prior, the solutions whose p, or
// b, is that of its middle node.
func shockFields(name string, n int) (*Fields, error) {
	kind, values := familyKind("burgers-shock"), pde.Values{"grid": n}
	nodes := []int{shockNodes, shockNodes}
	p, err := prior.NewLattice(kind, values, nodes, 1)
	if err != nil {
		return nil, err
	}
	f := &Fields{Name: name, Rows: []string{"IC"}, Shape: []int{n + 1, n}}
	given, known := 0, 0.2+0.6*(shockNodes/2+0.5)/shockNodes
	if name == "burgers-bc" {
		f.Rows, given, known = []string{"CL"}, 1, (shockNodes/2+0.5)/shockNodes
	}
	some, err := f.part(kind, values, nodes, given, known)
	if err != nil {
		return nil, err
	}
	if f.Truth, err = prior.NewTable(f.rows(some), 1); err != nil {
		return nil, err
	}
	if given == 0 {
		initial, err := fixedPlane(f.Shape, 0, f.Mean, "initial")
		if err != nil {
			return nil, err
		}
		return f, f.obey(p, initial)
	}
	family, err := kind.Make(values)
	if err != nil {
		return nil, err
	}
	mass, err := physics.FromFamily(family, physics.Choice{Arrays: []string{"u"}, Given: some[0], Rows: []string{"mass"}})
	if err != nil {
		return nil, err
	}
	return f, f.obey(p, mass)
}

func stefanFields(n int) (*Fields, error) {
	kind, values, nodes := familyKind("stefan"), pde.Values{"grid": n, "times": n}, []int{stefanNodes}
	p, err := prior.NewLattice(kind, values, nodes, 1)
	if err != nil {
		return nil, err
	}
	f := &Fields{Name: "stefan", Rows: []string{"IC", "BC", "CL"}, Shape: []int{n, n}}
	if _, err := f.part(kind, values, nodes, 0, 0.55+0.15*(stefanNodes/2+0.5)/stefanNodes); err != nil {
		return nil, err
	}
	return f, f.conserving(p, 1/float64(n-1))
}

// part are the solutions of a lattice whose number of an array is known to a node: all
// equally likely, they are the conditional law.
func (f *Fields) part(kind pde.Kind, values pde.Values, nodes []int, array int, known float64) ([]pde.Sample, error) {
	family, err := kind.Make(values)
	if err != nil {
		return nil, err
	}
	var some []pde.Sample
	err = pde.Lattice(family.(pde.Parametric), nodes, func(s pde.Sample) error {
		if d := s[array][0] - known; d*d < 1e-18 {
			some = append(some, s)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("problem: no node of %s has %g", kind.Name, known)
	}
	f.equally(f.rows(some))
	return some, nil
}

// equally makes fields that are all as likely the conditional law.
func (f *Fields) equally(rows [][]float64) {
	w := make([]float64, len(rows))
	for k := range w {
		w[k] = 1 / float64(len(w))
	}
	f.moments(rows, w)
	f.Draw = func(rng *rand.Rand, n int) []float64 {
		out := make([]float64, 0, n*len(f.Mean))
		for range n {
			out = append(out, rows[rng.IntN(len(rows))]...)
		}
		return out
	}
}

// rows are the fields of samples, the last array of each.
func (f *Fields) rows(some []pde.Sample) [][]float64 {
	var rows [][]float64
	for _, s := range some {
		rows = append(rows, s[len(s)-1])
	}
	return rows
}

func familyKind(name string) pde.Kind {
	return pde.Table[slices.IndexFunc(pde.Table, func(k pde.Kind) bool { return k.Name == name })]
}
