package spec

import (
	"slices"

	"abide/operator"
	"abide/potential"
)

// hostKinds are solvers on the host; they stand alone, not in compose.
func hostKinds() []Kind {
	return []Kind{
		{Name: "darcy", Doc: "pressures in a porous medium, −div(exp(x) ∇p) = source, p = 0 on the boundary; x is the log-permeability on a grid [rows, columns], the boundary included", Keys: []Key{
			{Name: "points", Type: Matrix | Path, Required: true, Allowed: tables, Doc: "places of the pressures, rows of two coordinates in the unit of extent, along the axis of rows first; or a file with them"},
			{Name: "source", Type: Float | Floats | Path, Default: 1.0, Allowed: tables, Doc: "f, one number or one for each vertex; or a file with them"},
			{Name: "extent", Type: Floats, Default: []float64{1, 1}, Range: above(0, largest), Doc: "lengths of the rectangle along rows and columns"},
			{Name: "shape", Type: Ints, Repeats: true, Range: from(3, 1<<12), Doc: "vertices [rows, columns] (default: [report] image, or the grid of a gaussian-field)"},
		}},
		{Name: "heat", Doc: "temperatures of a rod, u_t = (exp(x) u_x)_x + source, u = 0 at the ends; x is the log-diffusivity at vertices from end to end", Keys: []Key{
			{Name: "readings", Type: Matrix | Path, Required: true, Allowed: tables, Doc: "rows [place, time]; or a file with them"},
			{Name: "initial", Type: Floats | Path, Required: true, Allowed: tables, Doc: "u at time 0, one number for each vertex; or a file with them"},
			{Name: "end", Type: Float, Required: true, Range: above(0, largest), Doc: "last time"},
			{Name: "steps", Type: Int, Required: true, Range: from(1, 1e7), Doc: "steps in time"},
			{Name: "length", Type: Float, Default: 1.0, Range: above(0, largest), Doc: "length of the rod"},
			{Name: "source", Type: Float, Default: 0.0, Doc: "heat made per unit of time and length"},
			{Name: "theta", Type: Float, Default: 0.5, Range: from(0.5, 1), Doc: "½: Crank–Nicolson, 1: implicit Euler"},
			{Name: "snapshots", Type: Int, Default: 0, Range: from(0, 1e7), Doc: "states kept for the adjoint, the rest is computed again; 0: about the root of steps"},
		}},
	}
}

func hostKind(kind string) bool {
	return slices.ContainsFunc(hostKinds(), func(k Kind) bool { return k.Name == kind })
}

// hosted makes the potential of a solver on the host.
func (s *Spec) hosted(b *Block, names []string) (potential.Potential, error) {
	op, err := s.host(b.Table("operator"), len(names))
	if err != nil {
		return nil, err
	}
	y, _, err := s.numbers(b, "y")
	if err != nil {
		return nil, err
	}
	_, m := op.Dims()
	if err := b.length("y", len(y), m, "operator"); err != nil {
		return nil, err
	}
	if err := b.measured(y); err != nil {
		return nil, err
	}
	noise, err := s.noise(b, m)
	if err != nil {
		return nil, err
	}
	normal, ok := noise.(*potential.Normal)
	if !ok {
		return nil, b.fault("noise", "is not Gaussian, which a solver on the host needs").allowed("noise = \"gaussian\" with std or covariance")
	}
	p, err := potential.NewHosted(b.String("name"), op, y, normal, b.Bool("missing"))
	if err != nil {
		return nil, b.builtAt("y", err)
	}
	return p, nil
}

// host makes the solver of a block over d columns.
func (s *Spec) host(b *Block, d int) (operator.Host, error) {
	if b.Kind == "heat" {
		readings, err := s.matrix(b, "readings")
		if err != nil {
			return nil, err
		}
		initial, _, err := s.numbers(b, "initial")
		if err != nil {
			return nil, err
		}
		if err := b.length("initial", len(initial), d, "the prior"); err != nil {
			return nil, err
		}
		o, err := operator.NewHeat(operator.HeatSettings{
			Length: b.Float("length"), End: b.Float("end"), Steps: b.Int("steps"), Theta: b.Float("theta"),
			Snapshots: b.Int("snapshots"), Initial: initial, Source: b.Float("source"),
		}, readings)
		if err != nil {
			return nil, b.builtAt("readings", err)
		}
		return o, nil
	}
	in, err := b.shape(s.image(), d)
	if err != nil {
		return nil, err
	}
	if in.Channels != 1 {
		return nil, b.fault("shape", "the columns are an image of %d channels", in.Channels).allowed("shape = [rows, columns]")
	}
	points, err := s.matrix(b, "points")
	if err != nil {
		return nil, err
	}
	source, _, err := s.numbers(b, "source")
	if err != nil {
		return nil, err
	}
	extent := b.Floats("extent")
	if len(extent) != 2 {
		return nil, b.fault("extent", "has %d numbers", len(extent)).allowed("two lengths")
	}
	o, err := operator.NewDarcy(in.Height, in.Width, [2]float64(extent), source, points)
	if err != nil {
		return nil, b.builtAt("points", err)
	}
	return o, nil
}
