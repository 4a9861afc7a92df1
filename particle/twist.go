package particle

import (
	"math"

	"abide/constraint"
	"abide/potential"
	"abide/prior"
	"abide/problem"
)

// Twist is the look-ahead function ψ(z) of a problem: how well a noisy point
// promises to meet constraints and potentials at the end of the run. It uses the
// Gaussian approximation of the denoiser's posterior,
//
//	u | z ≈ N(D, C),   C = σ² ∂D/∂z (Tweedie's covariance),
//
// under which, one row after the other,
//
//	linear cost c·u             factor exp(−c·D + ½cᵀCc),     D ← D − Cc
//	measurement or equality     factor N(b; a·D, aᵀCa + r),   D, C ← Gaussian conditioning
//	nonlinear measurement       the same with its tangent at D (Gauss–Newton, extended Kalman)
//	inequality a·u ≤ b          factor Φ((b − a·D)/s),        D, C ← moments of the truncated Gaussian
//
// (expectation propagation in one sweep: Mendell & Elston 1974 for the product
// of Φ, Minka 2001 for the moments). Nonlinear rows are regressed on u under the
// Gaussian (see regress). For a
// Gaussian prior, linear rows and at most one inequality ψ is exact.
//
// The factor of the inequalities is defensive, (1−ε)ψ̃ + ε P, with P the mean of
// ψ̃ under the law without the inequalities, estimated from the population at each
// level: without it the weights of points that the Gaussian approximation calls
// hopeless are heavy-tailed; with it a share of about ε of the population looks
// beyond the approximation, however rare the event.
type Twist struct {
	d         int
	at        prior.Coordinates
	tilt      []float64 // Σ c of linear costs, in u
	tilt0     float64
	nonlinear []potential.Potential
	exact     []row // measurements and linear equalities
	bent      []*bent
	ineq      []row // linear inequalities
	curved    []constraint.Constraint
	active    [][]bool // rows of curved that the twist looks at
	bounded   bool     // there are inequalities to look at

	resolution float64 // ρ: below this many standard deviations the prior is not resolved
	defensive  float64 // ε
	modelError float64 // κ: error of a network's posterior, see inflate
}

// row is a·u against b with noise variance r; a in sampler coordinates.
type row struct {
	a        []float64
	b, r     float64
	equality bool
}

// maxShift bounds, in standard deviations of the row, how far one row may move
// the proposal: beyond it the Gaussian approximation says nothing.
const maxShift = 8

func newTwist(p *problem.Problem, resolution, defensive float64) *Twist {
	d := p.Dim()
	t := &Twist{d: d, at: p.Prior.Coordinates, tilt: make([]float64, d), resolution: resolution, defensive: defensive}
	for _, q := range p.Potentials {
		switch q := q.(type) {
		case potential.Linear:
			c, c0 := q.Coefficients()
			t.tilt0 += c0 + dot(c, t.at.Shift)
			for j := range d {
				t.tilt[j] += c[j] * t.at.Scale[j]
			}
		case *potential.Measurement:
			a, y, v, ok := q.Rows()
			if !ok {
				if noise, gaussian := q.Gaussian(); gaussian {
					t.bent = append(t.bent, newBent(q, noise))
				} else {
					t.nonlinear = append(t.nonlinear, q)
				}
				break
			}
			for i := range y {
				t.exact = append(t.exact, t.standard(a[i*d:(i+1)*d], y[i], v[i], false))
			}
		default:
			t.nonlinear = append(t.nonlinear, q)
		}
	}
	for _, c := range p.Constraints {
		t.addConstraint(c, impliedRows(c, p.Prior))
	}
	return t
}

// standard takes a row from x to sampler coordinates.
func (t *Twist) standard(a []float64, b, variance float64, equality bool) row {
	r := row{a: make([]float64, t.d), b: b - dot(a, t.at.Shift), r: variance, equality: equality}
	for j := range t.d {
		r.a[j] = a[j] * t.at.Scale[j]
	}
	return r
}

