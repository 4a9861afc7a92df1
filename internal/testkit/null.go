package testkit

import (
	"math"
	"slices"
)

// Fataler is the part of testing.TB that NullQuantile needs.
type Fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// leastTail is the fewest exceedances a tail is fitted to.
const leastTail = 20

// NullQuantile is a threshold from simulation: an upper bound on the q-quantile
// of a statistic under the law that the test supposes. stat(seed) simulates it
// once; seeds are 0 to sims−1, so the test's own must be another.
//
// Where enough was simulated, q ≤ sims/(sims+1), it is the order statistic of
// rank ⌈q(sims+1)⌉, which a further draw exceeds with probability at most 1 − q
// whatever the law. Beyond that the largest tenth of the values is continued
// exponentially: u + m·log(P(>u)/(1−q)), m their mean excess over u. Tails that
// fall faster, as those of strictly log-concave laws do (absolute means,
// distances), lie below it far out: false alarms are then rarer than stated, at
// the price of a little power.
func NullQuantile(t Fataler, sims int, stat func(seed uint64) float64, q float64) float64 {
	t.Helper()
	if !(q > 0 && q < 1) || sims < 1 {
		t.Fatalf("null quantile: q = %g of %d simulations; q lies between 0 and 1", q, sims)
		return math.NaN()
	}
	values := make([]float64, sims)
	for i := range values {
		if values[i] = stat(uint64(i)); math.IsNaN(values[i]) {
			t.Fatalf("null quantile: the statistic of seed %d is NaN", i)
			return math.NaN()
		}
	}
	slices.Sort(values)
	if rank := int(math.Ceil(q * float64(sims+1))); rank <= sims {
		return values[rank-1]
	}
	tail := sims / 10
	if tail < leastTail {
		t.Fatalf("null quantile: %d simulations do not reach q = %g; simulate at least %d", sims, q, 10*leastTail)
		return math.NaN()
	}
	u, excess := values[sims-tail-1], 0.0
	for _, v := range values[sims-tail:] {
		excess += (v - u) / float64(tail)
	}
	return u + excess*math.Log(float64(tail)/float64(sims)/(1-q))
}
