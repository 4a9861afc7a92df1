package constraint

import "math"

// flat is one linear row a·x ≤ b (or = b) as the projector uses it.
type flat struct {
	index    int       // of the row among all rows
	a        []float64 // raw coefficients
	b        float64
	equality bool
	size     float64 // ‖a∘scale‖: residual of one standard unit
	column   int     // the only column restricted, else −1
	limit    float64 // x[column] is held at, below or above it: b/a
	give     float64 // tolerance/size
	normal   normal  // a∘scale/size
}

// newFlat prepares one row of dimension d; normals of programs have stride numbers.
func newFlat(index int, row Row, a []float64, b float64, scale []float64, stride int) flat {
	f := flat{index: index, a: a, b: b, equality: row.Kind == Equality, column: -1}
	dense := make([]float64, stride)
	entries := 0
	for j, v := range a {
		dense[j] = v * scale[j]
		if v != 0 {
			entries++
			f.column = j
		}
	}
	f.size = norm(dense)
	for j := range dense {
		dense[j] /= f.size
	}
	f.give = row.Tolerance / f.size
	f.normal = normal{dense: dense, column: -1}
	if entries > 1 {
		f.column = -1
		return f
	}
	f.normal.column, f.normal.sign = f.column, math.Copysign(1, a[f.column])
	f.limit = b / a[f.column]
	if !f.equality && a[f.column]*f.limit > b {
		f.limit = math.Nextafter(f.limit, math.Inf(-int(f.normal.sign))) // the quotient was rounded out of the set
	}
	return f
}

func (f *flat) residual(x []float64) float64 {
	if f.column >= 0 {
		return f.a[f.column]*x[f.column] - f.b
	}
	return dot(f.a, x) - f.b
}

// magnitude is Σ|aⱼxⱼ| + |b|, the size of the terms of the residual.
func (f *flat) magnitude(x []float64) float64 {
	if f.column >= 0 {
		return math.Abs(f.a[f.column]*x[f.column]) + math.Abs(f.b)
	}
	s := math.Abs(f.b)
	for j, v := range f.a {
		s += math.Abs(v * x[j])
	}
	return s
}

// met says whether the row is obeyed as well as a projection obeys it: bounds of
// one column exactly, other rows to 1e-12 of the size of their terms, and to
// tolerance in any case.
func (f *flat) met(x []float64, tolerance float64) bool {
	if f.column >= 0 {
		v := x[f.column]
		return v == f.limit || !f.equality && (v < f.limit) == (f.normal.sign > 0)
	}
	r := f.residual(x)
	if r <= 0 {
		if !f.equality {
			return true
		}
		r = -r
	}
	return r <= tolerance && r <= 1e-12*f.magnitude(x)
}

// clamp moves the column of a one-column row into its bound.
func (f *flat) clamp(x []float64) {
	if v := x[f.column]; f.equality || (v > f.limit) == (f.normal.sign > 0) {
		x[f.column] = f.limit
	}
}