func (t *Twist) addConstraint(c constraint.Constraint, implied []bool) {
	l, ok := c.(constraint.Linear)
	if !ok {
		t.curved = append(t.curved, c)
		active := make([]bool, len(implied))
		for i := range active {
			active[i] = !implied[i]
			t.bounded = t.bounded || active[i] && c.Rows()[i].Kind == constraint.Inequality
		}
		t.active = append(t.active, active)
		return
	}
	a, b := l.Matrix()
	for i, r := range c.Rows() {
		s := t.standard(a[i*t.d:(i+1)*t.d], b[i], 0, r.Kind == constraint.Equality)
		s.r = t.resolution * t.resolution * dot(s.a, s.a)
		switch {
		case s.equality:
			t.exact = append(t.exact, s)
		case !implied[i]:
			t.ineq = append(t.ineq, s)
			t.bounded = true
		}
	}
}

// impliedRows marks the inequalities that every row of the prior's data obeys:
// the prior carries them by itself, and the Gaussian approximation, which sees
// half of an atom on a bound beyond it, would only add noise.
func impliedRows(c constraint.Constraint, p *prior.Prior) []bool {
	rows := c.Rows()
	implied := make([]bool, len(rows))
	if p.Data == nil {
		return implied
	}
	d, r := p.Coordinates.Dim(), make([]float64, len(rows))
	for i := range rows {
		implied[i] = rows[i].Kind == constraint.Inequality
	}
	for k := range p.Data.Rows {
		c.ResidualAt(p.Data.Data[k*d:(k+1)*d], r)
		for i := range rows {
			implied[i] = implied[i] && r[i] <= rows[i].Tolerance
		}
	}
	return implied
}

// gaussian is a mean and a covariance.
type gaussian struct{ m, s []float64 }

func newGaussian(d int) gaussian { return gaussian{make([]float64, d), make([]float64, d*d)} }

func (g gaussian) set(o gaussian) { copy(g.m, o.m); copy(g.s, o.s) }

// look is what the twist sees from one noisy point.
type look struct {
	prior   gaussian // N(D, C)
	soft    gaussian // after costs, measurements and equalities
	hard    gaussian // after the inequalities as well
	logSoft float64  // log of the factors before the inequalities
	logEq   float64  // the part of it that equalities contribute
	logHard float64  // log ψ̃, the product of the inequalities' factors
	bounded bool     // there are inequalities to look at
	logPsi  float64  // log ψ
	delta   float64  // share of the defensive part in ψ: weight of soft in the proposal

	sa, x, grad, r, rm, jac []float64 // scratch
	chol                    []float64
}

func (t *Twist) newLook() *look {
	m := 0
	for _, c := range t.curved {
		m = max(m, len(c.Rows()))
	}
	return &look{prior: newGaussian(t.d), soft: newGaussian(t.d), hard: newGaussian(t.d),
		sa: make([]float64, t.d), x: make([]float64, t.d), grad: make([]float64, t.d), r: make([]float64, m), rm: make([]float64, m), jac: make([]float64, m*t.d), chol: make([]float64, t.d*t.d)}
}

// look fills w, but for the defensive part, from the posterior N(D, C) in w.prior.
func (t *Twist) look(w *look, sigma float64) {
	w.logSoft, w.logEq, w.logHard = 0, 0, 0
	w.soft.set(w.prior)
	t.costs(w)
	t.inflate(w.soft.s, sigma)
	for i := range t.exact {
		slack, v := t.linear(w.soft, &t.exact[i], w.sa)
		l := t.condition(w.soft, slack, v, w.sa)
		w.logSoft += l
		if t.exact[i].equality {
			w.logEq += l
		}
	}
	for _, b := range t.bent {
		w.logSoft += t.linearise(w, b)
	}
	t.curvedRows(w, w.soft, constraint.Equality, func(slack, v float64) {
		l := t.condition(w.soft, slack, v, w.sa)
		w.logSoft += l
		w.logEq += l
	})
	w.hard.set(w.soft)
	for i := range t.ineq {
		slack, v := t.linear(w.hard, &t.ineq[i], w.sa)
		w.logHard += t.truncate(w.hard, slack, v, w.sa)
	}
	t.curvedRows(w, w.hard, constraint.Inequality, func(slack, v float64) {
		w.logHard += t.truncate(w.hard, slack, v, w.sa)
	})
}

