package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/operator"
	"abide/potential"
)

// sight is a measurement seen from noisy points u, in units of its noise: with the
// noise's covariance R = L Lᵀ it is L⁻¹y = L⁻¹A(u₀) + n, n ~ N(0, I). Correlated
// noise, noise of its own for each value and values in units of their own are then
// all the same to a guide. H is L⁻¹ times the operator, linearised at the clean
// estimate where it is not linear, and J = ∂D/∂u.
type sight struct {
	u, variance *Node               // [N, d]; σ², a scalar or [N, 1]
	value       *Node               // L⁻¹A(D(u)) [N, m], to be differentiated by u
	residual    *Node               // L⁻¹(y − A(D)) [N, m]
	push        func(v *Node) *Node // H v, [N, d] → [N, m]
	pull        func(c *Node) *Node // Hᵀc, [N, m] → [N, d]
	linear      bool                // H is the same for all points, and push takes any number of them
}

// see looks at a measurement from u through the clean estimate D(u).
func see(y *potential.Measurement, mean, u, sigma *Node) sight {
	noise, _ := y.Gaussian()
	s := sight{u: u, variance: Mul(sigma, sigma), value: noise.Whiten(y.Op.Apply(mean))}
	data := append([]float64(nil), y.Y...)
	noise.WhitenAt(data)
	s.residual = StopGradient(Sub(ConstAs(u, [][]float64{data}), s.value))
	if h, _, ok := operator.Split(y.Op); ok {
		s.linear = true
		s.push = func(v *Node) *Node { return noise.Whiten(h.Apply(v)) }
		s.pull = func(c *Node) *Node { return h.Adjoint(noise.WhitenTranspose(c)) }
		return s
	}
	// By mean itself: a derivative by a node that stops gradients is zero.
	s.push = func(v *Node) *Node { return noise.Whiten(engine.JVP(y.Op.Apply, mean, v)) }
	s.pull = func(c *Node) *Node { return engine.VJP(s.value, mean, c) }
	return s
}

// values is m.
func (s sight) values() int { return s.value.Shape().Dimensions[1] }

// back is Jᵀ Hᵀ c, [N, m] → [N, d]: one vector–Jacobian product.
func (s sight) back(c *Node) *Node { return engine.VJP(s.value, s.u, c) }

// spread is σ² H g, [N, d] → [N, m]. With Tweedie's covariance C = σ²J of the clean
// point, spread(back(c)) is H Cᵀ Hᵀ c.
func (s sight) spread(g *Node) *Node { return Mul(s.variance, s.push(StopGradient(g))) }

// unit is the i-th unit vector for every point, [N, m].
func (s sight) unit(i int) *Node {
	e := make([]float64, s.values())
	e[i] = 1
	return s.every(e)
}

// every is c for every point, [N, m].
func (s sight) every(c []float64) *Node {
	return BroadcastToShape(ConstAs(s.u, [][]float64{c}), s.value.Shape())
}

// rows are Jᵀ Hᵀ eᵢ [N, d], the rows of H J, and the matrix H C Hᵀ [N, m, m], made
// symmetric as a covariance is: m vector–Jacobian products.
func (s sight) rows() (rows []*Node, cov *Node) {
	for i := range s.values() {
		rows = append(rows, s.back(s.unit(i)))
	}
	return rows, s.covariance(rows)
}

// covariance is σ² times the matrix with columns H rowᵢ, made symmetric, [N, m, m].
func (s sight) covariance(rows []*Node) *Node {
	n, m := rows[0].Shape().Dimensions[0], len(rows)
	var parts *Node // [m, N, m]
	if s.linear {   // all in one product
		parts = Reshape(s.push(StopGradient(Concatenate(rows, 0))), m, n, m)
	} else {
		each := make([]*Node, m)
		for i, row := range rows {
			each[i] = s.push(StopGradient(row))
		}
		parts = Stack(each, 0)
	}
	variance := s.variance
	if variance.Rank() > 0 {
		variance = Reshape(variance, n, 1, 1)
	}
	a := MulScalar(Mul(TransposeAllAxes(parts, 1, 0, 2), variance), 0.5)
	return Add(a, TransposeAllAxes(a, 0, 2, 1))
}

// plusNoise is A + I of [N, m, m]: the covariance of the data, H C Hᵀ and their noise.
func plusNoise(a *Node) *Node {
	eye := DiagonalWithValue(ScalarOne(a.Graph(), a.DType()), a.Shape().Dimensions[1])
	return Add(a, ExpandDims(eye, 0))
}

// inner is ⟨a, b⟩ of each point, [N, m] → [N, 1].
func inner(a, b *Node) *Node { return ReduceAndKeep(Mul(a, b), ReduceSum, -1) }

// choose is a where good [N, 1] holds and b elsewhere, for [N, m].
func choose(good, a, b *Node) *Node {
	return Where(BroadcastToDims(good, a.Shape().Dimensions...), a, b)
}
