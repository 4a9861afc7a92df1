package train

import "math"

// costs are cᵢⱼ = −⟨nᵢ, uⱼ⟩ of n×n pairs, half the squared distance but for terms
// that all assignments share. An auction looks at them over and over and does not
// need them exact: for it they are kept in single precision, relative to their
// size. In double precision they are made from the points, a row or one at a time.
type costs struct {
	n, d     int
	noise, u []float64 // n×d
	t        []float64 // d×n, u transposed: products then run along rows
	scale    float64   // their root mean square, if directions are independent
	bound    float64   // none is larger

	noise32, t32 []float32 // t32 relative to scale
	rough        []float32 // n×n
	line         []float64 // the row looked at
	line32       []float32
}

// set makes them the costs of n noises and n points, both n×d.
func (c *costs) set(n, d int, noise, u []float64) {
	if c.n != n || c.d != d {
		*c = costs{
			n: n, d: d, t: make([]float64, n*d), noise32: make([]float32, n*d), t32: make([]float32, n*d),
			rough: make([]float32, n*n), line: make([]float64, n), line32: make([]float32, n),
		}
	}
	c.noise, c.u = noise, u
	noiseMean, noiseMost := norms(noise, d)
	uMean, uMost := norms(u, d)
	c.bound = noiseMost * uMost
	c.scale = noiseMean * uMean / math.Sqrt(float64(d))
	if c.scale == 0 {
		c.scale = 1
	}
	for j, x := range noise {
		c.noise32[j] = float32(x)
	}
	for j := range n {
		for k := range d {
			c.t[k*n+j] = u[j*d+k]
			c.t32[k*n+j] = float32(u[j*d+k] / c.scale)
		}
	}
	for i := range n {
		inner32(c.rough[i*n:(i+1)*n], c.noise32[i*d:(i+1)*d], c.t32)
	}
}

// norms is the root mean square and the largest of the norms of points.
func norms(x []float64, d int) (mean, most float64) {
	for i := 0; i < len(x); i += d {
		var square float64
		for _, v := range x[i : i+d] {
			square += v * v
		}
		mean += square
		most = max(most, square)
	}
	return math.Sqrt(mean / float64(len(x)/d)), math.Sqrt(most)
}

// at is one cost, to the bit what row has there.
func (c *costs) at(i, j int) (sum float64) {
	u := c.u[j*c.d : (j+1)*c.d]
	for k, a := range c.noise[i*c.d : (i+1)*c.d] {
		sum -= float64(a * u[k])
	}
	return sum
}

// row is the costs of row i, until the next is asked for.
func (c *costs) row(i int) []float64 {
	inner64(c.line, c.noise[i*c.d:(i+1)*c.d], c.t)
	return c.line
}

// roughly is the costs of row i relative to scale, in single precision.
func (c *costs) roughly(i int) []float32 { return c.rough[i*c.n : (i+1)*c.n] }

// plainInner is −⟨a, tⱼ⟩ of the columns from j on of t, which has one for each of out.
// Products are rounded before they are added, so that all ways to it agree.
func plainInner[F float32 | float64](out, a, t []F, j int) {
	n := len(out)
	for ; j < n; j++ {
		var sum F
		for k, x := range a {
			sum -= F(x * t[k*n+j])
		}
		out[j] = sum
	}
}
