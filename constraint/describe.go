package constraint

import (
	"fmt"
	"math"
	"strings"
)

// describe is row i of a linear constraint for people: its name, and where the
// name is not the row's own text, the row written out, "mix[1] (x[0] + 2*x[1] <= 5)".
func describe(row Row, a []float64, b float64) string {
	if strings.ContainsAny(row.Name, "<>=") {
		return fmt.Sprintf("%q", row.Name)
	}
	const longest = 6
	var s strings.Builder
	terms := 0
	for j, v := range a {
		if v == 0 {
			continue
		}
		if terms++; terms > longest {
			continue
		}
		switch {
		case terms > 1 && v < 0:
			s.WriteString(" - ")
		case terms > 1:
			s.WriteString(" + ")
		case v < 0:
			s.WriteString("-")
		}
		if math.Abs(v) != 1 {
			s.WriteString(number(math.Abs(v)) + "*")
		}
		s.WriteString(columnName(nil, j))
	}
	if terms > longest {
		fmt.Fprintf(&s, " + … (%d terms)", terms)
	}
	relation := "<="
	if row.Kind == Equality {
		relation = "=="
	}
	return fmt.Sprintf("%q (%s %s %s)", row.Name, s.String(), relation, number(b))
}

// listed joins descriptions as "a, b and c".
func listed(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}
