package particle

import (
	"context"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diagnose"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/potential"
	"abide/problem"
)

// Rejuvenation must leave the law unchanged: exact points of N(0, I)·exp(−x₀),
// which is N((−1, 0), I), moved ten times, are as far from other exact points as
// exact points are. The twist is blinded to the cost, so that the acceptance
// step has all the work: a kernel that accepts everything drifts to N(0, I).
func TestRejuvenationKeepsTheLaw(t *testing.T) {
	const n = 2000
	pr := gaussianPrior(t, []float64{0, 0}, mat.NewSymDense(2, []float64{1, 0, 0, 1}))
	p, err := problem.New(pr, nil, []potential.Potential{linearCost{[]float64{1, 0}}})
	if err != nil {
		t.Fatal(err)
	}
	k, err := New(openGo(t), p, karras(t, 16, 0.002, 80), Settings{Samples: n, Particles: n, Seed: 1, Defensive: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	clear(k.twist.tilt)
	exact := func(i uint64) []float64 {
		x := make([]float64, 2*n)
		keyed.New(17, "exact", int(i), 0).Normal(x)
		for j := 0; j < len(x); j += 2 {
			x[j]--
		}
		return x
	}
	u := exact(1 << 20)
	var accepted float64
	for round := range 10 {
		k.Seed = uint64(round)
		a, err := k.rejuvenate(context.Background(), u, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		accepted += a / 10
	}
	limit := testkit.NullQuantile(t, 200, func(seed uint64) float64 {
		return diagnose.EnergyDistance(exact(2*seed), exact(2*seed+1), 2)
	}, 1-testkit.Budget)
	distance := diagnose.EnergyDistance(u, exact(1<<21), 2)
	t.Logf("distance after ten moves %.4f, limit %.4f, accepted %.2f", distance, limit, accepted)
	if distance > limit {
		t.Errorf("energy distance to the exact law is %.4f after ten moves, null limit %.4f", distance, limit)
	}
	if accepted < 0.3 {
		t.Errorf("%.0f %% of the moves were accepted: copies stay together", 100*accepted)
	}
}
