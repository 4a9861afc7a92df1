package physics

import (
	"context"
	"errors"
	"fmt"

	"abide/sparse"
)

// Linearised is a constraint whose Jacobian is a sparse matrix of one pattern.
type Linearised interface {
	Constraint
	// Pattern is the matrix without numbers.
	Pattern() *sparse.CSR
	// Jacobian writes the numbers of J(u) to a matrix of the pattern.
	Jacobian(dst *sparse.CSR, u []float64)
}

// normal is the system S λ = b, S = J W⁻¹ Jᵀ at one u, J with each row in its unit. Rows
// that are not active are those of the identity.
type normal interface {
	begin() // a new field: what was met on the way to others is forgotten
	at(u []float64)
	activate(active []bool) error // what solve needs
	solve(lambda, b []float64) error
	apply(dst, v []float64)  // J v, all rows
	applyT(dst, w []float64) // Jᵀ w, all rows
	dependent() int
}

// normalPattern is what the systems of one constraint share: the pattern of S, where each
// product J_ik J_jk goes in it, and the analysis of its factor.
type normalPattern struct {
	jacobian *sparse.CSR
	column   []int32 // [cols + 1] entries of each column …
	entry    []int32 // … as places in the Jacobian
	row      []int32 // of these entries
	s        *sparse.CSR
	scatter  []int32 // place in S of each pair of entries of a column, in order
	diagonal []int32
	symbolic *sparse.Symbolic
}

// largestNormal bounds the pairs of entries: beyond it, products are for CG.
const largestNormal = 1 << 27

func newNormalPattern(j *sparse.CSR) (*normalPattern, error) {
	p := &normalPattern{jacobian: j, column: make([]int32, j.Cols+1), entry: make([]int32, j.NNZ()), row: make([]int32, j.NNZ())}
	for _, c := range j.Index {
		p.column[c+1]++
	}
	pairs := 0
	for c := range j.Cols {
		n := int(p.column[c+1])
		pairs += n * n
		p.column[c+1] += p.column[c]
	}
	if pairs > largestNormal {
		return nil, fmt.Errorf("physics: J W⁻¹ Jᵀ has %d products, at most %d: a column of J touches too many rows; solve without a matrix (Free)", pairs, largestNormal)
	}
	at := append([]int32(nil), p.column...)
	for i := range j.Rows {
		for k := j.Ptr[i]; k < j.Ptr[i+1]; k++ {
			c := j.Index[k]
			p.entry[at[c]], p.row[at[c]] = k, int32(i)
			at[c]++
		}
	}
	return p, p.product(pairs)
}

// product finds the pattern of S row by row, then the place of each pair.
func (p *normalPattern) product(pairs int) error {
	j := p.jacobian
	t := make([]int32, 0, pairs+j.Rows)
	u := make([]int32, 0, pairs+j.Rows)
	for c := range j.Cols {
		rows := p.row[p.column[c]:p.column[c+1]]
		for _, a := range rows {
			for _, b := range rows {
				t, u = append(t, a), append(u, b)
			}
		}
	}
	for i := range j.Rows { // a row without entries has its diagonal all the same
		t, u = append(t, int32(i)), append(u, int32(i))
	}
	var err error
	if p.s, err = sparse.FromTriplets(j.Rows, j.Rows, t, u, make([]float64, len(t))); err != nil {
		return err
	}
	p.scatter = t[:pairs]
	for k := range pairs {
		p.scatter[k] = int32(p.s.Position(int(t[k]), int(u[k])))
	}
	p.diagonal = make([]int32, j.Rows)
	for i := range p.diagonal {
		p.diagonal[i] = int32(p.s.Position(i, i))
	}
	order, err := sparse.Order(p.s)
	if err != nil {
		return err
	}
	p.symbolic, err = sparse.Analyse(p.s, order)
	return err
}

// factored is normal with the matrix: a Cholesky factor; where rows depend on one
// another, one with static pivots ([sparse.LDL]) whose solutions are refined.
type factored struct {
	c        Linearised
	unit     []float64 // of each row
	metric   Metric
	p        *normalPattern
	j, s     *sparse.CSR
	active   []bool
	cholesky *sparse.Cholesky
	ldl      *sparse.LDL
	pivots   bool // that of the field is ldl
	check    []float64
}

func newFactored(c Linearised, unit []float64, w Metric, p *normalPattern) *factored {
	return &factored{c: c, unit: unit, metric: w, p: p, j: p.jacobian.Like(), s: p.s.Like(), check: make([]float64, len(unit))}
}

// begin goes back to Cholesky's factor, so that no field depends on those before it.
func (f *factored) begin() { f.pivots = false }

func (f *factored) at(u []float64) {
	f.c.Jacobian(f.j, u)
	for i, x := range f.unit {
		row := f.j.Value[f.j.Ptr[i]:f.j.Ptr[i+1]]
		for k := range row {
			row[k] /= x
		}
	}
}

