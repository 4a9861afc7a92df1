package prior

import (
	"errors"
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// Parameterised turns a network f(x, t) trained on a Gaussian path x = a(t) u₀ + b(t) n
// into a denoiser, whatever it was trained to return. A noise level σ belongs to
// the time at which b/a = σ; the network sees x = a u there, and each output is
// linear in the clean point:
//
//	x0        f = E u₀                     D = f
//	noise     f = E n                      D = u − σ f
//	score     f = ∇ log p_t(x)             D = u + σ² a f
//	v         f = a n − b u₀               D = (a² u − b f)/(a² + b²)        (Salimans and Ho 2022, appendix D)
//	velocity  f = a′ u₀ + b′ n             D = (b f − b′ a u)/(a′b − a b′)   (Lipman et al. 2023, section 4)
//
// the expectations being given x: Tweedie's formula (Efron 2011, section 2) is the
// line of the score, and the others solve x = a u₀ + b n for u₀.
//
// Centre and Spread say in which units the network works: y = Centre + Spread·u.
// Outside of the noise levels of its process the network is asked at the nearest
// one; see [Trained] for what stands there instead.
type Parameterised struct {
	Network Applier
	Output  Output
	Process Process
	Time    Time

	Centre []float64 // nil: 0
	Spread float64   // 0: 1
}

// Output is what a network returns.
type Output string

// The outputs of [Parameterised].
const (
	OutputX0       Output = "x0"
	OutputNoise    Output = "noise"
	OutputScore    Output = "score"
	OutputV        Output = "v"
	OutputVelocity Output = "velocity"
)

// Outputs lists them all.
var Outputs = []Output{OutputNoise, OutputX0, OutputVelocity, OutputScore, OutputV}

// Time is how a network is told the noise level: the process's time t, σ or ln σ,
// times a factor (0: 1).
type Time struct {
	Of    string // "t", "sigma" or "log_sigma"
	Scale float64
}

var _ Differentiable = Parameterised{}

// Denoise is D; see [Denoiser] for shapes.
func (p Parameterised) Denoise(u, sigma *Node) *Node {
	return p.leave(p.at(sigma).denoise(p.Network, p.enter(u), nil))
}

// DenoiseJacobian is D and ∂D/∂u = skip I + out in ∂f; see [Differentiable].
func (p Parameterised) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	mean, jacobian = p.at(sigma).denoiseJacobian(p.Network, p.enter(u), nil)
	return p.leave(mean), jacobian // Spread goes in as a factor and out as its inverse
}

// enter and leave change to the network's units and back.
func (p Parameterised) enter(u *Node) *Node {
	if p.Spread != 0 && p.Spread != 1 {
		u = MulScalar(u, p.Spread)
	}
	if p.Centre != nil {
		u = Add(u, ExpandDims(ConstAs(u, p.Centre), 0))
	}
	return u
}

func (p Parameterised) leave(y *Node) *Node {
	if p.Centre != nil {
		y = Sub(y, ExpandDims(ConstAs(y, p.Centre), 0))
	}
	if p.Spread != 0 && p.Spread != 1 {
		y = MulScalar(y, 1/p.Spread)
	}
	return y
}

func (p Parameterised) at(sigma *Node) coefficients {
	sigma = column(sigma)
	if p.Spread != 0 {
		sigma = MulScalar(sigma, p.Spread)
	}
	lo, hi := p.Process.Range()
	g, dt := sigma.Graph(), sigma.DType()
	near := Min(Max(sigma, Scalar(g, dt, lo)), Scalar(g, dt, hi))
	m := p.Process.At(near)
	one, zero := OnesLike(sigma), ZerosLike(sigma)
	l := coefficients{in: m.A, noise: p.Time.of(m.T, near)}
	switch p.Output {
	case OutputX0:
		l.skip, l.out = zero, one
	case OutputNoise:
		l.skip, l.out = one, Neg(sigma)
	case OutputScore:
		l.skip, l.out = one, Mul(Mul(sigma, sigma), m.A)
	case OutputV:
		norm := Add(Mul(m.A, m.A), Mul(m.B, m.B))
		l.skip, l.out = Div(Mul(m.A, m.A), norm), Neg(Div(m.B, norm))
	case OutputVelocity:
		if m.DA == nil {
			panic(errors.New("prior: a process of discrete times has no velocity"))
		}
		turn := Sub(Mul(m.DA, m.B), Mul(m.A, m.DB))
		l.skip, l.out = Neg(Div(Mul(m.DB, m.A), turn)), Div(m.B, turn)
	default:
		panic(fmt.Errorf("prior: output %q is unknown: allowed are %v", p.Output, Outputs))
	}
	return l
}

