// Package diagnose measures how far samples are from the law they should have:
// effective sample size, distances between sets of points, quantiles, and
// probabilities known to high accuracy that evidences are checked against.
//
// Points are row-major, one row of d numbers each. All arithmetic is float64.
// Work is spread over goroutines in pieces that do not depend on their number,
// and summed in a fixed order: results have the same bits on any number of
// cores. Functions panic where lengths do not fit together, which is a mistake
// of the program and never of its input.
package diagnose

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls f(0) … f(n−1) from as many goroutines as there are processors. f
// must write only what belongs to its index.
func each(n int, f func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// rows is the number of points in x.
func rows(x []float64, d int) int {
	if d < 1 || len(x)%d != 0 {
		panic(fmt.Sprintf("diagnose: %d numbers do not fill rows of %d", len(x), d))
	}
	return len(x) / d
}
