package spec

import (
	"context"
	"math"
	"slices"
	"testing"

	"abide/pde"
	"abide/physics"
)

const (
	heatPrior    = "[prior]\nkind = \"oracle-heat\"\ngrid = 12\ntimes = 7\n"
	periodicFlow = "[prior]\nkind = \"product\"\n[[prior.parts]]\nkind = \"gaussian-field\"\nshape = [8, 6]\nextent = [2, 3]\nlength = 0.7\nboundary = \"periodic\"\n[[prior.parts]]\nkind = \"gaussian-field\"\nshape = [8, 6]\nextent = [2, 3]\nlength = 0.7\nboundary = \"periodic\"\n"
	squarePrior  = "[prior]\nkind = \"gaussian-field\"\nshape = [5, 5]\nlength = 0.5\n"
)

// A field of known form obeys its law, the same field with one number moved does not, and
// the spec is the same after it was resolved.
func TestLawsOfKnownFields(t *testing.T) {
	heat := func(x []float64) float64 { return math.Sin(x[1]+0.3) * math.Exp(-2*x[0]) }
	square := func(f func(x, y float64) float64) func(x []float64) float64 {
		return func(x []float64) float64 { return f(x[0], x[1]) }
	}
	for _, c := range []struct {
		name, prior, block string
		fields             []func(x []float64) float64
		moved              int // the number that is moved by 0.1
	}{
		{"initial", heatPrior, "kind = \"initial-value\"\nvalue = \"sin(x + 0.3)\"\n", []func([]float64) float64{heat}, 3},
		{"final", heatPrior, "kind = \"initial-value\"\nside = \"right\"\nvalue = \"sin(x + 0.3)*exp(-2)\"\n", []func([]float64) float64{heat}, 80},
		{"mass", heatPrior, "kind = \"mass\"\nvalue = 0\n", []func([]float64) float64{heat}, 40},
		{"conserved", heatPrior, "kind = \"mass\"\n", []func([]float64) float64{heat}, 40},
		{"moments", heatPrior, "kind = \"moments\"\nof = [\"cos(x + 0.3)\", \"1\"]\nvalue = 0\n", []func([]float64) float64{heat}, 41},
		{"energy", heatPrior, "kind = \"energy\"\nvalue = \"pi/2*exp(-4*t)\"\n", []func([]float64) float64{heat}, 12},
		{"band", heatPrior, "kind = \"band-limit\"\nhighest = [0, 1]\naxes = [{ name = \"t\", boundary = \"periodic\" }]\n", []func([]float64) float64{func(x []float64) float64 { return math.Sin(x[1]) }}, 0},
		{"boundary", squarePrior, "kind = \"boundary-value\"\nvalue = \"x + 2*y\"\n", []func([]float64) float64{square(func(x, y float64) float64 { return x + 2*y })}, 4},
		{"sensors", squarePrior, "kind = \"sensors\"\npoints = [[0.1, 0.9], [0.5, 0.3]]\nvalue = \"x + 2*y\"\n", []func([]float64) float64{square(func(x, y float64) float64 { return x + 2*y })}, 12 - 1},
		{"flux", squarePrior, "kind = \"flux\"\naxis = \"y\"\nside = \"right\"\nvalue = \"x + 2\"\n", []func([]float64) float64{square(func(x, y float64) float64 { return x*y + y*y })}, 4},
		{"symmetric", squarePrior, "kind = \"symmetry\"\neven = [\"x\"]\nturn = [\"x\", \"y\"]\n", []func([]float64) float64{square(func(x, y float64) float64 { return math.Pow(x-0.5, 2) + math.Pow(y-0.5, 2) })}, 1},
		{"bounds", squarePrior, "kind = \"field-bounds\"\nlower = \"x - 0.01\"\nupper = 2\n", []func([]float64) float64{square(func(x, y float64) float64 { return x })}, -6},
		{"bounded mass", squarePrior, "kind = \"field-bounds\"\nlower = 0\nmass = 0.5\naxis = \"none\"\n", []func([]float64) float64{square(func(x, y float64) float64 { return x })}, 7},
		{"monotone", squarePrior, "kind = \"monotone\"\n", []func([]float64) float64{square(func(x, y float64) float64 { return x + 0.2*y })}, 7},
		{"concave", squarePrior, "kind = \"convex\"\nconcave = true\n", []func([]float64) float64{square(func(x, y float64) float64 { return x - 0.1*y*y })}, -7},
		{"poisson", squarePrior, "kind = \"equation\"\nequation = \"lap(u) = 2*c\"\nconstants = { c = 3 }\naxes = [{ name = \"x\", boundary = \"none\" }, { name = \"y\", boundary = \"none\" }]\n", []func([]float64) float64{square(func(x, y float64) float64 { return 2*x*x + y*y })}, 7},
		{"solenoidal", periodicFlow, "kind = \"divergence-free\"\n", []func([]float64) float64{
			square(func(x, y float64) float64 { return math.Cos(math.Pi*x) * math.Cos(2*math.Pi*y/3) * 2 / 3 }),
			square(func(x, y float64) float64 { return math.Sin(math.Pi*x) * math.Sin(2*math.Pi*y/3) }),
		}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustParse(t, c.prior+"[[constraint]]\n"+c.block)
			checkFixedPoint(t, s)
			laws, err := s.BuildLaws(s.Columns(), nil)
			if err != nil {
				t.Fatal(err)
			}
			g, err := s.gridOf(s.Constraints[0])
			if err != nil {
				t.Fatal(err)
			}
			u, x := make([]float64, len(s.Columns())), make([]float64, len(g.Axes)+1)
			for i := range u {
				g.at(x, i%g.Size())
				u[i] = c.fields[i/g.Size()](x)
			}
			if v, _, _ := physics.Violation(laws[0], u); v > 1e-12 {
				t.Errorf("the field misses its law by %g", v)
			}
			if c.moved < 0 {
				u[-c.moved] -= 0.1
			} else {
				u[c.moved] += 0.1
			}
			if v, _, _ := physics.Violation(laws[0], u); v < 1e-3 {
				t.Errorf("a field that was moved misses its law by %g alone", v)
			}
		})
	}
}

