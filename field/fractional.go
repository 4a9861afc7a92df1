package field

import (
	"fmt"
	"math"
	"sync"

	"abide/internal/keyed"
	"abide/mesh"
	"abide/sparse"
)

// FractionalSPDE is a Matérn field on a mesh of any smoothness, the equation of [SPDE]
// with a power α that need not be whole: exponential covariances in the plane are α = 3/2.
// With α/2 = n + γ, n whole and 0 < γ < 1,
//
//	u = mean + D τ⁻¹ (K⁻¹M)ⁿ r(M⁻¹K) M^(−½) ξ,  r(x) = c + Σⱼ wⱼ/(x + sⱼ) ≈ x^(−γ),
//
// by one factor K + sⱼM for each of the six to ten terms. The largest relative error of
// r over the spectrum of M⁻¹K is below 10⁻⁶; D makes up for that in the variances too.
//
// References: D. Bolin, K. Kirchner and M. Kovács, "Numerical solution of fractional
// elliptic stochastic PDEs with spatial white noise", IMA J. Numer. Anal. 40 (2020), the
// approximation by resolvents; D. Bolin and K. Kirchner, "The rational SPDE approach for
// Gaussian random fields with general smoothness", J. Comput. Graph. Stat. 29 (2020).
// Poles are chosen differently, see rational.
//
// A draw costs as many pairs of triangular solves as there are terms. There is no sparse
// precision and no density: for these take a whole α and [SPDE].
type FractionalSPDE struct {
	equation
	half  int // n
	power *rational
	mean  float64
	scale []float64
	std   []float64
	pool  sync.Pool
}

var _ Gaussian = (*FractionalSPDE)(nil)

// NewFractionalSPDE makes the field of a covariance on a mesh for α = ν + d/2 below 4, by
// 0.02 and more from 2 and 4.
func NewFractionalSPDE(m *mesh.Mesh, p Matern, o SPDEOptions) (*FractionalSPDE, error) {
	alpha := p.Nu + float64(m.Dim())/2
	half := math.Floor(alpha / 2)
	gamma := alpha/2 - half
	if !(alpha < 4) || gamma < 0.01 || gamma > 0.99 {
		return nil, fmt.Errorf("field: ν = %g in %d dimensions is an equation of order α = %g: below 4 and not near 2 (by 0.02) or 0; for 2 and 4 take NewSPDE", p.Nu, m.Dim(), alpha)
	}
	e, err := newEquation(m, p, o)
	if err != nil {
		return nil, err
	}
	f := &FractionalSPDE{equation: e, half: int(half), mean: o.Mean}
	if f.power, err = newRational(gamma, e.kappa*e.kappa, e.largest(), 1e-6); err != nil {
		return nil, err
	}
	return f, f.factor(p.Sigma, !o.Raw)
}

// largest bounds the spectrum of M⁻¹K, by Gershgorin's discs; κ² bounds it from below.
func (e *equation) largest() float64 {
	most := 0.0
	for i, m := range e.mass {
		sum := 0.0
		for p := e.k.Ptr[i]; p < e.k.Ptr[i+1]; p++ {
			sum += math.Abs(e.k.Value[p])
		}
		most = math.Max(most, sum/m)
	}
	return most
}

// factor factors K + sM for all shifts, and K where n = 1, and finds the marginal
// variances: the square of r(x) xⁿ in partial fractions.
func (f *FractionalSPDE) factor(sigma float64, scaled bool) error {
	symbolic, err := f.analyse()
	if err != nil {
		return err
	}
	var factors []*sparse.Cholesky // of the shifts, and last that of none
	variance := make([]float64, len(f.mass))
	once, twice, constant, rest := f.power.square(f.half)
	for i, m := range f.mass {
		variance[i] = constant / m
	}
	add := func(shift, a, b float64) error {
		k := f.k.Like()
		copy(k.Value, f.k.Value)
		for i, m := range f.mass {
			k.Value[k.Position(i, i)] += shift * m
		}
		c, err := sparse.NewCholesky(symbolic, k)
		if err != nil {
			return fmt.Errorf("field: the operator of the equation: %w", err)
		}
		factors = append(factors, c)
		d, err := marginals(k, f.mass, symbolic, 2)
		if err != nil {
			return err
		}
		for i := range variance {
			variance[i] += a*d[0][i] + b*d[1][i]
		}
		return nil
	}
	for j, s := range f.power.shift {
		if err := add(s, once[j], twice[j]); err != nil {
			return err
		}
	}
	if f.half > 0 {
		if err := add(0, rest[0], rest[1]); err != nil {
			return err
		}
	}
	f.std, f.scale = variance, make([]float64, len(f.mass))
	for i, v := range variance {
		f.std[i], f.scale[i] = math.Sqrt(v)/f.tau, 1
		if scaled {
			f.std[i], f.scale[i] = sigma, sigma/f.std[i]
		}
	}
	f.pool.New = func() any {
		w := &fractionalWork{x: make([]float64, len(f.mass)), y: make([]float64, len(f.mass)), sum: make([]float64, len(f.mass))}
		for _, c := range factors {
			w.factors = append(w.factors, c.Copy())
		}
		return w
	}
	return nil
}

