package sampler

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// ForChunks calls f(c, lo, hi) for every chunk [lo, hi) of n points, on several
// workers (0: all cores). The chunks do not depend on the number of workers, so
// neither does a result that is keyed by chunk. It returns the error of the
// first chunk that failed, or the context's.
func ForChunks(ctx context.Context, n, chunk, workers int, f func(c, lo, hi int) error) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	chunks := (n + chunk - 1) / chunk
	if min(workers, chunks) == 1 { // here, without handing over to another goroutine and back
		for c := range chunks {
			if ctx.Err() != nil {
				break
			}
			if err := f(c, c*chunk, min((c+1)*chunk, n)); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	errs := make([]error, chunks)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, chunks) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for ctx.Err() == nil {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				errs[c] = f(c, c*chunk, min((c+1)*chunk, n))
			}
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
