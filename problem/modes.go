package problem

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
	"abide/potential"
	"abide/prior"
)

// Modes is the inverse problem of 25 modes by which guidance is compared (Cardoso,
// Janati El Idrissi, Le Corff and Moulines 2024, section 4; Boys et al. 2024,
// section 5.1): equal Gaussians N(μ, I) at μ = (−8i, −8j, −8i, −8j, …), i and j from
// −2 to 2, seen through H = U diag(s) Vᵀ, the singular vectors those of a Gaussian
// matrix and s sorted draws of U[0, 1], with noise of standard deviation Std. All of
// its posterior is known.
type Modes struct {
	*Problem
	H         *mat.Dense // m×d
	Y         []float64
	Std       float64
	Posterior *prior.Prior // its denoiser is the exact conditional denoiser

	LogEvidence float64 // log ∫ p(x) exp(−E(x)) dx
}

// NewModes makes the problem with the given number: even d, m measured values.
func NewModes(d, m int, std float64, number int) (*Modes, error) {
	if d < 2 || d%2 != 0 || m < 1 || m > d || !(std > 0) || math.IsInf(std, 0) {
		return nil, fmt.Errorf("problem: modes: %d columns, %d measured values and noise %g: need an even number of columns, 1 to as many values and noise > 0", d, m, std)
	}
	p, err := modesPrior(d)
	if err != nil {
		return nil, err
	}
	q := &Modes{Std: std, Y: make([]float64, m)}
	rng := rand.New(keyed.New(uint64(number), "modes", d, m))
	q.H = operatorOf(rng, m, d)
	truth := p.Draw(rng, 1)
	rows, stds := make([][]float64, m), make([]float64, m)
	for i := range m {
		rows[i], stds[i] = q.H.RawRowView(i), std
		q.Y[i] = std * rng.NormFloat64()
		for j, x := range truth {
			q.Y[i] += rows[i][j] * x
		}
	}
	y, err := potential.NewMeasurement("y", rows, q.Y, stds)
	if err != nil {
		return nil, err
	}
	if q.Problem, err = New(p, nil, []potential.Potential{y}); err != nil {
		return nil, err
	}
	noise := mat.NewSymDense(m, nil)
	for i := range m {
		noise.SetSym(i, i, std*std)
	}
	if q.Posterior, err = p.Condition(q.H, q.Y, noise); err != nil {
		return nil, err
	}
	q.LogEvidence = q.evidence()
	return q, nil
}

// modesAt are the means.
func modesAt(d int) [][]float64 {
	var means [][]float64
	for i := -2; i <= 2; i++ {
		for j := -2; j <= 2; j++ {
			mean := make([]float64, d)
			for k := 0; k < d; k += 2 {
				mean[k], mean[k+1] = -8*float64(i), -8*float64(j)
			}
			means = append(means, mean)
		}
	}
	return means
}

func modesPrior(d int) (*prior.Prior, error) {
	means := modesAt(d)
	one := mat.NewSymDense(d, nil)
	for i := range d {
		one.SetSym(i, i, 1)
	}
	weights, covs := make([]float64, len(means)), make([]*mat.SymDense, len(means))
	for k := range means {
		weights[k], covs[k] = 1, one
	}
	return prior.NewMixture(weights, means, covs, nil)
}

// operatorOf is U diag(s) Vᵀ.
func operatorOf(rng *rand.Rand, m, d int) *mat.Dense {
	a := mat.NewDense(m, d, nil)
	for i := range m {
		for j := range d {
			a.Set(i, j, rng.NormFloat64())
		}
	}
	var f mat.SVD
	if !f.Factorize(a, mat.SVDThin) {
		panic("problem: the singular values of a Gaussian matrix did not converge")
	}
	s := make([]float64, m)
	for i := range s {
		s[i] = rng.Float64()
	}
	for i := range s { // largest first, as the singular vectors are ordered
		for j := i + 1; j < m; j++ {
			if s[j] > s[i] {
				s[i], s[j] = s[j], s[i]
			}
		}
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	out := mat.NewDense(m, d, nil)
	out.Product(&u, mat.NewDiagDense(m, s), v.T())
	return out
}

// evidence is log mean over modes of N(y; Hμ, HHᵀ + σ²I), without the constant of
// the noise's density, which the energy of a measurement leaves out.
func (q *Modes) evidence() float64 {
	m, d := q.H.Dims()
	s := mat.NewSymDense(m, nil)
	s.SymOuterK(1, q.H)
	for i := range m {
		s.SetSym(i, i, s.At(i, i)+q.Std*q.Std)
	}
	var chol mat.Cholesky
	if !chol.Factorize(s) {
		return math.NaN()
	}
	means := modesAt(d)
	var logs []float64
	top := math.Inf(-1)
	for _, mu := range means {
		var r, sr mat.VecDense
		r.MulVec(q.H, mat.NewVecDense(d, mu))
		r.SubVec(mat.NewVecDense(m, q.Y), &r)
		if err := chol.SolveVecTo(&sr, &r); err != nil {
			return math.NaN()
		}
		logs = append(logs, -0.5*mat.Dot(&r, &sr))
		top = math.Max(top, logs[len(logs)-1])
	}
	var sum float64
	for _, l := range logs {
		sum += math.Exp(l-top) / float64(len(logs))
	}
	return top + math.Log(sum) - 0.5*chol.LogDet() + float64(m)*math.Log(q.Std)
}

// Exact is set i of n exact draws of the posterior, always the same for an i.
func (q *Modes) Exact(n, i int) []float64 {
	return q.Posterior.Draw(rand.New(keyed.New(uint64(i), "exact", len(q.Y), 0)), n)
}
