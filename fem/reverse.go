package fem

import "fmt"

// Reverse visits the states u⁰ … uᴺ⁻¹ of a recursion backwards, n = N−1 first, while it
// keeps s of them at most, u⁰ among them, beside the one that is visited: those between
// are made again from the last one before them. Steps are placed by binomials, which is the least recomputation for
// s states:
//
//	β(s, r) = (s+r)!/(s! r!),  β(s, r−1) < N ≤ β(s, r):  r N − β(s+1, r−1) steps,
//
// that is each step r times at most: N = 1000 with 10 states needs r = 4. s = 0 keeps all
// N, in N − 1 steps.
//
// A. Griewank and A. Walther, "Algorithm 799: revolve", ACM TOMS 26 (2000), 19–45.
//
// step makes uⁿ⁺¹ of uⁿ in place, visit must not keep or change u.
func Reverse(steps, s int, u0 []float64, step func(n int, u []float64), visit func(n int, u []float64)) error {
	if steps < 0 || s < 0 {
		return fmt.Errorf("fem: %d steps backwards with %d states: neither is negative", steps, s)
	}
	if s == 0 {
		s = max(1, steps)
	}
	r := &reversal{step: step, visit: visit}
	if steps > 0 {
		r.run(0, steps, s, u0)
	}
	return nil
}

type reversal struct {
	step, visit func(n int, u []float64)
	spare       [][]float64
}

// run visits last−1 … first from u at first, with s states that count u.
func (r *reversal) run(first, last, s int, u []float64) {
	for last-first > 1 {
		work := r.take(u)
		middle := last - 1
		if s > 1 {
			middle = first + split(last-first, s)
		}
		for n := first; n < middle; n++ {
			r.step(n, work)
		}
		r.run(middle, last, max(1, s-1), work)
		r.spare = append(r.spare, work)
		last = middle
	}
	r.visit(first, u)
}

// take is a copy of u in memory that is free.
func (r *reversal) take(u []float64) []float64 {
	var work []float64
	if k := len(r.spare); k > 0 {
		work, r.spare = r.spare[k-1], r.spare[:k-1]
	} else {
		work = make([]float64, len(u))
	}
	copy(work, u)
	return work
}

// split is how far to go before the next state is kept, of n > 1 steps with s > 1 states.
func split(n, s int) int {
	r := 1
	for binomial(s, r) < n {
		r++
	}
	return max(1, binomial(s, r-2), n-binomial(s-1, r))
}

// binomial is β(s, r), 0 for negative r.
func binomial(s, r int) int {
	if r < 0 {
		return 0
	}
	b := 1
	for i := 1; i <= r; i++ {
		b = b * (s + i) / i
	}
	return b
}
