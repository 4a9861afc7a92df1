package prior

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// em is one climb of expectation maximisation on standardised rows.
type em struct {
	u     *mat.Dense  // [n, d]
	r     [][]float64 // [K][n] responsibilities
	floor float64     // λ
	form  string      // of the covariances

	weight []float64
	mean   [][]float64
	cov    []*mat.SymDense

	likelihood float64   // Σ log p(uᵢ) at the last expectation step
	trace      []float64 // (log-likelihood − penalty)/n
	converged  bool
}

func newEM(u *mat.Dense, s FitSettings) *em {
	n, d := u.Dims()
	e := &em{u: u, form: s.Covariance, floor: s.Floor * float64(n) / float64(s.Components), weight: make([]float64, s.Components)}
	for range s.Components {
		e.r = append(e.r, make([]float64, n))
		e.mean = append(e.mean, make([]float64, d))
		e.cov = append(e.cov, mat.NewSymDense(d, nil))
	}
	return e
}

// start gives every row to one component: k-means++ and some rounds of k-means.
func (e *em) start(rng *rand.Rand) {
	n, d := e.u.Dims()
	near := make([]float64, n) // squared distance to the nearest centre
	for i := range near {
		near[i] = math.Inf(1)
	}
	for k := range e.mean {
		var total float64
		for _, v := range near {
			total += v
		}
		i := rng.IntN(n)
		if k > 0 && total > 0 {
			rest := total * rng.Float64()
			for i = 0; i < n-1 && rest >= near[i]; i++ {
				rest -= near[i]
			}
		}
		copy(e.mean[k], e.u.RawRowView(i))
		for i := range near {
			near[i] = min(near[i], squared(e.u.RawRowView(i), e.mean[k]))
		}
	}
	of := make([]int, n)
	for round, moved := 0, true; moved && round < 20; round++ {
		moved = false
		for i := range n {
			best, at := math.Inf(1), 0
			for k := range e.mean {
				if v := squared(e.u.RawRowView(i), e.mean[k]); v < best {
					best, at = v, k
				}
			}
			moved = moved || of[i] != at
			of[i] = at
		}
		size := make([]float64, len(e.mean))
		sum := make([][]float64, len(e.mean))
		for i, k := range of {
			if sum[k] == nil {
				sum[k] = make([]float64, d)
			}
			size[k]++
			for j, v := range e.u.RawRowView(i) {
				sum[k][j] += v
			}
		}
		for k := range e.mean {
			for j := range sum[k] {
				e.mean[k][j] = sum[k][j] / size[k]
			}
		}
	}
	for k := range e.r {
		for i := range n {
			e.r[k][i] = 0
			if of[i] == k {
				e.r[k][i] = 1
			}
		}
	}
}

func squared(a, b []float64) (s float64) {
	for j, v := range a {
		s += (v - b[j]) * (v - b[j])
	}
	return s
}

// climb alternates the two steps until the gain is below the tolerance.
func (e *em) climb(s FitSettings) error {
	for range s.Iterations + 1 {
		e.maximise()
		if err := e.expect(); err != nil {
			return err
		}
		if m := len(e.trace); m > 1 && e.trace[m-1]-e.trace[m-2] < s.Tolerance {
			e.converged = true
			return nil
		}
	}
	return nil
}

// maximise sets weights, means and covariances from the responsibilities:
// wₖ = Nₖ/n, mₖ = Σ rᵢₖ uᵢ/Nₖ, Cₖ = (Sₖ + λI)/Nₖ with Sₖ = Σ rᵢₖ(uᵢ−mₖ)(uᵢ−mₖ)ᵀ, of
// which diagonal and spherical forms keep the diagonal and its mean.
func (e *em) maximise() {
	n, d := e.u.Dims()
	scaled := mat.NewDense(n, d, nil)
	for k, r := range e.r {
		var size float64
		mean := make([]float64, d)
		for i, p := range r {
			size += p
			for j, v := range e.u.RawRowView(i) {
				mean[j] += p * v
			}
		}
		size = max(size, 1e-12*float64(n)) // a component without rows keeps λ as its covariance
		for j := range mean {
			mean[j] /= size
		}
		for i, p := range r {
			p = math.Sqrt(p)
			row := scaled.RawRowView(i)
			for j, v := range e.u.RawRowView(i) {
				row[j] = p * (v - mean[j])
			}
		}
		e.weight[k], e.mean[k] = size/float64(n), mean
		e.cov[k] = e.shaped(scaled)
		for j := range d {
			e.cov[k].SetSym(j, j, e.cov[k].At(j, j)+e.floor)
		}
		e.cov[k].ScaleSym(1/size, e.cov[k])
	}
}

// shaped is xᵀx in the form of the covariances.
func (e *em) shaped(x *mat.Dense) *mat.SymDense {
	n, d := x.Dims()
	c := mat.NewSymDense(d, nil)
	if e.form == "full" {
		c.SymOuterK(1, x.T())
		return c
	}
	v := make([]float64, d)
	for i := range n {
		for j, a := range x.RawRowView(i) {
			v[j] += a * a
		}
	}
	if e.form == "spherical" {
		var mean float64
		for _, a := range v {
			mean += a / float64(d)
		}
		for j := range v {
			v[j] = mean
		}
	}
	for j, a := range v {
		c.SetSym(j, j, a)
	}
	return c
}

// expect sets the responsibilities from the mixture, and notes what the climb
// has reached.
func (e *em) expect() error {
	n, d := e.u.Dims()
	var penalty float64
	shifted, white := mat.NewDense(n, d, nil), mat.NewDense(n, d, nil)
	for k, c := range e.cov {
		var chol mat.Cholesky
		if !chol.Factorize(c) {
			return fmt.Errorf("prior: gaussian-mixture: the covariance of component %d of %d is singular: take fewer components, a larger floor, or leave out columns that others determine", k, len(e.cov))
		}
		var l, inverse mat.TriDense
		chol.LTo(&l)
		if err := inverse.InverseTri(&l); err != nil {
			return fmt.Errorf("prior: gaussian-mixture: component %d: %w: take a larger floor", k, err)
		}
		for i := range n {
			row := shifted.RawRowView(i)
			for j, v := range e.u.RawRowView(i) {
				row[j] = v - e.mean[k][j]
			}
		}
		white.Mul(shifted, inverse.T())
		base := math.Log(e.weight[k]) - 0.5*(chol.LogDet()+float64(d)*math.Log(2*math.Pi))
		for i := range n {
			var q float64
			for _, v := range white.RawRowView(i) {
				q += v * v
			}
			e.r[k][i] = base - 0.5*q
		}
		for i := range d {
			for j := range i + 1 {
				penalty += 0.5 * e.floor * inverse.At(i, j) * inverse.At(i, j) // tr C⁻¹ = ‖L⁻¹‖²
			}
		}
	}
	e.likelihood = 0
	logs := make([]float64, len(e.r))
	for i := range n {
		for k := range logs {
			logs[k] = e.r[k][i]
		}
		total := logSumExp(logs)
		e.likelihood += total
		for k := range logs {
			e.r[k][i] = math.Exp(logs[k] - total)
		}
	}
	e.trace = append(e.trace, (e.likelihood-penalty)/float64(n))
	return nil
}
