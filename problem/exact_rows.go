package problem

import (
	"fmt"
	"math"
	"math/rand/v2"

	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
)

// Rows of a prior obey an equation to the rounding they are kept with, not to the
// tolerance of samples: spreadShare of what draws of the prior break it by, root mean
// square over spreadDraws of them, counts as none.
const (
	spreadShare = 1e-6
	spreadDraws = 256
)

// rows is the law of a prior of finitely many rows, under any constraints and potentials:
// rows that obey, weighed by exp(−Σ Eᵢ). LogEvidence is the log of their sum where all
// constraints are inequalities; an equation has probability 0 or more by the accident of
// which rows there are, and none is told.
func (p *Problem) rows() (*Exact, error) {
	laws := p.Rows()
	slack := make([][]float64, len(laws)) // of each kind of row
	draws := p.Prior.Draw(rand.New(keyed.New(0, "rows", 0, 0)), spreadDraws)
	d, equations := p.Dim(), false
	residuals := make([][]float64, len(laws))
	for l, law := range laws {
		kinds := law.Rows()
		residuals[l], slack[l] = make([]float64, physics.Size(law)), make([]float64, len(kinds))
		for i := range spreadDraws {
			law.Residual(residuals[l], draws[i*d:(i+1)*d])
			at := 0
			for k, kind := range kinds {
				for _, r := range residuals[l][at : at+kind.Size] {
					slack[l][k] += r * r / float64(spreadDraws*kind.Size)
				}
				at += kind.Size
			}
		}
		for k, kind := range kinds {
			slack[l][k] = math.Max(spreadShare*math.Sqrt(slack[l][k]), kind.Tolerance*kind.Unit)
			if kind.Upper {
				slack[l][k] = kind.Tolerance * kind.Unit
			}
			equations = equations || !kind.Upper
		}
	}
	obeys := func(x []float64) bool {
		for l, law := range laws {
			law.Residual(residuals[l], x)
			at := 0
			for k, kind := range law.Rows() {
				for _, r := range residuals[l][at : at+kind.Size] {
					if kind.Upper && !(r <= slack[l][k]) || !kind.Upper && !(math.Abs(r) <= slack[l][k]) {
						return false
					}
				}
				at += kind.Size
			}
		}
		return true
	}
	law, total, left, err := p.Prior.Reweighed(func(x []float64) float64 {
		if !obeys(x) {
			return math.Inf(-1)
		}
		return -p.Energy(x)
	})
	if err != nil {
		return nil, fmt.Errorf("problem: exact law: %w", err)
	}
	if left < 2 {
		return nil, lacks("two rows of the prior that obey", fmt.Sprint(left), "leave the reference out")
	}
	e := &Exact{Law: law, LogEvidence: total, LogMarginal: math.NaN()}
	if equations {
		e.LogEvidence = math.NaN()
	}
	return e, nil
}

// finite tells whether a prior has finitely many rows.
func finite(p *prior.Prior) bool { _, ok := p.Law.(*prior.Empirical); return ok }
