package expr

import (
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// Relation is a constraint by formula: Expr ≤ 0, or Expr = 0 where Equality.
type Relation struct {
	Source   string
	Expr     *Expr // lhs − rhs; rhs − lhs for lhs >= rhs
	Equality bool
}

// ParseRelation reads "lhs <= rhs", "lhs >= rhs" or "lhs == rhs" over points of
// dim columns. names are the names of the columns, or none. Errors of the
// formula are of type [*Error].
func ParseRelation(source string, names []string, dim int) (*Relation, error) {
	c, err := newColumns(names, dim)
	if err != nil {
		return nil, err
	}
	b := newBuilder(source, c)
	s, err := b.scan()
	if err != nil {
		return nil, err
	}
	rel, err := b.single(s)
	if err != nil {
		return nil, err
	}
	tree, err := b.tree(s.tokens, c)
	if err != nil {
		return nil, err
	}
	e, err := b.difference(tree, rel)
	if err != nil {
		return nil, err
	}
	if len(e.columns) == 0 {
		return nil, b.fail(rel.at, "no column is in this relation, so it holds always or never: name a column, or leave it out")
	}
	return &Relation{Source: source, Expr: e, Equality: rel.operator == "=="}, nil
}

func newBuilder(source string, c *columns) *builder {
	return &builder{text: newText(source), columns: c, spans: map[[2]int]int{}}
}

// single is the one relation at the top level.
func (b *builder) single(s *scanned) (relation, error) {
	if len(s.relations) == 0 {
		return relation{}, b.fail(b.end(), "no relation: write <=, >= or == and a second side, as in a <= 1")
	}
	if len(s.relations) > 1 {
		return relation{}, b.fail(s.relations[1].at, "a second relation: write two constraints, one for each")
	}
	if s.relations[0].depth > 0 {
		return relation{}, b.fail(s.relations[0].at, "a relation inside brackets: it must stand outside of all of them")
	}
	return s.relations[0], nil
}

// difference builds lhs − rhs, or rhs − lhs for >=.
func (b *builder) difference(tree ast.Node, rel relation) (*Expr, error) {
	n, ok := tree.(*ast.BinaryNode)
	if !ok {
		return nil, b.fail(rel.at, "the relation must join two sides, as in a <= 1")
	}
	left, err := b.scalar(n.Left, rel.at, "the left side")
	if err != nil {
		return nil, err
	}
	right, err := b.scalar(n.Right, rel.at, "the right side")
	if err != nil {
		return nil, err
	}
	if rel.operator == ">=" {
		left, right = right, left
	}
	root, err := b.binary(opSub, left, right, rel.at)
	if err != nil {
		return nil, err
	}
	return b.finish(root), nil
}

// scalar builds a node that has to be one number.
func (b *builder) scalar(n ast.Node, at file.Location, what string) (int, error) {
	i, err := b.build(n)
	if err != nil {
		return 0, err
	}
	if in := b.program.code[i]; in.vector {
		hint := "make one number of it with sum, norm, min, max or dot"
		if in.width == 1 {
			hint = "write x[0] for its entry"
		}
		return 0, b.fail(at, "%s is a vector of %d: %s", what, in.width, hint)
	}
	return i, nil
}