// The family of an oracle is found without a word, its true fields obey, and residuals
// that read what is not known are left out.
func TestFamilyOfPrior(t *testing.T) {
	s := mustParse(t, "[prior]\nkind = \"oracle-burgers\"\ngrid = 8\nnodes = [3, 3]\n[[constraint]]\nkind = \"family\"\n")
	checkFixedPoint(t, s)
	laws, err := s.BuildLaws(s.Columns(), nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := laws[0].Rows()
	if len(rows) != 1 || rows[0].Name != "equation" || rows[0].Size != 7*8 {
		t.Fatalf("rows %+v: want the equations of 7 inner cells at 8 steps", rows)
	}
	f, err := s.chosenFamily(s.Constraints[0])
	if err != nil {
		t.Fatal(err)
	}
	sample, err := f.Draw(context.Background(), 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if v, _, _ := physics.Violation(laws[0], sample[2]); v > 1e-12 {
		t.Errorf("a true field misses its family by %g", v)
	}
	known := mustParse(t, "[prior]\nkind = \"oracle-burgers\"\ngrid = 8\nnodes = [3, 3]\n[[constraint]]\nkind = \"family\"\nrows = [\"mass\"]\ngiven = { b = "+formatFloat(sample[1][0])+" }\n")
	if laws, err = known.BuildLaws(known.Columns(), nil); err != nil {
		t.Fatal(err)
	}
	if v, _, _ := physics.Violation(laws[0], sample[2]); laws[0].Rows()[0].Size != 8 || v > 1e-12 {
		t.Errorf("%d rows of mass, missed by %g", laws[0].Rows()[0].Size, v)
	}
}

// Families whose rows go through many steps can be imposed: their data obey, and do not with
// one number moved.
func TestFamiliesOfSteps(t *testing.T) {
	for name, c := range map[string]struct {
		values            pde.Values
		parameters, shape string
	}{
		"burgers":         {pde.Values{"grid": 16, "times": 3, "nu": 0.02}, "grid = 16, times = 3, nu = 0.02", "[4, 16]"},
		"fitzhugh-nagumo": {pde.Values{"grid": 4, "times": 2, "end": 0.2}, "grid = 4, times = 2, end = 0.2", "[24, 4]"},
		"navier-stokes":   {pde.Values{"grid": 8, "times": 1, "end": 0.5}, "grid = 8, times = 1, end = 0.5", "[16, 8]"},
	} {
		s := mustParse(t, "[prior]\nkind = \"gaussian-field\"\nshape = "+c.shape+"\nlength = 0.5\n[[constraint]]\nkind = \"family\"\nfamily = \""+name+"\"\nparameters = { "+c.parameters+" }\n"+
			map[bool]string{true: "given = { phi = 0.7853981633974483 }\n"}[name == "navier-stokes"])
		laws, err := s.BuildLaws(s.Columns(), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f, err := pde.Table[slices.IndexFunc(pde.Table, func(k pde.Kind) bool { return k.Name == name })].Make(c.values)
		if err != nil {
			t.Fatal(err)
		}
		sample, err := f.Draw(context.Background(), 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		u := sample[len(sample)-1]
		if v, _, _ := physics.Violation(laws[0], u); v > 1e-10 {
			t.Errorf("%s: true data miss their law by %g", name, v)
		}
		u[len(u)-1] += 0.1
		if v, _, _ := physics.Violation(laws[0], u); v < 1e-3 {
			t.Errorf("%s: data that were moved miss their law by %g alone", name, v)
		}
	}
}

// The axes of families are those of their arrays.
func TestGridsOfFamilies(t *testing.T) {
	for _, k := range pde.Table {
		f, err := k.Make(pde.Values{})
		if err != nil {
			t.Fatal(err)
		}
		arrays := f.Arrays()
		last := arrays[len(arrays)-1]
		switch g := familyGrid(k.Name, last.Shape); k.Name {
		case "elasticity", "nonlinear-poisson", "fitzhugh-nagumo": // components and points on no box
		default:
			if g == nil || g.Dim() != last.Size() {
				t.Errorf("%s: grid %v for an array of shape %v", k.Name, g, last.Shape)
			}
		}
	}
}
