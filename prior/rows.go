package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/internal/engine"
)

// NewEmpirical is the law that draws a row of a table at random.
func NewEmpirical(t *dataio.Table) (*Prior, error) {
	at, err := Standardise(t)
	if err != nil {
		return nil, err
	}
	d := at.Dim()
	u := make([]float64, len(t.Data))
	at.ToU(u, t.Data)
	e := newEmpirical(u, nil, d)
	return &Prior{
		Kind: "empirical", Denoiser: e, Law: e, Coordinates: at, DType: engine.Float64, Data: t, Covariance: Covariance(u, d),
		Draw: func(rng *rand.Rand, n int) []float64 {
			out := make([]float64, 0, n*d)
			for range n {
				i := rng.IntN(t.Rows)
				out = append(out, t.Data[i*d:(i+1)*d]...)
			}
			return out
		},
		Describe: fmt.Sprintf("the %d rows of the data, exact denoiser", t.Rows),
	}, nil
}

// newWeighted is the law that draws row i of a table with probability
// exp(logWeight[i]), which sum to 1.
func newWeighted(t *dataio.Table, logWeight []float64) (*Prior, error) {
	d := len(t.Names)
	at := Coordinates{Names: t.Names, Shift: make([]float64, d), Scale: make([]float64, d)}
	moment := func(i int) float64 { return math.Exp(logWeight[i]) }
	for i := range t.Rows {
		for j := range d {
			at.Shift[j] += moment(i) * t.Data[i*d+j]
		}
	}
	for i := range t.Rows {
		for j := range d {
			r := t.Data[i*d+j] - at.Shift[j]
			at.Scale[j] += moment(i) * r * r
		}
	}
	for j, v := range at.Scale {
		if at.Scale[j] = math.Sqrt(v); !(v > 1e-24*at.Shift[j]*at.Shift[j]) {
			return nil, fmt.Errorf("prior: column %q is constant (%g) among the rows that have weight", t.Names[j], at.Shift[j])
		}
	}
	u := make([]float64, len(t.Data))
	at.ToU(u, t.Data)
	covariance := make([]float64, d*d)
	up := make([]float64, t.Rows) // cumulated weights
	var sum float64
	for r := range t.Rows {
		for i := range d {
			for j := range d {
				covariance[i*d+j] += moment(r) * u[r*d+i] * u[r*d+j]
			}
		}
		sum += moment(r)
		up[r] = sum
	}
	e := newEmpirical(u, logWeight, d)
	return &Prior{
		Kind: "empirical", Denoiser: e, Law: e, Coordinates: at, DType: engine.Float64, Data: t, Covariance: covariance,
		Draw: func(rng *rand.Rand, n int) []float64 {
			out := make([]float64, 0, n*d)
			for range n {
				i := min(sort.SearchFloat64s(up, sum*rng.Float64()), t.Rows-1)
				out = append(out, t.Data[i*d:(i+1)*d]...)
			}
			return out
		},
		Describe: fmt.Sprintf("%d weighted rows of the data, exact denoiser", t.Rows),
	}, nil
}

// condition weighs the rows by N(y; H x, R); c is the factor of R.
func (e *Empirical) condition(p *Prior, h *mat.Dense, y []float64, c *mat.Cholesky) (*Prior, float64, error) {
	d, m := e.dim, len(y)
	x := make([]float64, len(e.half)*d)
	for i := range x {
		x[i] = e.at(i/d, i%d)
	}
	p.Coordinates.ToX(x, x)
	logw := make([]float64, len(e.half))
	r, sr := mat.NewVecDense(m, nil), mat.NewVecDense(m, nil)
	for i := range logw {
		r.MulVec(h, mat.NewVecDense(d, x[i*d:(i+1)*d]))
		for k := range m {
			r.SetVec(k, y[k]-r.AtVec(k))
		}
		if err := c.SolveVecTo(sr, r); err != nil {
			return nil, 0, fmt.Errorf("prior: condition: %w", err)
		}
		logw[i] = -0.5*mat.Dot(r, sr) - math.Log(float64(len(logw)))
		if e.logWeight != nil {
			logw[i] = -0.5*mat.Dot(r, sr) + e.logWeight[i]
		}
	}
	total := logSumExp(logw)
	t := &dataio.Table{Names: p.Coordinates.Names}
	var kept []float64
	for i, l := range logw {
		if l-total > -690 { // 1e-300
			t.Data, kept = append(t.Data, x[i*d:(i+1)*d]...), append(kept, l-total)
		}
	}
	t.Rows = len(kept)
	out, err := newWeighted(t, kept)
	return out, total - 0.5*(c.LogDet()+float64(m)*math.Log(2*math.Pi)), err
}

// Reweighed is a law of finitely many rows, of a data set or of solutions, with row x
// weighed by exp(log(x)): p(x) exp(log(x)) up to logTotal, the log of the sum over rows;
// −∞ leaves a row out. Like [Prior.Given] it has exact draws and no denoiser, and is what
// samples under any constraint or cost are judged by. rows is how many are left. Other
// priors are an [ErrNoPosterior].
func (p *Prior) Reweighed(log func(x []float64) float64) (law *Prior, logTotal float64, rows int, err error) {
	e, ok := p.Law.(*Empirical)
	if !ok {
		return nil, 0, 0, fmt.Errorf("%w: %s", ErrNoPosterior, p.Kind)
	}
	d := e.dim
	point := func(x []float64, i int) {
		for j := range d {
			x[j] = e.at(i, j)
		}
		p.Coordinates.ToX(x, x)
	}
	logw, x := make([]float64, len(e.half)), make([]float64, d)
	for i := range logw {
		point(x, i)
		logw[i] = log(x) - math.Log(float64(len(logw)))
		if e.logWeight != nil {
			logw[i] += e.logWeight[i] + math.Log(float64(len(logw)))
		}
	}
	total := logSumExp(logw)
	up, sum := make([]float64, len(logw)), 0.0
	for i, l := range logw {
		if l > math.Inf(-1) {
			rows++
			sum += math.Exp(l - total)
		}
		up[i] = sum
	}
	if rows == 0 {
		return nil, total, 0, nil
	}
	last := len(up) - 1
	for last > 0 && math.IsInf(logw[last], -1) {
		last--
	}
	return &Prior{
		Kind: p.Kind, Coordinates: p.Coordinates, DType: p.DType, Describe: fmt.Sprintf("%d reweighed rows of: %s", rows, p.Describe),
		Draw: func(rng *rand.Rand, n int) []float64 {
			out := make([]float64, n*d)
			for i := range n {
				at := sum * rng.Float64()
				k := sort.Search(len(up), func(i int) bool { return up[i] > at }) // not a row of weight 0
				point(out[i*d:(i+1)*d], min(k, last))
			}
			return out
		},
	}, total, rows, nil
}