// defend adds the defensive part: ψ = soft · ((1−ε)ψ̃ + εP).
func (t *Twist) defend(w *look, logP float64) {
	w.logPsi, w.delta = w.logSoft, 0
	if !t.bounded {
		return
	}
	hit, miss := math.Log1p(-t.defensive)+w.logHard, math.Log(t.defensive)+logP
	total := logAdd(hit, miss)
	w.delta = math.Exp(miss - total)
	w.logPsi += total
}

// networkError is κ for networks: the error of their conditional means, as a
// share of the spread that a standard Gaussian prior would leave. On the
// concrete mixes of examples/concrete, 0 gives runs in which the ESS drops to a
// percent of the population now and then.
const networkError = 0.3

// inflate adds κ²σ²/(1+σ²) to the variances the twist sees: a network can be
// sure of a wrong value (its Jacobian near zero), and a look-ahead that believes
// it has tails that are too light. The kernels p are not touched, so the law
// that is sampled stays the same.
func (t *Twist) inflate(s []float64, sigma float64) {
	if t.modelError == 0 {
		return
	}
	v := t.modelError * t.modelError * sigma * sigma / (1 + sigma*sigma)
	for i := range t.d {
		s[i*t.d+i] += v
	}
}

// costs applies the tilts exp(−E): exact for linear costs, linearised at D with
// a bounded step for others.
func (t *Twist) costs(w *look) {
	if t.tilt0 != 0 || dot(t.tilt, t.tilt) != 0 {
		symv(w.prior.s, t.tilt, w.sa, t.d)
		w.logSoft += -t.tilt0 - dot(t.tilt, w.prior.m) + 0.5*dot(t.tilt, w.sa)
		for j := range t.d {
			w.soft.m[j] -= w.sa[j]
		}
	}
	if len(t.nonlinear) == 0 {
		return
	}
	t.at.ToX(w.x, w.prior.m)
	for _, p := range t.nonlinear {
		e := p.GradientAt(w.x, w.grad)
		if math.IsNaN(e) || math.IsInf(e, 0) {
			continue // no information here; the final weight decides
		}
		w.logSoft -= e
		for j := range t.d {
			w.grad[j] *= t.at.Scale[j]
		}
		symv(w.prior.s, w.grad, w.sa, t.d)
		length := math.Sqrt(math.Max(dot(w.grad, w.sa), 0)) // Mahalanobis length of the step
		if !(length < math.Inf(1)) {
			continue
		}
		step := 1.0
		if length > 2 {
			step = 2 / length
		}
		for j := range t.d {
			w.soft.m[j] -= step * w.sa[j]
		}
	}
}

// linear predicts a·u under g: its variance with that of the row's noise, and
// what is left of b, with the covariance Sa in sa.
func (t *Twist) linear(g gaussian, r *row, sa []float64) (slack, variance float64) {
	symv(g.s, r.a, sa, t.d)
	return r.b - dot(r.a, g.m), math.Max(dot(r.a, sa), 0) + r.r
}

// condition is Gaussian conditioning of g on a quantity q of mean `slack` below
// its value, of variance v and covariance c with u: it returns log N(slack; 0, v).
func (t *Twist) condition(g gaussian, slack, v float64, c []float64) float64 {
	v = math.Max(v, 1e-300)
	bounded := math.Max(-maxShift, math.Min(maxShift, slack/math.Sqrt(v)))
	t.update(g, c, bounded/math.Sqrt(v), 1/v)
	return logNormal(slack, v)
}

// truncate conditions g on q ≤ its bound, `slack` above the mean of q, by matching
// the moments of the truncated Gaussian; it returns log Φ(slack/√v).
func (t *Twist) truncate(g gaussian, slack, v float64, c []float64) float64 {
	v = math.Max(v, 1e-300)
	s := math.Sqrt(v)
	alpha := math.Max(slack/s, -maxShift)
	if alpha > maxShift {
		return 0
	}
	lambda := mills(alpha)
	t.update(g, c, -lambda/s, lambda*(lambda+alpha)/v)
	return logPhi(alpha)
}

// update is m += shift·Sa, S −= shrink·Sa(Sa)ᵀ.
func (t *Twist) update(g gaussian, sa []float64, shift, shrink float64) {
	for i, si := range sa {
		g.m[i] += shift * si
		f := shrink * si
		row := g.s[i*t.d : (i+1)*t.d]
		for j, sj := range sa {
			row[j] -= f * sj
		}
	}
}
