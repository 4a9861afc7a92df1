package constraint

import "abide/expr"

func relation(t fatal, source string, d int) *expr.Relation {
	t.Helper()
	return must(expr.ParseRelation(source, nil, d))(t)
}
