package testkit

import (
	"math"
	"testing"
)

// Law: a fresh draw exceeds the order statistic of rank ⌈q(n+1)⌉ among n with
// probability exactly 1 − q where q(n+1) is whole, whatever the law.
func TestNullQuantileFalseAlarms(t *testing.T) {
	const repeats, sims, q = 4000, 99, 0.9
	alarms := 0.0
	for r := range uint64(repeats) {
		stat := func(seed uint64) float64 { return newRand(r*1000 + seed).NormFloat64() }
		if stat(sims) > NullQuantile(t, sims, stat, q) {
			alarms++
		}
	}
	WithinSigma(t, "false alarms", alarms/repeats, 1-q, math.Sqrt(q*(1-q)/repeats), 0)
}

// Beyond the simulations: for the modulus of a normal the threshold's true
// exceedance is below the 1e-6 asked for, on average over nulls; for an
// exponential law, whose tail is the one assumed, it is (1 + L/k)^−k on average,
// k = 50 exceedances, L = log(0.1/1e-6): the excess is a mean of k exponentials.
func TestNullQuantileBeyondTheSimulations(t *testing.T) {
	const repeats, sims, q = 300, 500, 1 - 1e-6
	var normal float64
	exponential := make([]float64, repeats)
	for r := range uint64(repeats) {
		limit := NullQuantile(t, sims, func(seed uint64) float64 { return math.Abs(newRand(r*1000 + seed).NormFloat64()) }, q)
		normal += math.Erfc(limit/math.Sqrt2) / repeats
		excess := NullQuantile(t, sims, func(seed uint64) float64 { return newRand(r*1000 + seed).ExpFloat64() }, q)
		exponential[r] = excess
	}
	if normal > 1-q {
		t.Errorf("the modulus of a normal exceeds the threshold with probability %g, %g was asked for", normal, 1-q)
	}
	// E[threshold] = E[X_(450)] + L, E[X_(450) of 500] = Σ_{i=51}^{500} 1/i.
	want := math.Log(0.1 / (1 - q))
	for i := 51; i <= 500; i++ {
		want += 1 / float64(i)
	}
	MeanWithin(t, "threshold of an exponential law", exponential, want, 0)
}

// A mean of 100 normals shifted by one is ten standard errors off.
func TestNullQuantileHasPower(t *testing.T) {
	mean := func(seed uint64, shift float64) float64 {
		rng, sum := newRand(seed), 0.0
		for range 100 {
			sum += (rng.NormFloat64() + shift) / 100
		}
		return math.Abs(sum)
	}
	limit := NullQuantile(t, 200, func(seed uint64) float64 { return mean(seed, 0) }, 1-1e-6)
	if got := mean(200, 0); got > limit {
		t.Errorf("unshifted mean %g exceeds %g", got, limit)
	}
	if got := mean(200, 1); got <= limit {
		t.Errorf("shifted mean %g passes %g", got, limit)
	}
}

func TestNullQuantileRefuses(t *testing.T) {
	number := func(seed uint64) float64 { return float64(seed) }
	for name, call := range map[string]func(r *recorder){
		"q of 1":              func(r *recorder) { NullQuantile(r, 100, number, 1) },
		"q of 0":              func(r *recorder) { NullQuantile(r, 100, number, 0) },
		"too few simulations": func(r *recorder) { NullQuantile(r, 100, number, 0.999) },
		"none":                func(r *recorder) { NullQuantile(r, 0, number, 0.5) },
		"NaN":                 func(r *recorder) { NullQuantile(r, 100, func(uint64) float64 { return math.NaN() }, 0.5) },
	} {
		var r recorder
		if call(&r); len(r.failures) != 1 {
			t.Errorf("%s: %q", name, r.failures)
		}
	}
}
