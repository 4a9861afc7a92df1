package method

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/potential"
	"abide/prior"
	"abide/problem"
)

// modes25 is the mixture of 25 Gaussians N((−8i, −8j, …), I), i, j ∈ {−2, …, 2}, in d
// columns, of Boys et al. 2024.
func modes25(tb testing.TB, d int) *prior.Prior {
	tb.Helper()
	eye := mat.NewSymDense(d, nil)
	for i := range d {
		eye.SetSym(i, i, 1)
	}
	var means [][]float64
	var covs []*mat.SymDense
	for i := -2; i <= 2; i++ {
		for j := -2; j <= 2; j++ {
			means, covs = append(means, slices.Repeat([]float64{-8 * float64(i), -8 * float64(j)}, d/2)), append(covs, eye)
		}
	}
	p, err := prior.NewMixture(slices.Repeat([]float64{1}, 25), means, covs, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// modes25Problem measures m values of a draw with noise std, through the matrix
// U diag(s) V of Boys et al. 2024: the singular vectors of a Gaussian matrix, s
// uniform on [0, 1] and sorted.
func modes25Problem(tb testing.TB, d, m int, std float64, seed uint64) *problem.Problem {
	tb.Helper()
	p := modes25(tb, d)
	rng := rand.New(keyed.New(seed, "25 modes", d, m))
	a := mat.NewDense(m, d, nil)
	a.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, a)
	var f mat.SVD
	if !f.Factorize(a, mat.SVDThin) {
		tb.Fatal("no singular values")
	}
	var u, v, h mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	s := make([]float64, m)
	for i := range s {
		s[i] = rng.Float64()
	}
	slices.SortFunc(s, func(a, b float64) int { return int(math.Copysign(1, b-a)) })
	h.Product(&u, mat.NewDiagDense(m, s), v.T())
	x := mat.NewVecDense(d, p.Draw(rng, 1))
	y := mat.NewVecDense(m, nil)
	y.MulVec(&h, x)
	rows := make([][]float64, m)
	for i := range rows {
		rows[i] = mat.Row(nil, i, &h)
		y.SetVec(i, y.AtVec(i)+std*rng.NormFloat64())
	}
	z, err := potential.NewMeasurement("y", rows, y.RawVector().Data, []float64{std})
	if err != nil {
		tb.Fatal(err)
	}
	q, err := problem.New(p, nil, []potential.Potential{z})
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// BenchmarkTMPD25Modes is one step of 1,000 samples in 80 columns with 4 measured
// values; the bar is 20 s for 1,000 of them, 20 ms a step, on two cores.
func BenchmarkTMPD25Modes(b *testing.B) {
	g, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 25}, 1000)
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		b.Fatal(err)
	}
	m, err := Find("tmpd")
	if err != nil {
		b.Fatal(err)
	}
	k, err := m.New(e, modes25Problem(b, 80, 4, 0.1, 1), Settings{Samples: 1000, Chunk: 500, Workers: 2, Seed: 1, Grid: g, Bridge: withNoise(g)})
	if err != nil {
		b.Fatal(err)
	}
	s, err := k.Start(context.Background())
	if err == nil {
		err = k.Step(context.Background(), s) // compiles
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if s.Step == k.Steps() {
			s.Step = 1
		}
		if err := k.Step(context.Background(), s); err != nil {
			b.Fatal(err)
		}
	}
}
