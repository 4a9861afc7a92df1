package physics

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"abide/sparse"
)

// affine projects to C u = d with independent rows,
//
//	u ← u − W⁻¹ Cᵀ S⁻¹ (C u − d),   S = C W⁻¹ Cᵀ.
//
// Rows that share no node have a diagonal S: each is a shift of its own and one pass
// over its nodes. Else S has a sparse factor, and a second pass removes what rounding
// left in the first. Cost: 4 FLOPs an entry of C and pass, and a solve.
type affine struct {
	c       *sparse.CSR
	lift    []float64 // c_ij / W_j, as C's entries
	unit    []float64 // of the rows
	within  float64   // largest residual in units that ends the passes
	inverse []float64 // 1/S_ii where S is diagonal
	runs    bool      // and where each row is one run of neighbouring nodes
	factor  *sparse.Cholesky
	work    sync.Pool // of *affineWork
}

type affineWork struct {
	r      []float64
	factor *sparse.Cholesky
}

// passes is how often a projection by a factor is done again at most.
const passes = 5

func newAffine(c *sparse.CSR, w Metric, unit []float64, within float64) (*affine, error) {
	a := &affine{c: c, lift: lifted(c, w), unit: unit, within: within}
	s := gram(c, a.lift)
	if disjoint(s) {
		a.inverse, a.runs = make([]float64, c.Rows), true
		for i := range a.inverse {
			a.inverse[i] = 1 / s.Value[s.Ptr[i]]
			index := c.Index[c.Ptr[i]:c.Ptr[i+1]]
			a.runs = a.runs && int(index[len(index)-1]-index[0]) == len(index)-1
		}
		return a, nil
	}
	factor, err := sparse.NewCholesky(nil, s)
	if err != nil {
		return nil, fmt.Errorf("physics: C W⁻¹ Cᵀ of %d rows has no factor: rows depend on each other: %w", c.Rows, err)
	}
	a.factor = factor
	a.work.New = func() any { return &affineWork{make([]float64, c.Rows), factor.Copy()} }
	return a, nil
}

// lifted are the entries of C W⁻¹.
func lifted(c *sparse.CSR, w Metric) []float64 {
	lift := make([]float64, len(c.Value))
	for k, j := range c.Index {
		lift[k] = c.Value[k] * w.Inverse(int(j))
	}
	return lift
}

var errNonFinite = errors.New("the field has numbers that are not finite")

// project moves u to C u = d; d nil is zero, which makes it the tangent projection.
func (a *affine) project(u, d []float64) error {
	if a.inverse != nil {
		return a.shift(u, d)
	}
	work := a.work.Get().(*affineWork)
	defer a.work.Put(work)
	worst := math.Inf(1)
	for pass := range passes {
		var bad float64
		worst = 0
		for i := range work.r {
			r := a.dot(i, u)
			if d != nil {
				r -= d[i]
			}
			work.r[i] = r
			bad += 0 * r
			worst = math.Max(worst, math.Abs(r)/a.unit[i])
		}
		switch {
		case bad != 0:
			return errNonFinite
		case d == nil && pass == 2, d != nil && pass > 0 && worst <= a.within/4, worst == 0:
			return nil
		}
		work.factor.Solve(work.r, work.r)
		for i, r := range work.r {
			k0, k1 := a.c.Ptr[i], a.c.Ptr[i+1]
			lift := a.lift[k0:k1]
			for k, j := range a.c.Index[k0:k1] {
				u[j] -= r * lift[k]
			}
		}
	}
	if worst > a.within {
		return fmt.Errorf("a residual of %.3g units remains, %.3g are allowed: rows that are nearly dependent, or a unit that is too small", worst, a.within)
	}
	return nil
}

// shift is project for rows that share no node.
func (a *affine) shift(u, d []float64) error {
	var bad float64
	for i, inverse := range a.inverse {
		k0, k1 := a.c.Ptr[i], a.c.Ptr[i+1]
		c, lift := a.c.Value[k0:k1], a.lift[k0:k1]
		var r float64
		if d != nil {
			r = -d[i]
		}
		if a.runs {
			run := u[a.c.Index[k0]:][:len(c)]
			r = (r + dot(c, run)) * inverse
			lift = lift[:len(run)]
			for k := range run {
				run[k] -= r * lift[k]
			}
		} else {
			r = (r + a.dot(i, u)) * inverse
			for k, j := range a.c.Index[k0:k1] {
				u[j] -= r * lift[k]
			}
		}
		bad += 0 * r
	}
	if bad != 0 {
		return errNonFinite
	}
	return nil
}

// dot is row i of C u.
func (a *affine) dot(i int, u []float64) float64 {
	k0, k1 := a.c.Ptr[i], a.c.Ptr[i+1]
	c := a.c.Value[k0:k1]
	var s0, s1 float64
	index := a.c.Index[k0:k1]
	c = c[:len(index)]
	k := 0
	for ; k+2 <= len(index); k += 2 {
		s0 += c[k] * u[index[k]]
		s1 += c[k+1] * u[index[k+1]]
	}
	if k < len(index) {
		s0 += c[k] * u[index[k]]
	}
	return s0 + s1
}

// dot is xᵀy in four sums.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		p, q := x[i:i+4:i+4], y[i:i+4:i+4]
		a += p[0] * q[0]
		b += p[1] * q[1]
		c += p[2] * q[2]
		d += p[3] * q[3]
	}
	for ; i < len(x); i++ {
		a += x[i] * y[i]
	}
	return (a + b) + (c + d)
}
