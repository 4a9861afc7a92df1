package particle

import (
	"math"

	"abide/constraint"
)

// curvedRows offers the nonlinear rows of a kind, one after the other, as the
// Gaussian quantities that stand in for them under g; their covariance with u is
// in w.sa.
func (t *Twist) curvedRows(w *look, g gaussian, kind constraint.Kind, use func(slack, v float64)) {
	for k, c := range t.curved {
		for i, r := range c.Rows() {
			if r.Kind != kind || !t.active[k][i] && kind == constraint.Inequality {
				continue
			}
			if slack, v, ok := t.regress(w, g, c, i); ok {
				use(slack, v)
			}
		}
	}
}

// regress is statistical linear regression of row i of c on u ~ N(m, S), by the
// cubature rule u± = m ± √d Lⱼ, S = L Lᵀ, of equal weights 1/2d:
//
//	E r = mean r(u±),  V r = mean (r(u±) − E r)²,  Cov(u, r) = mean (u± − m) r(u±)
//
// (Arasaradnam & Haykin 2009; exact in mean and covariance for quadratic rows,
// in all for linear ones). A tangent at m would see nothing of a hole that m is
// in the middle of. The variance that the prior's resolution adds is that of the
// tangent. ok is false where the row is not a number at one of the points: there
// the twist has no information, and the final weight decides.
func (t *Twist) regress(w *look, g gaussian, c constraint.Constraint, i int) (slack, v float64, ok bool) {
	d, root := t.d, math.Sqrt(float64(t.d))
	t.at.ToX(w.x, g.m)
	c.JacobianAt(w.x, w.jac)
	var slope float64
	for j, s := range t.at.Scale {
		a := w.jac[i*d+j] * s
		slope += a * a
	}
	copy(w.chol, g.s)
	semicholesky(w.chol, d, 1e-13)
	clear(w.sa)
	var mean, square float64
	for j := range d {
		for l := range d {
			step := 0.0
			if l >= j {
				step = root * w.chol[l*d+j]
			}
			w.grad[l] = g.m[l] + step
			w.x[l] = g.m[l] - step
		}
		t.at.ToX(w.grad, w.grad)
		t.at.ToX(w.x, w.x)
		c.ResidualAt(w.grad, w.r)
		c.ResidualAt(w.x, w.rm)
		up, down := w.r[i], w.rm[i]
		mean += up + down
		square += up*up + down*down
		for l := j; l < d; l++ {
			w.sa[l] += root * w.chol[l*d+j] * (up - down)
		}
	}
	n := float64(2 * d)
	mean /= n
	for l := range w.sa {
		w.sa[l] /= n
	}
	v = math.Max(square/n-mean*mean, 0) + t.resolution*t.resolution*slope
	return -mean, v, !math.IsNaN(v) && !math.IsInf(v, 0)
}

// semicholesky is cholesky for matrices that may be singular: a pivot that
// rounding has left nothing of gives a column of zeros.
func semicholesky(a []float64, d int, tiny float64) {
	for j := range d {
		diag := a[j*d+j]
		s := diag
		for k := range j {
			s -= a[j*d+k] * a[j*d+k]
		}
		if !(s > tiny*diag) {
			for i := j; i < d; i++ {
				a[i*d+j] = 0
			}
			continue
		}
		s = math.Sqrt(s)
		a[j*d+j] = s
		for i := j + 1; i < d; i++ {
			v := a[i*d+j]
			for k := range j {
				v -= a[i*d+k] * a[j*d+k]
			}
			a[i*d+j] = v / s
		}
	}
}
