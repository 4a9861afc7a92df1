package cli

import (
	"fmt"
	"math"
	"slices"

	"abide/physics"
	"abide/problem"
	"abide/report"
	"abide/spec"
)

// obey lays the laws of whole fields on the problem; what contradicts is found here.
func (st *study) obey() error {
	c := st.problem.Prior.Coordinates
	laws, err := st.spec.BuildLaws(c.Names, problem.Metric(c))
	if err != nil || laws == nil {
		return err
	}
	st.problem, err = spec.Obey(st.problem, laws)
	return err
}

// lawRow is what is known of one kind of equation of a law over several fields.
type lawRow struct {
	physics.Row
	name       string
	linear     bool // all rows of its law are affine in the field
	obeyed     []bool
	worst      float64 // violation, in the row's unit
	relative   float64 // root mean square of the residual over the field's standard deviation
	unreached  int     // residuals that are far from zero at every field
	least, std float64 // of the worst of these: smallest size, and spread over fields
}

// lawRows holds the laws against fields x, of which only those of some weight count; nil
// weights are equal.
func (st *study) lawRows(x, w []float64) []lawRow {
	d := st.problem.Dim()
	n := len(x) / d
	spread := fieldSpread(x)
	var out []lawRow
	for k, law := range st.problem.Laws {
		rows, size := law.Rows(), physics.Size(law)
		residual := make([]float64, n*size)
		for i := range n {
			law.Residual(residual[i*size:(i+1)*size], x[i*d:(i+1)*d])
		}
		at := 0
		for _, row := range rows {
			r := lawRow{Row: row, name: st.lawName(k, row, len(rows)), linear: affine(law), obeyed: allTrue(n)}
			square, total := 0.0, 0.0
			for i := range n {
				mass := weight(w, i, n)
				if mass == 0 {
					continue
				}
				for _, v := range residual[i*size+at : i*size+at+row.Size] {
					violation := math.Abs(v)
					if row.Upper {
						violation = math.Max(v, 0)
					}
					square += mass * violation * violation
					if violation /= row.Unit; !(violation <= row.Tolerance) {
						r.obeyed[i] = false
					}
					if !(violation <= r.worst) {
						r.worst = violation
					}
				}
				total += mass
			}
			r.relative = math.Sqrt(square/(total*float64(row.Size))) / spread
			r.reach(residual, at, size, n)
			out = append(out, r)
			at += row.Size
		}
	}
	return out
}

// reach counts the residuals whose size at every field is more than their spread over
// fields: no field comes near the law there.
func (r *lawRow) reach(residual []float64, at, size, n int) {
	ratio := 1.0
	for j := at; j < at+r.Size && n > 1; j++ {
		mean, square, least := 0.0, 0.0, math.Inf(1)
		for i := range n {
			v := residual[i*size+j]
			if r.Upper {
				v = math.Max(v, 0)
			}
			mean += v / float64(n)
			least = math.Min(least, math.Abs(v))
		}
		for i := range n {
			v := residual[i*size+j]
			if r.Upper {
				v = math.Max(v, 0)
			}
			square += (v - mean) * (v - mean) / float64(n)
		}
		if std := math.Sqrt(square); least > std && least > 10*r.Tolerance*r.Unit {
			r.unreached++
			if q := least / math.Max(std, 1e-300); q > ratio {
				ratio, r.least, r.std = q, least, std
			}
		}
	}
}

// fieldSpread is the standard deviation of all numbers of all fields.
func fieldSpread(x []float64) float64 {
	mean, square := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	return math.Max(math.Sqrt(square), 1e-300)
}

// lawName is the name of the block, and behind it the row's where it has several.
func (st *study) lawName(k int, row physics.Row, rows int) string {
	name := oneLine(st.spec.Constraints[k].String("name"))
	if rows > 1 {
		return name + ": " + row.Name
	}
	return name
}

