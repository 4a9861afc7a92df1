package field

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"abide/grid"
	"abide/internal/keyed"
)

// Spectral is a field of a [Law] on a grid, by the series of Karhunen and Loève in
// the eigenfunctions of the Laplacian,
//
//	u(x) = mean + Σₖ √(σ² (λₖ + τ²)^(−α)) ξₖ φₖ(x),  ξₖ ~ N(0, 1),
//
// over the wave numbers that the grid tells apart, exactly at its points: what the
// grid truncates is all that it changes. ξₖ depends on (seed, index, k) alone, so
// that draw (seed, index) on a finer grid is the same field with more modes.
//
// Reference: G. J. Lord, C. E. Powell and T. Shardlow, "An Introduction to
// Computational Stochastic PDEs" (Cambridge 2014), sections 5.4 and 7.4.
//
// A draw costs one normal number per mode and one transform of the grid
// ([grid.NewModes]), O(N log N). For covariances that are given as functions, without
// boundary effects, take [Circulant]; on meshes [SPDE].
type Spectral struct {
	law       Law
	axes      []grid.Axis
	basis     []basis
	size      int
	std       []float64 // [modes₁ × …] √eigenvalue
	amplitude []float64 // [modes₁ × …] std times coefficients of the transform of φ
	back      []float64 // [modes₁ × …] std times what makes them products with φ
	weights   []float64 // of the points, [grid.Weights]
	lines     []int     // where the rows of modes begin among the points
	row       []int     // keys of these rows
	pool      sync.Pool // of *grid.Transform
}

var _ Gaussian = (*Spectral)(nil)

// NewSpectral prepares a law on a grid of one to three axes, whose boundary conditions
// are those of the Laplacian. Values are at the unknowns of the axes, row-major. modes is
// the highest wave number along each axis, none for all that the grid tells apart.
func NewSpectral(law Law, axes []grid.Axis, modes ...int) (*Spectral, error) {
	if len(axes) < 1 || len(axes) > 3 {
		return nil, fmt.Errorf("field: a grid of %d axes: it has 1, 2 or 3", len(axes))
	}
	if len(modes) != 0 && len(modes) != len(axes) {
		return nil, fmt.Errorf("field: %d highest wave numbers for %d axes: one each, or none", len(modes), len(axes))
	}
	transform, err := grid.NewModes(axes...)
	if err != nil {
		return nil, fmt.Errorf("field: %w", err)
	}
	f := &Spectral{law: law, axes: slices.Clone(axes), size: transform.Size(), weights: grid.Weights(axes...)}
	for a, axis := range axes {
		highest := 0
		if len(modes) > 0 {
			if highest = modes[a]; highest < 1 {
				return nil, fmt.Errorf("field: highest wave number %d on axis %d: at least 1", highest, a)
			}
		}
		b, err := newBasis(axis, a, highest)
		if err != nil {
			return nil, err
		}
		f.basis = append(f.basis, b)
	}
	if err := law.check(len(axes), len(modes), f.constant()); err != nil {
		return nil, err
	}
	if len(axes) == 3 && f.basis[1].modes > 1<<16 {
		return nil, fmt.Errorf("field: %d modes along the second axis of three: at most %d", f.basis[1].modes, 1<<16)
	}
	f.spectrum()
	f.plan()
	f.pool.New = func() any {
		t, _ := grid.NewModes(f.axes...) // made once above
		return t
	}
	f.pool.Put(transform)
	return f, nil
}

// constant tells whether the first mode is one.
func (f *Spectral) constant() bool {
	for _, b := range f.basis {
		if b.Boundary == grid.Dirichlet {
			return false
		}
	}
	return true
}

// spectrum fills in std, amplitude and back.
func (f *Spectral) spectrum() {
	f.std, f.amplitude, f.back = []float64{0}, []float64{1}, []float64{1}
	for _, b := range f.basis { // std is λ at first
		var lambda, weight, back []float64
		for i := range f.std {
			for j := range b.modes {
				lambda = append(lambda, f.std[i]+b.Frequency(j)*b.Frequency(j))
				weight = append(weight, f.amplitude[i]*b.weight(j))
				back = append(back, f.back[i]*b.square(j)/b.weight(j))
			}
		}
		f.std, f.amplitude, f.back = lambda, weight, back
	}
	for i, lambda := range f.std {
		f.std[i] = math.Sqrt(f.law.eigenvalue(lambda))
	}
	if f.constant() && !f.law.Constant {
		f.std[0] = 0
	}
	for i, s := range f.std {
		f.amplitude[i] *= s
		f.back[i] *= s
	}
}

// plan finds the rows of modes along the last axis.
func (f *Spectral) plan() {
	f.row, f.lines = []int{0}, []int{0}
	for a, b := range f.basis[:len(f.basis)-1] {
		var row, lines []int
		for i, r := range f.row {
			for j := range b.modes {
				row = append(row, r<<16|j)
				lines = append(lines, (f.lines[i]+j)*f.basis[a+1].Size())
			}
		}
		f.row, f.lines = row, lines
	}
}

