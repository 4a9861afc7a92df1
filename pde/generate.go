package pde

import (
	"context"
	"fmt"
	"math"
	"sync"
)

// Draws says which samples of a family to make.
type Draws struct {
	Seed    uint64
	First   int // index of the first sample
	N       int
	Workers int // goroutines; 0 is 1
	Check   int // of every how many samples the residual is looked at; 0: of none
}

// Generate makes samples on several goroutines and gives them to emit in the order
// of their index, on the calling goroutine, with the largest residual of each row in
// the row's unit (nil for samples that are not checked). Samples depend on seed and
// index alone. It ends at the first error, at the end of ctx, or when emit fails.
func Generate(ctx context.Context, f Family, d Draws, emit func(index int, s Sample, worst []float64) error) error {
	if d.First < 0 || d.N < 0 || d.Check < 0 {
		return fmt.Errorf("pde: first sample %d, %d samples, every %d checked: none is negative", d.First, d.N, d.Check)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	batch := 1
	if b, ok := f.(Batched); ok {
		batch = max(b.Batch(), 1)
	}
	workers := max(d.Workers, 1)
	// A block that is done waits for those before it: places bounds how many may.
	type block struct {
		samples []Sample
		worst   [][]float64
		err     error
	}
	places := make(chan chan block, 2*workers)
	type job struct {
		first, n int
		out      chan block
	}
	jobs := make(chan job)
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	group.Go(func() {
		defer close(places)
		defer close(jobs)
		for at := d.First; at < d.First+d.N; at += batch {
			j := job{at, min(batch, d.First+d.N-at), make(chan block, 1)}
			for _, send := range []func() bool{
				func() bool {
					select {
					case places <- j.out:
						return true
					case <-ctx.Done():
						return false
					}
				},
				func() bool {
					select {
					case jobs <- j:
						return true
					case <-ctx.Done():
						return false
					}
				},
			} {
				if !send() {
					return
				}
			}
		}
	})
	for range workers {
		group.Go(func() {
			for j := range jobs {
				var b block
				if b.samples, b.err = drawBlock(ctx, f, d.Seed, j.first, j.n); b.err == nil {
					b.worst, b.err = checkBlock(f, b.samples, j.first, d.Check)
				}
				j.out <- b
			}
		})
	}
	at := d.First
	for out := range places {
		var b block
		select {
		case b = <-out:
		case <-ctx.Done():
			return ctx.Err()
		}
		if b.err != nil {
			return b.err
		}
		for i, s := range b.samples {
			if err := emit(at, s, b.worst[i]); err != nil {
				return err
			}
			at++
		}
	}
	return ctx.Err()
}

// drawBlock makes n samples and refuses those with numbers that are not finite.
func drawBlock(ctx context.Context, f Family, seed uint64, first, n int) (samples []Sample, err error) {
	if b, ok := f.(Batched); ok {
		samples, err = b.DrawBatch(ctx, seed, first, n)
	} else {
		for i := range n {
			var s Sample
			if s, err = f.Draw(ctx, seed, first+i); err != nil {
				break
			}
			samples = append(samples, s)
		}
	}
	if err != nil {
		return nil, err
	}
	for i, s := range samples {
		for k, a := range f.Arrays() {
			for at, x := range s[k] {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					return nil, fmt.Errorf("pde: sample %d of seed %d: number %d of %q is %v: the scheme left all bounds, take smaller steps or a finer grid", first+i, seed, at, a.Name, x)
				}
			}
		}
	}
	return samples, nil
}

// checkBlock is the largest residual of every row for each sample that is looked at.
func checkBlock(f Family, samples []Sample, first, every int) ([][]float64, error) {
	out := make([][]float64, len(samples))
	for i, s := range samples {
		if every == 0 || (first+i)%every != 0 {
			continue
		}
		rows, err := Check(f, s)
		if err != nil {
			return nil, fmt.Errorf("sample %d: %w", first+i, err)
		}
		out[i] = []float64{}
		for _, v := range rows {
			out[i] = append(out[i], v.Worst)
		}
	}
	return out, nil
}
