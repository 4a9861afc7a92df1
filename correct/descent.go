package correct

import (
	"fmt"
	"math"
	"slices"

	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
	"abide/sparse"
)

// Norms are those in which [Descent] measures residuals.
var Norms = []string{"preconditioned", "dual", "l2"}

// Descent moves clean estimates down the penalties φ = ½ cᵀ R⁻¹ c of laws of fields,
//
//	x ← x − (r/λ) B Jᵀ R⁻¹ c(x),
//
// law by law, λ the largest eigenvalue of B Jᵀ R⁻¹ J, so that the rate r means the same
// for any unit, grid and norm: every step goes down for r < 2. Norms are those of
// [physics.Penalty]: "preconditioned" takes as many steps on any grid and is for laws with
// a reference operator ([physics.Reference]), "dual" h⁻² times as many; laws without one,
// and "l2", have residuals in units of their rows: h⁻⁴ for an equation of second order.
// But for the first, steps are down the gradient in standard deviations of the columns.
//
// A soft law: points come nearer to it, not onto it, and several laws that share numbers
// are met in turns. λ is that of each point; linear laws have one for all. Cost: a residual, a product with Jᵀ and two solves of the norm a step and
// law, and up to 40 times that for λ.
type Descent struct {
	coordinates prior.Coordinates
	laws        []descending
	rate        float64
}

type descending struct {
	*physics.Penalty
	lambda float64 // of a linear law; 0: that of each point
}

// NewDescent takes one of [Norms], and the rate r.
func NewDescent(c prior.Coordinates, norm string, rate float64, laws ...physics.Constraint) (*Descent, error) {
	if !slices.Contains(Norms, norm) {
		return nil, fmt.Errorf("correct: descent: norm %q: want one of %q", norm, Norms)
	}
	if !(rate > 0 && rate < 2) {
		return nil, fmt.Errorf("correct: descent: rate %g: want above 0 and below 2, where steps no longer go down", rate)
	}
	spread := make(sparse.Diagonal, c.Dim())
	for j, s := range c.Scale {
		spread[j] = 1 / (s * s)
	}
	d := &Descent{coordinates: c, rate: rate}
	for _, law := range laws {
		if law.Dim() != c.Dim() {
			return nil, fmt.Errorf("correct: %s: fields of %d numbers, the prior has %d columns", law.Rows()[0].Name, law.Dim(), c.Dim())
		}
		var reference func() physics.Norm
		if norm != "l2" {
			reference = physics.Reference(law, norm == "dual")
		}
		p := descending{Penalty: physics.NewPenalty(law, func() physics.Norm {
			var n physics.Norm
			if reference != nil {
				n = reference()
			}
			if n.Field == nil {
				n.Field = spread
			}
			return n
		})}
		if linear(law, c) {
			p.lambda = p.Curvature(c.Shift)
		}
		d.laws = append(d.laws, p)
	}
	return d, nil
}

// linear tells whether a product with the Jacobian is the same at two fields: such a law
// has one λ, as far as a step size is concerned.
func linear(law physics.Constraint, c prior.Coordinates) bool {
	d := c.Dim()
	x, w, g := make([]float64, d), make([]float64, physics.Size(law)), [2][]float64{make([]float64, d), make([]float64, d)}
	keyed.New(0, "linear", 0, 0).Normal(w)
	for i := range g {
		keyed.New(0, "linear", 1, i).Normal(x)
		c.ToX(x, x)
		law.VJP(g[i], x, w)
	}
	size, apart := 0.0, 0.0
	for j := range d {
		size = max(size, math.Abs(g[0][j]))
		apart = max(apart, math.Abs(g[0][j]-g[1][j]))
	}
	return apart <= 1e-12*size
}

// Down takes so many steps from rows of u, in place, points shared out among the cores.
func (d *Descent) Down(u []float64, steps int) {
	if steps == 0 {
		return
	}
	n := d.coordinates.Dim()
	eachField(d.coordinates, u, func(i int, x []float64) {
		lambda := make([]float64, len(d.laws))
		for k, law := range d.laws {
			if lambda[k] = law.lambda; law.lambda == 0 {
				lambda[k] = law.Curvature(x)
			}
		}
		g := make([]float64, n)
		for range steps {
			for k, law := range d.laws {
				if lambda[k] == 0 {
					continue // a law that says nothing here
				}
				law.Gradient(g, x)
				for j := range x {
					x[j] -= d.rate / lambda[k] * g[j]
				}
			}
		}
		d.coordinates.ToU(u[i*n:(i+1)*n], x)
	})
}
