package physics

import (
	"fmt"
	"sync"

	"abide/equation"
	"abide/sparse"
)

// EquationChoice says how an equation counts; the zero value is sound.
type EquationChoice struct {
	Metric Metric
	// At is the state whose Jacobian gives the units: a block of rows is measured in the
	// length of its longest row there, so that a residual of 1 is what a change of 1 of
	// the field makes, whatever the spacing. nil is the zero state.
	At        []float64
	Unit      float64 // one unit for all rows instead; 0: that of At
	Tolerance float64 // in the unit; 0 is 1e-12 for linear equations, 1e-9 for others
}

// FromEquation makes an equation as text a constraint on the states of its grid. Where it
// is affine in the state it is a [Linear] law with a projection of its own, else an
// [EquationLaw], for [NewNewton].
func FromEquation(e *equation.Equation, c EquationChoice) (Constraint, error) {
	j, err := e.NewJacobian()
	if err != nil {
		return nil, fmt.Errorf("physics: %w", err)
	}
	at := c.At
	if at == nil {
		at = make([]float64, e.Dim())
	}
	if err := checkField("the state that gives the units of an equation", e.Dim(), at); err != nil {
		return nil, err
	}
	if c.Tolerance == 0 {
		c.Tolerance = 1e-9
		if e.Affine() {
			c.Tolerance = 1e-12
		}
	}
	length := make([]float64, e.Rows())
	j.Scales(length, at)
	var rows []Row
	for _, b := range e.Blocks() {
		label := Label{Name: b.Name, Unit: c.Unit, Tolerance: c.Tolerance}
		if label.Unit == 0 {
			for _, x := range length[b.First : b.First+b.N] {
				label.Unit = max(label.Unit, x)
			}
			if label.Unit == 0 {
				return nil, fmt.Errorf("physics: %s: its Jacobian vanishes at the state that gives the unit: give another state or a unit", b.Name)
			}
		}
		row, err := label.row("", b.N, b.Text+"; "+b.Doc)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if e.Affine() {
		d := make([]float64, e.Rows())
		e.Residual(d, make([]float64, e.Dim()))
		for i := range d {
			d[i] = 0 - d[i]
		}
		j.At(at)
		return newLinear(rows, j.CSR, d, c.Metric)
	}
	l := &EquationLaw{Equation: e, rows: rows, pattern: j.CSR}
	l.work.New = func() any {
		j, err := e.NewJacobian()
		if err != nil {
			panic(err) // the same pattern was found before
		}
		return j
	}
	return l, nil
}

// EquationLaw is an equation that is not affine, with its sparse Jacobian.
type EquationLaw struct {
	*equation.Equation
	rows    []Row
	pattern *sparse.CSR
	work    sync.Pool // of *equation.Jacobian
}

var _ Linearised = (*EquationLaw)(nil)

// Rows are its blocks.
func (l *EquationLaw) Rows() []Row { return l.rows }

// Pattern is the Jacobian without numbers.
func (l *EquationLaw) Pattern() *sparse.CSR { return l.pattern }

// Jacobian writes the numbers of J(u) to a matrix of the pattern.
func (l *EquationLaw) Jacobian(dst *sparse.CSR, u []float64) {
	j := l.work.Get().(*equation.Jacobian)
	defer l.work.Put(j)
	j.At(u)
	copy(dst.Value, j.Value)
}
