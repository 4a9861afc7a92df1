package spec

import (
	"math"

	"abide/equation"
)

// familyAxes are the axes of the last array of each family of [pde.Table] that lies on a
// grid, in its order, all from 0 on; centring and boundary are those of space.
var familyAxes = map[string]struct {
	axes     string  // one letter each
	length   float64 // of the axes of space
	centring string
	boundary string
	end      float64 // last time, from 0 on
}{
	"darcy":              {"xy", 1, "", "", 0},
	"darcy1d":            {"x", 1, "", "", 0},
	"poisson":            {"xy", 1, "", "", 0},
	"helmholtz":          {"xy", 1, "", "", 0},
	"heat":               {"tx", 1, "", "", 1},
	"heat-closed":        {"tx", 2 * math.Pi, "", "periodic", 1},
	"stokes-second":      {"ty", 1, "", "", 1},
	"porous-medium":      {"tx", 1, "", "", 1},
	"stefan":             {"tx", 1, "", "", 0.1},
	"advection":          {"tx", 1, "", "periodic", 2},
	"wave":               {"tx", 1, "", "", 1},
	"burgers":            {"tx", 1, "", "periodic", 1},
	"burgers-shock":      {"tx", 1, "cell", "", 1},
	"reaction-diffusion": {"tx", 1, "cell", "", 0.99},
	"allen-cahn":         {"tx", 1, "cell", "", 10},
	"navier-stokes":      {"txy", 1, "", "periodic", 10},
	"stokes":             {"xy", 1, "", "", 0},
}

// familyGrid is the grid of a family's last array; nil where it lies on none.
func familyGrid(family string, shape []int) *Grid {
	f, ok := familyAxes[family]
	if !ok || len(f.axes) != len(shape) {
		return nil
	}
	g := &Grid{Fields: 1}
	for k, letter := range f.axes {
		a := equation.Axis{Name: string(letter), Points: shape[k], Range: []float64{0, f.length}, Centring: f.centring, Boundary: f.boundary}
		if letter == 't' {
			a = equation.Axis{Name: "t", Points: shape[k], Range: []float64{0, f.end}}
		}
		g.Axes = append(g.Axes, a)
	}
	return g
}
