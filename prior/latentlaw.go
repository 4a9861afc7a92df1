package prior

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
)

// NewLatent is the law of u(θ) = Σ_q slow_q(θ₁) ⊗ fast_q(θ₂) with uniform, independent
// parameters, row-major with the slow axis first; see [Latent]. Columns have shifts of
// their own, the mean field, and one scale in the unit of the field, in which noise is
// white; 0 is the standard deviation of a column on average. That is not always the
// best: a few directions hold all of the variance of d columns, and a process that is
// made for variance 1 has to tell them apart in its first steps.
func NewLatent(slow, fast *Factor, scale float64, names []string) (*Prior, error) {
	if slow.Terms != fast.Terms || slow.Terms < 1 || slow.Size < 1 || fast.Size < 1 {
		return nil, fmt.Errorf("prior: latent: axes of %d and %d points with %d and %d terms: need as many terms on both, all at least one", slow.Size, fast.Size, slow.Terms, fast.Terms)
	}
	if !(scale >= 0) || math.IsInf(scale, 0) {
		return nil, fmt.Errorf("prior: scale %g: must be finite and not negative", scale)
	}
	for _, f := range []*Factor{slow, fast} {
		if !(f.Low <= f.High) || math.IsInf(f.High-f.Low, 0) {
			return nil, fmt.Errorf("prior: %s from %g to %g: must be finite, the lower end first", f.Latent, f.Low, f.High)
		}
	}
	l := &Latent{}
	var err error
	if l.slow, err = newAxis(slow); err != nil {
		return nil, err
	}
	if l.fast, err = newAxis(fast); err != nil {
		return nil, err
	}
	if l.slow.terms == 1 && l.fast.terms == 1 {
		return nil, fmt.Errorf("prior: latent: every parameter is known: leave at least one a range")
	}
	d := slow.Size * fast.Size
	if names == nil {
		names = numbered(d)
	} else if len(names) != d {
		return nil, fmt.Errorf("prior: %d column names for %d points", len(names), d)
	}
	l.half = l.halfSquare()
	l.mean = make([]float64, l.fast.terms*l.slow.terms)
	for i := range l.mean {
		l.mean[i] = l.fast.moment(i/l.slow.terms) * l.slow.moment(i%l.slow.terms)
	}
	field := l.field(l.mean)
	l.shift = l.tells(field)
	structure, variance := l.covariance()
	if !(variance > 0) {
		return nil, fmt.Errorf("prior: latent: the field does not depend on its parameters")
	}
	if l.scale = scale; scale == 0 {
		l.scale = math.Sqrt(variance / float64(d))
	}
	for r := range structure.lambda {
		structure.lambda[r] /= l.scale * l.scale
	}
	l.at = Coordinates{Names: names, Shift: field, Scale: make([]float64, d)}
	for j := range l.at.Scale {
		l.at.Scale[j] = l.scale
	}
	return &Prior{
		Kind: "latent", Denoiser: l, Coordinates: l.at, DType: engine.Float64, Structure: structure, Law: l,
		Draw: l.draw,
	}, nil
}

// halfSquare is the series of ½‖u(θ)‖², [L, K].
func (l *Latent) halfSquare() []float64 {
	values := mat.NewDense(l.fast.terms, l.slow.terms, nil)
	for p := range l.fast.gram {
		for i, f := range l.fast.gram[p] {
			for j, s := range l.slow.gram[p] {
				values.Set(i, j, values.At(i, j)+0.5*f*s)
			}
		}
	}
	var half, c mat.Dense
	half.Mul(chebyshev(l.fast.terms), values)
	c.Mul(&half, chebyshev(l.slow.terms).T())
	return c.RawMatrix().Data
}

// inBasis is the field of coefficients c [L, K] in the two bases, [i, j].
func (l *Latent) inBasis(c []float64) *mat.Dense {
	y := mat.NewDense(l.fast.rank, l.slow.rank, nil)
	in := mat.NewDense(l.fast.terms, l.slow.terms, c)
	var right, both mat.Dense
	for q := range l.fast.coef {
		right.Reset()
		both.Reset()
		right.Mul(in, l.slow.coef[q])
		both.Mul(l.fast.coef[q].T(), &right)
		y.Add(y, &both)
	}
	return y
}

