package spec

import (
	"fmt"
	"math"

	"abide/pde"
)

// oracleKinds are the laws of families of solutions with their exact denoisers: what
// methods are judged on without the error of a network.
func oracleKinds() []Kind {
	grid := func(doc string) Key {
		return Key{Name: "grid", Type: Int, Default: 100, Range: from(3, 4096), Doc: doc}
	}
	times := func(doc string) Key {
		return Key{Name: "times", Type: Int, Default: 100, Range: from(2, 4096), Doc: doc}
	}
	of := func(name string, low, high float64, doc string) Key {
		return Key{Name: name, Type: Float | Floats, Default: []float64{low, high}, Doc: doc + ", uniform between two numbers; or one number, known"}
	}
	scale := Key{Name: "scale", Type: Float, Default: 1.0, Range: from(0, largest), Doc: "what noise of standard deviation 1 is in the unit of the field, as published 1; 0: the field's own standard deviation"}
	columns := columnsKey("names of the columns, time after time (default x[0], x[1], …)")
	return []Kind{
		{Name: "oracle-heat", Doc: "fields sin(x + phi) exp(−nu t), x on a circle of length 2π, t from 0 to 1, with their exact denoiser", Keys: []Key{
			grid("points on the circle"), times("times from 0 to 1, both ends"),
			of("nu", 1, 5, "rate"), of("phi", 0, math.Pi, "phase"), scale, columns,
		}, finish: finishOracle("nu", "phi")},
		{Name: "oracle-stokes", Doc: "fields 2 exp(−k y) cos(k y − omega t), y and t from 0 to 1, with their exact denoiser", Keys: []Key{
			grid("points from 0 to 1, both ends"), times("times from 0 to 1, both ends"),
			of("omega", 2, 8, "frequency of the wall"), of("k", 2, 20, "inverse depth"), scale, columns,
		}, finish: finishOracle("omega", "k")},
		{Name: "oracle-porous-medium", Doc: "fields (m max(t − x, 0))^(1/m), x and t from 0 to 1, with their exact denoiser", Keys: []Key{
			grid("points from 0 to 1, both ends, in x and in t"),
			of("m", 1, 6, "exponent, above 0"), scale, columns,
		}, finish: finishOracle("m")},
		{Name: "oracle-stefan", Doc: "fields of a melting front, of thresholds at the midpoints of a lattice from 0.55 to 0.7, with their exact denoiser", Keys: []Key{
			grid("points from 0 to 1, both ends"), times("times from 0 to 0.1, both ends"),
			{Name: "nodes", Type: Int, Default: 1000, Range: from(2, 1e5), Doc: "thresholds, all equally likely"}, scale, columns,
		}, finish: finishOracle()},
		{Name: "oracle-burgers", Doc: "shocks of Burgers' equation, of p (0.2 to 0.8) and b (0 to 1) at the midpoints of a lattice, with their exact denoiser", Keys: []Key{
			grid("cells of (0, 1)"),
			{Name: "nodes", Type: Ints, Repeats: true, Default: []int{40, 40}, Range: from(1, 1e4), Doc: "nodes of p and of b, all equally likely"}, scale, columns,
		}, finish: finishBurgers},
		{Name: "oracle-solutions", Doc: "solutions of a family of equations, drawn once and then equally likely, with their exact denoiser", Keys: []Key{
			{Name: "family", Type: String, Required: true, Allowed: familyNames(), Doc: "family, as abide data has it"},
			{Name: "rows", Type: Int, Default: 1000, Range: from(2, 1e6), Doc: "number of solutions"},
			{Name: "seed", Type: Int, Default: 0, Range: from(0, 1<<62), Doc: "seed of the solutions"},
			{Name: "grid", Type: Int, Range: from(2, 4096), Doc: "the family's grid (default: its own)"},
			{Name: "times", Type: Int, Range: from(1, 1e5), Doc: "the family's times, where it has them (default: its own)"},
			scale, columns,
		}, finish: finishSolutions},
	}
}

func familyNames() []string {
	var names []string
	for _, k := range pde.Table {
		names = append(names, k.Name)
	}
	return names
}

// finishOracle checks that ranges are two numbers in order, at least one of them wide,
// and the number of names.
func finishOracle(ranges ...string) func(*Block) error {
	return func(b *Block) error {
		wide := len(ranges) == 0
		for _, key := range ranges {
			v := b.Spread(key, 2)
			if len(v) != 2 || v[0] > v[1] {
				return b.fault(key, "is no range").allowed("[low, high] with low ≤ high, or one number")
			}
			wide = wide || v[0] < v[1]
		}
		if !wide {
			return b.fault(ranges[0], "leaves nothing unknown").allowed("a range for at least one parameter")
		}
		return b.length("columns", len(b.Strings("columns")), b.oracleSize(), "the grid")
	}
}

func finishBurgers(b *Block) error {
	if n := len(b.Ints("nodes")); n != 2 {
		return b.fault("nodes", "has length %d", n).allowed("two numbers, of p and of b")
	}
	return b.length("columns", len(b.Strings("columns")), b.oracleSize(), "the grid")
}

func finishSolutions(b *Block) error {
	f, err := b.Family()
	if err != nil {
		return err
	}
	arrays := f.Arrays()
	return b.length("columns", len(b.Strings("columns")), arrays[len(arrays)-1].Size(), "the family's field")
}

// Family is the family of an oracle-solutions block.
func (b *Block) Family() (pde.Family, error) {
	kind, values := b.FamilyKind()
	f, err := kind.Make(values)
	if err != nil {
		return nil, b.fault("family", "%v", err)
	}
	return f, nil
}

// FamilyKind is the row of pde.Table that an oracle-solutions block names, and what it
// says of its parameters.
func (b *Block) FamilyKind() (pde.Kind, pde.Values) {
	values := pde.Values{}
	for _, key := range []string{"grid", "times"} {
		if b.Has(key) {
			values[key] = b.Int(key)
		}
	}
	for _, k := range pde.Table {
		if k.Name == b.String("family") {
			return k, values
		}
	}
	panic(fmt.Sprintf("spec: family %q passed the check of names", b.String("family")))
}

// oracleSize is the number of columns of an oracle.
func (b *Block) oracleSize() int {
	switch n := b.Int("grid"); b.Kind {
	case "oracle-porous-medium":
		return n * n
	case "oracle-burgers": // as many steps as cells, and the initial state
		return n * (n + 1)
	default:
		return n * b.Int("times")
	}
}
