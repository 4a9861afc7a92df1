package field

import (
	"fmt"
	"math"
	"sync"

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
// A draw costs one normal number per mode and one fast transform per line of the
// grid and axis, O(N log N). For covariances that are given as functions, without
// boundary effects, take [Circulant]; on meshes [SPDE].
type Spectral struct {
	grid      Grid
	law       Law
	basis     []basis
	dense     []*dense  // of the axes where it is faster, else nil
	std       []float64 // [modes₁ × …] √eigenvalue
	amplitude []float64 // [modes₁ × …] std times the weights of the transforms
	lines     [][]int   // [axis] where lines with coefficients begin
	row       []int     // [lines of the last axis] key of the row of modes
	pool      sync.Pool
}

var _ Gaussian = (*Spectral)(nil)

// NewSpectral prepares a law on a grid. modes is the highest wave number along each
// axis, none for all that the grid tells apart.
func NewSpectral(law Law, grid Grid, modes ...int) (*Spectral, error) {
	g, err := grid.check()
	if err != nil {
		return nil, err
	}
	if len(modes) != 0 && len(modes) != len(g.Shape) {
		return nil, fmt.Errorf("field: %d highest wave numbers for %d axes: one each, or none", len(modes), len(g.Shape))
	}
	if err := law.check(len(g.Shape), len(modes)); err != nil {
		return nil, err
	}
	f := &Spectral{grid: g, law: law}
	for a := range g.Shape {
		highest := 0
		if len(modes) > 0 {
			if highest = modes[a]; highest < 1 {
				return nil, fmt.Errorf("field: highest wave number %d on axis %d: at least 1", highest, a)
			}
		}
		b, err := newBasis(g, a, law.Boundary, highest)
		if err != nil {
			return nil, err
		}
		var d *dense
		if b.slow() {
			d = b.dense()
		}
		f.basis, f.dense = append(f.basis, b), append(f.dense, d)
	}
	if len(g.Shape) == 3 && f.basis[1].modes > 1<<16 {
		return nil, fmt.Errorf("field: %d modes along the second axis of three: at most %d", f.basis[1].modes, 1<<16)
	}
	f.spectrum()
	f.plan()
	f.pool.New = func() any { return f.newWork() }
	return f, nil
}

// spectrum fills in std and amplitude.
func (f *Spectral) spectrum() {
	f.std, f.amplitude = []float64{0}, []float64{1}
	for _, b := range f.basis { // std is λ at first
		var lambda, weight []float64
		for i := range f.std {
			for j := range b.modes {
				lambda = append(lambda, f.std[i]+b.frequency(j)*b.frequency(j))
				weight = append(weight, f.amplitude[i]*b.weight(j))
			}
		}
		f.std, f.amplitude = lambda, weight
	}
	for i, lambda := range f.std {
		f.std[i] = math.Sqrt(f.law.eigenvalue(lambda))
	}
	if f.law.Boundary != Dirichlet && !f.law.Constant {
		f.std[0] = 0
	}
	for i, s := range f.std {
		f.amplitude[i] *= s
	}
}

// plan finds the lines along each axis that hold anything once the later axes are
// transformed: modes in the axes before, points in those after.
func (f *Spectral) plan() {
	f.row = []int{0}
	for a := range f.basis {
		if a > 0 {
			var row []int
			for _, r := range f.row {
				for j := range f.basis[a-1].modes {
					row = append(row, r<<16|j)
				}
			}
			f.row = row
		}
		lines := []int{0}
		for c, b := range f.basis[:a] {
			stride := Grid{Shape: f.grid.Shape[c+1:]}.Size()
			var next []int
			for _, at := range lines {
				for j := range b.modes {
					next = append(next, at+j*stride)
				}
			}
			lines = next
		}
		f.lines = append(f.lines, lines)
	}
}

// width is how many neighbouring lines are moved together: a line of the cache.
const width = 8

type spectralWork struct {
	transform, adjoint []transform // of axes without a matrix
	line, other        []float64   // [width × longest axis], and two more
}

func (f *Spectral) newWork() *spectralWork {
	w := &spectralWork{}
	longest := 0
	for a, b := range f.basis {
		var synthesis, analysis transform
		if f.dense[a] == nil {
			synthesis, analysis = b.transforms()
		}
		w.transform, w.adjoint = append(w.transform, synthesis), append(w.adjoint, analysis)
		longest = max(longest, b.points)
	}
	w.line, w.other = make([]float64, width*longest), make([]float64, width*(longest+2))
	return w
}

// Size is the number of points, White that of modes.
func (f *Spectral) Size() int  { return f.grid.Size() }
func (f *Spectral) White() int { return len(f.std) }

// Sample writes the values of draw index of seed at the points of the grid.
func (f *Spectral) Sample(dst []float64, seed uint64, index int) {
	m := f.basis[len(f.basis)-1].modes
	for r, at := range f.lines[len(f.lines)-1] {
		keyed.New(seed, "field.spectral", index, f.row[r]).Normal(dst[at : at+m])
		for j, s := range f.amplitude[r*m : (r+1)*m] {
			dst[at+j] *= s
		}
	}
	f.synthesise(dst)
}

// Map writes the field of white numbers ξ, one for each mode, row-major in the
// order of wave numbers (on periodic axes 0, cosine 1, sine 1, cosine 2, …).
func (f *Spectral) Map(dst, white []float64) {
	m := f.basis[len(f.basis)-1].modes
	for r, at := range f.lines[len(f.lines)-1] {
		for j, s := range f.amplitude[r*m : (r+1)*m] {
			dst[at+j] = s * white[r*m+j]
		}
	}
	f.synthesise(dst)
}

// synthesise turns weighted coefficients, at the front of each axis, into values.
func (f *Spectral) synthesise(dst []float64) {
	w := f.pool.Get().(*spectralWork)
	inner := 1 // points of the axes done
	for a := len(f.basis) - 1; a >= 0; a-- {
		b, t := f.basis[a], w.transform[a]
		if d := f.dense[a]; d != nil {
			beside(dst, f.lines[a], inner, b.modes, b.points, w, d.synthesise)
			inner *= b.points
			continue
		}
		for _, at := range f.lines[a] {
			if inner == 1 {
				line := dst[at : at+b.points]
				clear(line[b.modes:])
				t(line)
				continue
			}
			for first := 0; first < inner; first += width {
				b.columns(dst[at+first:], inner, min(width, inner-first), b.modes, b.points, t, w.line)
			}
		}
		inner *= b.points
	}
	f.pool.Put(w)
	if f.law.Mean != 0 {
		for i := range dst {
			dst[i] += f.law.Mean
		}
	}
}

// columns transforms neighbouring columns of a matrix, count ≤ width, whose rows
// are stride apart: their first in numbers into as many as out.
func (b basis) columns(x []float64, stride, count, in, out int, t transform, work []float64) {
	n := b.points
	for j := range in {
		for c, v := range x[j*stride : j*stride+count] {
			work[c*n+j] = v
		}
	}
	for c := range count {
		line := work[c*n : (c+1)*n]
		clear(line[in:])
		t(line)
	}
	for i := range out {
		row := x[i*stride : i*stride+count]
		for c := range row {
			row[c] = work[c*n+i]
		}
	}
}

// beside transforms lines width by width with their numbers side by side: the first in of
// each, into as many as out. Lines of the last axis are gathered from different places,
// others are neighbours.
func beside(x []float64, lines []int, inner, in, out int, w *spectralWork, t func(x, y []float64)) {
	if inner == 1 {
		for len(lines) > 0 {
			count := min(width, len(lines))
			for c, at := range lines[:count] {
				for j, v := range x[at : at+in] {
					w.line[j*width+c] = v
				}
			}
			t(w.line, w.other)
			for c, at := range lines[:count] {
				line := x[at : at+out]
				for i := range line {
					line[i] = w.line[i*width+c]
				}
			}
			lines = lines[count:]
		}
		return
	}
	for _, at := range lines {
		for first := at; first < at+inner; first += width {
			count := min(width, at+inner-first)
			for j := range in {
				copy(w.line[j*width:j*width+count], x[first+j*inner:])
			}
			t(w.line, w.other)
			for i := range out {
				copy(x[first+i*inner:first+i*inner+count], w.line[i*width:])
			}
		}
	}
}

// Adjoint writes Lᵀ u, whiteⱼ = √eigenvalueⱼ Σᵢ uᵢ φⱼ(xᵢ), and overwrites u.
func (f *Spectral) Adjoint(white, u []float64) {
	w := f.pool.Get().(*spectralWork)
	inner := len(u)
	for a, b := range f.basis {
		inner /= b.points
		if d := f.dense[a]; d != nil {
			beside(u, f.lines[a], inner, b.points, b.modes, w, d.analyse)
			continue
		}
		for _, at := range f.lines[a] {
			if inner == 1 {
				w.adjoint[a](u[at : at+b.points])
				continue
			}
			for first := 0; first < inner; first += width {
				b.columns(u[at+first:], inner, min(width, inner-first), b.points, b.modes, w.adjoint[a], w.line)
			}
		}
	}
	f.pool.Put(w)
	m := f.basis[len(f.basis)-1].modes
	for r, at := range f.lines[len(f.lines)-1] {
		for j, s := range f.amplitude[r*m : (r+1)*m] {
			white[r*m+j] = s * u[at+j]
		}
	}
}

// Whiten writes the coefficients of a field, ξⱼ = (u − mean, φⱼ)/√eigenvalueⱼ by the
// trapezoidal or the midpoint rule, which is exact for the modes kept: it undoes Map, but
// for a constant mode that is left out, whose coefficient is 0.
func (f *Spectral) Whiten(white, u []float64) {
	v := f.grid.Weights(f.law.Boundary)
	for i := range v {
		v[i] *= u[i] - f.law.Mean
	}
	f.Adjoint(white, v)
	for k, s := range f.std {
		if s == 0 {
			white[k] = 0
			continue
		}
		white[k] /= s * s
		rest := k
		for a := len(f.basis) - 1; a >= 0; a-- {
			b := f.basis[a]
			if j := rest % b.modes; b.whole(j) && b.wave(j) > 0 { // ±1 at all points: twice its integral
				white[k] /= 2
			}
			rest /= b.modes
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

// Point writes the coordinates of point i of the grid.
func (f *Spectral) Point(dst []float64, i int) { f.grid.Point(dst, i, f.law.Boundary) }
