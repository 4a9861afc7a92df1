package prior

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"
)

// Spectral is the exact denoiser of N(0, Σ) in sampler coordinates, for a
// covariance whose eigenbasis is a Kronecker product of small ones:
//
//	Σ = Q Λ Qᵀ,  Q = Q₁ ⊗ … ⊗ Q_r,  D(u, σ) = Q Λ(Λ+σ²I)⁻¹ Qᵀ u
//
// With r = 1 any covariance is of this form; with the Fourier basis along every
// axis, every stationary field on a torus; with the eigenvectors of the kernel
// along each axis, every separable kernel. Cost per sample: 4 d (n₁ + … + n_r)
// FLOPs, d = n₁⋯n_r, where a dense matrix would cost 2 d².
type Spectral struct {
	shape []int       // n₁ … n_r; the first axis is slow
	basis [][]float64 // per axis n×n row-major, eigenvectors in columns; nil where it is the identity
	eigen []float64   // [d] eigenvalues, in the order of shape
}

var (
	_ Differentiable = (*Spectral)(nil)
	_ Law            = (*Spectral)(nil)
	_ Structure      = (*Spectral)(nil)
)

// Denoise is D; see [Denoiser] for shapes.
func (s *Spectral) Denoise(u, sigma *Node) *Node {
	lambda := s.constant(u, s.eigen, 1, len(s.eigen))
	shrink := Div(lambda, Add(lambda, Mul(sigma, sigma))) // [1 or N, d]
	return s.rotate(Mul(s.rotate(u, true), shrink), false)
}

// DenoiseJacobian is D and Q Λ(Λ+σ²I)⁻¹ Qᵀ, the same for every sample of one
// noise level; see [Differentiable].
func (s *Spectral) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	g, n, d := u.Graph(), u.Shape().Dimensions[0], len(s.eigen)
	eye := DiagonalWithValue(ScalarOne(g, u.DType()), d)
	if sigma.Rank() == 0 {
		return s.Denoise(u, sigma), BroadcastToDims(ExpandDims(s.Denoise(eye, sigma), 0), n, d, d)
	}
	// Q has no noise level in it: Qᵀ once, then one shrinkage for each sample.
	lambda := s.constant(u, s.eigen, 1, d)
	shrink := Div(lambda, Add(lambda, Mul(sigma, sigma)))               // [N, d]
	j := Mul(ExpandDims(s.rotate(eye, true), 0), ExpandDims(shrink, 1)) // [N, d, d]: row i is (Qᵀeᵢ)ᵀ scaled
	return s.Denoise(u, sigma), Reshape(s.rotate(Reshape(j, n*d, d), false), n, d, d)
}

func (s *Spectral) constant(like *Node, v []float64, dims ...int) *Node {
	return Reshape(ConvertDType(Const(like.Graph(), v), like.DType()), dims...)
}

// rotate multiplies rows u [N, d] by Q, or by Qᵀ (adjoint). Axis after axis is
// brought to the end, multiplied and left there; after all of them the order is
// the one of the beginning.
func (s *Spectral) rotate(u *Node, adjoint bool) *Node {
	n, d := u.Shape().Dimensions[0], len(s.eigen)
	for a, size := range s.shape {
		if len(s.shape) > 1 {
			u = Reshape(Transpose(Reshape(u, n, size, d/size), 1, 2), n*(d/size), size)
		}
		if s.basis[a] != nil {
			q := s.constant(u, s.basis[a], size, size)
			if !adjoint {
				q = Transpose(q, 0, 1)
			}
			u = Dot(u, q).Product()
		}
		u = Reshape(u, n, d)
	}
	return u
}

// turn is rotate on the host, for one vector; it may return u itself.
func (s *Spectral) turn(u []float64, adjoint bool) []float64 {
	for a, size := range s.shape {
		if len(s.shape) == 1 && s.basis[a] == nil {
			return u
		}
		rest := len(u) / size
		next := mat.NewDense(rest, size, nil)
		x := mat.NewDense(size, rest, u).T()
		switch {
		case s.basis[a] == nil:
			next.Copy(x)
		case adjoint:
			next.Mul(x, mat.NewDense(size, size, s.basis[a]))
		default:
			next.Mul(x, mat.NewDense(size, size, s.basis[a]).T())
		}
		u = next.RawMatrix().Data
	}
	return u
}

// LogDensity is −½ Σⱼ [yⱼ²/(λⱼ+σ²) + log 2π(λⱼ+σ²)], y = Qᵀu; see [Law].
func (s *Spectral) LogDensity(u []float64, sigma float64) float64 {
	var sum float64
	for j, y := range s.turn(u, true) {
		v := s.eigen[j] + sigma*sigma
		sum += y*y/v + math.Log(2*math.Pi*v)
	}
	return -0.5 * sum
}

// Score is −Q(Λ+σ²I)⁻¹Qᵀu; see [Law].
func (s *Spectral) Score(dst, u []float64, sigma float64) {
	y := append([]float64(nil), s.turn(u, true)...)
	for j := range y {
		y[j] /= -(s.eigen[j] + sigma*sigma)
	}
	copy(dst, s.turn(y, false))
}

// Colouring multiplies by Q(a²Λ + b²I)^½; see [Structure].
func (s *Spectral) Colouring(a, b float64) (func(dst, white []float64), error) {
	root := make([]float64, len(s.eigen))
	for j, l := range s.eigen {
		root[j] = math.Sqrt(a*a*l + b*b)
	}
	return func(dst, white []float64) {
		y := make([]float64, len(root))
		for j := range y {
			y[j] = root[j] * white[j]
		}
		copy(dst, s.turn(y, false))
	}, nil
}

// dense writes Σ out, as R Rᵀ with R = Q Λ^½.
func (s *Spectral) dense() *mat.SymDense {
	d := len(s.eigen)
	root := mat.NewDense(d, d, nil) // Rᵀ
	unit := make([]float64, d)
	for j, l := range s.eigen {
		if len(s.shape) == 1 && s.basis[0] != nil {
			for i := range d {
				root.Set(j, i, math.Sqrt(l)*s.basis[0][i*d+j])
			}
			continue
		}
		unit[j] = math.Sqrt(l)
		root.SetRow(j, s.turn(unit, false))
		unit[j] = 0
	}
	c := mat.NewSymDense(d, nil)
	c.SymOuterK(1, root.T())
	return c
}
