package sampler

import (
	"math"
	"slices"
	"testing"

	"abide/constraint"
	"abide/diffusion"
	"abide/internal/keyed"
	"abide/prior"
)

// still is a step that leaves points as they are.
type still struct{}

func (still) Step(Points, int, Mean, func([]float64)) error { return nil }

// After a step every row holds with the probability that was asked for over the noise,
// exactly so where it was moved onto: P{α·(z/a − σξ) ≤ β} = Φ((β − α·z/a)/(σ‖α‖)) = p₁ sᵉ.
// What held with more is not touched, and at the data rows hold.
func TestChanceConstraintsHoldWithTheirProbability(t *testing.T) {
	const d, n, p1, power = 2, 200, 0.95, 1.5
	c := prior.Coordinates{Names: make([]string, d), Shift: []float64{1, -2}, Scale: []float64{2, 0.5}}
	half, err := constraint.NewHalfSpace("half", []float64{1, -3}, 4)
	if err != nil {
		t.Fatal(err)
	}
	wedge, err := constraint.NewPolytope("wedge", [][]float64{{1, -3}, {-1, -1}}, []float64{4, 3})
	if err != nil {
		t.Fatal(err)
	}
	for name, cs := range map[string][]constraint.Constraint{"half-space": {constraint.WithTolerance(half, 1e-7)}, "polytope": {wedge}} {
		for process, path := range map[string]diffusion.Path{"vp": diffusion.VP{Min: 0.1, Max: 20}, "flow": diffusion.Flow{}} {
			g, err := diffusion.Uniform(path, 12)
			if err != nil {
				t.Fatal(err)
			}
			s, err := NewChanceConstrained(still{}, g, c, cs, p1, power)
			if err != nil {
				t.Fatal(err)
			}
			for k := range g.Steps() {
				a, sigma := g.A[k+1], g.Sigma(k+1)
				want := p1 * math.Pow(1/(1+sigma), power)
				p := Points{Z: make([]float64, n*d), Dim: d}
				keyed.New(6, "z", k, 0).Normal(p.Z)
				for i := range p.Z {
					p.Z[i] *= math.Hypot(a, g.B[k+1]) * 2
				}
				before, moved, touched := slices.Clone(p.Z), 0, 0
				chance := func(z []float64, l constraint.Linear) float64 {
					least := 1.0
					rows, b := l.Matrix()
					for i := range b {
						r, size := b[i], 0.0
						for j, w := range rows[i*d : (i+1)*d] {
							r -= w * (c.Shift[j] + c.Scale[j]*z[j]/a)
							size += w * w * c.Scale[j] * c.Scale[j]
						}
						if sigma == 0 {
							if r < -1e-9 {
								return 0
							}
							continue
						}
						least = min(least, 0.5*math.Erfc(-r/(sigma*math.Sqrt(size))/math.Sqrt2))
					}
					return least
				}
				if err := s.Step(p, k, nil, nil); err != nil {
					t.Fatal(err)
				}
				for i := 0; i < len(p.Z); i += d {
					l := cs[0].(constraint.Linear)
					was, is := chance(before[i:i+d], l), chance(p.Z[i:i+d], l)
					if slices.Equal(before[i:i+d], p.Z[i:i+d]) || math.Abs(p.Z[i]-before[i])+math.Abs(p.Z[i+1]-before[i+1]) <= 1e-12 {
						if !(was >= want-1e-9) {
							t.Fatalf("%s, %s, step %d: a point whose rows hold with %.6f stayed, want %.6f", name, process, k, was, want)
						}
						continue
					}
					touched++
					if sigma > 0 && math.Abs(is-want) <= 1e-9 {
						moved++
					}
					if !(is >= want-1e-9) || was > want+1e-9 {
						t.Fatalf("%s, %s, step %d: rows of a point held with %.9f and hold with %.9f, want %.9f", name, process, k, was, is, want)
					}
				}
				if sigma > 0 && moved != touched {
					t.Errorf("%s, %s, step %d: %d points were moved, %d to probability %.4f", name, process, k, touched, moved, want)
				}
			}
		}
	}
}

// Where no point obeys all rows with the confidence that was asked for (a strip of width
// 1 under noise of 10), points go where all hold with the most that can be, less a tenth;
// an equation is a band that closes at p = ½.
func TestChanceConstraintsThatCannotHold(t *testing.T) {
	c := prior.Coordinates{Names: make([]string, 2), Shift: []float64{0, 0}, Scale: []float64{1, 1}}
	strip, err := constraint.NewBox("strip", []float64{-0.5, math.Inf(-1)}, []float64{0.5, math.Inf(1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	line, err := constraint.NewLinearEquality("line", [][]float64{{3, 4}}, []float64{5})
	if err != nil {
		t.Fatal(err)
	}
	ball, err := constraint.NewBall("ball", []float64{1, 0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	g, err := diffusion.Levels([]float64{20, 10, 1, 0.1})
	if err != nil {
		t.Fatal(err)
	}
	at := func(cs constraint.Constraint, k int, confidence float64, z ...float64) []float64 {
		s, err := NewChanceConstrained(still{}, g, c, []constraint.Constraint{cs}, confidence, 0)
		if err != nil {
			t.Fatal(err)
		}
		p := Points{Z: slices.Clone(z), Dim: 2}
		if err := s.Step(p, k, nil, nil); err != nil {
			t.Fatal(err)
		}
		return p.Z
	}
	near := func(what string, got, want []float64, within float64) {
		for j := range want {
			if !(math.Abs(got[j]-want[j]) <= within) {
				t.Errorf("%s: %v, want %v", what, got, want)
				return
			}
		}
	}
	near("strip", at(strip, 0, 0.95, 30, 7), []float64{0.05, 7}, 1e-3)
	near("strip, relaxed", at(strip, 0, 0.3, 30, 7), []float64{0.5 + 10*0.52440051270804, 7}, 1e-9)
	near("line, p > ½", at(line, 1, 0.8, 3, 4), []float64{0.6, 0.8}, 1e-9)
	near("line, a band", at(line, 1, 0.3, 3, 4), []float64{0.6 * 1.52440051270804, 0.8 * 1.52440051270804}, 1e-9)
	near("line, a band from below", at(line, 1, 0.3, -3, -4), []float64{0.6 * 0.47559948729196, 0.8 * 0.47559948729196}, 1e-9)
	near("ball", at(ball, 2, 0.95, 9, 0), []float64{1 + 2 - 0.1*1.64485362695147, 0}, 1e-5)
	near("ball, nine tenths", at(ball, 0, 0.95, 9, 0), []float64{1.2, 0}, 1e-2)
	near("data", at(ball, 3, 0.95, 9, 0), []float64{3, 0}, 1e-5)
	formula, err := constraint.NewBall("ball", []float64{1, 0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewChanceConstrained(still{}, g, c, []constraint.Constraint{other{formula}}, 0.9, 1); err == nil {
		t.Error("rows that are neither linear nor a ball were taken")
	}
}

// other hides what a constraint is.
type other struct{ constraint.Constraint }
