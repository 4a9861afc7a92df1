package prior

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Given is the law of the prior given equations H x = y without noise, in the user's
// coordinates: H is m×d, rows may depend on each other. The result has exact draws
// ([Prior.Draw]) and no denoiser: it is what samples under linear constraints are judged
// by. Of a mixture Σ wₖ N(mₖ, Cₖ),
//
//	x′ = x − Gₖ (H x − y),   x ~ N(mₖ, Cₖ),   Gₖ = Cₖ Hᵀ Sₖ⁺,   Sₖ = H Cₖ Hᵀ,
//	k with probability ∝ wₖ N(y; H mₖ, Sₖ):
//
// a draw of the prior is moved along the covariance (Matheron's rule; Journel and
// Huijbregts 1978, chapter VII). Gaussians, mixtures, fields, and products of them, of
// at most 2,048 columns; others are an [ErrNoPosterior]. Rows that contradict each other,
// and values that the prior has with probability 0 whatever they are near to, are errors.
func (p *Prior) Given(h *mat.Dense, y []float64) (*Prior, error) {
	m, d := h.Dims()
	if d != p.Coordinates.Dim() || len(y) != m {
		return nil, fmt.Errorf("prior: given: H is %d×%d and y has %d numbers: a prior of %d columns needs m×%d and m", m, d, len(y), p.Coordinates.Dim(), p.Coordinates.Dim())
	}
	if d > maxFreePoints {
		return nil, fmt.Errorf("%w: %d columns: at most %d", ErrNoPosterior, d, maxFreePoints)
	}
	weight, mean, cov, err := p.mixed()
	if err != nil {
		return nil, err
	}
	rows, z, err := independentRows(h, y, p.Coordinates)
	if err != nil {
		return nil, err
	}
	parts, logw := make([]given, len(weight)), make([]float64, len(weight))
	for k := range weight {
		if parts[k], logw[k], err = newGiven(rows, z, mean[k], cov[k], len(weight) > 1); err != nil {
			return nil, err
		}
		logw[k] += math.Log(weight[k])
	}
	total := logSumExp(logw)
	for k := range logw {
		logw[k] = math.Exp(logw[k] - total)
	}
	draw := func(rng *rand.Rand, u []float64, k int) { copy(u, p.Draw(rng, 1)); p.Coordinates.ToU(u, u) }
	if len(weight) > 1 { // of more, a draw does not tell its component
		draw = mixedDraws(mean, cov)
	}
	return &Prior{
		Kind: p.Kind, Coordinates: p.Coordinates, DType: p.DType, Describe: fmt.Sprintf("given %d equations: %s", m, p.Describe),
		Draw: func(rng *rand.Rand, n int) []float64 {
			x := make([]float64, n*d)
			for i := range n {
				u, k := x[i*d:(i+1)*d], 0
				for at := rng.Float64(); k < len(logw)-1 && at >= logw[k]; k++ {
					at -= logw[k]
				}
				draw(rng, u, k)
				parts[k].move(u, rows, z)
			}
			p.Coordinates.ToX(x, x)
			return x
		},
	}, nil
}

// given is one Gaussian's way to rows R u = z.
type given struct{ gain *mat.Dense } // [d, m]

func (g given) move(u []float64, rows *mat.Dense, z []float64) {
	x, r := mat.NewVecDense(len(u), u), mat.NewVecDense(len(z), nil)
	for range 2 { // the second time removes rounding
		r.MulVec(rows, x)
		for i := range z {
			r.SetVec(i, z[i]-r.AtVec(i))
		}
		var step mat.VecDense
		step.MulVec(g.gain, r)
		x.AddVec(x, &step)
	}
}

// degenerate is the share of the largest variance of independent rows below which one
// counts as none; narrow is how far off, in standard deviations of the widest, a value
// may be there.
const (
	degenerate = 1e-13
	narrow     = 1e-5
)

// newGiven makes the gain of a component and log N(z; R m, S).
func newGiven(rows *mat.Dense, z, mean []float64, cov *mat.SymDense, several bool) (given, float64, error) {
	m, d := rows.Dims()
	var ch, s mat.Dense
	ch.Mul(cov, rows.T())
	s.Mul(rows, &ch)
	sym := mat.NewSymDense(m, nil)
	for i := range m {
		for j := range i + 1 {
			sym.SetSym(i, j, 0.5*(s.At(i, j)+s.At(j, i)))
		}
	}
	off := mat.NewVecDense(m, nil)
	off.MulVec(rows, mat.NewVecDense(d, mean))
	off.SubVec(mat.NewVecDense(m, z), off)
	lambda, q := eigen(sym)
	top := lambda[m-1]
	along := mat.NewVecDense(m, nil)
	basis := mat.NewDense(m, m, q)
	along.MulVec(basis.T(), off)
	scaled := mat.NewDense(m, m, nil) // Q Λ⁺
	var logp float64
	for j, l := range lambda {
		if l <= degenerate*top {
			if several {
				return given{}, 0, fmt.Errorf("%w: an equation is about a combination of columns that a component of the mixture leaves no freedom", ErrNoPosterior)
			}
			if !(math.Abs(along.AtVec(j)) <= narrow*math.Sqrt(top)+1e-9*(1+mat.Norm(mat.NewVecDense(m, z), 2))) {
				return given{}, 0, fmt.Errorf("prior: given: equations that no point of the prior obeys: off by %.3g standard deviations of a column where the prior has no freedom", math.Abs(along.AtVec(j)))
			}
			continue
		}
		logp -= 0.5 * (along.AtVec(j)*along.AtVec(j)/l + math.Log(2*math.Pi*l))
		for i := range m {
			scaled.Set(i, j, basis.At(i, j)/l)
		}
	}
	var inverse, gain mat.Dense
	inverse.Mul(scaled, basis.T())
	gain.Mul(&ch, &inverse)
	return given{&gain}, logp, nil
}