// kindOfRow is what tables call a row.
func kindOfRow(upper bool) string {
	if upper {
		return "inequality"
	}
	return "equality"
}

// lawSummary are the rows of laws as the report has them, and which fields obey all.
func (st *study) lawSummary(x, w []float64) (rows []report.ConstraintRow, obeys []bool) {
	n := len(x) / st.problem.Dim()
	obeys = allTrue(n)
	for _, r := range st.lawRows(x, w) {
		out := report.ConstraintRow{Name: r.name, Kind: kindOfRow(r.Upper), Tolerance: r.Tolerance, MaxViolation: r.worst, Relative: &r.relative}
		if r.Unit != 1 {
			out.Unit = fmt.Sprintf("× %.3g", r.Unit)
		}
		count, weighted := 0, 0.0
		for i, ok := range r.obeyed {
			obeys[i] = obeys[i] && ok
			if mass := weight(w, i, n); ok && mass > 0 {
				count++
				weighted += mass
			}
		}
		out.FeasibleFraction = float64(count) / float64(living(w, n))
		if w != nil {
			if count == living(w, n) {
				weighted = 1 // not the sum of rounded weights
			}
			out.WeightedFraction = &weighted
		}
		rows = append(rows, out)
	}
	return rows, obeys
}

// lawWarnings tell of laws that no field of the prior comes near.
func (st *study) lawWarnings(x []float64, are string) []string {
	if len(st.problem.Laws) == 0 || len(x) == 0 {
		return nil
	}
	var out []string
	for _, r := range st.lawRows(x, nil) {
		if r.unreached > 0 {
			out = append(out, fmt.Sprintf("law %s: none of %d %s comes near %d of its %d residuals: the nearest is %.3g away, with a spread of %.3g. The law contradicts the prior, or is in another form than its data: compare values, units and grid",
				r.name, len(x)/st.problem.Dim(), are, r.unreached, r.Size, r.least, r.std))
		}
	}
	return out
}

// fieldShape is the shape in which fields that obey laws are shown as pictures: the plane
// of their two axes, several fields one below the other; nil where they are no such fields.
func (st *study) fieldShape() []int {
	if st.problem.Law == nil {
		return nil
	}
	return plane(st.spec.FieldGrid(st.problem.Dim()), st.problem.Dim())
}

// fields tells whether pictures of rows are those of fields that know their axes: under laws
// on a grid, or of a prior that tells its own; others are plain images.
func (st *study) fields() bool {
	shape := st.fieldShape()
	if shape == nil {
		shape = plane(st.spec.PriorGrid(), st.problem.Dim())
	}
	return shape != nil && slices.Equal(shape, st.image)
}

// plane is the shape of d numbers on a grid of two axes as a picture; nil where they are none.
func plane(g *spec.Grid, d int) []int {
	if g == nil || len(g.Axes) != 2 || g.Dim() != d {
		return nil
	}
	shape := g.Shape()
	return []int{g.Fields * shape[0], shape[1]}
}

// affine tells whether c(a) + c(b) = c(a + b) + c(0) at two fields without symmetry.
func affine(law physics.Constraint) bool {
	d, m := law.Dim(), physics.Size(law)
	a, b, sum := make([]float64, d), make([]float64, d), make([]float64, d)
	for i := range d {
		a[i], b[i] = math.Sin(1.7*float64(i)+0.4), math.Cos(2.3*float64(i*i%97)+0.9)
		sum[i] = a[i] + b[i]
	}
	at := func(u []float64) []float64 {
		r := make([]float64, m)
		law.Residual(r, u)
		return r
	}
	ra, rb, rs, r0 := at(a), at(b), at(sum), at(make([]float64, d))
	size, off := 0.0, 0.0
	for i := range m {
		size = math.Max(size, math.Abs(ra[i])+math.Abs(rb[i])+math.Abs(r0[i]))
		off = math.Max(off, math.Abs(ra[i]+rb[i]-rs[i]-r0[i]))
	}
	return off <= 1e-9*size
}
