package expr

import "github.com/expr-lang/expr/file"

// Composer makes a formula out of parts, for texts whose words mean more than formulas
// of columns do. Equal parts are made once, constant ones are computed at once. Columns
// are numbered from 0 as they are asked for.
type Composer struct {
	b    *builder
	made map[madeKey]Part
	dim  int
}

// Part is a number within a formula that is being composed.
type Part int

type madeKey struct {
	operation string
	a, b      Part
	value     float64
}

// NewComposer begins a formula; errors point into the text of s.
func NewComposer(s *Sides) *Composer {
	return &Composer{b: &builder{text: s.text, columns: &columns{}, spans: map[[2]int]int{}}, made: map[madeKey]Part{}}
}

// Number is a constant.
func (c *Composer) Number(v float64) Part {
	p, _ := c.once(madeKey{operation: "number", value: v}, func() (int, error) { return c.b.constant(v), nil })
	return p
}

// Column reads column i.
func (c *Composer) Column(i int) Part {
	c.dim = max(c.dim, i+1)
	return Part(c.b.span(i, 1, false))
}

// Constant is the number that a part always is.
func (c *Composer) Constant(p Part) (v float64, ok bool) {
	if !c.b.isConstant(int(p)) {
		return 0, false
	}
	return c.b.values(int(p))[0], true
}

// Apply joins parts by an operator, + - * / **, or a function of numbers; the minus of
// one part is its negative. at is the place that errors point at.
func (c *Composer) Apply(operation string, at file.Location, args ...Part) (Part, error) {
	switch {
	case len(args) == 1 && operation == "-":
		return c.once(madeKey{operation: "neg", a: args[0]}, func() (int, error) { return c.b.unary(instr{op: opNeg}, int(args[0]), at) })
	case len(args) == 2 && !isFunction(operation):
		return c.once(madeKey{operation, args[0], args[1], 0}, func() (int, error) {
			return c.b.arithmetic(operation, int(args[0]), int(args[1]), at)
		})
	}
	whole := make([]int, len(args))
	for i, a := range args {
		whole[i] = int(a)
	}
	make := func() (int, error) { return c.b.function(operation, whole, at) }
	switch len(args) {
	case 1:
		return c.once(madeKey{operation: operation, a: args[0]}, make)
	case 2:
		return c.once(madeKey{operation, args[0], args[1], 0}, make)
	}
	i, err := make()
	return Part(i), err
}

func (c *Composer) once(k madeKey, make func() (int, error)) (Part, error) {
	if p, ok := c.made[k]; ok {
		return p, nil
	}
	i, err := make()
	if err == nil {
		c.made[k] = Part(i)
	}
	return Part(i), err
}

// Finish is the formula with its result at root, over at least dim columns.
func (c *Composer) Finish(root Part, dim int) *Expr {
	c.b.columns.dim = max(c.dim, dim)
	e := c.b.finish(int(root))
	e.dim = c.b.columns.dim
	return e
}
