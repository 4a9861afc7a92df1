package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
)

// TMPD is Tweedie moment projected diffusion (Boys, Girolami, Pidstrigach, Reich,
// Mosca and Akyildiz 2024, equation 8): with J = ∂D/∂u and Tweedie's covariance
// C = σ²J,
//
//	Pull = Jᵀ Hᵀ (H C Hᵀ + R)⁻¹ (y − A(D)),
//
// H the operator, linearised at D where it is not linear. Exact for a Gaussian
// prior and a linear H; on mixtures it weighs modes wrongly. m rows of the
// Jacobian cost m vector–Jacobian products, and the solution of m×m systems m³/3
// operations a point: for m up to about 64; beyond, [MMPS]. Y is in sampler
// coordinates.
//
// The covariance of a network is made symmetric, ½H(C + Cᵀ)Hᵀ, in every form.
type TMPD struct {
	Y    *potential.Measurement // with Gaussian noise
	Form Form
}

// Form is how TMPD comes by its products with J; all of them are equal.
type Form string

// The forms of TMPD.
const (
	FormVJP    Form = "vjp"    // rows of H J by m vector–Jacobian products, used for the guidance again; also ""
	FormAlt    Form = "alt"    // the same rows, the guidance by one more product
	FormJacrev Form = "jacrev" // the m×d matrix H J by reverse mode
	FormJacfwd Form = "jacfwd" // the d×d matrix J by the prior's own Jacobian, else by d products
)

var (
	_ Guide  = TMPD{}
	_ Puller = TMPD{}
)

// Guide returns D′.
func (g TMPD) Guide(d prior.Denoiser) prior.Denoiser {
	if g.Form == FormJacfwd {
		return forward{d, g.Y}
	}
	return Pulled(d, g)
}

// Pull is [N, d]. The form jacfwd, which needs the denoiser and not its value alone,
// counts as vjp here.
func (g TMPD) Pull(mean, u, sigma *Node) *Node {
	s := see(g.Y, mean, u, sigma)
	if g.Form == FormJacrev {
		hj := engine.Jacobian(s.value, u) // [N, m, d]
		rows := make([]*Node, s.values())
		for i := range rows {
			rows[i] = Squeeze(Slice(hj, AxisRange(), AxisElem(i)), 1)
		}
		f := solve(plusNoise(s.covariance(rows)), s.residual)
		return ReduceSum(Mul(hj, ExpandDims(f, -1)), 1)
	}
	rows, cov := s.rows()
	f := solve(plusNoise(cov), s.residual)
	if g.Form == FormAlt {
		return s.back(f)
	}
	return combine(f, rows)
}

// combine is Σᵢ fᵢ rowᵢ, f [N, m] and rows of [N, d].
func combine(f *Node, rows []*Node) *Node {
	var sum *Node
	for i, row := range rows {
		part := Mul(Slice(f, AxisRange(), AxisElem(i)), row)
		if sum == nil {
			sum = part
		} else {
			sum = Add(sum, part)
		}
	}
	return sum
}

// forward is TMPD by the whole Jacobian of the denoiser.
type forward struct {
	denoiser prior.Denoiser
	y        *potential.Measurement
}

// Denoise is D′; see [prior.Denoiser] for shapes.
func (g forward) Denoise(u, sigma *Node) *Node {
	mean, j := prior.DenoiseJacobian(g.denoiser, u, sigma)
	j = BroadcastToDims(StopGradient(j), u.Shape().Dimensions[0], u.Shape().Dimensions[1], u.Shape().Dimensions[1])
	s := see(g.y, mean, u, sigma)
	rows := make([]*Node, s.values())
	for i := range rows {
		h := s.pull(s.unit(i))                            // row i of H
		rows[i] = ReduceSum(Mul(j, ExpandDims(h, -1)), 1) // Jᵀ h
	}
	f := solve(plusNoise(s.covariance(rows)), s.residual)
	return Add(mean, Mul(s.variance, combine(f, rows)))
}
