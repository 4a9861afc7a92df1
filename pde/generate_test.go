package pde

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"abide/internal/keyed"
)

// squares is a family that a test can look through: x uniform, y = x².
type squares struct {
	batch int
	fails int // sample that cannot be drawn, or −1
	blows int // sample that is not finite, or −1
}

func (f squares) Arrays() []Array {
	return []Array{{Name: "x", Shape: []int{2}}, {Name: "y", Shape: []int{2}}}
}
func (f squares) Rows() []Row { return []Row{{Name: "square", Size: 2, Unit: 1}} }
func (f squares) Batch() int  { return f.batch }

func (f squares) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if index == f.fails {
		return nil, errors.New("no such sample")
	}
	k := keyed.New(seed, "squares", index, 0)
	s := NewSample(f)
	for i := range s[0] {
		s[0][i] = k.Uniform()
		s[1][i] = s[0][i] * s[0][i]
	}
	if index == f.blows {
		s[1][1] = math.Inf(1)
	}
	return s, ctx.Err()
}

func (f squares) DrawBatch(ctx context.Context, seed uint64, first, n int) (out []Sample, err error) {
	for i := range n {
		s, err := f.Draw(ctx, seed, first+i)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (f squares) Residual(dst []float64, s Sample) error {
	for i, x := range s[0] {
		dst[i] = s[1][i] - x*x
	}
	return nil
}

// Samples come in order and are the same for any number of workers, any batch and
// any beginning.
func TestGenerateIsTheSameForAnyWorkers(t *testing.T) {
	collect := func(f squares, d Draws) (x []float64, indices []int) {
		err := Generate(context.Background(), f, d, func(i int, s Sample, worst []float64) error {
			x, indices = append(x, s[0]...), append(indices, i)
			if checked := d.Check > 0 && i%d.Check == 0; checked != (len(worst) == 1) {
				t.Errorf("sample %d: checked %v, residuals %v", i, checked, worst)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return x, indices
	}
	want, indices := collect(squares{1, -1, -1}, Draws{Seed: 3, N: 23, Workers: 1})
	if len(indices) != 23 || !slices.IsSorted(indices) {
		t.Fatalf("samples %v", indices)
	}
	for _, workers := range []int{0, 2, 3, 8} {
		for _, batch := range []int{0, 1, 4, 50} {
			if got, _ := collect(squares{batch, -1, -1}, Draws{Seed: 3, N: 23, Workers: workers, Check: 3}); !slices.Equal(got, want) {
				t.Errorf("%d workers, batches of %d: other samples", workers, batch)
			}
		}
	}
	if got, _ := collect(squares{4, -1, -1}, Draws{Seed: 3, First: 7, N: 5, Workers: 2}); !slices.Equal(got, want[14:24]) {
		t.Error("samples from the seventh on are others")
	}
	if got, _ := collect(squares{4, -1, -1}, Draws{Seed: 4, N: 23, Workers: 2}); slices.Equal(got, want) {
		t.Error("another seed, the same samples")
	}
}

// All ways to an end: what was emitted before it is whole and in order.
func TestGenerateEnds(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	full := errors.New("the disk is full")
	for _, c := range []struct {
		name string
		f    squares
		emit func(i int) error
		want string
		most int
	}{
		{"a sample fails", squares{1, 11, -1}, nil, "no such sample", 11},
		{"a sample is not finite", squares{1, -1, 9}, nil, `sample 9 of seed 0: number 1 of "y" is +Inf`, 9},
		{"emit fails", squares{1, -1, -1}, func(i int) error {
			if i == 5 {
				return full
			}
			return nil
		}, "disk is full", 5},
		{"cancelled", squares{1, -1, -1}, func(i int) error {
			if i == 5 {
				stop()
			}
			return nil
		}, "context canceled", 30},
	} {
		n := 0
		err := Generate(ctx, c.f, Draws{N: 40, Workers: 3}, func(i int, _ Sample, _ []float64) error {
			if c.emit != nil {
				if err := c.emit(i); err != nil {
					return err
				}
			}
			if i != n {
				t.Errorf("%s: sample %d after %d", c.name, i, n-1)
			}
			n++
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), c.want) || n > c.most {
			t.Errorf("%s: %v after %d samples, want %q", c.name, err, n, c.want)
		}
	}
	if err := Generate(context.Background(), squares{}, Draws{First: -1}, nil); err == nil {
		t.Error("a negative index is no error")
	}
}

// A residual that is not a number is the worst of all, and the place is told.
// unitFour has the rows of squares in a unit of 4.
type unitFour struct{ squares }

func (unitFour) Rows() []Row { return []Row{{Name: "square", Size: 2, Unit: 4}} }

func TestCheckFindsTheWorst(t *testing.T) {
	f := squares{}
	good := Sample{{1, 2}, {1, 4}}
	off := Sample{{1, 2}, {1.5, 3}}
	v, err := Check(f, good, off, good)
	if err != nil || v[0].Worst != 1 || v[0].Sample != 1 || v[0].Place != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := Check(unitFour{}, good, off, good); err != nil || v[0].Worst != 0.25 {
		t.Errorf("in a unit of 4: %+v, %v", v, err)
	}
	if v, _ := Check(f, Sample{{1, 2}, {math.NaN(), 9}}, off); !math.IsNaN(v[0].Worst) || v[0].Place != 0 || v[0].Sample != 0 {
		t.Errorf("%+v", v)
	}
	if _, err := Check(f, good, Sample{{1}, {1, 4}}); err == nil || !strings.Contains(err.Error(), `sample 1: array "x" has 1 numbers, want 2`) {
		t.Errorf("%v", err)
	}
}
