package prior

import (
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"
)

// Latent is the exact denoiser of fields that one or two latent parameters determine,
//
//	u(θ) = Σ_q slow_q(θ₁) ⊗ fast_q(θ₂),  θ uniform on a box,
//	D(z, σ) = ∫ u(θ) e^{ℓ(θ)} dθ / ∫ e^{ℓ(θ)} dθ,  ℓ(θ) = (⟨z, u(θ)⟩ − ½‖u(θ)‖²)/σ²,
//
// by quadrature that is as good at σ = 10⁻³ as at 10³. Both factors are Chebyshev
// series to rounding (Trefethen, "Approximation Theory and Approximation Practice",
// 2013, ch. 3), so that all a point z tells is a matrix of coefficients w(z), and
//
//	ℓ(θ) = Σ_kl (w_kl(z) − h_kl) T_k(θ₁) T_l(θ₂)/σ²
//
// can be evaluated anywhere. For every point a window is closed in on the θ within
// [windowDepth] of the largest ℓ, zoomSteps times by a factor of up to six, and the
// integrals are Gauss–Legendre sums over it, in the angle α of T_k = cos kα, which
// crowds nodes at the ends of the box. The window is found without noise-level
// switches; at high noise it is the box. Derivatives see the sums for a given window:
// what they leave out is the derivative of the quadrature's error.
//
// Cost per point and call: two products with few basis vectors (for Heat 2 of them
// along x and 14 along t) and about 5,000 values of ℓ. Not for laws with several narrow
// modes far apart at low noise: the window is their hull. Not below σ of about 10⁻⁶ of
// the size of u, where ℓ is lost to rounding.
type Latent struct {
	at         Coordinates
	scale      float64 // one for all columns: noise is white in the unit of the field
	slow, fast *axis
	half       []float64 // h: [L, K], series of ½‖u‖²
	mean       []float64 // E T_l T_k: [L, K], of the prior
	shift      []float64 // w(mean field): [L, K]
}

// The quadrature: how far below its largest value ℓ is followed (e⁻³² = 10⁻¹⁴), nodes
// along an axis of the search, how often the window is closed in, and nodes along an
// axis of the sums for two parameters and for one. On 12×14 points the tests hold the
// error below 1e-7 of a standard deviation. On 5×5 points, where k and ω of Stokes'
// problem go together along a bent ridge that the window holds whole, 48 nodes were off
// by up to 1e-4 and 96 by less than 1e-13; heat by 3e-11.
const (
	windowDepth = 32
	zoomNodes   = 17
	zoomSteps   = 10
	pairNodes   = 48
	soleNodes   = 128
)

var _ Denoiser = (*Latent)(nil)

// Denoise is D; see [Denoiser] for shapes.
func (l *Latent) Denoise(u, sigma *Node) *Node {
	size := []int{1, l.fast.terms, l.slow.terms}
	constant := func(v []float64) *Node { return Reshape(ConstAs(u, v), size...) }
	s2 := Mul(sigma, sigma)
	if s2.Rank() == 2 {
		s2 = ExpandDims(s2, -1)
	}
	// In units of the field: z = mean + scale·u, σ·scale.
	w := Add(MulScalar(l.statistic(u), l.scale), constant(l.shift))
	e := Div(Sub(w, constant(l.half)), MulScalar(s2, l.scale*l.scale)) // [N, L, K]
	fast, slow := l.windows(StopGradient(e))
	x, weight := legendre(l.nodes())
	tf, wf := l.fast.rule(fast, x, weight)
	ts, ws := l.slow.rule(slow, x, weight)
	value := series(e, tf, ts) // [N, a, b]
	p := Exp(Sub(value, StopGradient(ReduceAndKeep(ReduceAndKeep(value, ReduceMax, 1), ReduceMax, 2))))
	p = Mul(p, Mul(wf, Transpose(ws, 1, 2)))
	total := ReduceAndKeep(ReduceAndKeep(p, ReduceSum, 1), ReduceSum, 2)
	c := DotGeneral(tf, []int{1}, []int{0}, Div(p, total), []int{1}, []int{0}) // [N, L, b]
	c = DotGeneral(c, []int{2}, []int{0}, ts, []int{1}, []int{0})              // [N, L, K]: E T_l T_k
	return l.expand(MulScalar(Sub(c, constant(l.mean)), 1/l.scale))
}

// nodes along an axis of the sums.
func (l *Latent) nodes() int {
	if l.slow.terms > 1 && l.fast.terms > 1 {
		return pairNodes
	}
	return soleNodes
}

// series is Σ_lk e_lk fast_al slow_bk, [N, a, b].
func series(e, fast, slow *Node) *Node {
	return DotGeneral(DotGeneral(fast, []int{2}, []int{0}, e, []int{1}, []int{0}), []int{2}, []int{0}, slow, []int{2}, []int{0})
}

// statistic is w(u), [N, L, K]: ⟨u, u(θ)⟩ = Σ w_lk T_l T_k.
func (l *Latent) statistic(u *Node) *Node {
	n, rows, columns := u.Shape().Dimensions[0], l.slow.Size, l.fast.Size
	y := DotGeneral(Reshape(u, n, rows, columns), []int{2}, nil, l.fast.matrix(u), []int{1}, nil) // [N, t, i]
	y = DotGeneral(y, []int{1}, nil, l.slow.matrix(u), []int{1}, nil)                             // [N, i, j]
	var w *Node
	for q := range l.fast.coef {
		term := DotGeneral(y, []int{1}, nil, dense2(u, l.fast.coef[q]), []int{1}, nil)   // [N, j, L]
		term = DotGeneral(term, []int{1}, nil, dense2(u, l.slow.coef[q]), []int{1}, nil) // [N, L, K]
		if w == nil {
			w = term
		} else {
			w = Add(w, term)
		}
	}
	return w
}

// expand is Σ c_lk T_l T_k as a field, the adjoint of statistic.
func (l *Latent) expand(c *Node) *Node {
	n := c.Shape().Dimensions[0]
	var y *Node
	for q := range l.fast.coef {
		term := DotGeneral(c, []int{2}, nil, dense2(c, l.slow.coef[q]), []int{0}, nil)   // [N, L, j]
		term = DotGeneral(term, []int{1}, nil, dense2(c, l.fast.coef[q]), []int{0}, nil) // [N, j, i]
		if y == nil {
			y = term
		} else {
			y = Add(y, term)
		}
	}
	y = DotGeneral(y, []int{1}, nil, l.slow.matrix(c), []int{0}, nil) // [N, i, t]
	y = DotGeneral(y, []int{1}, nil, l.fast.matrix(c), []int{0}, nil) // [N, t, x]
	return Reshape(y, n, l.slow.Size*l.fast.Size)
}

// matrix is the basis [rank, Size].
func (a *axis) matrix(like *Node) *Node { return Reshape(ConstAs(like, a.basis), a.rank, a.Size) }

func dense2(like *Node, m *mat.Dense) *Node {
	r, c := m.Dims()
	return Reshape(ConstAs(like, m.RawMatrix().Data), r, c)
}
