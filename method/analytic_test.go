package method

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/diffusion"
	"abide/expr"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/potential"
	"abide/prior"
	"abide/problem"
)

// observed is a prior, a measurement of two or so of its columns and the exact
// posterior mean and variance of some columns.
type observed struct {
	prior  *prior.Prior
	a      [][]float64
	y, std []float64
	mean   map[int]float64
	second map[int]float64 // variance
}

// posterior sets the exact moments of the columns by [prior.Prior.Condition].
func (m *observed) posterior(t *testing.T, p *prior.Prior, first int, rows [][]float64, columns ...int) {
	t.Helper()
	d := p.Coordinates.Dim()
	h, r := mat.NewDense(len(rows), d, nil), mat.NewSymDense(len(rows), nil)
	for i, row := range rows {
		h.SetRow(i, row[first:first+d])
		r.SetSym(i, i, m.std[i]*m.std[i])
	}
	q, err := p.Condition(h, m.y[:len(rows)], r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		m.mean[first+c], m.second[first+c] = q.Coordinates.Shift[c], q.Coordinates.Scale[c]*q.Coordinates.Scale[c]
	}
}

func measuredPriors(t *testing.T) map[string]*observed {
	t.Helper()
	ok := func(p *prior.Prior, err error) *prior.Prior {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	// Rows about two centres, correlated.
	rows := &dataio.Table{Names: []string{"a", "b", "c"}, Rows: 150, Data: make([]float64, 450)}
	keyed.New(3, "rows", 0, 0).Normal(rows.Data)
	for i := range rows.Rows {
		x := rows.Data[3*i : 3*i+3]
		x[1] = 0.8*x[0] + 0.5*x[1]
		x[2] += x[1]
		if i%3 == 0 {
			x[0], x[2] = x[0]+4, x[2]-3
		}
	}
	fit, err := prior.FitMixture(rows, prior.FitSettings{Components: 2})
	if err != nil {
		t.Fatal(err)
	}
	pca, err := prior.FitPPCA(rows, 1)
	if err != nil {
		t.Fatal(err)
	}
	field := ok(prior.NewField(prior.Field{Shape: []int{12}, Extent: []float64{4}, Kernel: "matern32", Length: 1, Variance: 4, Nugget: 0.01, Mean: 2, Periodic: true}))
	well, err := expr.Parse("0.25*x[0]^4 - x[0]^2 + 0.3*x[0]", nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	mixture := ok(fit.Prior(rows))

	all := map[string]*observed{}
	linear := func(name string, p *prior.Prior, a [][]float64, y, std []float64, columns ...int) {
		m := &observed{prior: p, a: a, y: y, std: std, mean: map[int]float64{}, second: map[int]float64{}}
		m.posterior(t, p, 0, a, columns...)
		all[name] = m
	}
	unit := func(d int, at ...int) []float64 {
		row := make([]float64, d)
		for _, j := range at {
			row[j] = 1
		}
		return row
	}
	linear("gaussian-field", field, [][]float64{unit(12, 2), unit(12, 7, 8)}, []float64{4, 1}, []float64{0.5, 0.7}, 2, 3, 7, 11)
	linear("fitted mixture", mixture, [][]float64{{1, 0, 0.5}}, []float64{1}, []float64{0.8}, 0, 1, 2)
	linear("ppca", ok(pca.Prior(rows)), [][]float64{{1, 0, 0.5}}, []float64{1}, []float64{0.8}, 0, 1, 2)
	linear("empirical", ok(prior.NewEmpirical(rows)), [][]float64{{1, 0, 0.5}}, []float64{1}, []float64{0.8}, 0, 1, 2)

	// Independent parts, of which the first is measured: the second stays as it was.
	product := ok(prior.NewProduct([]*prior.Prior{mixture, field}))
	m := &observed{prior: product, a: [][]float64{append([]float64{1, 0, 0.5}, make([]float64, 12)...)}, y: []float64{1}, std: []float64{0.8}, mean: map[int]float64{}, second: map[int]float64{}}
	m.posterior(t, mixture, 0, m.a, 0, 2)
	m.mean[3+5], m.second[3+5] = 2, 4.01
	all["product"] = m

	// Two wells, the measurement between them; moments by sums over a fine grid.
	m = &observed{prior: ok(prior.NewEnergy(well, []float64{-6}, []float64{6}, 129, nil)), a: [][]float64{{1}}, y: []float64{0.4}, std: []float64{1.2}, mean: map[int]float64{}, second: map[int]float64{}}
	var total, mean, second float64
	for i := range 12001 {
		x := -6 + float64(i)/1000
		w := math.Exp(-well.Value([]float64{x}) - 0.5*(x-0.4)*(x-0.4)/1.44)
		total += w
		mean += w * x
		second += w * x * x
	}
	m.mean[0], m.second[0] = mean/total, second/total-mean*mean/(total*total)
	all["energy"] = m
	return all
}

// twisted-smc with every new kind of prior and a measurement has the posterior's
// mean and second moment, over independent seeds; `guided` runs and stays finite.
// (Populations of 200 are biased by some 1/200 of the spread themselves; with 1,000
// the same comparison finds every moment within three standard errors of a 130th.)
func TestAnalyticPriorsGiveTheirPosterior(t *testing.T) {
	const seeds, n = 24, 100
	grid, err := diffusion.Karras(diffusion.EDM{Min: 0.01, Max: 40, Rho: 7}, 40)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range measuredPriors(t) {
		t.Run(name, func(t *testing.T) {
			e, err := potential.NewMeasurement("y", m.a, m.y, m.std)
			if err != nil {
				t.Fatal(err)
			}
			p, err := problem.New(m.prior, nil, []potential.Potential{e})
			if err != nil {
				t.Fatal(err)
			}
			first, square := map[int][]float64{}, map[int][]float64{}
			for seed := range uint64(seeds) {
				s := sample(t, "twisted-smc", p, Settings{Samples: n, Values: Values{"particles": 2 * n}, Chunk: 2 * n, Seed: seed, Grid: grid}).Samples
				for c := range m.mean {
					var a, b float64
					for i := range n {
						r := s.X[i*s.Dim+c] - m.mean[c]
						a += r / n
						b += r * r / n
					}
					first[c], square[c] = append(first[c], a), append(square[c], b)
				}
			}
			for c := range m.mean {
				for what, v := range map[string]struct {
					values []float64
					want   float64
				}{"mean": {first[c], 0}, "variance": {square[c], m.second[c]}} {
					got, se := testkit.MeanSE(v.values)
					t.Logf("%s of column %d: off by %.4f ± %.4f, standard deviation %.3f", what, c, got-v.want, se, math.Sqrt(m.second[c]))
					testkit.WithinStudent(t, fmt.Sprintf("%s of column %d", what, c), got, v.want, se, seeds-1, 0)
				}
			}
			for _, v := range sample(t, "guided", p, Settings{Samples: 64, Seed: 1, Grid: grid}).Samples.X {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatal("guided: not a number")
				}
			}
		})
	}
}
