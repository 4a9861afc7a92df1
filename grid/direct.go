package grid

import (
	"errors"
	"fmt"
	"math"
)

// ErrResonant is the error of an equation with no unique solution: −c is an
// eigenvalue of −Δ.
var ErrResonant = errors.New("−c is an eigenvalue of −Δ: there is no unique solution")

// Symbol says which eigenvalues −Δ has.
type Symbol int

const (
	Stencil  Symbol = iota // (2 − 2 cos θ)/h² per axis: second differences, order 2
	Spectral               // (θ/h)²: the eigenvalues of −Δ itself, spectral order for smooth periodic u
)

// Direct solves a Helmholtz or Poisson equation with constant coefficients on a box,
//
//	(−Δ + c) u = f,   û_k = f̂_k / (Σ_d λ_{k_d} + c),
//
// by the transform that diagonalises second differences under the boundary condition
// of each axis: DST-I and DST-II (Dirichlet at vertices and in cells), DCT-I and
// DCT-II (Neumann), Fourier (periodic). c may be negative.
//
// Neumann and periodic in all axes with c = 0 leave the constants undetermined: the
// mean of f, in the weights of [Axis.Weight], is then removed ([Direct.Mean] tells how
// much that is), and u has mean zero.
//
// B. L. Buzbee, G. H. Golub and C. W. Nielson, "On direct methods for solving
// Poisson's equations", SIAM J. Numer. Anal. 7 (1970), section 2. The stencil
// next to a Dirichlet boundary of cells mirrors u with the other sign; the error
// remains O(h²).
//
// Two transforms a solution, O(N log N). Where all eigenvalues of a stencil are positive,
// the slowest of several axes is left to Gaussian elimination instead, half of the work
// in two dimensions; c < −λ_min and periodic slowest axes take transforms throughout. Not for coefficients that vary: [Multigrid].
// A Direct owns work space: one goroutine at a time.
type Direct struct {
	axes      []Axis
	transform *Transform
	symbol    []float64    // λ + c of each mode
	inverse   []float64    // 1/(λ + c) with the transforms' scale; 0 for the constant of a singular equation
	slowest   *elimination // in place of inverse, where the matrix is positive definite
	c         float64
	stencil   bool
	singular  bool
	distance  float64
}

// NewDirect prepares the solver. It fails with [ErrResonant] where an eigenvalue of
// −Δ is −c to rounding, but for the constants with c = 0.
func NewDirect(c float64, symbol Symbol, axes ...Axis) (*Direct, error) {
	shape, err := sizes(axes)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(c) || math.IsInf(c, 0) {
		return nil, fmt.Errorf("grid: c = %g: it is finite", c)
	}
	if symbol != Stencil && symbol != Spectral {
		return nil, fmt.Errorf("grid: symbol %d: allowed are Stencil and Spectral", int(symbol))
	}
	t, err := NewModes(axes...)
	if err != nil {
		return nil, err
	}
	d := &Direct{axes: axes, transform: t, c: c, stencil: symbol == Stencil, symbol: modes(symbol, shape, axes)}
	return d, d.invert()
}

// modes is Σ_d λ_{k_d} for all modes of a box.
func modes(symbol Symbol, shape []int, axes []Axis) []float64 {
	all := []float64{0}
	for d, a := range axes {
		next := make([]float64, 0, len(all)*shape[d])
		for _, before := range all {
			for k := range shape[d] {
				next = append(next, before+a.Eigenvalue(symbol, k))
			}
		}
		all = next
	}
	return all
}

