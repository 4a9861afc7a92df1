package prior

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
)

// PPCA is probabilistic principal component analysis (Tipping and Bishop 1999),
// the variational autoencoder that can be solved: latent z ~ N(0, I_q), decoder
// u | z ~ N(Wz, s²I) on standardised columns u. Its maximum-likelihood solution is
// closed-form,
//
//	W = U_q (Λ_q − s²I)^½,   s² = mean of the other d − q eigenvalues,
//
// with eigenvalues Λ and eigenvectors U of the correlation matrix; the encoder
// z | u ~ N(M⁻¹Wᵀu, s²M⁻¹), M = WᵀW + s²I, is exact, and so is the law of the
// decoded points, N(0, WWᵀ + s²I), whose denoiser is that of a Gaussian.
type PPCA struct {
	Coordinates Coordinates // of the standardised columns
	W           *mat.Dense  // [d, q]
	Noise       float64     // s²
	Rows        int

	LogLikelihood float64 // Σ log p(xᵢ), in the user's units
	Parameters    int     // dq − q(q−1)/2 of W, one of s², d of the mean
	BIC           float64
}

// FitPPCA fits q latent dimensions, 1 ≤ q < d, to the rows of a table. Rows that
// lie in q dimensions, so that s² is 0, are an error.
func FitPPCA(t *dataio.Table, q int) (*PPCA, error) {
	at, err := Standardise(t)
	if err != nil {
		return nil, err
	}
	d, n := at.Dim(), float64(t.Rows)
	if q < 1 || q >= d {
		return nil, fmt.Errorf("prior: ppca: %d latent dimensions for %d columns: must be from 1 to %d; with all of them it is a gaussian", q, d, d-1)
	}
	u := make([]float64, len(t.Data))
	at.ToU(u, t.Data)
	lambda, basis := eigen(mat.NewSymDense(d, Covariance(u, d))) // ascending
	p := &PPCA{Coordinates: at, W: mat.NewDense(d, q, nil), Rows: t.Rows}
	for _, l := range lambda[:d-q] {
		p.Noise += max(l, 0) / float64(d-q)
	}
	if p.Noise < 1e-10 {
		return nil, fmt.Errorf("prior: ppca: %d latent dimensions explain all of the %d columns: take fewer, or leave out columns that others determine", q, d)
	}
	p.LogLikelihood = -0.5 * n * (float64(d)*math.Log(2*math.Pi) + float64(d-q)*math.Log(p.Noise) + float64(d))
	for c := range q {
		j := d - 1 - c
		p.LogLikelihood -= 0.5 * n * math.Log(lambda[j])
		for i := range d {
			p.W.Set(i, c, basis[i*d+j]*math.Sqrt(max(lambda[j]-p.Noise, 0)))
		}
	}
	for _, s := range at.Scale {
		p.LogLikelihood -= n * math.Log(s)
	}
	p.Parameters = d*q - q*(q-1)/2 + 1 + d
	p.BIC = -2*p.LogLikelihood + float64(p.Parameters)*math.Log(n)
	return p, nil
}

// Covariance of the decoded points in standardised columns, WWᵀ + s²I.
func (p *PPCA) Covariance() *mat.SymDense {
	d, _ := p.W.Dims()
	c := mat.NewSymDense(d, nil)
	c.SymOuterK(1, p.W)
	for j := range d {
		c.SetSym(j, j, c.At(j, j)+p.Noise)
	}
	return c
}

// Encode is the law of z given a standardised point u: mean M⁻¹Wᵀu and covariance s²M⁻¹.
func (p *PPCA) Encode(u []float64) (mean []float64, cov *mat.SymDense, err error) {
	d, q := p.W.Dims()
	m := mat.NewSymDense(q, nil)
	m.SymOuterK(1, p.W.T())
	for j := range q {
		m.SetSym(j, j, m.At(j, j)+p.Noise)
	}
	var c mat.Cholesky
	if !c.Factorize(m) {
		return nil, nil, fmt.Errorf("prior: ppca: WᵀW + s²I is not positive definite (s² = %g)", p.Noise)
	}
	cov = mat.NewSymDense(q, nil)
	if err := c.InverseTo(cov); err != nil {
		return nil, nil, fmt.Errorf("prior: ppca: %w", err)
	}
	cov.ScaleSym(p.Noise, cov)
	var wu, z mat.VecDense
	wu.MulVec(p.W.T(), mat.NewVecDense(d, u))
	if err := c.SolveVecTo(&z, &wu); err != nil {
		return nil, nil, fmt.Errorf("prior: ppca: %w", err)
	}
	return z.RawVector().Data, cov, nil
}

// Prior is the law of the decoded points.
func (p *PPCA) Prior(t *dataio.Table) (*Prior, error) {
	c, d := p.Covariance(), p.Coordinates.Dim()
	for i := range d {
		for j := range i + 1 {
			c.SetSym(i, j, c.At(i, j)*p.Coordinates.Scale[i]*p.Coordinates.Scale[j])
		}
	}
	out, err := NewGaussian(p.Coordinates.Shift, c, p.Coordinates.Names)
	if err != nil {
		return nil, err
	}
	_, q := p.W.Dims()
	out.Kind, out.Data = "ppca", t
	out.Describe = fmt.Sprintf("%d latent dimensions decoded to %d columns (log-likelihood %.4g, BIC %.6g), exact denoiser", q, d, p.LogLikelihood, p.BIC)
	return out, nil
}
