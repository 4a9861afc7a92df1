package correct

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"abide/physics"
	"abide/prior"
)

// Field moves clean estimates of whole fields to those that obey a physical law,
//
//	x̃ = argmin ½ (x′ − x)ᵀ W (x′ − x)  such that c(x′) = 0, g(x′) ≤ 0,   x = shift + scale ⊙ u,
//
// with the projection of the law itself, so that no dense Jacobian is made. With W =
// 1/scale² it is nearest in sampler coordinates; [Field.Nearest] says whether
// it is. Points are shared out among the cores. Cost: that of the law's projection a
// point, 4 to 50 FLOPs a number where there is a closed form, and two passes for the
// coordinates. Not for a law that the prior's own columns contradict: feasible is not right,
// and what the law leaves free does not follow it.
type Field struct {
	coordinates prior.Coordinates
	law         physics.Projector
}

// NewField checks that the law is one of the prior's fields.
func NewField(c prior.Coordinates, law physics.Projector) (*Field, error) {
	if law.Dim() != c.Dim() {
		return nil, fmt.Errorf("correct: %s: fields of %d numbers, the prior has %d columns", law.Rows()[0].Name, law.Dim(), c.Dim())
	}
	return &Field{c, law}, nil
}

// Nearest tells whether the law projects in the metric of sampler coordinates, up to a
// factor. A law that says nothing of a metric (an overwrite, bounds) is nearest in all.
func (f *Field) Nearest() bool {
	law, ok := f.law.(physics.Weighted)
	if !ok {
		return true
	}
	w, s := law.Metric(), f.coordinates.Scale
	at := func(j int) float64 { return s[j] * s[j] / w.Inverse(j) }
	for j := range s {
		if r := at(j) / at(0); !(r > 1-1e-12 && r < 1+1e-12) {
			return false
		}
	}
	return true
}

// Correct projects rows of u in place and marks those for which the law found no field.
func (f *Field) Correct(u []float64) (infeasible []bool) {
	return f.each(u, 0, func(row, _ []float64) bool {
		f.coordinates.ToX(row, row)
		err := f.law.Project(row)
		f.coordinates.ToU(row, row)
		return err == nil
	})
}

// Finish projects rows of x in place and marks those that break a row of the law by more
// than its tolerance.
func (f *Field) Finish(x []float64, workers int) (infeasible []bool) {
	rows := f.law.Rows()
	return f.each(x, workers, func(field, r []float64) bool {
		if f.law.Project(field) != nil {
			return false
		}
		f.law.Residual(r, field)
		return physics.Obeyed(rows, r)
	})
}

// each calls obey for every row of u on several workers; r is work space for residuals.
func (f *Field) each(u []float64, workers int, obey func(row, r []float64) bool) (infeasible []bool) {
	d := f.law.Dim()
	n, size := len(u)/d, physics.Size(f.law)
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	broken := make([]bool, n)
	var next, count atomic.Int64
	work := func() {
		r := make([]float64, size)
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			if !obey(u[i*d:(i+1)*d:(i+1)*d], r) {
				broken[i] = true
				count.Add(1)
			}
		}
	}
	var wg sync.WaitGroup
	for range min(workers, n) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if count.Load() == 0 {
		return nil
	}
	return broken
}
