package pde

import (
	"context"
	"fmt"
	"sync"

	"abide/field"
	"abide/grid"
)

// poissonKind is Poisson's equation with a random source,
//
//	Δu = f in (0,1)²,  u = 0 on the boundary,  f ~ N(0, 9 (−Δ + 9)⁻²),
//
// on the vertices of n×n cells: five points, solved by sine transforms, order 2.
//
// J. Huang et al., "DiffusionPDE", NeurIPS 2024, section 4 (there on 128² vertices). u
// is a linear image of a Gaussian field: the posterior given values of f or u has a
// closed form.
//
// Cost: a field and two sine transforms, O(n² log n).
var poissonKind = Kind{
	Name:       "poisson",
	Equation:   "Δu = f in (0,1)², u = 0 on the boundary",
	Scheme:     "5 points on vertices, sine transforms; order 2",
	Source:     "Huang et al. 2024 (NeurIPS), DiffusionPDE",
	Parameters: []Parameter{cellsParameter(64)},
	New:        func(v Values) (Family, error) { return newHelmholtz(v.Int("grid"), 0) },
}

// helmholtzKind is the equation of stationary waves with a random source,
//
//	Δu + k² u = f in (0,1)²,  u = 0 on the boundary,  f ~ N(0, 9 (−Δ + 9)⁻²),
//
// discretised and solved as poissonKind; k² near an eigenvalue of −Δ_h makes u large and
// is refused where it meets one. Huang et al. (2024) take k = 1 and rows at the boundary
// in which unit rows of both axes are summed; here u is zero there.
var helmholtzKind = Kind{
	Name:     "helmholtz",
	Equation: "Δu + k² u = f in (0,1)², u = 0 on the boundary",
	Scheme:   "5 points on vertices, sine transforms; order 2",
	Source:   "Huang et al. 2024 (NeurIPS), DiffusionPDE, with a boundary condition of our own",
	Parameters: []Parameter{
		cellsParameter(64),
		{Name: "k", Default: 1.0, Min: 0, Max: 200, Doc: "wave number, in 1/length; the first eigenvalue of −Δ is at k² = 2π²"},
	},
	New: func(v Values) (Family, error) { return newHelmholtz(v.Int("grid"), v.Float("k")) },
}

type helmholtz struct {
	n       int
	k       float64
	source  field.Sampler
	largest float64 // |u| ≤ largest·|f| in the mean square
	solvers sync.Pool
}

func newHelmholtz(n int, k float64) (Family, error) {
	f := &helmholtz{n: n, k: k}
	var err error
	if f.source, err = vertexField(n); err != nil {
		return nil, err
	}
	side := grid.Axis{Cells: n, Length: 1}
	make := func() (*grid.Direct, error) { return grid.NewDirect(-k*k, grid.Stencil, side, side) }
	first, err := make()
	if err != nil {
		return nil, fmt.Errorf("pde: k = %g on %d cells: %w", k, n, err)
	}
	f.largest = 1 / first.Distance()
	f.solvers.New = func() any {
		d, err := make()
		if err != nil {
			panic(err) // the first one was the same
		}
		return d
	}
	f.solvers.Put(first)
	return f, nil
}

func (f *helmholtz) Arrays() []Array {
	return []Array{
		{Name: "f", Shape: []int{f.n + 1, f.n + 1}, Doc: "source at vertices (x, y); the equation holds at the inner ones"},
		{Name: "u", Shape: []int{f.n + 1, f.n + 1}, Doc: "solution at vertices (x, y)"},
	}
}

// Rows: u is at most as large as the source of the nearest mode makes it; four terms
// of n² u cancel.
func (f *helmholtz) Rows() []Row {
	const deviation = 0.29208 // of the source
	doc, size := "n² Σ_edges (u_nb − u) − f at inner vertices", deviation*f.largest
	if f.k != 0 {
		doc = "n² Σ_edges (u_nb − u) + k² u − f at inner vertices"
	}
	return []Row{
		{Name: "equation", Size: (f.n - 1) * (f.n - 1), Unit: max(deviation, 4*size*float64(f.n)*float64(f.n)), Doc: doc},
		boundaryRow(f.n, size),
	}
}

func (f *helmholtz) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := NewSample(f)
	f.source.Sample(s[0], seed, index)
	f.solve(s[1], s[0])
	return s, nil
}

// solve writes u of a source at all vertices.
func (f *helmholtz) solve(u, source []float64) {
	x := make([]float64, (f.n-1)*(f.n-1))
	takeInner(x, source, f.n)
	for i := range x {
		x[i] = -x[i]
	}
	d := f.solvers.Get().(*grid.Direct)
	d.Solve(x, x)
	f.solvers.Put(d)
	putInner(u, x, f.n)
}

func (f *helmholtz) Residual(dst []float64, s Sample) error {
	n, m, u := f.n, f.n+1, s[1]
	scale := float64(n) * float64(n)
	for i := 1; i < n; i++ {
		for j := 1; j < n; j++ {
			k := i*m + j
			sum := (u[k-m] - u[k]) + (u[k-1] - u[k]) + (u[k+1] - u[k]) + (u[k+m] - u[k])
			dst[(i-1)*(n-1)+j-1] = scale*sum + f.k*f.k*u[k] - s[0][k]
		}
	}
	boundaryValues(dst[(n-1)*(n-1):], u, n)
	return nil
}