// square is r(x)² x^(−2n) in partial fractions, n = 0 or 1: a constant, for each shift a
// simple and a double pole, and for n = 1 those at zero. By
//
//	1/((x+s)(x+t)) = (1/(x+s) − 1/(x+t))/(t − s),
//	1/(x²(x+s))   = 1/(s x²) − 1/(s² x) + 1/(s² (x+s)),
//	1/(x²(x+s)²)  = 1/(s² x²) − 2/(s³ x) + 1/(s² (x+s)²) + 2/(s³ (x+s)).
func (r *rational) square(n int) (once, twice []float64, constant float64, zero [2]float64) {
	constant = r.constant * r.constant
	for j, s := range r.shift {
		a, b := 2*r.constant*r.residue[j], r.residue[j]*r.residue[j]
		for i, t := range r.shift {
			if i != j {
				a += 2 * r.residue[i] * r.residue[j] / (t - s)
			}
		}
		if n == 1 {
			zero[1] += a/s + b/(s*s)
			zero[0] -= a/(s*s) + 2*b/(s*s*s)
			a, b = a/(s*s)+2*b/(s*s*s), b/(s*s)
		}
		once, twice = append(once, a), append(twice, b)
	}
	if n == 1 {
		zero[1] += constant
		constant = 0
	}
	return once, twice, constant, zero
}

type fractionalWork struct {
	factors   []*sparse.Cholesky
	x, y, sum []float64
}

// Std is the standard deviation at every point: σ, or with Raw that of the equation. It
// is not to be written to.
func (f *FractionalSPDE) Std() []float64 { return f.std }

// Terms is the number of resolvents.
func (f *FractionalSPDE) Terms() int { return len(f.power.shift) }

// RelativeError is the largest relative error of r.
func (f *FractionalSPDE) RelativeError() float64 { return f.power.error }

// Sample writes draw index of seed at the points of the mesh.
func (f *FractionalSPDE) Sample(dst []float64, seed uint64, index int) {
	keyed.New(seed, "field.fractional", index, 0).Normal(dst[:len(f.mass)])
	f.Map(dst, dst)
}

// Map writes mean + L ξ. dst and white may be the same slice.
func (f *FractionalSPDE) Map(dst, white []float64) {
	w := f.pool.Get().(*fractionalWork)
	for i, r := range f.root {
		w.x[i] = r * white[i]
	}
	f.apply(w)
	for range f.half {
		for i, m := range f.mass {
			w.sum[i] *= m
		}
		w.factors[len(w.factors)-1].Solve(w.sum, w.sum)
	}
	for i, s := range f.scale {
		dst[i] = f.mean + s/f.tau*w.sum[i]
	}
	f.pool.Put(w)
}

// apply is sum = r(M⁻¹K) M⁻¹ x, symmetric.
func (f *FractionalSPDE) apply(w *fractionalWork) {
	for i, m := range f.mass {
		w.sum[i] = f.power.constant * w.x[i] / m
	}
	for j, r := range f.power.residue {
		w.factors[j].Solve(w.y, w.x)
		for i, v := range w.y {
			w.sum[i] += r * v
		}
	}
}

// Adjoint writes Lᵀ u. white and u may be the same slice.
func (f *FractionalSPDE) Adjoint(white, u []float64) {
	w := f.pool.Get().(*fractionalWork)
	for i, s := range f.scale {
		w.x[i] = s / f.tau * u[i]
	}
	for range f.half {
		w.factors[len(w.factors)-1].Solve(w.x, w.x)
		for i, m := range f.mass {
			w.x[i] *= m
		}
	}
	f.apply(w)
	for i, r := range f.root {
		white[i] = r * w.sum[i]
	}
	f.pool.Put(w)
}

// Covariance is dst = C v = L Lᵀ v.
func (f *FractionalSPDE) Covariance(dst, v []float64) {
	f.Adjoint(dst, v)
	f.Map(dst, dst)
	for i := range f.mass {
		dst[i] -= f.mean
	}
}
