package sparse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// BatchBlock is eight samples of a run of [SolveMany], one per lane, and their work
// space.
type BatchBlock struct {
	First, Count int          // samples First … First+Count−1 are lanes 0 … Count−1
	Values       [][8]float64 // [NNZ] numbers of the matrices
	B, X         [][8]float64 // [N] right-hand sides and solutions
	Batch        *Batch       // factored when use is called: it may solve again, for adjoints
}

// SolveMany solves A⁽ⁱ⁾ x⁽ⁱ⁾ = b⁽ⁱ⁾ for samples i = 0 … n−1, whose matrices have the
// pattern of s, eight at a time in each of several goroutines. fill makes Values and B of a
// block, use takes X: both are called from these goroutines, blocks in any order,
// and find what the block before left in the arrays. Lanes beyond the last sample get
// a copy of its system. What a sample's numbers are does not depend on workers.
//
// It stops at the first error or at the end of ctx, after the blocks in work. Of
// several errors that of the lowest sample is returned, with any number of workers.
func SolveMany(ctx context.Context, s *Symbolic, n, workers int, fill, use func(*BatchBlock) error) error {
	blocks := (n + Lanes - 1) / Lanes
	workers = max(1, min(workers, blocks))
	p := newBatchPlan(s)
	var (
		next   atomic.Int64
		stop   atomic.Bool
		wg     sync.WaitGroup
		mutex  sync.Mutex
		failed = blocks // the lowest block with an error
		result error
	)
	for range workers {
		wg.Go(func() {
			w := &BatchBlock{Batch: p.batch()}
			w.Values, w.B, w.X = make([]lane, p.values), make([]lane, s.N), make([]lane, s.N)
			for !stop.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= blocks {
					return
				}
				w.First, w.Count = i*Lanes, min(Lanes, n-i*Lanes)
				if err := w.solve(fill, use); err != nil {
					stop.Store(true)
					mutex.Lock()
					if i < failed {
						failed, result = i, err
					}
					mutex.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if result == nil && int(next.Load()) < blocks {
		return ctx.Err()
	}
	return result
}

func (w *BatchBlock) solve(fill, use func(*BatchBlock) error) error {
	if err := fill(w); err != nil {
		return err
	}
	for l := w.Count; l < Lanes; l++ {
		for k := range w.Values {
			w.Values[k][l] = w.Values[k][w.Count-1]
		}
		for i := range w.B {
			w.B[i][l] = w.B[i][w.Count-1]
		}
	}
	if err := w.Batch.Factor(w.Values); err != nil {
		var lanes *LaneError
		if errors.As(err, &lanes) {
			for l, row := range lanes.Row {
				if row >= 0 {
					return fmt.Errorf("sparse: the matrix of sample %d is %w at row %d", w.First+l, ErrIndefinite, row)
				}
			}
		}
		return err
	}
	w.Batch.Solve(w.X, w.B)
	return use(w)
}
