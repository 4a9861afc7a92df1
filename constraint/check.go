package constraint

import (
	"fmt"
	"math"
	"slices"
)

// CheckError says which rows can not stand together.
type CheckError struct {
	Rows    []RowRef // the rows concerned, in order
	Message string
}

// RowRef names row Row of constraint number Constraint.
type RowRef struct {
	Constraint, Row int
	Name            string
}

// Error is one line that names the rows, their numbers and the remedy.
func (e *CheckError) Error() string { return "constraint: " + e.Message }

// Check finds, before anything is sampled, what is wrong with the linear rows of
// cs taken together; shift and scale are the mean and the standard deviation of
// the columns of the prior. It returns a *[CheckError] if
//
//   - a row's tolerance is finer than float64 can resolve at points of the prior;
//   - linear equalities are redundant: one follows from others;
//   - linear rows contradict each other: the error names a set from which no row
//     can be left out, and by how much one of them is missed.
//
// An inequality that follows from others is no error. Nothing is said about
// nonlinear rows. Dimensions, tolerances and scales are checked as by
// [NewProjector], whose errors it returns.
func Check(cs []Constraint, shift, scale []float64) error {
	p, err := NewProjector(cs, scale)
	if err != nil {
		return err
	}
	if len(shift) != len(scale) {
		return fmt.Errorf("constraint: check: %d means for %d columns", len(shift), len(scale))
	}
	for j, s := range shift {
		if math.IsNaN(s) || math.IsInf(s, 0) {
			return fmt.Errorf("constraint: check: mean of column %d is %g: want a finite number", j, s)
		}
	}
	c := &checker{Projector: p, program: newWorker(p).program}
	for k := range cs {
		for i := range cs[k].Rows() {
			c.refs = append(c.refs, RowRef{Constraint: k, Row: i, Name: cs[k].Rows()[i].Name})
		}
	}
	return c.check(shift)
}

// checker judges the linear rows of a projector.
type checker struct {
	*Projector
	program *program
	refs    []RowRef // of all rows
}

func (c *checker) check(shift []float64) error {
	for i := range c.linear {
		if err := c.resolution(i, shift); err != nil {
			return err
		}
	}
	w := &worker{Projector: c.Projector, program: c.program}
	w.aim(shift)
	zero := make([]float64, c.dim)
	empty := newFactor(c.dim)
	empty.reset(c.dim)
	if err := c.redundancy(&empty, zero); err != nil {
		return err
	}
	if !c.program.solve(&empty, nil, zero) {
		return c.contradiction(c.program.proof)
	}
	return nil
}

// resolution compares the tolerance of linear row i with the rounding of its
// residual, ε Σ|aⱼ|(|shiftⱼ| + scaleⱼ) + ε|b|, at points of the prior.
func (c *checker) resolution(i int, shift []float64) error {
	f := &c.linear[i]
	size := math.Abs(f.b)
	for j, a := range f.a {
		size += math.Abs(a) * (math.Abs(shift[j]) + c.scale[j])
	}
	row := c.rows[f.index]
	if rounding := 0x1p-52 * size; rounding > row.Tolerance {
		return c.fail([]int{i}, fmt.Sprintf("tolerance %g of row %s is finer than the rounding of its numbers, about %.1g: set a tolerance of at least %.0g, or use larger units",
			row.Tolerance, c.text(i), rounding, 10*rounding))
	}
	return nil
}

// redundancy adds the equalities one by one and fails at the first that depends
// on those before it.
func (c *checker) redundancy(empty *factor, zero []float64) error {
	q := c.program
	q.begin(empty, nil, zero)
	for i := range c.linear {
		row := &q.rows[i]
		row.ignored = false
		if !row.equality {
			continue
		}
		violation := row.dot(q.p[:q.n]) - row.bound
		if free, all := q.project(row.normal, q.d, q.z, q.c); free <= dependence*all {
			with := q.support(nil)
			if math.Abs(violation) > row.give {
				return c.contradiction(conflict{row: i, with: with, gap: math.Abs(violation)})
			}
			slices.Sort(with)
			return c.fail(append(with, i), fmt.Sprintf("equality %s is redundant, it follows from %s: remove one of them", c.text(i), c.texts(with)))
		}
		q.enter(i)
	}
	return nil
}

// contradiction tells of rows that no point obeys together.
func (c *checker) contradiction(proof conflict) error {
	all := append(slices.Clone(proof.with), proof.row)
	slices.Sort(all)
	last := &c.linear[proof.row]
	gap := proof.gap * last.size
	if len(all) == 2 {
		return c.fail(all, fmt.Sprintf("rows %s contradict each other (by %.6g): relax or remove one of them", c.texts(all), gap))
	}
	return c.fail(all, fmt.Sprintf("no point obeys the rows %s together: every point that obeys the others misses %q by at least %.6g; relax or remove one of them",
		c.texts(all), c.rows[last.index].Name, gap))
}

func (c *checker) fail(linear []int, message string) error {
	e := &CheckError{Message: message}
	for _, i := range linear {
		e.Rows = append(e.Rows, c.refs[c.linear[i].index])
	}
	slices.SortFunc(e.Rows, func(a, b RowRef) int {
		if a.Constraint != b.Constraint {
			return a.Constraint - b.Constraint
		}
		return a.Row - b.Row
	})
	return e
}

func (c *checker) text(i int) string {
	f := &c.linear[i]
	return describe(c.rows[f.index], f.a, f.b)
}

func (c *checker) texts(rows []int) string {
	items := make([]string, len(rows))
	for k, i := range rows {
		items[k] = c.text(i)
	}
	return listed(items)
}
