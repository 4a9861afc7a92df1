package pde

import (
	"context"
	"fmt"
	"math"
)

// Observed is the order p of a residual under refinement, |r| ≈ C hᵖ: the slope of the
// least-squares line through (log h, log r). The verdict says in words what that means
// for an equation that is meant to hold.
func Observed(h, residual []float64) (order float64, verdict string) {
	if len(h) != len(residual) || len(h) < 2 {
		return math.NaN(), fmt.Sprintf("not known: %d residuals on %d grids, at least two of each are needed", len(residual), len(h))
	}
	rounding := true
	var mx, my float64
	for i, r := range residual {
		if math.IsNaN(r) || math.IsInf(r, 0) || r < 0 {
			return math.NaN(), fmt.Sprintf("not known: the residual on grid %d is %g", i, r)
		}
		rounding = rounding && r <= roundingLevel
		mx += math.Log(h[i]) / float64(len(h))
		my += math.Log(max(r, math.SmallestNonzeroFloat64)) / float64(len(h))
	}
	if rounding {
		return math.Inf(1), "holds to rounding"
	}
	var xy, xx float64
	for i, r := range residual {
		dx := math.Log(h[i]) - mx
		xx += dx * dx
		xy += dx * (math.Log(max(r, math.SmallestNonzeroFloat64)) - my)
	}
	if xx == 0 {
		return math.NaN(), "not known: all grids are the same"
	}
	order = xy / xx
	shown := math.Round(100*order)/100 + 0 // no −0.00
	switch {
	case order >= consistentOrder:
		return order, fmt.Sprintf("vanishes with order %.2f", shown)
	case order >= 0.25:
		return order, fmt.Sprintf("vanishes slowly: order %.2f", shown)
	case order > -0.25:
		return order, fmt.Sprintf("does not vanish: order %.2f", shown)
	}
	return order, fmt.Sprintf("grows: order %.2f", shown)
}

const (
	roundingLevel   = 1e-10 // what true data stay below
	consistentOrder = 0.75  // order 1 seen on a few grids
)

// Outcome is what a form of an equation can be used for.
type Outcome int

const (
	// Fails is a form that does not vanish on true data under refinement, or so slowly
	// that these grids do not show it: no constraint at all.
	Fails Outcome = iota
	// Converges is a form that vanishes with the order of its error. As a hard constraint it is
	// rejected, for it excludes the true data of every grid; with that error as its
	// tolerance it is one.
	Converges
	// Holds is a form that true data satisfy to rounding: a hard constraint.
	Holds
)

func (o Outcome) String() string {
	return [...]string{"no constraint", "rejected as a hard constraint", "a hard constraint"}[o]
}

// outcomeOf a residual of an observed order; of none, NaN, it fails.
func outcomeOf(order float64) Outcome {
	switch {
	case math.IsInf(order, 1):
		return Holds
	case order >= consistentOrder:
		return Converges
	}
	return Fails
}

// Judgement is what a form of an equation is worth on true data.
type Judgement struct {
	H        []float64 // spacing of each grid
	Residual []float64 // root mean square over the samples, as the form scales it
	Order    float64
	Verdict  string // with the order in words
	Outcome  Outcome
}

func (j Judgement) String() string {
	return fmt.Sprintf("%s: %s (residuals %.3g)", j.Outcome, j.Verdict, j.Residual)
}

// Judge evaluates somebody else's residual of an equation on a family's true data, on a
// sequence of grids (the parameter "grid" of the kind), and tells whether it holds to
// rounding, as that of the family's scheme does, converges or fails. A form that another
// scheme than the family's would satisfy has the order of the two schemes' errors; one
// that is not a form of this equation has order 0 or grows. The form is to be in the
// units of the equation: one multiplied by the spacing gains an order that says nothing.
// The samples are draws 0 … samples−1 of seed, the same fields on all grids
// where the family draws them so.
func Judge(ctx context.Context, kind Kind, given Values, grids []int, samples int, seed uint64, form func(grid int, s Sample) []float64) (Judgement, error) {
	var j Judgement
	for _, n := range grids {
		v := Values{}
		for name, x := range given {
			v[name] = x
		}
		v["grid"] = n
		f, err := kind.Make(v)
		if err != nil {
			return j, err
		}
		sum, count := 0.0, 0
		for i := range samples {
			s, err := f.Draw(ctx, seed, i)
			if err != nil {
				return j, fmt.Errorf("pde: %s on grid %d, sample %d: %w", kind.Name, n, i, err)
			}
			for _, r := range form(n, s) {
				sum += r * r
				count++
			}
		}
		j.H = append(j.H, 1/float64(n))
		j.Residual = append(j.Residual, math.Sqrt(sum/float64(max(count, 1))))
	}
	j.Order, j.Verdict = Observed(j.H, j.Residual)
	j.Outcome = outcomeOf(j.Order)
	return j, nil
}
