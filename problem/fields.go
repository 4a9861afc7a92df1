package problem

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"

	"abide/pde"
	"abide/physics"
	"abide/prior"
)

// Fields is a problem over fields with laws whose conditional law is known: what methods
// are measured against.
type Fields struct {
	*Problem
	Name  string
	Rows  []string     // of each of Laws: "IC" initial values, "BC" boundary values, "CL" conservation
	Shape []int        // times and points of a field, row-major
	Truth *prior.Prior // the conditional law with its exact denoiser; nil: it is one field

	Mean, SD []float64                                 // of the conditional law, at each point
	Draw     func(rng *rand.Rand, n int) []float64     // n fields of it, [n, d]
	Latents  []string                                  // names of the numbers behind a field, as they are printed
	Estimate func(field []float64) (numbers []float64) // of the nearest field, by least squares; nil: none
}

// FieldKinds are the problems of [NewFields].
var FieldKinds = []string{"heat", "stokes-ic", "stokes-bc", "porous-medium", "stefan", "burgers-ic", "burgers-bc", "reaction-diffusion", "navier-stokes"}

// NewFields is a problem by name on a grid of n×n points (burgers: n + 1 levels of n
// cells):
//
//	heat           sin(x + φ) e^{−νt}; IC φ = π/4, CL no mass at any time; ν ~ U(1, 5) is left
//	stokes-ic      2 e^{−ky} cos(ky − ωt); IC k = 5; ω ~ U(2, 8) is left
//	stokes-bc      the same; BC ω = 5 at the wall; k ~ U(2, 20) is left
//	porous-medium  (m max(t − x, 0))^{1/m}; IC, BC and mass of m = 3: nothing is left
//	stefan         IC, BC and mass of the middle threshold of a lattice: nothing is left
//	burgers-ic     shocks; IC the middle p of a lattice; b is left
//	burgers-bc     shocks; CL mass with the scheme's fluxes, the middle b coming in; p is left
//	reaction-diffusion  IC one of 16 initial states; the fluxes at the walls are left
//	navier-stokes  vorticity at 5 times up to 20 on n×n points, 8×8 at least; IC one of 16
//	               initial states; the phase of the force is left
//
// Of Cheng et al. 2025 (ECI) and Utkarsh et al. 2025 (PCFM); the values of k, ω, m, p and
// b are ours. Where nothing is left errors are distances to one field. Burgers' prior has
// 24² solutions here where PCFM has 80², Stefan's 64.
func NewFields(name string, n int) (*Fields, error) {
	if n < 4 || n > 512 {
		return nil, fmt.Errorf("problem: %d points along an axis: want 4 to 512", n)
	}
	switch name {
	case "heat":
		return heatFields(n)
	case "stokes-ic", "stokes-bc":
		return stokesFields(name, n)
	case "porous-medium":
		return porousFields(n)
	case "stefan":
		return stefanFields(n)
	case "burgers-ic", "burgers-bc":
		return shockFields(name, n)
	case "reaction-diffusion":
		return startedFields(name, name, pde.Values{"grid": n, "times": n}, []int{n, n})
	case "navier-stokes":
		return startedFields(name, name, pde.Values{"grid": max(n, 8), "times": 4, "end": 20.0, "force": "random"}, []int{5, max(n, 8) * max(n, 8)})
	}
	return nil, fmt.Errorf("problem: no fields %q: there are %v", name, FieldKinds)
}

// obey adds laws of the rows' names to a prior, and fails where they contradict.
func (f *Fields) obey(p *prior.Prior, laws ...physics.Constraint) (err error) {
	if f.Problem, err = New(p, nil, nil); err != nil {
		return err
	}
	f.Problem, err = f.Obeying(laws...)
	return err
}

// alone makes one field the conditional law.
func (f *Fields) alone(field []float64) {
	f.Mean, f.SD = field, make([]float64, len(field))
	f.Draw = func(_ *rand.Rand, n int) []float64 { return slices.Repeat(field, n) }
}

// along makes the fields of one number that is uniform from low to high the conditional
// law, whose moments are Gauss–Legendre sums: exact to rounding for smooth fields.
func (f *Fields) along(low, high float64, field func(float64) []float64) {
	const nodes = 64
	x, w := make([]float64, nodes), make([]float64, nodes)
	quad.Legendre{}.FixedLocations(x, w, low, high)
	rows := make([][]float64, nodes)
	for k := range x {
		rows[k] = field(x[k])
		w[k] /= high - low
	}
	f.moments(rows, w)
}

// moments are those of rows with weights that sum to 1.
func (f *Fields) moments(rows [][]float64, w []float64) {
	d := len(rows[0])
	f.Mean, f.SD = make([]float64, d), make([]float64, d)
	for k, row := range rows {
		for i, v := range row {
			f.Mean[i] += w[k] * v
		}
	}
	for k, row := range rows {
		for i, v := range row {
			f.SD[i] += w[k] * (v - f.Mean[i]) * (v - f.Mean[i])
		}
	}
	for i, v := range f.SD {
		f.SD[i] = math.Sqrt(v)
	}
}

// fixedPlane gives a plane of fields the values that one field has there.
func fixedPlane(shape []int, axis int, field []float64, name string) (*physics.Fixed, error) {
	nodes, err := physics.Plane(shape, axis, 0)
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(nodes))
	for k, i := range nodes {
		values[k] = field[i]
	}
	return physics.NewFixed(len(field), nodes, values, physics.Label{Name: name})
}

// massOf gives all time levels the mass that those of one field have.
func massOf(p *prior.Prior, shape []int, spacing float64, field []float64) (*physics.Linear, error) {
	weights, totals := make([]float64, shape[1]), make([]float64, shape[0])
	for j := range weights {
		weights[j] = spacing
	}
	for i, v := range field {
		totals[i/shape[1]] += spacing * v
	}
	return physics.NewMass(weights, totals, Metric(p.Coordinates), physics.Label{Name: "mass"})
}
