package prior

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// full factorises the covariance of all points. A stationary isotropic kernel on
// a regular grid commutes with the reflection of every axis, so eigenvectors are
// even or odd along each: 2^r problems of 2^−r of the size, 2^−2r of the work.
func (f *Field) full() *Spectral {
	d := 1
	parity := [][]int{nil} // of every axis: 0 even, 1 odd
	for _, n := range f.Shape {
		d *= n
		var next [][]int
		for _, p := range parity {
			next = append(next, append(slices.Clone(p), 0), append(slices.Clone(p), 1))
		}
		parity = next
	}
	k := f.table()
	s := &Spectral{shape: []int{d}, eigen: make([]float64, 0, d), basis: [][]float64{make([]float64, d*d)}}
	place, image, other := make([]int, len(f.Shape)), make([]int, len(f.Shape)), make([]int, len(f.Shape))
	for _, odd := range parity {
		var orbits []orbit
		for i := range d {
			unravel(place, i, f.Shape)
			if o, ok := newOrbit(place, odd, f.Shape); ok {
				orbits = append(orbits, o)
			}
		}
		c := mat.NewSymDense(max(len(orbits), 1), nil)
		if len(orbits) == 0 {
			continue
		}
		for i, a := range orbits {
			unravel(place, a.points[0], f.Shape)
			for j, b := range orbits[:i+1] {
				// ⟨a, K b⟩ = √(|a|/|b|)·Σ_{q ∈ b} sign k(first of a, q), as K commutes with the reflections.
				var v float64
				for m, q := range b.points {
					unravel(other, q, f.Shape)
					for x := range image {
						image[x] = max(place[x]-other[x], other[x]-place[x])
					}
					v += b.sign[m] * k[ravel(image, f.Shape)]
				}
				c.SetSym(i, j, v*math.Sqrt(float64(len(a.points))/float64(len(b.points))))
			}
		}
		lambda, q := eigen(c)
		for j, l := range lambda {
			for i, a := range orbits {
				for m, p := range a.points {
					s.basis[0][p*d+len(s.eigen)] = a.sign[m] * q[i*len(lambda)+j] / math.Sqrt(float64(len(a.points)))
				}
			}
			s.eigen = append(s.eigen, l)
		}
	}
	return s
}

// table is the kernel over differences of places, in the grid's own shape.
func (f *Field) table() []float64 {
	d := 1
	for _, n := range f.Shape {
		d *= n
	}
	k, place := make([]float64, d), make([]int, len(f.Shape))
	for i := range k {
		unravel(place, i, f.Shape)
		var r float64
		for a, m := range place {
			r = math.Hypot(r, float64(m)*f.spacing(a))
		}
		k[i] = kernels[f.Kernel].of(r / f.Length)
	}
	return k
}

// orbit is a set of points that reflections map to each other, with the signs of
// a function of given parity on them.
type orbit struct {
	points []int
	sign   []float64
}

// newOrbit is the orbit that begins at place; ok is false where another place is
// its first one, and where an odd function vanishes on it.
func newOrbit(place, odd, shape []int) (o orbit, ok bool) {
	o = orbit{points: []int{0}, sign: []float64{1}}
	for a, n := range shape {
		mirror := n - 1 - place[a]
		if mirror < place[a] || (mirror == place[a] && odd[a] == 1) {
			return o, false
		}
		var points []int
		var sign []float64
		for m, p := range o.points {
			points, sign = append(points, p*n+place[a]), append(sign, o.sign[m])
			if mirror != place[a] {
				points, sign = append(points, p*n+mirror), append(sign, o.sign[m]*float64(1-2*odd[a]))
			}
		}
		o.points, o.sign = points, sign
	}
	return o, true
}

// unravel writes the place of point i along each axis.
func unravel(place []int, i int, shape []int) {
	for a := len(shape) - 1; a >= 0; a-- {
		place[a] = i % shape[a]
		i /= shape[a]
	}
}

// ravel is the inverse of unravel.
func ravel(place, shape []int) int {
	i := 0
	for a, p := range place {
		i = i*shape[a] + p
	}
	return i
}
