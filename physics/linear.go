package physics

import (
	"fmt"
	"math"

	"abide/sparse"
)

// Linear is a law of sparse rows,
//
//	C u = d,   P(u) = u − W⁻¹ Cᵀ S⁻¹ (C u − d),   Π = I − W⁻¹ Cᵀ S⁻¹ C,   S = C W⁻¹ Cᵀ
//
// (Å. Björck, "Numerical Methods for Least Squares Problems", 1996, §5.1). Rows of one
// node are overwritten and taken out of the others first, which leaves rows that do not
// touch fixed nodes; of these, rows that share no node are shifts, the others have a
// sparse Cholesky factor of S. Dependent rows are dropped ([Linear.Dropped]),
// contradicting ones are an error with their names.
//
// Cost: 4 FLOPs an entry of C where rows are apart, else two to three times that and as
// many solves with S. Not for matrices of thousands of dense rows.
type Linear struct {
	rows    []Row
	c       *sparse.CSR
	d       []float64
	w       Metric
	nodes   []int32 // that are fixed by the rows, and their values
	values  []float64
	core    *affine // of the rows that are left, nil where none is
	rest    []float64
	dropped []Dropped
}

var (
	_ Projector = (*Linear)(nil)
	_ Tangent   = (*Linear)(nil)
	_ Sparse    = (*Linear)(nil)
	_ Weighted  = (*Linear)(nil)
)

// Dropped is a row that others imply.
type Dropped struct {
	Row, Place int     // kind of row and number in it
	Pivot      float64 // squared sine of its angle to the others, at most [Dependent]
}

// NewLinear makes a law of the rows C u = d in the metric w; label.Name is to be given
// by users of more than one.
func NewLinear(c *sparse.CSR, d []float64, w Metric, label Label) (*Linear, error) {
	row, err := label.row("linear rows", c.Rows, "C u − d = 0")
	if err != nil {
		return nil, err
	}
	return newLinear([]Row{row}, c, d, w)
}

func newLinear(rows []Row, c *sparse.CSR, d []float64, w Metric) (*Linear, error) {
	name := rows[0].Name
	if len(d) != c.Rows {
		return nil, fmt.Errorf("physics: %s: %d values for %d rows", name, len(d), c.Rows)
	}
	if err := w.Check(c.Cols); err != nil {
		return nil, fmt.Errorf("%w (of %s)", err, name)
	}
	if err := checkNumbers(name, "value", d); err != nil {
		return nil, err
	}
	if err := checkNumbers(name, "entry of the matrix", c.Value); err != nil {
		return nil, err
	}
	l := &Linear{rows: rows, c: c, d: d, w: w}
	left, err := l.eliminate()
	if err != nil {
		return nil, err
	}
	return l, l.factorise(left)
}

// left are the rows without fixed nodes.
type left struct {
	c    *sparse.CSR
	d    []float64
	from []int32 // their numbers in C
}

// factorise drops dependent rows and prepares the projection.
func (l *Linear) factorise(rest left) error {
	if rest.c.Rows == 0 {
		return nil
	}
	keep, drop, pivot, set := independent(gram(rest.c, lifted(rest.c, l.w)))
	unit := make([]float64, len(keep))
	within := math.Inf(1)
	for i, r := range keep {
		kind, _ := l.place(int(rest.from[r]))
		unit[i] = l.rows[kind].Unit
		within = math.Min(within, l.rows[kind].Tolerance)
		l.rest = append(l.rest, rest.d[r])
	}
	if len(keep) > 0 {
		core, err := newAffine(selectRows(rest.c, keep), l.w, unit, within)
		if err != nil {
			return fmt.Errorf("%w (of %s)", err, l.names(rest.from))
		}
		l.core = core
	}
	if len(drop) == 0 {
		return nil
	}
	u := make([]float64, l.Dim())
	if err := l.Project(u); err != nil {
		return err
	}
	for i, r := range drop {
		kind, at := l.place(int(rest.from[r]))
		l.dropped = append(l.dropped, Dropped{kind, at, pivot[i]})
		var others []int32
		for _, k := range keep {
			if set[k] == set[r] {
				others = append(others, rest.from[k])
			}
		}
		if err := l.contradicts(int(rest.from[r]), u, others); err != nil {
			return err
		}
	}
	return nil
}

// contradicts is the error of row i, implied by others, which u obeys.
func (l *Linear) contradicts(i int, u []float64, others []int32) error {
	kind, at := l.place(i)
	gap, scale := -l.d[i], math.Abs(l.d[i])
	for k := l.c.Ptr[i]; k < l.c.Ptr[i+1]; k++ {
		x := l.c.Value[k] * u[l.c.Index[k]]
		gap += x
		scale += math.Abs(x)
	}
	row := l.rows[kind]
	if math.Abs(gap) <= math.Max(row.Tolerance*row.Unit, 1e-13*scale) {
		return nil
	}
	return fmt.Errorf("physics: row %d of %s contradicts %s: what they imply misses it by %.3g, its unit is %g: %w",
		at, row.Name, l.names(others), gap, row.Unit, ErrInfeasible)
}

// place is the kind of row i and its number in it.
func (l *Linear) place(i int) (kind, at int) {
	for kind < len(l.rows)-1 && i >= l.rows[kind].Size {
		i -= l.rows[kind].Size
		kind++
	}
	return kind, i
}

// names are those of the kinds of some rows.
func (l *Linear) names(rows []int32) string {
	seen := make([]bool, len(l.rows))
	for _, r := range rows {
		kind, _ := l.place(int(r))
		seen[kind] = true
	}
	text := ""
	for kind, yes := range seen {
		if yes && text != "" {
			text += " and "
		}
		if yes {
			text += l.rows[kind].Name
		}
	}
	return text
}

func (l *Linear) Dim() int            { return l.c.Cols }
func (l *Linear) Rows() []Row         { return l.rows }
func (l *Linear) Matrix() *sparse.CSR { return l.c }
func (l *Linear) Metric() Metric      { return l.w }

// Dropped are the rows that others imply, beside those of fixed nodes alone.
func (l *Linear) Dropped() []Dropped { return l.dropped }

func (l *Linear) Residual(dst, u []float64) {
	l.c.Apply(dst, u)
	for i, d := range l.d {
		dst[i] -= d
	}
}

func (l *Linear) JVP(dst, _, v []float64) { l.c.Apply(dst, v) }
func (l *Linear) VJP(dst, _, w []float64) { l.c.ApplyT(dst, w) }

func (l *Linear) Project(u []float64) error {
	if len(u) != l.Dim() {
		return checkField(l.names([]int32{0}), l.Dim(), u)
	}
	for i, j := range l.nodes {
		u[j] = l.values[i]
	}
	if l.core == nil {
		return nil
	}
	return l.wrap(l.core.project(u, l.rest))
}

func (l *Linear) Tangent(_, v []float64) error {
	if len(v) != l.Dim() {
		return checkField(l.names([]int32{0}), l.Dim(), v)
	}
	for _, j := range l.nodes {
		v[j] = 0
	}
	if l.core == nil {
		return nil
	}
	return l.wrap(l.core.project(v, nil))
}

func (l *Linear) wrap(err error) error {
	if err == nil {
		return nil
	}
	text := l.rows[0].Name
	for _, r := range l.rows[1:] {
		text += " and " + r.Name
	}
	return fmt.Errorf("physics: %s: %w", text, err)
}
