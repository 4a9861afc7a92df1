package constraint

import "math"

// worker is the scratch of one goroutine: everything a projection needs, so that
// none allocates. Nothing in it is carried from one point to the next.
type worker struct {
	*Projector
	program *program
	anchor  []float64 // the point to be projected
	zero    []float64
	curve   *curve // nil without nonlinear rows
}

func newWorker(p *Projector) *worker {
	n := p.dim + p.curves
	w := &worker{
		Projector: p,
		program:   newProgram(n, len(p.linear)+p.curves),
		anchor:    make([]float64, p.dim),
		zero:      make([]float64, n),
	}
	for i := range p.linear {
		f := &p.linear[i]
		w.program.rows[i] = programRow{normal: f.normal, equality: f.equality, give: f.give, ignored: p.ignored[i]}
	}
	if p.curves > 0 {
		w.curve = newCurve(w)
	}
	return w
}

// project moves x in place; it is the whole algorithm.
func (w *worker) project(x []float64) Outcome {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Outcome{Infeasible: true, Row: min(0, len(w.rows)-1), Violation: math.Inf(1)}
		}
	}
	if w.linearMet(x) && (w.curve == nil || w.curve.met(x)) {
		return Outcome{Row: -1, Stationary: true}
	}
	copy(w.anchor, x)
	out := Outcome{Stationary: true}
	if out.Infeasible = !w.flatten(x, &out.Iterations); out.Infeasible {
		copy(x, w.anchor)
	} else if w.curve != nil && !w.curve.met(x) {
		out.Stationary = w.curve.approach(x, &out.Iterations)
	}
	w.judge(x, &out)
	out.Stationary = out.Stationary && !out.Infeasible
	return out
}

// linearMet says whether all linear rows hold as a projection makes them hold.
func (w *worker) linearMet(x []float64) bool {
	for i := range w.linear {
		f := &w.linear[i]
		if !f.met(x, w.rows[f.index].Tolerance) {
			return false
		}
	}
	return true
}

// flatten moves x to the nearest point of the linear rows. It returns false if
// they contradict each other. Far points are projected again from where the
// first projection left them, which removes rounding in proportion to the way.
func (w *worker) flatten(x []float64, moves *int) bool {
	if w.clamps {
		w.clamp(x)
		return w.linearWithin(x)
	}
	const passes = 3 // two suffice, see TestFarPointsLandExactly; the third is a reserve
	for range passes {
		w.aim(x)
		if !w.program.solve(&w.base, w.first, w.zero[:w.dim]) {
			return false
		}
		*moves += w.program.moves
		for j, s := range w.scale {
			x[j] += s * w.program.p[j]
		}
		w.attach(x)
		w.clamp(x)
		if w.linearMet(x) {
			return true
		}
	}
	return w.linearWithin(x)
}

// linearWithin says whether all linear rows hold to their tolerance.
func (w *worker) linearWithin(x []float64) bool {
	for i := range w.linear {
		row := w.rows[w.linear[i].index]
		if row.Violation(w.linear[i].residual(x)) > row.Tolerance {
			return false
		}
	}
	return true
}

// aim sets the linear rows of the program to those of the step from x in
// standard units: aᵢ∘scale/sizeᵢ · p ≤ −residualᵢ/sizeᵢ, and leaves nonlinear
// rows out of it.
func (w *worker) aim(x []float64) {
	var reach float64
	for i := range w.linear {
		f, row := &w.linear[i], &w.program.rows[i]
		row.bound = -f.residual(x) / f.size
		row.tolerance = min(1e-13*f.magnitude(x)/f.size, f.give/4)
		if row.bound < 0 || f.equality {
			reach = max(reach, math.Abs(row.bound))
		}
	}
	for i := range w.linear {
		w.program.rows[i].tolerance += 1e-14 * reach
	}
	for i := len(w.linear); i < len(w.program.rows); i++ {
		w.program.rows[i].ignored = true
	}
}

// attach puts the columns whose bounds are active in the program exactly on them.
func (w *worker) attach(x []float64) {
	for _, i := range w.program.active {
		if i < len(w.linear) && w.linear[i].column >= 0 {
			x[w.linear[i].column] = w.linear[i].limit
		}
	}
}

// clamp puts the columns with bounds exactly inside them.
func (w *worker) clamp(x []float64) {
	for i := range w.linear {
		if f := &w.linear[i]; f.column >= 0 {
			f.clamp(x)
		}
	}
}

// judge finds the row that is missed most and whether it is missed at all.
func (w *worker) judge(x []float64, out *Outcome) {
	out.Row = -1
	worst := 1.0
	if out.Infeasible {
		worst = 0
	}
	miss := func(index int, residual float64) {
		row := w.rows[index]
		if v := row.Violation(residual); v/row.Tolerance > worst {
			worst = v / row.Tolerance
			out.Infeasible, out.Row, out.Violation = true, index, v
		}
	}
	for i := range w.linear {
		miss(w.linear[i].index, w.linear[i].residual(x))
	}
	if w.curve == nil {
		return
	}
	w.curve.evaluate(x, w.curve.residual)
	for k, index := range w.curve.index {
		miss(index, w.curve.residual[k])
	}
}
