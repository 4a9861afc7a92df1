package physics

import (
	"fmt"
	"math"
	"sync"

	"abide/grid"
	"abide/pde"
)

// ConstantPair projects a source and a solution together onto Poisson's or Helmholtz' equation
// (Δ + c) u = f on a square, u = 0 on its boundary. In the sine modes of the five-point
// Laplacian, with m its eigenvalue plus c, the nearest pair is
//
//	û = (w_u û₀ + w_f m f̂₀)/(w_u + w_f m²),   f̂ = m û,
//
// for weights of the two fields; it exists at an eigenvalue too, where u alone has none.
// B. L. Buzbee, G. H. Golub and C. W. Nielson, SIAM J. Numer. Anal. 7 (1970), for the modes.
// On u alone see [SolveProjection]. f on the boundary, where no equation is, stays.
//
// Cost: four sine transforms. The metric is uniform on each field.
type ConstantPair struct {
	Constraint
	cells    int
	wf, wu   float64
	symbol   []float64 // [modes] m
	distance float64
	work     sync.Pool
}

type pairWork struct {
	modes *grid.Transform
	f, u  []float64
}

// NewConstantPair takes the weights of f and u in the metric, above 0.
func NewConstantPair(f pde.Constant, wf, wu float64) (*ConstantPair, error) {
	if !(wf > 0 && wu > 0) || math.IsInf(wf, 1) || math.IsInf(wu, 1) {
		return nil, fmt.Errorf("physics: weights %g and %g of a source and a solution: want finite numbers above 0", wf, wu)
	}
	c, err := FromFamily(f, Choice{})
	if err != nil {
		return nil, err
	}
	k, side := f.Equation()
	n := side.Size()
	p := &ConstantPair{Constraint: c, cells: side.Cells, wf: wf, wu: wu, symbol: make([]float64, n*n), distance: math.Inf(1)}
	line := make([]float64, n)
	for i := range line {
		s := math.Sin(side.Frequency(i)*side.H()/2) * 2 / side.H()
		line[i] = s * s
	}
	for i, x := range line {
		for j, y := range line {
			p.symbol[i*n+j] = k - x - y
			p.distance = min(p.distance, math.Abs(k-x-y))
		}
	}
	p.work.New = func() any {
		t, err := grid.NewModes(side, side)
		if err != nil {
			panic(err) // the family has the same axes
		}
		return &pairWork{t, make([]float64, n*n), make([]float64, n*n)}
	}
	return p, nil
}

// Distance is how far c is from the nearest eigenvalue of −Δ on the grid: |u| is at most |f|
// over it.
func (p *ConstantPair) Distance() float64 { return p.distance }

// Project moves (f, u) to the nearest pair.
func (p *ConstantPair) Project(fu []float64) error {
	if len(fu) != p.Dim() {
		return fmt.Errorf("physics: a field of %d numbers for a constraint on %d", len(fu), p.Dim())
	}
	w := p.work.Get().(*pairWork)
	defer p.work.Put(w)
	n, m := p.cells, p.cells+1
	f, u := fu[:m*m], fu[m*m:]
	inner(n, func(at, k int) { w.f[at], w.u[at] = f[k], u[k] })
	w.modes.Forward(w.f, w.f)
	w.modes.Forward(w.u, w.u)
	for k, s := range p.symbol {
		x := (p.wu*w.u[k] + p.wf*s*w.f[k]) / (p.wu + p.wf*s*s)
		w.u[k], w.f[k] = x, s*x
	}
	w.modes.Inverse(w.f, w.f)
	w.modes.Inverse(w.u, w.u)
	clear(u)
	inner(n, func(at, k int) { f[k], u[k] = w.f[at], w.u[at] })
	return nil
}

// Tangent is the same map: pairs are a linear space.
func (p *ConstantPair) Tangent(_, v []float64) error { return p.Project(v) }

// inner visits the inner vertices of n×n cells, at being their number and k that among all.
func inner(n int, visit func(at, k int)) {
	at := 0
	for i := 1; i < n; i++ {
		for j := 1; j < n; j++ {
			visit(at, i*(n+1)+j)
			at++
		}
	}
}
