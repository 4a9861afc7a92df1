package equation

import (
	"fmt"
	"slices"
	"sync"

	"github.com/expr-lang/expr/ast"

	"abide/expr"
	"abide/internal/nearest"
)

// Equation is a residual of a state: the arrays of all fields, one after the other. It is
// safe for use by several goroutines.
type Equation struct {
	axes      []axis
	fields    []*field
	constants map[string]float64
	functions map[string]*known
	time      int // axis t, or −1
	scheme    scheme
	timeGiven bool
	rateRead  bool // an initial rate is used
	flux      string
	mean      string
	units     map[string]dimension

	dim, rows int
	blocks    []*block
	lanes     int
	work      sync.Pool
	point     [maxAxes]float64 // for known functions while blocks are made
}

// Parse reads and checks a spec. Errors of texts are of type [*expr.Error] and point at
// the token.
func Parse(s Spec) (*Equation, error) {
	e := &Equation{functions: map[string]*known{}, time: -1, timeGiven: s.Time != ""}
	if err := e.settings(s); err != nil {
		return nil, err
	}
	if err := e.grid(&s); err != nil {
		return nil, err
	}
	texts := s.Equations
	if s.Equation != "" {
		texts = append([]string{s.Equation}, texts...)
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("equation: no equation: write one, as equation = \"dt(u) - nu*dxx(u) = 0\"")
	}
	for i, text := range texts {
		name := "equation"
		if len(texts) > 1 {
			name = fmt.Sprintf("equation %d", i+1)
		}
		if err := e.add(name, text); err != nil {
			return nil, err
		}
	}
	for _, f := range e.fields {
		if e.time >= 0 && f.rules[e.time][0].kind == ruleNeumann && !e.rateRead {
			return nil, fmt.Errorf("equation: the initial rate of %s is not used: dtt does, and dt with time = \"central\"; a scheme of two levels starts from a state, \"dirichlet …\"", f.name)
		}
		if err := e.fixedRows(f); err != nil {
			return nil, err
		}
	}
	e.lanes = 64
	e.work.New = func() any { return e.newWork() }
	return e, nil
}

func (e *Equation) settings(s Spec) (err error) {
	if e.scheme, err = readScheme(s.Time); err != nil {
		return err
	}
	choice := func(key, given string, allowed ...string) string {
		if given == "" {
			return allowed[0]
		}
		if !slices.Contains(allowed, given) && err == nil {
			hint := ""
			if near := nearest.Name(given, allowed); near != "" {
				hint = "did you mean " + near + "? "
			}
			err = fmt.Errorf("equation: %s = %q: %sallowed are %q", key, given, hint, allowed)
		}
		return given
	}
	e.flux = choice("flux", s.Flux, fluxCentral, godunov, osher, rusanov)
	e.mean = choice("mean", s.Mean, "arithmetic", "harmonic")
	return err
}

func (e *Equation) grid(s *Spec) error {
	if len(s.Axes) == 0 || len(s.Axes) > maxAxes {
		return fmt.Errorf("equation: %d axes: 1 to %d", len(s.Axes), maxAxes)
	}
	for i, a := range s.Axes {
		checked, err := newAxis(a)
		if err != nil {
			return err
		}
		if a.Name == timeName {
			e.time = i
		}
		e.axes = append(e.axes, checked)
	}
	if len(s.Fields) == 0 {
		s.Fields = []Field{{Name: "u"}}
	}
	if err := e.declare(*s); err != nil {
		return err
	}
	for _, f := range s.Fields {
		checked, err := e.newField(f, s.Axes)
		if err != nil {
			return err
		}
		e.fields = append(e.fields, checked)
	}
	return e.readUnits(s.Units)
}

// add makes the rows of one equation.
func (e *Equation) add(name, text string) error {
	src, err := expr.ReadEquation(text)
	if err != nil {
		return err
	}
	l := e.newLowering(src)
	whole := &ast.BinaryNode{Operator: "-", Left: src.Left, Right: src.Right}
	whole.SetLocation(src.Sign)
	l.scheme = e.choose(whole)
	root, err := l.residual()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(l.columns, func(c column) bool { return c.field != nil }) {
		return src.Fail(src.Sign, "no field is in this equation, so it holds always or never: name one of %s", e.fieldNames())
	}
	unit, err := e.checkUnits(src)
	if err != nil {
		return err
	}
	b := &block{name: name, text: text, formula: l.c.Finish(root, len(l.columns)), notes: l.notes, unit: unit, scheme: l.scheme}
	if err := e.place(b, l); err != nil {
		return err
	}
	return e.append(b)
}

func (e *Equation) append(b *block) error {
	b.first = e.rows
	e.rows += b.rows
	if e.rows > 1<<30 {
		return fmt.Errorf("equation: more than 2³⁰ rows")
	}
	b.slopes, b.constant, b.affine = b.formula.Affine()
	e.blocks = append(e.blocks, b)
	return nil
}

func (e *Equation) fieldNames() []string {
	var names []string
	for _, f := range e.fields {
		names = append(names, f.name)
	}
	return names
}

// Dim is the length of a state.
func (e *Equation) Dim() int { return e.dim }

// Rows is the number of residuals.
func (e *Equation) Rows() int { return e.rows }

// Affine tells whether all residuals are affine in the state: one Jacobian for all states.
func (e *Equation) Affine() bool {
	for _, b := range e.blocks {
		if !b.affine {
			return false
		}
	}
	return true
}

// Field is where a field lies in a state, with its shape; size 0 where there is none.
func (e *Equation) Field(name string) (offset, size int, shape []int) {
	f := e.fieldNamed(name)
	if f == nil {
		return 0, 0, nil
	}
	for i, on := range f.on {
		if on {
			shape = append(shape, e.axes[i].points)
		}
	}
	return f.offset, f.size, shape
}

// Coordinate is that of place i on an axis.
func (e *Equation) Coordinate(axis string, i int) float64 {
	return e.axes[e.axis(axis)].at(i)
}
