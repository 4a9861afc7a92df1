package network

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// spectral is a linear operator that commutes with translations, given by its
// multiplier at low wave numbers and zero at all others (Li et al. 2021,
// equation 5):
//
//	X_k = S⁻¹ Σ_s x[s] e^{−2πi k·s/L},  y[s] = Re Σ_k c_k e^{2πi k·s/L} R_k X_k
//
// with S places, c_0 = 1 and else 2, and k over the half-space of |k_j| < modes
// that [waves] lists: fields are real, the other half is its conjugate. R_k is
// complex [in, out], its parts in "re" and "im" [K, in, out]; the imaginary part
// at k = 0 does nothing. Weights know nothing of the grid: the same ones act on a
// finer one.
//
// There is no FFT on the pure-Go backend; for few modes the dense transform, two
// products with constant matrices, costs little more.
type spectral struct {
	places  []int
	in, out int
	waves   [][]int
	re, im  *engine.Weights
}

// waves lists 0 and the wave vectors with |k_j| < modes whose last component that
// is not zero is positive.
func waves(axes, modes int) [][]int {
	list := [][]int{make([]int, axes)}
	side := 2*modes - 1
	total := 1
	for range axes {
		total *= side
	}
	for i := total/2 + 1; i < total; i++ { // the middle is 0, opposite ones are mirrored
		k, rest := make([]int, axes), i
		for j := range k {
			k[j], rest = rest%side-(modes-1), rest/side
		}
		list = append(list, k)
	}
	return list
}

func (p *parameters) newSpectral(name string, places []int, modes, in, out int) spectral {
	l := spectral{places: places, in: in, out: out, waves: waves(len(places), modes)}
	sites, k := 1, len(l.waves)
	for _, s := range places {
		sites *= s
	}
	std := lecun(in) / math.Sqrt2 // keeps the variance of a field of kept wave numbers
	l.re, l.im = p.normal(name+".re", std, k, in, out), p.normal(name+".im", std, k, in, out)
	p.computes(4*sites*k*in+8*k*in*out+4*sites*k*out, 2*k*(in+out)+sites*out)
	return l
}

// apply takes x [N, places…, in].
func (l spectral) apply(x *Node) *Node {
	g, dims := x.Graph(), x.Shape().Dimensions
	n, k := dims[0], len(l.waves)
	sites := x.Shape().Size() / (n * l.in)
	phase := func(wave, site int) float64 {
		var turns float64
		for axis := len(l.places) - 1; axis >= 0; axis-- {
			side := l.places[axis]
			turns += float64(l.waves[wave][axis]*(site%side)%side) / float64(side)
			site /= side
		}
		return 2 * math.Pi * turns
	}
	x = Reshape(x, n, sites, l.in)
	forward := func(f func(float64) float64) *Node { // [K, N, in]
		basis := constant(x, []int{k, sites}, func(i int) float64 { return f(phase(i/sites, i%sites)) / float64(sites) })
		return DotGeneral(basis, []int{1}, nil, x, []int{1}, nil)
	}
	re, im := l.re.Use(g), l.im.Use(g)
	// (R + iI)(X + iZ) for all modes: [X, Z] times the real matrix of the product.
	matrix := Concatenate([]*Node{Concatenate([]*Node{re, im}, 2), Concatenate([]*Node{Neg(im), re}, 2)}, 1)
	transform := Concatenate([]*Node{forward(math.Cos), Neg(forward(math.Sin))}, 2)
	y := DotGeneral(transform, []int{2}, []int{0}, matrix, []int{1}, []int{0}) // [K, N, 2·out]
	basis := constant(x, []int{sites, k, 2}, func(i int) float64 {
		site, wave := i/2/k, i/2%k
		c := 2.0
		if wave == 0 {
			c = 1
		}
		if i%2 == 0 {
			return c * math.Cos(phase(wave, site))
		}
		return -c * math.Sin(phase(wave, site))
	})
	y = DotGeneral(basis, []int{1, 2}, nil, Reshape(y, k, n, 2, l.out), []int{0, 2}, nil) // [sites, N, out]
	return Reshape(TransposeAllDims(y, 1, 0, 2), append(append([]int{}, dims[:len(dims)-1]...), l.out)...)
}
