// Package prior holds what is known beforehand: laws p(x) seen through their
// denoiser D(u, σ) = E[u₀ | u₀ + σn = u], n ~ N(0, I).
//
// Denoisers work in sampler coordinates u, in which every coordinate of the
// prior has mean 0 and variance 1; the user's coordinates are
// x = Shift + Scale ⊙ u (see [Coordinates]). Noise levels mean the same thing
// for every prior this way, whatever the units of its columns.
package prior

import (
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"

	"abide/dataio"
	"abide/internal/engine"
)

// Denoiser is E[u₀ | u₀ + σn = u] as a graph.
//
// u is [N, d]; sigma is a scalar or [N, 1]; the result is [N, d]. Samples of a
// batch do not interact.
type Denoiser interface {
	Denoise(u, sigma *engine.Node) *engine.Node
}

// Differentiable is a denoiser that builds its own Jacobian, where that is
// cheaper than vector–Jacobian products: ∂D_i/∂u_j as [N, d, d].
type Differentiable interface {
	Denoiser
	DenoiseJacobian(u, sigma *engine.Node) (mean, jacobian *engine.Node)
}

// DenoiseJacobian is D and its Jacobian for any denoiser.
func DenoiseJacobian(d Denoiser, u, sigma *engine.Node) (mean, jacobian *engine.Node) {
	if d, ok := d.(Differentiable); ok {
		return d.DenoiseJacobian(u, sigma)
	}
	mean = d.Denoise(u, sigma)
	return mean, engine.Jacobian(mean, u)
}

// Directional is a denoiser that builds products of fixed rows with its Jacobian,
// where that is cheaper than vector–Jacobian products: a ∂D/∂u as [N, len(a), d], for
// len(a) rows of d numbers.
type Directional interface {
	Denoiser
	DenoiseRows(u, sigma *engine.Node, a [][]float64) (mean, rows *engine.Node)
}

// DenoiseRows is D and a ∂D/∂u for any denoiser.
func DenoiseRows(d Denoiser, u, sigma *engine.Node, a [][]float64) (mean, rows *engine.Node) {
	if d, ok := d.(Directional); ok {
		return d.DenoiseRows(u, sigma, a)
	}
	mean = d.Denoise(u, sigma)
	return mean, productRows(mean, u, a)
}

// productRows is a ∂mean/∂u by a vector–Jacobian product for each row.
func productRows(mean, u *engine.Node, a [][]float64) *engine.Node {
	rows := make([]*engine.Node, len(a))
	for i := range rows {
		c := graph.BroadcastToShape(graph.ConstAs(u, [][]float64{a[i]}), u.Shape())
		rows[i] = graph.ExpandDims(engine.VJP(mean, u, c), 1)
	}
	return graph.Concatenate(rows, 1)
}

// Coordinates maps sampler coordinates u to the user's x = Shift + Scale ⊙ u.
type Coordinates struct {
	Names []string  // column names, usable in formulas; "x[0]", "x[1]", … where data has none
	Shift []float64 // mean of each column
	Scale []float64 // standard deviation of each column, > 0
}

// Dim is the number of columns.
func (c Coordinates) Dim() int { return len(c.Shift) }

// ToX maps rows of u to rows of x, in place of dst (which may be u).
func (c Coordinates) ToX(dst, u []float64) {
	d := c.Dim()
	for i := range u {
		dst[i] = c.Shift[i%d] + c.Scale[i%d]*u[i]
	}
}

// ToU is the inverse of ToX.
func (c Coordinates) ToU(dst, x []float64) {
	d := c.Dim()
	for i := range x {
		dst[i] = (x[i] - c.Shift[i%d]) / c.Scale[i%d]
	}
}

// Prior is a law of points together with what is known of it.
type Prior struct {
	Kind        string
	Denoiser    Denoiser
	Coordinates Coordinates
	DType       engine.DType // precision its graph runs in

	// Draw makes n exact draws in x coordinates (row-major n×d); nil where no exact sampler exists.
	Draw func(rng *rand.Rand, n int) []float64
	// Covariance of the law in sampler coordinates, row-major d×d (its diagonal is
	// 1); nil where Structure tells it. See [Prior.Colouring].
	Covariance []float64
	// Structure is the covariance where it is not written out: of fields, of products.
	Structure Structure
	// Law is the density in closed form; nil where none is known.
	Law Law
	// Resolution is the distance, in standard deviations, below which the law is not
	// resolved: 0 for exact denoisers, the denoising error of a network at low noise.
	Resolution float64
	// Data are the rows the prior was made from; nil for priors given by a formula.
	Data *dataio.Table
	// Fingerprint names data and settings; it is written to the manifest.
	Fingerprint string
	// Describe is one line for people.
	Describe string
}
