// Package equation turns differential equations, written as text on a declared grid,
// into residuals with a stated stencil and order:
//
//	equation  = "dt(u) + u*dx(u) - nu*dxx(u) = 0"
//	axes      = [{ name = "t", points = 65, range = [0, 1] }, { name = "x", points = 128, length = 1, boundary = "periodic" }]
//	constants = { nu = 0.01 }
//	time      = "crank-nicolson"
//
// In an equation stand the names of fields (the unknowns), constants, known functions,
// coordinates and pi, the arithmetic and functions of package expr, and operators:
//
//	dt dx dy dz      first derivatives, dx(f(u)) in conservative form by a flux
//	dxx dxy dtt …    second derivatives
//	lap(u)           Σ of second derivatives over the axes of space
//	div(a*grad(u))   flux form: a at faces is a mean of its two neighbours
//	dx(a*dx(u))      the same along one axis
//
// An equation is one residual for each place of the grid on which its whole stencil
// lies. Every residual is the same formula of a few numbers, the taps: values of fields
// at shifted places, known numbers, and beyond walls what a boundary rule makes of the
// values within. All forms of the residual, on the host and as a graph, and all its
// derivatives come from that formula and the list of taps.
//
// Not for spectral accuracy or for meshes without structure: packages pde and fem.
package equation

// Spec declares equations and the grid they hold on, as it stands in a file.
type Spec struct {
	Equation  string             `toml:"equation"`  // one equation, "left = right"
	Equations []string           `toml:"equations"` // or several for one state
	Axes      []Axis             `toml:"axes"`      // in the order of the arrays, the last running fastest
	Fields    []Field            `toml:"fields"`    // in the order of the state; none: u on all axes
	Constants map[string]float64 `toml:"constants"`
	Functions map[string]string  `toml:"functions"` // formulas of coordinates and constants
	// Time is the scheme of dt: "crank-nicolson" (or a θ, as in "theta 0.7"), "forward",
	// "backward" or "central", which dtt needs. Default: central with dtt, else Crank–Nicolson.
	Time string `toml:"time"`
	// Flux is that of dx(f(u)) for a formula f of one field: "central" (default), "godunov",
	// "engquist-osher" or "rusanov".
	Flux string `toml:"flux"`
	// Mean is how a coefficient before an inner derivative gets to a face: "arithmetic"
	// (default) or "harmonic".
	Mean string `toml:"mean"`
	// Units of names, as "m^2/s" or "1": with them the dimensions of both sides of every sum
	// are compared. All names of the equations need one, or none.
	Units map[string]string `toml:"units"`
}

// Axis is one direction of the grid. A boundary rule is one word and, for the last
// three, a formula of coordinates and constants (default 0), as in "dirichlet sin(pi*t)",
// or the name of a field that comes earlier in the state and does not vary along the axis:
//
//	none       nothing is known: there are rows where the whole stencil is on the grid
//	periodic   both sides at once
//	dirichlet  vertices: the outermost values get rows of their own; cells: u at the wall
//	neumann    the derivative along the axis (not outwards) at the wall
//	inflow     cells: the value of the cell beyond the wall
//
// On t, dirichlet is an initial (or final) state and neumann, on the left, an initial
// rate for the central scheme.
type Axis struct {
	Name     string    `toml:"name"`
	Points   int       `toml:"points"`
	Length   float64   `toml:"length"` // from 0 on, or
	Range    []float64 `toml:"range"`  // [first, last], walls included
	Centring string    `toml:"centring"`
	Boundary string    `toml:"boundary"` // rule of both sides of all fields
	Left     string    `toml:"left"`     // rule of one side
	Right    string    `toml:"right"`
}

// Field is an unknown. Rules are boundary rules of its own: keys are an axis, "x", or one
// of its sides, "x left".
type Field struct {
	Name  string            `toml:"name"`
	Axes  []string          `toml:"axes"` // default: all; "none" alone: a single number
	Rules map[string]string `toml:"rules"`
}
