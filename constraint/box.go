package constraint

import (
	"fmt"
	"math"
	"strconv"
)

// NewBox is the set { x : lowerⱼ ≤ xⱼ ≤ upperⱼ }. A nil slice, −Inf below and +Inf
// above mean no bound; only finite bounds make rows, called "cement >= 0" with
// the names in columns (nil: "x[0] >= 0"). Where both bounds of a column are
// equal the column is fixed and its row is an equality, "cement == 3".
//
// It fails if the lengths differ, if no bound is finite, and where
// lower > upper or a bound is NaN, +Inf below or −Inf above.
func NewBox(name string, lower, upper []float64, columns []string) (Linear, error) {
	if name == "" {
		name = "box"
	}
	d := max(len(lower), len(upper), len(columns))
	for _, s := range []struct {
		what   string
		length int
	}{{"lower bounds", len(lower)}, {"upper bounds", len(upper)}, {"column names", len(columns)}} {
		if s.length != 0 && s.length != d {
			return nil, fmt.Errorf("constraint: box %q: %d %s for %d columns", name, s.length, s.what, d)
		}
	}
	l := &linear{name: name, dim: d}
	for j := range d {
		lo, hi, column := math.Inf(-1), math.Inf(1), columnName(columns, j)
		if lower != nil {
			lo = lower[j]
		}
		if upper != nil {
			hi = upper[j]
		}
		switch {
		case math.IsNaN(lo) || math.IsInf(lo, 1):
			return nil, fmt.Errorf("constraint: box %q: lower bound of %s is %g: want a number or -inf", name, column, lo)
		case math.IsNaN(hi) || math.IsInf(hi, -1):
			return nil, fmt.Errorf("constraint: box %q: upper bound of %s is %g: want a number or inf", name, column, hi)
		case lo > hi:
			return nil, fmt.Errorf("constraint: box %q: lower bound %g of %s is above its upper bound %g", name, lo, column, hi)
		}
		l.addBounds(j, lo, hi, column)
	}
	if len(l.rows) == 0 {
		return nil, fmt.Errorf("constraint: box %q: no bound is finite, nothing is restricted: give lower or upper", name)
	}
	return l, nil
}

// addBounds appends the rows of lo ≤ xⱼ ≤ hi.
func (l *linear) addBounds(j int, lo, hi float64, column string) {
	unit := make([]float64, l.dim)
	unit[j] = 1
	if lo == hi {
		l.add(column+" == "+number(lo), Equality, unit, lo)
		return
	}
	if !math.IsInf(hi, 0) {
		l.add(column+" <= "+number(hi), Inequality, unit, hi)
	}
	if !math.IsInf(lo, 0) {
		unit[j] = -1
		l.add(column+" >= "+number(lo), Inequality, unit, -lo)
	}
}

func columnName(columns []string, j int) string {
	if j < len(columns) {
		return columns[j]
	}
	return "x[" + strconv.Itoa(j) + "]"
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