// Size is the number of points.
func (f *Spectral) Size() int { return f.size }

// White is the number of modes.
func (f *Spectral) White() int { return len(f.std) }

// Sample writes the values of draw index of seed at the points of the grid.
func (f *Spectral) Sample(dst []float64, seed uint64, index int) {
	dst = dst[:f.size]
	m := f.basis[len(f.basis)-1].modes
	end := 0
	for r, at := range f.lines {
		clear(dst[end:at])
		end = at + m
		row := dst[at:end]
		keyed.New(seed, "field.spectral", index, f.row[r]).Normal(row)
		for j, s := range f.amplitude[r*m : (r+1)*m] {
			row[j] *= s
		}
	}
	clear(dst[end:])
	f.synthesise(dst)
}

// Map writes the field of white numbers ξ, one for each mode, row-major in the
// order of wave numbers (on periodic axes 0, cosine 1, sine 1, cosine 2, …).
func (f *Spectral) Map(dst, white []float64) {
	dst = dst[:f.size]
	m := f.basis[len(f.basis)-1].modes
	clear(dst)
	for r, at := range f.lines {
		for j, s := range f.amplitude[r*m : (r+1)*m] {
			dst[at+j] = s * white[r*m+j]
		}
	}
	f.synthesise(dst)
}

// synthesise turns coefficients, at the front of each axis, into values.
func (f *Spectral) synthesise(dst []float64) {
	f.turn(dst, 1)
	t := f.pool.Get().(*grid.Transform)
	t.Inverse(dst, dst)
	f.pool.Put(t)
	if f.law.Mean != 0 {
		for i := range dst {
			dst[i] += f.law.Mean
		}
	}
}

// analyse turns values into coefficients.
func (f *Spectral) analyse(u []float64) {
	t := f.pool.Get().(*grid.Transform)
	t.Forward(u, u)
	f.pool.Put(t)
	f.turn(u, -1)
}

func (f *Spectral) turn(x []float64, sign float64) {
	inner := f.size
	for _, b := range f.basis {
		inner /= b.Size()
		b.turn(x, inner, sign)
	}
}

// Adjoint writes Lᵀ u, whiteⱼ = √eigenvalueⱼ Σᵢ uᵢ φⱼ(xᵢ), and overwrites u.
func (f *Spectral) Adjoint(white, u []float64) {
	u = u[:f.size]
	for i, w := range f.weights {
		u[i] /= w
	}
	f.analyse(u)
	m := f.basis[len(f.basis)-1].modes
	for r, at := range f.lines {
		for j, s := range f.back[r*m : (r+1)*m] {
			white[r*m+j] = s * u[at+j]
		}
	}
}

// Whiten writes the coefficients of a field, ξⱼ = (u − mean, φⱼ)/√eigenvalueⱼ by the
// trapezoidal or the midpoint rule, which is exact for the modes kept: it undoes Map, but
// for a constant mode that is left out, whose coefficient is 0.
func (f *Spectral) Whiten(white, u []float64) {
	v := make([]float64, f.size)
	for i := range v {
		v[i] = u[i] - f.law.Mean
	}
	f.analyse(v)
	m := f.basis[len(f.basis)-1].modes
	for r, at := range f.lines {
		for j, s := range f.amplitude[r*m : (r+1)*m] {
			if s == 0 {
				white[r*m+j] = 0
				continue
			}
			white[r*m+j] = v[at+j] / s
		}
	}
}

// Covariance is that of the values at two points of the box, the sum over all modes
// kept, and Variance that of one.
func (f *Spectral) Covariance(x, y []float64) float64 {
	sum := []float64{1}
	for a, b := range f.basis {
		next := make([]float64, 0, len(sum)*b.modes)
		product := make([]float64, b.modes)
		for j := range product {
			product[j] = b.at(j, x[a]) * b.at(j, y[a])
		}
		for _, s := range sum {
			for _, p := range product {
				next = append(next, s*p)
			}
		}
		sum = next
	}
	total := 0.0
	for i, p := range sum {
		total += p * f.std[i] * f.std[i]
	}
	return total
}

// Variance is the variance of the value at a point of the box.
func (f *Spectral) Variance(x []float64) float64 { return f.Covariance(x, x) }

// Std is the root of the variance averaged over the box, of periodic fields that at
// every point.
func (f *Spectral) Std() float64 {
	volume := 1.0
	for _, b := range f.basis {
		volume *= b.length
	}
	total := 0.0
	for _, s := range f.std {
		total += s * s
	}
	return math.Sqrt(total / volume)
}

// Axes are those of the grid; they are not to be written to.
func (f *Spectral) Axes() []grid.Axis { return f.axes }