func (d *Direct) invert() error {
	largest := 0.0
	d.singular = d.c == 0
	for _, a := range d.axes {
		d.singular = d.singular && a.Boundary != Dirichlet
	}
	d.distance = math.Inf(1)
	nearest, definite := 0, !d.singular
	for k := range d.symbol {
		largest = max(largest, d.symbol[k])
		d.symbol[k] += d.c
		if k == 0 && d.singular { // the constant is the first mode of all these transforms
			continue
		}
		definite = definite && d.symbol[k] > 0
		if s := math.Abs(d.symbol[k]); s < d.distance {
			d.distance, nearest = s, k
		}
	}
	const rounding = 1e-14 // of eigenvalues, which are sums of squares of sines
	if d.distance <= rounding*(largest+math.Abs(d.c)) {
		return fmt.Errorf("grid: c = %g, eigenvalue %g: %w (change c, the length or the number of cells)", d.c, d.symbol[nearest]-d.c, ErrResonant)
	}
	if slow := d.axes[0]; d.stencil && definite && len(d.axes) > 1 && slow.Boundary != Periodic {
		modes := d.Size() / slow.Size()
		mu := make([]float64, modes)
		least := slow.Eigenvalue(Stencil, 0)
		for k := range mu {
			mu[k] = d.symbol[k] - least
		}
		d.slowest = newElimination(slow, mu, d.transform.scale(1))
		return nil
	}
	d.inverse = make([]float64, len(d.symbol))
	by := d.transform.scale(0)
	for k, s := range d.symbol {
		if k > 0 || !d.singular {
			d.inverse[k] = by / s
		}
	}
	return nil
}

// Distance is the smallest |λ + c|, how far the equation is from having no unique
// solution: |u| ≤ |f|/Distance. The mode that is left out of a singular equation does
// not count.
func (d *Direct) Distance() float64 { return d.distance }

// Singular tells whether the constants are left out: c = 0 and no Dirichlet condition.
func (d *Direct) Singular() bool { return d.singular }

// Size is the number of unknowns.
func (d *Direct) Size() int { return d.transform.size }

// Solve writes u to dst for f = b; the two may be the same slice.
func (d *Direct) Solve(dst, b []float64) {
	if d.slowest == nil {
		d.diagonal(dst, b, d.inverse, 1)
		return
	}
	dst = dst[:d.Size()]
	copy(dst, b[:d.Size()])
	d.transform.forward(dst, 1)
	d.slowest.solve(dst)
	d.transform.inverse(dst, 1)
}

func (d *Direct) diagonal(dst, src, by []float64, scaled float64) {
	dst = dst[:d.Size()]
	copy(dst, src[:d.Size()])
	d.transform.forward(dst, 0)
	for k, s := range by[:len(dst)] {
		dst[k] *= s * scaled
	}
	d.transform.inverse(dst, 0)
}

// Apply is dst = (−Δ + c) u with the eigenvalues of the symbol; for Stencil by second
// differences. dst and u do not overlap.
func (d *Direct) Apply(dst, u []float64) {
	if !d.stencil {
		d.diagonal(dst, u, d.symbol, d.transform.scale(0))
		return
	}
	for i, v := range u[:d.Size()] {
		dst[i] = d.c * v
	}
	inner := d.Size()
	for _, a := range d.axes {
		n := a.Size()
		inner /= n
		for outer := 0; outer < d.Size(); outer += n * inner {
			secondDifferences(dst[outer:outer+n*inner], u[outer:outer+n*inner], a, inner)
		}
	}
}

// secondDifferences adds −∂² of u along the slow axis of [n, inner].
func secondDifferences(dst, u []float64, a Axis, inner int) {
	n, h := a.Size(), a.H()
	// What stands beyond an end is this much of the unknown at that place.
	before, after, sign := 0, n-1, 0.0
	switch {
	case a.Boundary == Periodic:
		before, after, sign = n-1, 0, 1
	case a.Boundary == Neumann && a.Centring == Cell:
		sign = 1
	case a.Boundary == Neumann:
		before, after, sign = 1, n-2, 1
	case a.Centring == Cell:
		sign = -1
	}
	for j := range n {
		west, ws := j-1, 1.0
		if j == 0 {
			west, ws = before, sign
		}
		east, es := j+1, 1.0
		if j == n-1 {
			east, es = after, sign
		}
		w, e := u[west*inner:(west+1)*inner], u[east*inner:(east+1)*inner]
		here, out := u[j*inner:(j+1)*inner], dst[j*inner:(j+1)*inner]
		for i, v := range here {
			out[i] += ((v - ws*w[i]) + (v - es*e[i])) / (h * h)
		}
	}
}

// Mean is the mean of an array in the weights of the axes: of a right-hand side, what
// a singular equation leaves out.
func (d *Direct) Mean(f []float64) float64 {
	var sum, total float64
	for i, w := range Weights(d.axes...) {
		sum += w * f[i]
		total += w
	}
	return sum / total
}