func (f *factored) activate(active []bool) error {
	f.active = active
	value, jv, p := f.s.Value, f.j.Value, f.p
	clear(value)
	pair := 0
	for c := range p.jacobian.Cols {
		inverse := f.metric.Inverse(c)
		first, end := p.column[c], p.column[c+1]
		rows, entries := p.row[first:end], p.entry[first:end]
		for i, a := range rows {
			x := inverse * jv[entries[i]]
			to := p.scatter[pair : pair+len(rows)]
			pair += len(rows)
			if !active[a] {
				continue
			}
			for k, b := range rows {
				if active[b] {
					value[to[k]] += x * jv[entries[k]]
				}
			}
		}
	}
	for _, at := range p.diagonal {
		if value[at] == 0 { // not active, or a row that nothing can change here
			value[at] = 1
		}
	}
	if !f.pivots {
		var err error
		if f.cholesky == nil {
			f.cholesky, err = sparse.NewCholesky(p.symbolic, f.s)
		} else {
			err = f.cholesky.Refactor(f.s)
		}
		if err == nil {
			return nil
		}
		f.cholesky = nil
	}
	return f.static()
}

// static factors with replaced pivots, from here on to the end of the field.
func (f *factored) static() error {
	f.pivots = true
	if f.ldl != nil {
		return f.ldl.Refactor(f.s)
	}
	signs := make([]int8, len(f.unit))
	for i := range signs {
		signs[i] = 1
	}
	var err error
	f.ldl, err = sparse.NewLDL(f.p.symbolic, f.s, signs)
	return err
}

func (f *factored) solve(lambda, b []float64) error {
	if !f.pivots {
		f.cholesky.Solve(lambda, b)
		f.s.Apply(f.check, lambda)
		var off, size float64
		for i, x := range b {
			d := f.check[i] - x
			off += d * d
			size += x * x
		}
		if off <= 1e-16*size {
			return nil
		}
		if err := f.static(); err != nil {
			return err
		}
	}
	f.ldl.Solve(lambda, b) // what is left shows in the residual of the rows
	return nil
}

func (f *factored) apply(dst, v []float64)  { f.j.Apply(dst, v) }
func (f *factored) applyT(dst, w []float64) { f.j.ApplyT(dst, w) }

func (f *factored) dependent() int {
	if !f.pivots {
		return 0
	}
	_, replaced := f.ldl.Inertia()
	return replaced
}

// free is normal without a matrix, by conjugate gradients on products with J and Jᵀ.
type free struct {
	c              Constraint
	unit           []float64
	metric         Metric
	u              []float64
	active         []bool
	scaled, row, v []float64
	best           []float64 // iterate of the smallest residual
	krylov         sparse.Krylov
	preconditioner sparse.Solver
}

func newFree(c Constraint, unit []float64, w Metric, iterations int, m sparse.Solver) *free {
	n := len(unit)
	return &free{c: c, unit: unit, metric: w, scaled: make([]float64, n), row: make([]float64, n), best: make([]float64, n), v: make([]float64, c.Dim()),
		krylov: sparse.Krylov{Tolerance: 1e-13, Iterations: iterations, Work: new(sparse.Work)}, preconditioner: m}
}

func (f *free) begin()                       {}
func (f *free) at(u []float64)               { f.u = u }
func (f *free) activate(active []bool) error { f.active = active; return nil }
func (f *free) dependent() int               { return 0 }

func (f *free) apply(dst, v []float64) {
	f.c.JVP(dst, f.u, v)
	for i, x := range f.unit {
		dst[i] /= x
	}
}

func (f *free) applyT(dst, w []float64) {
	for i, x := range f.unit {
		f.scaled[i] = w[i] / x
	}
	f.c.VJP(dst, f.u, f.scaled)
}

// Apply is dst = S x, for the iteration.
func (f *free) Apply(dst, x []float64) {
	for i, a := range f.active {
		f.row[i] = 0
		if a {
			f.row[i] = x[i]
		}
	}
	f.applyT(f.v, f.row)
	for k := range f.v {
		f.v[k] *= f.metric.Inverse(k)
	}
	f.apply(dst, f.v)
	for i, a := range f.active {
		if !a {
			dst[i] = x[i]
		}
	}
}

// errOutside is a right-hand side with a part outside the range of S: of rows that depend
// on one another and contradict, or by rounding where nothing but that is left.
var errOutside = errors.New("the rows depend on one another and contradict")

// solve leaves the best iterate: where S is singular rounding makes later ones worse. For
// S of a condition κ below 1e16 no residual is above √κ times the first.
func (f *free) solve(lambda, b []float64) error {
	clear(lambda)
	best := 1.
	clear(f.best)
	o := f.krylov
	o.Monitor = func(c sparse.Convergence) error {
		if c.Residual < best {
			best = c.Residual
			copy(f.best, lambda)
		}
		if c.Residual > 1e8*c.Initial {
			return errOutside
		}
		return nil
	}
	got, err := sparse.CG(context.Background(), f, f.preconditioner, lambda, b, o)
	if err == nil {
		return nil
	}
	if errors.Is(err, sparse.ErrIndefinite) { // S is semidefinite: a direction without curvature
		err = fmt.Errorf("%w: %w", errOutside, err)
	}
	if best < got.Residual {
		copy(lambda, f.best)
		got.Residual = best
	}
	if !errors.Is(err, sparse.ErrRounding) && got.Residual > 1e-4 {
		return fmt.Errorf("physics: conjugate gradients on J W⁻¹ Jᵀ: %w", err)
	}
	return nil
}
