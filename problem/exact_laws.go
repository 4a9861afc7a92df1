package problem

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
)

// maxEquations bounds rows times columns of equations that are written out; rejectionTrials
// is how many draws say whether inequalities can be met by rejection, which takes
// minAccepted of them.
const (
	maxEquations    = 1 << 22
	rejectionTrials = 4000
	minAccepted     = 20
)

// obeying is a law without constraints given those of the problem: linear equations in
// closed form, then inequalities by rejection of draws.
func (p *Problem) obeying(e *Exact) (*Exact, error) {
	laws := p.Rows()
	kinds := func(upper bool) (some bool) {
		for _, law := range laws {
			some = some || slices.ContainsFunc(law.Rows(), func(r physics.Row) bool { return r.Upper == upper })
		}
		return some
	}
	law := e.Law
	if kinds(false) {
		h, y, err := p.equations(laws)
		if err != nil {
			return nil, err
		}
		law, err = law.Given(h, y)
		if errors.Is(err, prior.ErrNoPosterior) {
			return nil, lacks("a prior whose law given equations is known in closed form (Gaussian, mixture, field, or a product of them)", strings.TrimPrefix(err.Error(), prior.ErrNoPosterior.Error()+": "), "leave the reference out")
		}
		if err != nil {
			return nil, fmt.Errorf("problem: exact law: %w", err)
		}
	}
	if kinds(true) {
		var err error
		if law, err = rejected(law, laws); err != nil {
			return nil, err
		}
	}
	return &Exact{Law: law, LogEvidence: math.NaN(), LogMarginal: math.NaN()}, nil
}

// rejected draws of a law until inequalities hold within their tolerances.
func rejected(from *prior.Prior, laws []physics.Constraint) (*prior.Prior, error) {
	obeys := func(x []float64) bool {
		for _, law := range laws {
			r := make([]float64, physics.Size(law))
			law.Residual(r, x)
			for _, kind := range law.Rows() {
				for _, v := range r[:kind.Size] {
					if kind.Upper && !(v <= kind.Tolerance*kind.Unit) {
						return false
					}
				}
				r = r[kind.Size:]
			}
		}
		return true
	}
	d, accepted := from.Coordinates.Dim(), 0
	x := from.Draw(rand.New(keyed.New(0, "rejection", 0, 0)), rejectionTrials)
	for i := 0; i < len(x); i += d {
		if obeys(x[i : i+d]) {
			accepted++
		}
	}
	if accepted < minAccepted {
		return nil, lacks(fmt.Sprintf("inequalities that at least %d of %d draws obey", minAccepted, rejectionTrials), fmt.Sprint(accepted), "compare with a long run of twisted-smc instead")
	}
	return &prior.Prior{
		Kind: from.Kind, Coordinates: from.Coordinates, DType: from.DType, Describe: "draws that obey of: " + from.Describe,
		Draw: func(rng *rand.Rand, n int) []float64 {
			out := make([]float64, 0, n*d)
			for len(out) < n*d {
				x := from.Draw(rng, n)
				for i := 0; i < len(x) && len(out) < n*d; i += d {
					if obeys(x[i : i+d]) {
						out = append(out, x[i:i+d]...)
					}
				}
			}
			return out
		},
	}, nil
}

// equations are the equations of laws as H x = y, where they are that.
func (p *Problem) equations(laws []physics.Constraint) (*mat.Dense, []float64, error) {
	d := p.Dim()
	var h, y []float64
	for _, law := range laws {
		rows, size := law.Rows(), physics.Size(law)
		if !slices.ContainsFunc(rows, func(r physics.Row) bool { return !r.Upper }) {
			continue
		}
		if !physics.LinearRows(law) {
			return nil, nil, lacks("linear equations as constraints", fmt.Sprintf("%q, which is not linear", rows[0].Name), "leave the reference out")
		}
		if len(h)+size*d > maxEquations {
			return nil, nil, lacks(fmt.Sprintf("equations of %d coefficients at most", maxEquations), fmt.Sprintf("%d rows of %d columns and more", len(y)+size, d), "leave the reference out")
		}
		unit, residual := make([]float64, size), make([]float64, size)
		x := p.Prior.Coordinates.Shift
		law.Residual(residual, x) // H x − y
		at := 0
		for _, kind := range rows {
			for i := at; i < at+kind.Size && !kind.Upper; i++ {
				row := make([]float64, d)
				unit[i] = 1
				law.VJP(row, x, unit)
				unit[i] = 0
				value := -residual[i]
				for j, v := range row {
					value += v * x[j]
				}
				h, y = append(h, row...), append(y, value)
			}
			at += kind.Size
		}
	}
	return mat.NewDense(len(y), d, h), y, nil
}
