package constraint

import "math"

// normal is the gradient of one row: dense, or ±1 in a single column, where
// products cost nothing and are exact.
type normal struct {
	dense  []float64 // used over the first n entries
	column int       // the only column that is not 0, else −1
	sign   float64   // its value, ±1
}

func (a normal) dot(v []float64) float64 {
	if a.column >= 0 {
		return a.sign * v[a.column]
	}
	return dot(a.dense[:len(v)], v)
}

// programRow is the row normal·p ≤ bound, or = bound.
type programRow struct {
	normal
	bound     float64
	equality  bool
	ignored   bool    // left out of this program
	tolerance float64 // violation that counts as none, at the level of rounding
	give      float64 // violation up to which a row that depends on the active ones is let go
}

// program is the strictly convex quadratic program
//
//	min ½ pᵀHp + gᵀp  such that  aᵢ·p ≤ bᵢ, and = bᵢ for equalities,
//
// solved by the dual active-set method: start at the minimum without rows, and
// while a row is violated make it active, dropping rows whose multiplier would
// turn negative on the way. Each row made active strictly raises the dual
// objective, so no active set comes twice and the method ends, degenerate and
// dependent rows included. A row that can not be made active proves that there
// is no feasible point.
//
// Reference: D. Goldfarb and A. Idnani, Mathematical Programming 27 (1983),
// algorithm of section 3; theorem 3 is the finiteness.
type program struct {
	factor
	rows   []programRow
	p      []float64 // the solution
	active []int     // rows of the factor, in its order
	dual   []float64 // their multipliers, ≥ 0 for inequalities
	member []bool    // member[i]: row i is active
	letGo  []bool    // letGo[i]: row i depends on active rows and differs from them by less than its tolerance
	moves  int       // rows added and dropped
	d, z   []float64
	c      []float64
	proof  conflict
}

// conflict proves that a program has no feasible point: every p that obeys the
// rows with violates row by at least gap, and no row of the set can be left out.
type conflict struct {
	row  int
	with []int
	gap  float64
}

// dependence is the squared sine of the angle to the span of the active rows
// below which a row counts as dependent on them.
const dependence = 1e-20

type verdict int

const (
	entered verdict = iota
	again           // a row was let go: start anew without it
	impossible
)

// newProgram makes a program of at most m rows in at most n variables.
func newProgram(n, m int) *program {
	s := make([]float64, 5*n)
	return &program{
		factor: newFactor(n),
		rows:   make([]programRow, m),
		p:      s[:n], dual: s[n : 2*n], d: s[2*n : 3*n], z: s[3*n : 4*n], c: s[4*n:],
		active: make([]int, 0, n),
		member: make([]bool, m),
		letGo:  make([]bool, m),
	}
}

// solve finds p from the minimum without rows, start, and a factor of H that may
// hold equality rows already, listed in first. It returns false if no p obeys
// all rows; then proof says why.
func (w *program) solve(base *factor, first []int, start []float64) bool {
	clear(w.letGo)
	w.moves = 0
	for {
		switch w.attempt(base, first, start) {
		case entered:
			return true
		case impossible:
			return false
		}
	}
}

func (w *program) attempt(base *factor, first []int, start []float64) verdict {
	w.begin(base, first, start)
	for i := range w.rows {
		if w.rows[i].equality && !w.member[i] && !w.letGo[i] && !w.rows[i].ignored {
			if v := w.enter(i); v != entered {
				return v
			}
		}
	}
	// The bound is far above what is ever needed; rounding could make it cycle.
	for limit := w.moves + 20*(w.n+len(w.rows)); w.moves < limit; {
		i := w.mostViolated()
		if i < 0 {
			break
		}
		if v := w.enter(i); v != entered {
			return v
		}
	}
	return entered
}

// begin sets p to the minimum on the rows of base: p = start − J₁ R⁻ᵀ (Aᵀstart − b).
func (w *program) begin(base *factor, first []int, start []float64) {
	w.factor.copyFrom(base)
	clear(w.member)
	w.active = append(w.active[:0], first...)
	copy(w.p[:w.n], start)
	for k, i := range first {
		w.member[i] = true
		w.c[k] = w.rows[i].dot(w.p[:w.n]) - w.rows[i].bound
	}
	w.solveTransposed(w.c)
	for k := range w.q {
		axpy(-w.c[k], w.column(k), w.p)
	}
	copy(w.dual, w.c[:w.q])
	w.factor.solve(w.dual)
}

// mostViolated returns the inequality with the largest violation, −1 if all hold
// up to rounding.
func (w *program) mostViolated() int {
	p := w.p[:w.n]
	rounding := 1e-14 * math.Sqrt(dot(p, p))
	worst, at := 0.0, -1
	for i := range w.rows {
		r := &w.rows[i]
		if r.equality || r.ignored || w.member[i] || w.letGo[i] {
			continue
		}
		if s := r.dot(p) - r.bound; s > worst && s > r.tolerance+rounding {
			worst, at = s, i
		}
	}
	return at
}

// enter makes row i active.
func (w *program) enter(i int) verdict {
	row := &w.rows[i]
	dual := 0.0
	for {
		w.moves++
		violation := row.dot(w.p[:w.n]) - row.bound
		free, all := w.project(row.normal, w.d, w.z, w.c)
		length, blocking := w.blocking()
		dependent := free <= dependence*all
		if dependent && blocking < 0 {
			return w.refuse(i, violation)
		}
		full := !dependent && !(length < violation/free)
		if full {
			length = violation / free
		}
		if !dependent {
			axpy(-length, w.z[:w.n], w.p)
		}
		axpy(-length, w.c[:w.q], w.dual)
		dual += length
		if full {
			w.dual[w.q] = dual
			w.add(w.d, w.z, free)
			w.active = append(w.active, i)
			w.member[i] = true
			return entered
		}
		w.leave(blocking)
	}
}

// blocking returns how far the multiplier of the entering row may grow until that
// of an active inequality reaches 0, and which; −1 if none does.
func (w *program) blocking() (length float64, at int) {
	length, at = math.Inf(1), -1
	for k, i := range w.active {
		if c := w.c[k]; c > 0 && !w.rows[i].equality {
			if t := w.dual[k] / c; t < length {
				length, at = t, k
			}
		}
	}
	return length, at
}

// leave drops active row number k.
func (w *program) leave(k int) {
	w.drop(k)
	w.member[w.active[k]] = false
	w.active = append(w.active[:k], w.active[k+1:]...)
	copy(w.dual[k:], w.dual[k+1:len(w.active)+1])
}

// refuse lets go of row i if it differs from the active rows it depends on by
// less than its tolerance, and else writes the proof of the conflict.
func (w *program) refuse(i int, violation float64) verdict {
	if math.Abs(violation) <= w.rows[i].give {
		w.letGo[i] = true
		return again
	}
	w.proof = conflict{row: i, with: w.support(w.proof.with[:0]), gap: math.Abs(violation)}
	return impossible
}

// support appends the active rows whose combination is the row last projected.
func (w *program) support(rows []int) []int {
	var largest float64
	for k := range w.q {
		largest = max(largest, math.Abs(w.c[k]))
	}
	for k, i := range w.active {
		if math.Abs(w.c[k]) > 1e-9*largest {
			rows = append(rows, i)
		}
	}
	return rows
}
