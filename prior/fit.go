package prior

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/internal/keyed"
)

// FitSettings say how a mixture is fitted; zero values are the defaults.
type FitSettings struct {
	Components int
	Covariance string  // "full" (the default), "diagonal" or "spherical"
	Restarts   int     // starts, of which the best fit is kept; default 5
	Iterations int     // at most, of each start; default 500
	Tolerance  float64 // stop when a row's mean log-likelihood rises by less; default 1e-6
	Floor      float64 // of variances, as a share of the column's own; default 1e-6
	Seed       uint64
}

// Covariances are the forms a fitted covariance can have.
var Covariances = []string{"full", "diagonal", "spherical"}

// Fit is a mixture Σ wₖ N(mₖ, Cₖ) fitted to the rows of a table by expectation
// maximisation (Dempster, Laird and Rubin 1977), in the user's units.
type Fit struct {
	Weight []float64
	Mean   [][]float64
	Cov    []*mat.SymDense

	LogLikelihood float64   // Σ log p(xᵢ) over all rows
	Parameters    int       // free numbers of the mixture
	BIC           float64   // −2 log L + Parameters·ln n (Schwarz 1978); smaller is better
	Trace         []float64 // objective of the kept start, iteration by iteration, a row's mean in standardised columns
	Converged     bool      // the last gain was below the tolerance
}

// Prior is the fitted mixture as a prior.
func (f *Fit) Prior(t *dataio.Table) (*Prior, error) {
	p, err := NewMixture(f.Weight, f.Mean, f.Cov, t.Names)
	if err != nil {
		return nil, err
	}
	p.Data = t
	how := "converged"
	if !f.Converged {
		how = "not converged"
	}
	p.Describe = fmt.Sprintf("%d Gaussians fitted to %d rows (log-likelihood %.4g, BIC %.6g, %s after %d iterations), exact denoiser",
		len(f.Weight), t.Rows, f.LogLikelihood, f.BIC, how, len(f.Trace)-1)
	return p, nil
}

// FitMixture fits a mixture to a table. Columns are standardised first, so that
// the floor and the start do not depend on units. What is climbed, never down, is
//
//	F = Σᵢ log Σₖ wₖ N(xᵢ; mₖ, Cₖ) − ½ λ Σₖ tr Cₖ⁻¹,   λ = Floor·n/K,
//
// whose second term keeps a component from collapsing on one row: the update is
// Cₖ = (Sₖ + λI)/Nₖ, the scatter Sₖ and the number of rows Nₖ of component k. Every
// start is k-means++ (Arthur and Vassilvitskii 2007) and up to 20 rounds of
// k-means. Rows that repeat a value exactly let components collapse to the floor
// there, and the likelihood then measures the floor. Cost of an iteration: 2 n K d² multiplications for full covariances.
func FitMixture(t *dataio.Table, s FitSettings) (*Fit, error) {
	s.defaults()
	at, err := Standardise(t)
	if err != nil {
		return nil, err
	}
	d := at.Dim()
	switch {
	case s.Components < 1 || s.Components > t.Rows/2:
		return nil, fmt.Errorf("prior: gaussian-mixture: %d components for %d rows: must be from 1 to half the rows", s.Components, t.Rows)
	case !slices.Contains(Covariances, s.Covariance):
		return nil, fmt.Errorf("prior: gaussian-mixture: covariance %q: must be one of %v", s.Covariance, Covariances)
	case !(s.Floor > 0) || !(s.Tolerance > 0) || s.Restarts < 1 || s.Iterations < 1:
		return nil, fmt.Errorf("prior: gaussian-mixture: floor %g, tolerance %g, %d restarts, %d iterations: all must be positive", s.Floor, s.Tolerance, s.Restarts, s.Iterations)
	}
	u := mat.NewDense(t.Rows, d, nil)
	at.ToU(u.RawMatrix().Data, t.Data)
	var best *em
	for r := range s.Restarts {
		e := newEM(u, s)
		e.start(rand.New(keyed.New(s.Seed, "mixture", r, s.Components)))
		if err := e.climb(s); err != nil {
			return nil, err
		}
		if best == nil || e.trace[len(e.trace)-1] > best.trace[len(best.trace)-1] {
			best = e
		}
	}
	return best.fit(at, s), nil
}

// FitMixtures fits mixtures of several sizes and keeps the one of smallest BIC.
func FitMixtures(t *dataio.Table, components []int, s FitSettings) (best *Fit, err error) {
	if len(components) == 0 {
		return nil, errors.New("prior: gaussian-mixture: no number of components is given")
	}
	for _, k := range components {
		s.Components = k
		f, err := FitMixture(t, s)
		if err != nil {
			return nil, err
		}
		if best == nil || f.BIC < best.BIC {
			best = f
		}
	}
	return best, nil
}

func (s *FitSettings) defaults() {
	if s.Covariance == "" {
		s.Covariance = "full"
	}
	if s.Restarts == 0 {
		s.Restarts = 5
	}
	if s.Iterations == 0 {
		s.Iterations = 500
	}
	if s.Tolerance == 0 {
		s.Tolerance = 1e-6
	}
	if s.Floor == 0 {
		s.Floor = 1e-6
	}
}

// parameters counts the free numbers of a mixture in d columns.
func (s FitSettings) parameters(d int) int {
	each := d * (d + 1) / 2
	switch s.Covariance {
	case "diagonal":
		each = d
	case "spherical":
		each = 1
	}
	return s.Components*(d+each) + s.Components - 1
}

// fit maps a result to the user's units.
func (e *em) fit(at Coordinates, s FitSettings) *Fit {
	n, d := e.u.Dims()
	f := &Fit{Weight: e.weight, Trace: e.trace, Converged: e.converged, Parameters: s.parameters(d), LogLikelihood: e.likelihood}
	for j := range d {
		f.LogLikelihood -= float64(n) * math.Log(at.Scale[j])
	}
	f.BIC = -2*f.LogLikelihood + float64(f.Parameters)*math.Log(float64(n))
	for k := range e.weight {
		x, c := slices.Clone(e.mean[k]), mat.NewSymDense(d, nil)
		at.ToX(x, x)
		for i := range d {
			for j := range i + 1 {
				c.SetSym(i, j, at.Scale[i]*at.Scale[j]*e.cov[k].At(i, j))
			}
		}
		f.Mean, f.Cov = append(f.Mean, x), append(f.Cov, c)
	}
	return f
}
