package constraint

import (
	"math"
	"testing"

	"abide/expr"
	"abide/internal/keyed"
	"abide/physics"
)

// Rows of columns as laws of fields are the same rows: obeyed where they are, violated by
// as much in the row's Scale, with products that are those of the Jacobian.
func TestLawIsTheSameRows(t *testing.T) {
	const d = 3
	formula, err := expr.ParseRelation("x[0]**2 + x[1]*x[2] == 1", nil, d)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := NewPolytope("flat", [][]float64{{3, 0, 4}, {0, 1, -1}}, []float64{0.2, 0.1})
	if err != nil {
		t.Fatal(err)
	}
	ball, err := NewBall("ball", []float64{0, 0.1, 0}, 1.2)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := NewFormula("curve", formula, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Constraint{WithTolerance(flat, 1e-3), curve, ball} {
		l := Law(c, d)
		m := len(c.Rows())
		x, v, w := make([]float64, d), make([]float64, d), make([]float64, m)
		r, own, jv, jw, jac := make([]float64, m), make([]float64, m), make([]float64, m), make([]float64, d), make([]float64, m*d)
		for k := range 20 {
			s := keyed.New(1, c.Name(), k, 0)
			s.Normal(x)
			s.Normal(v)
			s.Normal(w)
			c.ResidualAt(x, own)
			c.JacobianAt(x, jac)
			l.Residual(r, x)
			l.JVP(jv, x, v)
			l.VJP(jw, x, w)
			worst := 0.0
			for i, row := range c.Rows() {
				if r[i] != own[i] {
					t.Fatalf("%s: residual %d is %g, as a law %g", c.Name(), i, own[i], r[i])
				}
				worst = math.Max(worst, row.Violation(own[i])/row.Scale)
				var want float64
				for j := range d {
					want += jac[i*d+j] * v[j]
				}
				if !(math.Abs(jv[i]-want) <= 1e-14*(1+math.Abs(want))) {
					t.Fatalf("%s: row %d of J v is %g, want %g", c.Name(), i, jv[i], want)
				}
			}
			for j := range d {
				var want float64
				for i := range m {
					want += jac[i*d+j] * w[i]
				}
				if !(math.Abs(jw[j]-want) <= 1e-14*(1+math.Abs(want))) {
					t.Fatalf("%s: Jᵀ w [%d] is %g, want %g", c.Name(), j, jw[j], want)
				}
			}
			if got, _, _ := physics.Violation(l, x); !(math.Abs(got-worst) <= 1e-15*(1+worst)) {
				t.Fatalf("%s: violated by %g, as a law by %g", c.Name(), worst, got)
			}
			obeyed := true
			for i, row := range c.Rows() {
				obeyed = obeyed && row.Violation(own[i]) <= row.Tolerance
			}
			if physics.Obeyed(l.Rows(), r) != obeyed {
				t.Fatalf("%s: obeyed %v, as a law %v", c.Name(), obeyed, !obeyed)
			}
		}
	}
}
