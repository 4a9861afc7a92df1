package physics

import (
	"fmt"

	"abide/sparse"
)

// Join lays any laws on one field, their rows one after the other, for methods that need
// products with the Jacobian of all of them. It is [Linearised] where every law is that or
// [Sparse], so that [Newton] factors S, and free of matrices else. It has no projection of
// its own: [NewStack] for linear laws, [NewDykstra] for convex ones, [NewNewton] for any.
func Join(laws ...Constraint) (Constraint, error) {
	if len(laws) == 0 {
		return nil, fmt.Errorf("physics: a join of no laws: want at least one")
	}
	j := joined{laws: laws}
	matrices := true
	for _, law := range laws {
		rows := law.Rows()
		if law.Dim() != laws[0].Dim() {
			return nil, fmt.Errorf("physics: %s beside %s: fields of %d numbers beside fields of %d", rows[0].Name, laws[0].Rows()[0].Name, law.Dim(), laws[0].Dim())
		}
		j.rows = append(j.rows, rows...)
		j.size = append(j.size, Size(law))
		matrices = matrices && pattern(law) != nil
	}
	if !matrices {
		return j, nil
	}
	l := joinedLinearised{joined: j}
	for _, law := range laws {
		l.parts = append(l.parts, pattern(law))
	}
	var err error
	l.all, err = stacked(laws[0].Dim(), l.parts...)
	return l, err
}

// pattern is that of the Jacobian of a law; nil where it has none.
func pattern(law Constraint) *sparse.CSR {
	switch law := law.(type) {
	case Linearised:
		return law.Pattern()
	case Sparse:
		return law.Matrix()
	}
	return nil
}

type joined struct {
	laws []Constraint
	rows []Row
	size []int // residuals of each law
}

func (j joined) Dim() int    { return j.laws[0].Dim() }
func (j joined) Rows() []Row { return j.rows }

// each calls f for every law with its part of the residuals.
func (j joined) each(r []float64, f func(law Constraint, part []float64)) {
	for i, law := range j.laws {
		f(law, r[:j.size[i]])
		r = r[j.size[i]:]
	}
}

func (j joined) Residual(dst, u []float64) {
	j.each(dst, func(law Constraint, part []float64) { law.Residual(part, u) })
}

func (j joined) JVP(dst, u, v []float64) {
	j.each(dst, func(law Constraint, part []float64) { law.JVP(part, u, v) })
}

func (j joined) VJP(dst, u, w []float64) {
	sum := make([]float64, len(dst))
	j.each(w, func(law Constraint, part []float64) {
		law.VJP(dst, u, part)
		for i, x := range dst {
			sum[i] += x
		}
	})
	copy(dst, sum)
}

type joinedLinearised struct {
	joined
	parts []*sparse.CSR
	all   *sparse.CSR
}

func (j joinedLinearised) Pattern() *sparse.CSR { return j.all }

func (j joinedLinearised) Jacobian(dst *sparse.CSR, u []float64) {
	value := dst.Value
	for i, law := range j.laws {
		p := *j.parts[i]
		n := len(p.Index)
		p.Value, value = value[:n], value[n:]
		if l, ok := law.(Linearised); ok {
			l.Jacobian(&p, u)
		} else {
			copy(p.Value, j.parts[i].Value)
		}
	}
}