// onGrid is a field in the two bases, [i, j], at the points of the grid.
func (l *Latent) onGrid(y mat.Matrix) []float64 {
	var left, out mat.Dense
	left.Mul(mat.NewDense(l.slow.rank, l.slow.Size, l.slow.basis).T(), y.T())
	out.Mul(&left, mat.NewDense(l.fast.rank, l.fast.Size, l.fast.basis))
	return out.RawMatrix().Data
}

func (l *Latent) field(c []float64) []float64 { return l.onGrid(l.inBasis(c)) }

// tells is w(z) of a field in its own unit, [L, K]; see [Latent].
func (l *Latent) tells(z []float64) []float64 {
	var left, y mat.Dense
	left.Mul(mat.NewDense(l.fast.rank, l.fast.Size, l.fast.basis), mat.NewDense(l.slow.Size, l.fast.Size, z).T())
	y.Mul(&left, mat.NewDense(l.slow.rank, l.slow.Size, l.slow.basis).T()) // [i, j]
	w := mat.NewDense(l.fast.terms, l.slow.terms, nil)
	var right, both mat.Dense
	for q := range l.fast.coef {
		right.Reset()
		both.Reset()
		right.Mul(&y, l.slow.coef[q].T())
		both.Mul(l.fast.coef[q], &right)
		w.Add(w, &both)
	}
	return w.RawMatrix().Data
}

// covariance is that of u(θ), by its eigenvectors, and its trace. In the two bases the
// second moment is Σ_qq' (Fᵀ_q E[TTᵀ] F_q') ⊗ (Sᵀ_q E[TTᵀ] S_q').
func (l *Latent) covariance() (lowRank, float64) {
	ri, rj := l.fast.rank, l.slow.rank
	second := func(a *axis, q, r int) *mat.Dense {
		var right, both mat.Dense
		right.Mul(a.seconds(), a.coef[r])
		both.Mul(a.coef[q].T(), &right)
		return &both
	}
	mean := l.inBasis(l.mean)
	c := mat.NewSymDense(ri*rj, nil)
	for q := range l.fast.coef {
		for r := range l.fast.coef {
			f, s := second(l.fast, q, r), second(l.slow, q, r)
			for a := range ri * rj {
				for b := range a + 1 {
					c.SetSym(a, b, c.At(a, b)+f.At(a/rj, b/rj)*s.At(a%rj, b%rj))
				}
			}
		}
	}
	for a := range ri * rj {
		for b := range a + 1 {
			c.SetSym(a, b, c.At(a, b)-mean.At(a/rj, a%rj)*mean.At(b/rj, b%rj))
		}
	}
	lambda, v := eigen(c)
	out := lowRank{dim: l.slow.Size * l.fast.Size}
	top := lambda[len(lambda)-1]
	for k := len(lambda) - 1; k >= 0 && lambda[k] > 1e-13*top; k-- {
		column := make([]float64, ri*rj)
		for a := range column {
			column[a] = v[a*ri*rj+k]
		}
		out.lambda = append(out.lambda, lambda[k])
		out.v = append(out.v, l.onGrid(mat.NewDense(ri, rj, column))...)
	}
	return out, mat.Trace(c)
}

// Field is u(θ), in the user's unit, straight from the factors.
func (l *Latent) Field(slow, fast float64) []float64 {
	rows, columns := l.slow.Size, l.fast.Size
	out, s, f := make([]float64, rows*columns), make([]float64, rows), make([]float64, columns)
	for q := range l.fast.Terms {
		l.slow.At(s, q, slow)
		l.fast.At(f, q, fast)
		for i, a := range s {
			for j, b := range f {
				out[i*columns+j] += a * b
			}
		}
	}
	return out
}

// draw makes n fields of independent uniform parameters.
func (l *Latent) draw(rng *rand.Rand, n int) []float64 {
	out := make([]float64, 0, n*l.at.Dim())
	for range n {
		slow, fast := rng.Float64(), rng.Float64()
		out = append(out, l.Field(l.slow.Low+(l.slow.High-l.slow.Low)*slow, l.fast.Low+(l.fast.High-l.fast.Low)*fast)...)
	}
	return out
}
