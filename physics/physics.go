// Package physics is physical laws of fields as ready-to-go constraints c(u) = 0 and
// g(u) ≤ 0: fixed values, conservation, divergence-free flow, residuals of equations,
// symmetries, bounds. Each has its residual with both products of its Jacobian, and
// where its structure allows a projection that never forms a matrix: closed forms,
// banded and sparse factors, transforms.
//
// A field is the numbers of one sample, row-major, in the user's units. All functions
// are safe for several goroutines, for which work space is lent by the constraint.
package physics

import (
	"errors"
	"fmt"
	"math"
)

// Row is one kind of equation of a constraint.
type Row struct {
	Name      string
	Size      int     // number of residuals
	Unit      float64 // a residual of this size is one unit of violation, > 0
	Tolerance float64 // largest violation in that unit that counts as obeyed
	Upper     bool    // g ≤ 0 instead of c = 0
	Doc       string  // the formula, with its stencil
}

// Constraint is rows of residuals over fields of Dim numbers.
type Constraint interface {
	Dim() int
	Rows() []Row
	// Residual writes c(u), all rows one after the other.
	Residual(dst, u []float64)
	// JVP writes J(u) v, VJP writes J(u)ᵀ w.
	JVP(dst, u, v []float64)
	VJP(dst, u, w []float64)
}

// Projector moves u to the nearest field that obeys, in the metric it was made with:
//
//	argmin ½ (u′ − u)ᵀ W (u′ − u)  such that c(u′) = 0, g(u′) ≤ 0.
//
// Projecting twice changes nothing but rounding.
type Projector interface {
	Constraint
	Project(u []float64) error
}

// Tangent is what projections of noise and velocities need,
//
//	Π(u) v = v − W⁻¹ Jᵀ (J W⁻¹ Jᵀ)⁻¹ J v,
//
// written over v. It is self-adjoint in the inner product of W.
type Tangent interface {
	Tangent(u, v []float64) error
}

// Metric is the diagonal of W; nil is the identity.
type Metric []float64

// Check tells whether a metric fits fields of n numbers.
func (w Metric) Check(n int) error {
	if w == nil {
		return nil
	}
	if len(w) != n {
		return fmt.Errorf("physics: a metric of %d weights for fields of %d numbers", len(w), n)
	}
	for i, x := range w {
		if !(x > 0) || math.IsInf(x, 0) {
			return fmt.Errorf("physics: weight %d of the metric is %g: want a finite number above 0", i, x)
		}
	}
	return nil
}

// Inverse is 1/Wᵢ.
func (w Metric) Inverse(i int) float64 {
	if w == nil {
		return 1
	}
	return 1 / w[i]
}

// ErrInfeasible is a constraint that no field obeys, or none that was found.
var ErrInfeasible = errors.New("no field obeys")

// Size is the number of residuals of all rows.
func Size(c Constraint) int {
	n := 0
	for _, r := range c.Rows() {
		n += r.Size
	}
	return n
}

// Obeyed tells from the residuals of a field whether every row is within its tolerance.
func Obeyed(rows []Row, residual []float64) bool {
	for _, row := range rows {
		for _, x := range residual[:row.Size] {
			if row.violation(x) > row.Tolerance {
				return false
			}
		}
		residual = residual[row.Size:]
	}
	return true
}

// violation of one residual in the row's unit.
func (r Row) violation(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return math.Inf(1)
	case r.Upper:
		return math.Max(x, 0) / r.Unit
	}
	return math.Abs(x) / r.Unit
}

// Violation is the largest violation of any row, in the row's unit, and where it is:
// the row and the place in it. A residual that is not a number is infinitely far.
func Violation(c Constraint, u []float64) (worst float64, row, place int) {
	r := make([]float64, Size(c))
	c.Residual(r, u)
	at := 0
	for k, kind := range c.Rows() {
		for i, x := range r[at : at+kind.Size] {
			if v := kind.violation(x); v > worst {
				worst, row, place = v, k, i
			}
		}
		at += kind.Size
	}
	return worst, row, place
}
