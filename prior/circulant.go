package prior

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// circulant diagonalises a field on a torus in the real Fourier basis along
// every axis. Its eigenvalues are the discrete Fourier transform of the first
// row c (Dietrich and Newsam 1997, eq. 2.4), here as products of small matrices,
//
//	λ[j₁, …] = Σ c[m₁, …] Πₐ cos(2π jₐ mₐ/nₐ),
//
// sines drop out as c is even along every axis.
func (f *Field) circulant() *Spectral {
	s := &Spectral{shape: f.Shape, eigen: f.wrapped()}
	for _, n := range f.Shape {
		frequency, q := fourier(n)
		s.basis = append(s.basis, q)
		cos := mat.NewDense(n, n, nil) // [m, column of the basis]
		for m := range n {
			for j, k := range frequency {
				cos.Set(m, j, math.Cos(2*math.Pi*float64(k*m%n)/float64(n)))
			}
		}
		// As in turn: the axis is brought to the end, transformed and left there.
		rest := len(s.eigen) / n
		next := mat.NewDense(rest, n, nil)
		next.Mul(mat.NewDense(n, rest, s.eigen).T(), cos)
		s.eigen = next.RawMatrix().Data
	}
	return s
}

// fourier is the real Fourier basis of n points, orthonormal columns row-major,
// with the frequency of each column.
func fourier(n int) (frequency []int, q []float64) {
	q = make([]float64, n*n)
	for c := range n {
		k := (c + 1) / 2
		frequency = append(frequency, k)
		size := math.Sqrt(2 / float64(n))
		if k == 0 || 2*k == n {
			size = math.Sqrt(1 / float64(n))
		}
		for m := range n {
			sin, cos := math.Sincos(2 * math.Pi * float64(k*m%n) / float64(n))
			if c%2 == 1 || c == 0 {
				q[m*n+c] = size * cos
			} else {
				q[m*n+c] = size * sin
			}
		}
	}
	return frequency, q
}

// wrapped is the kernel summed over all periods, over differences of places, and
// divided by its value at 0.
func (f *Field) wrapped() []float64 {
	k := kernels[f.Kernel]
	d, images := 1, [][]float64{nil} // shifts by periods within reach
	for a, n := range f.Shape {
		d *= n
		reach := int(math.Ceil(k.reach*f.Length/f.Extent[a])) + 1
		var next [][]float64
		for _, shift := range images {
			for q := -reach; q <= reach; q++ {
				next = append(next, append(append([]float64(nil), shift...), float64(q)*f.Extent[a]))
			}
		}
		images = next
	}
	c, place := make([]float64, d), make([]int, len(f.Shape))
	for i := range c {
		unravel(place, i, f.Shape)
		if j := mirrored(place, f.Shape); j < i { // even along every axis
			c[i] = c[j]
			continue
		}
		for _, shift := range images {
			var r2 float64
			for a, m := range place {
				x := float64(m)*f.spacing(a) + shift[a]
				r2 += x * x
			}
			if t := math.Sqrt(r2) / f.Length; t <= k.reach {
				c[i] += k.of(t)
			}
		}
	}
	for i := len(c) - 1; i >= 0; i-- {
		c[i] /= c[0]
	}
	return c
}

// mirrored is the point of which every axis is in the first half.
func mirrored(place, shape []int) int {
	i := 0
	for a, p := range place {
		i = i*shape[a] + min(p, shape[a]-p)
	}
	return i
}