// of is what the network is told at time t and noise level σ.
func (t Time) of(time, sigma *Node) *Node {
	switch t.Of {
	case "t", "":
	case "sigma":
		time = sigma
	case "log_sigma":
		time = Log(sigma)
	default:
		panic(fmt.Errorf("prior: time %q is unknown: allowed are t, sigma and log_sigma", t.Of))
	}
	if t.Scale != 0 && t.Scale != 1 {
		time = MulScalar(time, t.Scale)
	}
	return time
}

// Process is a Gaussian path x = a u₀ + b n, asked by its noise level σ = b/a.
type Process interface {
	// At gives, for σ [1, 1] or [N, 1] in the range, the time and the coefficients there.
	At(sigma *Node) Moment
	// Range is the noise levels the process passes.
	Range() (min, max float64)
}

// Moment is a time of a path with a, b and their derivatives in time, which are
// nil where time is discrete.
type Moment struct{ T, A, B, DA, DB *Node }

// VPProcess has β(t) = Min + t (Max − Min), a = exp(−½∫β), b² = 1 − a² for t in (0, 1]
// (Song et al. 2021, section 3.4). With L = ln(1 + σ²) = t Min + ½t² (Max − Min),
// t = 2L/(Min + √(Min² + 2 (Max − Min) L)).
type VPProcess struct{ Min, Max float64 }

// At is the moment of a noise level.
func (p VPProcess) At(sigma *Node) Moment {
	r2 := Mul(sigma, sigma)
	l := Log1p(r2)
	root := Sqrt(AddScalar(MulScalar(l, 2*(p.Max-p.Min)), p.Min*p.Min))
	t := Div(MulScalar(l, 2), AddScalar(root, p.Min))
	a := preserving(r2)
	b := Mul(sigma, a)
	beta := AddScalar(MulScalar(t, p.Max-p.Min), p.Min)
	da := MulScalar(Mul(beta, a), -0.5)
	return Moment{T: t, A: a, B: b, DA: da, DB: Neg(Div(Mul(da, a), b))} // a a′ + b b′ = 0
}

// preserving is a = 1/√(1+σ²), which every process with a² + b² = 1 has.
func preserving(r2 *Node) *Node { return Reciprocal(Sqrt(AddScalar(r2, 1))) }

// Range is from time 10⁻⁵ to 1.
func (p VPProcess) Range() (min, max float64) {
	at := func(t float64) float64 { return math.Sqrt(math.Expm1(t*p.Min + 0.5*t*t*(p.Max-p.Min))) }
	return at(1e-5), at(1)
}

// VEProcess has a = 1, b = Min (Max/Min)^t (Song et al. 2021, section 3.4).
type VEProcess struct{ Min, Max float64 }

// At is the moment of a noise level.
func (p VEProcess) At(sigma *Node) Moment {
	rate := math.Log(p.Max / p.Min)
	t := MulScalar(Log(MulScalar(sigma, 1/p.Min)), 1/rate)
	return Moment{T: t, A: OnesLike(sigma), B: sigma, DA: ZerosLike(sigma), DB: MulScalar(sigma, rate)}
}

// Range is Min to Max.
func (p VEProcess) Range() (min, max float64) { return p.Min, p.Max }

// EDMProcess has a = 1, b = t = σ between Min and Max (Karras et al. 2022).
type EDMProcess struct{ Min, Max float64 }

// At is the moment of a noise level.
func (p EDMProcess) At(sigma *Node) Moment {
	return Moment{T: sigma, A: OnesLike(sigma), B: sigma, DA: ZerosLike(sigma), DB: OnesLike(sigma)}
}

// Range is Min to Max.
func (p EDMProcess) Range() (min, max float64) { return p.Min, p.Max }

// FlowProcess is the straight path of flow matching and rectified flows: a = t,
// b = 1 − t, or with DataAtZero a = 1 − t, b = t.
type FlowProcess struct{ DataAtZero bool }

// At is the moment of a noise level.
func (p FlowProcess) At(sigma *Node) Moment {
	a := Reciprocal(AddScalar(sigma, 1))
	b := Mul(sigma, a)
	one := OnesLike(sigma)
	if p.DataAtZero {
		return Moment{T: b, A: a, B: b, DA: Neg(one), DB: one}
	}
	return Moment{T: a, A: a, B: b, DA: one, DB: Neg(one)}
}

// Range leaves a thousandth of the time at the data and at the noise.
func (p FlowProcess) Range() (min, max float64) { return 1e-3, 1e3 }
