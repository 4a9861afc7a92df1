package spec

import (
	"context"
	"math"
	"strings"
	"testing"

	"abide/operator"
	"abide/potential"
)

// hostSpec is a field of d numbers seen through a solver.
func hostSpec(shape, op, rest string) string {
	return "[prior]\nkind = \"gaussian-field\"\nshape = " + shape + "\nlength = 0.5\nkernel = \"rbf\"\n[[potential]]\nkind = \"measurement\"\noperator = { " + op + " }\n" + rest + "\n"
}

// A block makes the solver that its keys say, written by hand.
func TestHostOperators(t *testing.T) {
	rod := []float64{0, 1, 2, 0}
	for _, c := range []struct {
		shape, op string
		want      func() (operator.Host, error)
	}{
		{"[4, 3]", `kind = "darcy", points = [[0.5, 1], [0.1, 0.3]], extent = [1, 2], source = 3`, func() (operator.Host, error) {
			return operator.NewDarcy(4, 3, [2]float64{1, 2}, []float64{3}, [][]float64{{0.5, 1}, {0.1, 0.3}})
		}},
		{"[4]", `kind = "heat", readings = [[0.5, 1], [0.1, 0.3]], initial = [0, 1, 2, 0], end = 1, steps = 9, theta = 1, source = 0.5, length = 2`, func() (operator.Host, error) {
			return operator.NewHeat(operator.HeatSettings{Length: 2, End: 1, Steps: 9, Theta: 1, Source: 0.5, Initial: rod}, [][]float64{{0.5, 1}, {0.1, 0.3}})
		}},
	} {
		want, err := c.want()
		if err != nil {
			t.Fatal(err)
		}
		d, m := want.Dims()
		s := mustParse(t, hostSpec(c.shape, c.op, "y = [1, 2]\nstd = 0.5"))
		checkFixedPoint(t, s)
		ps, err := s.BuildPotentials(indexed(d))
		if err != nil {
			t.Fatal(err)
		}
		x, y := ramp(d), make([]float64, m)
		if err := want.At(context.Background(), y, x); err != nil {
			t.Fatal(err)
		}
		e := ((1-y[0])*(1-y[0]) + (2-y[1])*(2-y[1])) / (2 * 0.25)
		if got := ps[0].(*potential.Hosted).EnergyAt(x); math.Abs(got-e) > 1e-12*e {
			t.Errorf("%s: energy %g, by hand %g", c.op, got, e)
		}
	}
}

func TestHostOperatorErrors(t *testing.T) {
	for _, c := range []struct{ shape, op, rest, want string }{
		{"[5, 5]", `kind = "darcy", points = [[0.5, 0.5], [1, 0.5]]`, "y = [1, 2]\nstd = 1", "operator.points: darcy: point 1, (1, 0.5), does not lie inside"},
		{"[5, 5]", `kind = "darcy", points = [[0.5, 0.5]], shape = [4, 5]`, "y = [1]\nstd = 1", "does not have 25 columns"},
		{"[5, 5]", `kind = "darcy", points = [[0.5, 0.5]], extent = [1]`, "y = [1]\nstd = 1", "operator.extent: has 1 numbers"},
		{"[5, 5]", `kind = "darcy", points = [[0.5, 0.5]], source = 0`, "y = [1]\nstd = 1", "whatever the permeability"},
		{"[5, 5]", `kind = "darcy", points = [[0.5, 0.5]], source = [1, 2]`, "y = [1]\nstd = 1", "a source of 2 numbers for 5×5 vertices"},
		{"[5, 5]", `kind = "darcy", points = [[0.5, 0.5]]`, "y = [1, 2]\nstd = 1", "y"},
		{"[5, 5]", `kind = "darcy", points = [[0.5, 0.5]]`, "y = [1]\nnoise = \"poisson\"", "noise: is not Gaussian, which a solver on the host needs"},
		{"[4]", `kind = "heat", readings = [[0.5, 0.5]], initial = [0, 1, 0], end = 1, steps = 9`, "y = [1]\nstd = 1", "operator.initial"},
		{"[4]", `kind = "heat", readings = [[0.5, 2]], initial = [0, 1, 1, 0], end = 1, steps = 9`, "y = [1]\nstd = 1", "reading 0, [0.5, 2], is not inside the rod"},
	} {
		s := mustParse(t, hostSpec(c.shape, c.op, c.rest))
		d := 25
		if c.shape == "[4]" {
			d = 4
		}
		if err := s.Bind(indexed(d)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.op, err, c.want)
		}
	}
}
