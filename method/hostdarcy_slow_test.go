//go:build slow

package method

import (
	"math"
	"testing"
	"time"
)

// darcySettings were chosen on the truths 1001 and 1004, on 32×32 vertices; truths that
// are scored have the numbers 1 to 50.
func darcySettings(t *testing.T) Settings {
	return Settings{Samples: 99, Seed: 1, Grid: hostLevels(t, 200, 1, 6), Values: Values{"proposals": 3}}
}

// Over 50 truths drawn from the prior, on 64×64 vertices with 30 noisy pressures, 90 %
// intervals hold 86 to 94 % of the truth's values.
func TestDarcyCoverage(t *testing.T) {
	const n, truths = 64, 50
	var sum, squares, longest float64
	for seed := range uint64(truths) {
		in, start := newDarcyInversion(t, n, seed+1), time.Now()
		s := darcySettings(t)
		out := runHost(t, in.problem, "newton-gibbs", s)
		seconds := time.Since(start).Seconds()
		share, _, _ := covered(out.X, s.Samples, n*n, in.truth)
		sum, squares, longest = sum+share, squares+share*share, max(longest, seconds)
		t.Logf("truth %d: coverage %.3f, %v, %.1f s", seed+1, share, out.Notes, seconds)
	}
	mean := sum / truths
	t.Logf("coverage %.3f ± %.3f (standard error), longest run %.1f s", mean, math.Sqrt((squares/truths-mean*mean)/(truths-1)), longest)
	if mean < 0.86 || mean > 0.94 {
		t.Errorf("coverage %.3f: want 0.86 to 0.94", mean)
	}
	if longest > 60 {
		t.Errorf("%.1f s for one inversion: want at most 60", longest)
	}
}
