package method

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/prior"
	"abide/problem"
)

// The grid of 25 Gaussians in eight columns, means (−8i, −8j) tiled, seen through
// one noisy combination: a sampler that follows the exact conditional denoiser
// returns the posterior, as far as two exact sets of its size can tell. (The
// benchmark of Boys et al. 2024; guided samplers miss the weights of its modes.)
func TestExactConditionalScoreAttainsTheFloor(t *testing.T) {
	const n, d = 500, 8
	var weight []float64
	var mean [][]float64
	var cov []*mat.SymDense
	for i := -2; i <= 2; i++ {
		for j := -2; j <= 2; j++ {
			m := make([]float64, d)
			c := mat.NewSymDense(d, nil)
			for k := range d {
				m[k] = -8 * float64([]int{i, j}[k%2])
				c.SetSym(k, k, 1)
			}
			weight, mean, cov = append(weight, 1), append(mean, m), append(cov, c)
		}
	}
	p, err := prior.NewMixture(weight, mean, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(keyed.New(4, "measurement", 0, 0))
	row := make([]float64, d)
	var size float64
	for j := range row {
		row[j] = rng.NormFloat64()
		size += row[j] * row[j]
	}
	h := mat.NewDense(1, d, row)
	h.Scale(0.6/math.Sqrt(size), h)
	x := p.Draw(rng, 1)
	var y mat.VecDense
	y.MulVec(h, mat.NewVecDense(d, x))
	q, err := p.Condition(h, []float64{y.AtVec(0) + 0.1*rng.NormFloat64()}, mat.NewSymDense(1, []float64{0.01}))
	if err != nil {
		t.Fatal(err)
	}
	problem, err := problem.New(q, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	grid, err := diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 80, Rho: 7}, 128)
	if err != nil {
		t.Fatal(err)
	}
	exact := func(key uint64, part int) []float64 { return q.Draw(rand.New(keyed.New(key, "exact", part, 0)), n) }
	got := diagnose.EnergyDistance(sample(t, "none", problem, Settings{Samples: n, Seed: 1, Grid: grid}).Samples.X, exact(1000, 0), d)
	limit := testkit.NullQuantile(t, 200, func(seed uint64) float64 {
		return diagnose.EnergyDistance(exact(seed, 0), exact(seed, 1), d)
	}, 1-1e-6)
	t.Logf("energy distance to an exact set %.4f, limit %.4f", got, limit)
	if got > limit {
		t.Errorf("energy distance %.4f is above %.4f, which two exact sets exceed once in 10⁶", got, limit)
	}
	prior := diagnose.EnergyDistance(p.Draw(rng, n), exact(1000, 0), d)
	if prior < 2*limit {
		t.Errorf("the prior itself is only %.4f away: the test has no power", prior)
	}
}

// The exact score of a data set memorises it: eight points on a circle come back,
// each as often as any other.
func TestExactScoreOfRowsMemorises(t *testing.T) {
	const n, points = 4000, 8
	table := &dataio.Table{Names: []string{"a", "b"}, Rows: points}
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / points)
		table.Data = append(table.Data, cos, sin)
	}
	p, err := prior.NewEmpirical(table)
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(p, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := sample(t, "none", q, Settings{Samples: n, Seed: 2}).Samples
	var count [points]float64
	for i := range n {
		a, b := s.X[2*i], s.X[2*i+1]
		k := int(math.Round(math.Atan2(b, a)/(2*math.Pi)*points)+points) % points
		if r := math.Hypot(a-table.Data[2*k], b-table.Data[2*k+1]); !(r <= 1e-9) {
			t.Fatalf("(%g, %g) is %g from the nearest row", a, b, r)
		}
		count[k]++
	}
	// The sampler has the symmetry of the octagon up to that of its start, so the
	// counts are multinomial.
	for k, c := range count {
		testkit.WithinSigma(t, fmt.Sprintf("share of row %d", k), c/n, 1./points, math.Sqrt(1./points*(1-1./points)/n), 0)
	}
}
