package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/parser/utils"
)

// columns are the names a formula may use.
type columns struct {
	names []string
	dim   int
	index map[string][]int
}

func newColumns(names []string, dim int) (*columns, error) {
	if dim < 1 {
		return nil, fmt.Errorf("expr: a formula needs points of at least one column, not %d", dim)
	}
	if len(names) != 0 && len(names) != dim {
		return nil, fmt.Errorf("expr: %d column names for points of %d columns", len(names), dim)
	}
	c := &columns{names, dim, map[string][]int{}}
	for i, n := range names {
		c.index[n] = append(c.index[n], i)
	}
	return c, nil
}

// unknown is the message for a name that is no column.
func (c *columns) unknown(name string) string {
	if len(c.names) == 0 {
		return fmt.Sprintf("unknown name: the columns here have no names, write x[0] to x[%d]", c.dim-1)
	}
	listed := make([]string, 0, len(c.names))
	for _, n := range c.names {
		listed = append(listed, written(n))
	}
	hint := "columns are " + list(listed)
	if near := nearest(name, c.names); near != "" {
		hint = "did you mean " + written(near) + "? " + hint
	}
	return "unknown column: " + hint
}

// written is a column name as it stands in a formula: quoted unless it is a plain word.
func written(name string) string {
	switch name {
	case "true", "false", "nil", "not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else":
		return "'" + name + "'"
	}
	if utils.IsValidIdentifier(name) {
		return name
	}
	if !strings.ContainsAny(name, "'\\\n") {
		return "'" + name + "'"
	}
	return strconv.Quote(name)
}

// list prints names for a message, the first 20 of them.
func list(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s, … (%d in all)", strings.Join(names[:most], ", "), len(names))
	}
	return strings.Join(names, ", ")
}

// nearest is the candidate that differs from the word in at most a third of
// its letters, or that continues it; "" where there is none.
func nearest(word string, candidates []string) string {
	w := []rune(strings.ToLower(word))
	best, least := "", len(w)/3+1
	for _, c := range candidates {
		r := []rune(strings.ToLower(c))
		if d := distance(w, r, least); d < least {
			best, least = c, d
		}
	}
	if best != "" || len(w) < 3 {
		return best
	}
	for _, c := range candidates {
		if strings.HasPrefix(strings.ToLower(c), string(w)) {
			return c
		}
	}
	return ""
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to get from a to b (optimal string alignment), cut at most.
func distance(a, b []rune, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
