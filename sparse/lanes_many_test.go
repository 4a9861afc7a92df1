package sparse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// lanesFill fills blocks of lognormal systems that are named by the sample alone.
func lanesFill(q *lanesProblem) func(w *BatchBlock) error {
	return func(w *BatchBlock) error {
		a := make([]lane, q.cells)
		for l := range w.Count {
			one := lanesField(q.cells, uint64(w.First+l))
			for c := range a {
				a[c][l] = one[c][0]
			}
		}
		for i := range w.B {
			w.B[i] = lane{1, 1, 1, 1, 1, 1, 1, 1}
		}
		return AssembleBatch(w.Values, q.scatter, q.unit, a)
	}
}

// Any number of workers gives the same bits, those of every sample alone.
func TestSolveMany(t *testing.T) {
	q := lanesDarcy(10)
	const n = 29
	run := func(n, workers int) [][]float64 {
		out := make([][]float64, n)
		err := SolveMany(t.Context(), q.symbolic, n, workers, lanesFill(q), func(w *BatchBlock) error {
			for l := range w.Count {
				for _, x := range w.X {
					out[w.First+l] = append(out[w.First+l], x[l])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := run(n, 1)
	for _, workers := range []int{2, 3, 8} {
		for i, x := range run(n, workers) {
			if !slices.Equal(x, want[i]) {
				t.Fatalf("%d workers: sample %d differs", workers, i)
			}
		}
	}
	// One matrix at a time, by its residual.
	for i := range n {
		a := q.pattern.Like()
		field := lanesField(q.cells, uint64(i))
		for e, at := range q.scatter {
			if at >= 0 {
				a.Value[at] += field[e/9][0] * q.unit[e]
			}
		}
		r := make([]float64, a.Rows)
		a.Apply(r, want[i])
		for j := range r {
			if math.Abs(r[j]-1) > 1e-12 {
				t.Fatalf("sample %d row %d: A x = %g, b = 1", i, j, r[j])
			}
		}
	}
	if out := run(0, 4); len(out) != 0 {
		t.Fatal("no samples")
	}
}

// The error is that of the lowest sample and names it; a context that ends stops the run.
func TestSolveManyStops(t *testing.T) {
	q := lanesDarcy(6)
	fill := lanesFill(q)
	for _, workers := range []int{1, 2, 5} {
		err := SolveMany(t.Context(), q.symbolic, 100, workers, func(w *BatchBlock) error {
			err := fill(w)
			for l := range w.Count {
				if i := w.First + l; i == 43 || i == 46 || i == 48 {
					w.Values[q.pattern.Position(7, 7)][l] = -1
				}
			}
			return err
		}, func(*BatchBlock) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "sample 43") || !strings.Contains(err.Error(), "row 7") {
			t.Fatalf("%d workers: %v", workers, err)
		}
		want := fmt.Errorf("full")
		if err := SolveMany(t.Context(), q.symbolic, 100, workers, fill, func(*BatchBlock) error { return want }); err != want {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var done atomic.Int64
		err = SolveMany(ctx, q.symbolic, 8000, workers, fill, func(*BatchBlock) error {
			done.Add(1)
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) || done.Load() > int64(workers) {
			t.Fatalf("%d workers, %d blocks: %v", workers, done.Load(), err)
		}
	}
}
