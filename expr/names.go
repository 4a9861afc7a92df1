package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/parser/utils"

	"abide/internal/nearest"
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
	if near := nearest.Name(name, c.names); near != "" {
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
