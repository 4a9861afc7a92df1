package sparse

import (
	"context"
	"errors"
	"testing"
)

// Each way in which a matrix has no factor has one name, whichever solver finds it.
func TestFactorErrors(t *testing.T) {
	two := func(a, b, c, d float64) *CSR {
		m, err := FromTriplets(2, 2, []int32{0, 0, 1, 1}, []int32{0, 1, 0, 1}, []float64{a, b, c, d})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	cholesky := func(a *CSR) error { _, err := NewCholesky(nil, a); return err }
	lu := func(a *CSR) error { _, err := NewLU(a, nil); return err }
	ldl := func(a *CSR) error {
		l, err := NewLDL(nil, a, nil)
		if err != nil {
			return err
		}
		x := []float64{1, 0}
		return l.SolveChecked(x, x)
	}
	many := func(a *CSR) error {
		s, err := Analyse(a, nil)
		if err != nil {
			t.Fatal(err)
		}
		return SolveMany(context.Background(), s, 3, 1, func(w *BatchBlock) error {
			for k, v := range a.Value {
				for l := range Lanes {
					w.Values[k][l] = v
				}
			}
			return nil
		}, func(*BatchBlock) error { return nil })
	}
	batch := func(a *CSR) error {
		s, err := Analyse(a, nil)
		if err != nil {
			t.Fatal(err)
		}
		values := make([][Lanes]float64, a.NNZ())
		for k, v := range a.Value {
			for l := range Lanes {
				values[k][l] = v
			}
		}
		return NewBatch(s).Factor(values)
	}
	for name, c := range map[string]struct {
		err, want error
	}{
		"cholesky, two signs": {cholesky(two(1, 2, 2, 1)), ErrIndefinite},
		"cholesky, negative":  {cholesky(two(-1, 0, 0, 1)), ErrIndefinite},
		"many, two signs":     {many(two(1, 2, 2, 1)), ErrIndefinite},
		"batch, two signs":    {batch(two(1, 2, 2, 1)), ErrIndefinite},
		"lu, singular":        {lu(two(1, 2, 2, 4)), ErrSingular},
		"ldl, singular":       {ldl(two(1, 2, 2, 4)), ErrSingular},
		"ldl, zero row":       {ldl(two(1, 0, 0, 0)), ErrSingular},
		"lu, two signs":       {lu(two(1, 2, 2, 1)), nil},
		"ldl, two signs":      {ldl(two(1, 2, 2, 1)), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}
