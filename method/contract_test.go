package method

import (
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/dataio"
	"abide/diffusion"
	"abide/expr"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/prior"
	"abide/problem"
	"abide/train"
)

// Every method runs with every kind of prior and constraint that it claims to
// fit, and every point it calls feasible obeys every row to its tolerance.
func TestEveryMethodWithEveryPriorAndConstraint(t *testing.T) {
	grid, err := diffusion.Karras(diffusion.EDM{Min: 0.01, Max: 20, Rho: 7}, 20)
	if err != nil {
		t.Fatal(err)
	}
	for pname, p := range priors(t) {
		for _, c := range constraints(t) {
			q, err := problem.New(p, []constraint.Constraint{c}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range Table {
				if strings.Contains(m.Needs, "measurement") {
					continue
				}
				t.Run(pname+"/"+c.Name()+"/"+m.Name, func(t *testing.T) {
					if strings.Contains(m.Needs, "linear or a ball") {
						var unsupported *problem.UnsupportedError
						if _, ok := constraint.Moved(c, p.Coordinates.Scale, 0); !ok {
							if _, err := m.New(nil, q, Settings{Grid: grid}); !errors.As(err, &unsupported) {
								t.Errorf("rows of another kind: %v", err)
							}
							return
						}
					}
					o := sample(t, m.Name, q, Settings{Samples: 100, Seed: 1, Grid: grid, Values: own(m, Values{"particles": 1000, "langevin_steps": 2}), Chunk: 256})
					s := o.Samples
					if s.N != 100 || len(s.X) != 100*s.Dim || len(s.LogW) != 100 || len(s.Ancestor) != 100 {
						t.Fatalf("%d points of %d numbers, %d weights, %d ancestors", s.N, len(s.X), len(s.LogW), len(s.Ancestor))
					}
					if m.Weighted != (s.HasESS && s.HasEvidence) {
						t.Errorf("the row says weighted = %v, the samples ESS %v and evidence %v", m.Weighted, s.HasESS, s.HasEvidence)
					}
					if m.Corrector == "" {
						return
					}
					rows, r := c.Rows(), make([]float64, len(c.Rows()))
					for i := range s.N {
						if s.Infeasible != nil && s.Infeasible[i] {
							t.Errorf("point %d was given up as infeasible", i)
							continue
						}
						c.ResidualAt(s.X[i*s.Dim:(i+1)*s.Dim], r)
						for k := range rows {
							if v := rows[k].Violation(r[k]); !(v <= rows[k].Tolerance) {
								t.Fatalf("point %d breaks %s by %g", i, rows[k].Name, v)
							}
						}
					}
				})
			}
		}
	}
}

// priors of every kind in two dimensions, about N(0, 1) in each; the network is
// hardly trained, which no method may mind.
func priors(t *testing.T) map[string]*prior.Prior {
	t.Helper()
	ok := func(p *prior.Prior, err error) *prior.Prior {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	cov := mat.NewSymDense(2, []float64{1, 0.4, 0.4, 1})
	table := &dataio.Table{Names: []string{"a", "b"}, Rows: 400, Data: make([]float64, 800)}
	keyed.New(1, "data", 0, 0).Normal(table.Data)
	empirical := ok(prior.NewEmpirical(table))
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(e, table.Data, nil, 2, train.Settings{Network: network.Architecture{Kind: "mlp", Width: 32, Depth: 2, Embedding: 8}, Warmup: 0.02, Steps: 200, Batch: 64, LearningRate: 5e-3, EMA: 0.9, Holdout: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return map[string]*prior.Prior{
		"gaussian":         ok(prior.NewGaussian([]float64{0, 0}, cov, nil)),
		"gaussian-mixture": ok(prior.NewMixture([]float64{1, 2}, [][]float64{{-1, 0}, {1, 0.5}}, []*mat.SymDense{cov, cov}, nil)),
		"empirical":        empirical,
		"diffusion":        ok(tr.Model(table, empirical.Coordinates).Prior(table, nil, 0)),
	}
}

// constraints of every kind; each cuts a good part of the priors above.
func constraints(t *testing.T) []constraint.Constraint {
	t.Helper()
	var list []constraint.Constraint
	add := func(c constraint.Constraint, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	inf := math.Inf(1)
	linear := func(c constraint.Linear, err error) { t.Helper(); add(c, err) }
	linear(constraint.NewHalfSpace("half-space", []float64{1, 0.5}, 0.2))
	linear(constraint.NewPolytope("polytope", [][]float64{{1, 1}, {-1, 0.3}, {0, -1}}, []float64{0.8, 1, 0.9}))
	linear(constraint.NewBox("box", []float64{-0.5, -inf}, []float64{1, 0.7}, nil))
	linear(constraint.NewLinearEquality("linear-equality", [][]float64{{1, -2}}, []float64{0.3}))
	linear(constraint.NewFixed("fixed", 2, []int{1}, []float64{0.25}, []string{"a", "b"}))
	add(constraint.NewBall("ball", []float64{0.3, 0.2}, 0.9))
	for _, formula := range []string{"x[0]**2 + 2*x[1]**2 <= 1", "x[0]**2 + x[1]**2 == 1"} {
		r, err := expr.ParseRelation(formula, nil, 2)
		if err != nil {
			t.Fatal(err)
		}
		add(constraint.NewFormula(formula, r, 2))
	}
	return list
}
