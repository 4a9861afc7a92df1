package equation

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"abide/expr"
	"abide/internal/nearest"
)

// scheme is how time derivatives are taken. With two levels, n and n+1,
//
//	dt(e) = (eⁿ⁺¹ − eⁿ)/Δt,   residual θ E(dt, uⁿ⁺¹) + (1 − θ) E(dt, uⁿ),
//
// where E is the whole equation, so that it may be nonlinear in u and in dt(…) alike:
// order 2 for θ = ½ (J. Crank and P. Nicolson, 1947), else 1. The central scheme takes
// (eⁿ⁺¹ − eⁿ⁻¹)/2Δt and (eⁿ⁺¹ − 2eⁿ + eⁿ⁻¹)/Δt², and all else at n: order 2 (leap-frog).
type scheme struct {
	theta           float64
	central, levels bool // levels: two levels; neither: nothing varies in time
}

var schemeNames = []string{"crank-nicolson", "forward", "backward", "central", "theta"}

// readScheme reads the key time.
func readScheme(text string) (scheme, error) {
	switch text {
	case "", "crank-nicolson":
		return scheme{theta: 0.5, levels: true}, nil
	case "forward":
		return scheme{theta: 0, levels: true}, nil
	case "backward":
		return scheme{theta: 1, levels: true}, nil
	case "central":
		return scheme{central: true}, nil
	}
	if number, ok := strings.CutPrefix(text, "theta "); ok {
		if v, err := strconv.ParseFloat(strings.TrimSpace(number), 64); err == nil && v >= 0 && v <= 1 {
			return scheme{theta: v, levels: true}, nil
		}
		return scheme{}, fmt.Errorf("equation: time = %q: θ is a number from 0 to 1, as in \"theta 0.7\"", text)
	}
	hint := ""
	if near := nearest.Name(text, schemeNames); near != "" {
		hint = "did you mean " + near + "? "
	}
	return scheme{}, fmt.Errorf("equation: time = %q: %sallowed are %s", text, hint, strings.Join(schemeNames, ", "))
}

// choose is the scheme of one equation.
func (e *Equation) choose(n ast.Node) scheme {
	has := func(kind operatorKind) bool {
		return e.hasOperator(n, func(o operator) bool { return o.kind == kind && (o.a == e.time || o.b == e.time) })
	}
	switch {
	case e.time < 0 || !has(first) && !has(second) && !has(mixed):
		return scheme{}
	case has(second) && !e.timeGiven:
		return scheme{central: true}
	}
	return e.scheme
}

func (s scheme) order() int {
	if s.levels && s.theta != 0.5 {
		return 1
	}
	return 2
}

// rate is dt(e).
func (l *lowering) rate(n *ast.CallNode, s shift) (expr.Part, error) {
	return l.rateOf(n, func(s shift) (expr.Part, error) { return l.value(n.Arguments[0], s) }, s)
}

func (l *lowering) rateOf(n *ast.CallNode, f func(shift) (expr.Part, error), s shift) (expr.Part, error) {
	if err := l.enterTime(); err != nil {
		return 0, err
	}
	defer func() { l.inTime = false }()
	t := l.e.time
	s[t] = 0 // whatever level all else is taken at
	if l.scheme.central {
		l.note(n, "(uⁿ⁺¹ − uⁿ⁻¹)/2Δt", 2, t)
		return l.central(f, t, s)
	}
	l.note(n, "(uⁿ⁺¹ − uⁿ)/Δt", l.scheme.order(), t)
	return l.stencil(f, s, t, 1/l.e.axes[t].h, []int{1, 0}, []float64{1, -1})
}

// acceleration is dtt(e).
func (l *lowering) acceleration(n *ast.CallNode, s shift) (expr.Part, error) {
	if !l.scheme.central {
		return 0, l.src.Fail(l.at, "a second derivative in time by a scheme of two levels: take time = \"central\", or two equations, dt(u) - v = 0 and dt(v) - … = 0")
	}
	if err := l.enterTime(); err != nil {
		return 0, err
	}
	defer func() { l.inTime = false }()
	t := l.e.time
	h := l.e.axes[t].h
	s[t] = 0
	l.note(n, "(uⁿ⁺¹ − 2uⁿ + uⁿ⁻¹)/Δt²", 2, t)
	f := func(s shift) (expr.Part, error) { return l.value(n.Arguments[0], s) }
	return l.stencil(f, s, t, 1/(h*h), []int{1, 0, -1}, []float64{1, -2, 1})
}

func (l *lowering) enterTime() error {
	if l.inTime {
		return l.src.Fail(l.at, "a time derivative inside a time derivative, which no scheme here covers: write dtt(u), or two equations with dt(u) - v = 0")
	}
	l.inTime = true
	return nil
}

// residual is left − right by the scheme.
func (l *lowering) residual() (expr.Part, error) {
	level := func(k int) (expr.Part, error) {
		var s shift
		if k != 0 {
			s[l.e.time] = k
		}
		left, err := l.value(l.src.Left, s)
		if err != nil {
			return 0, err
		}
		right, err := l.value(l.src.Right, s)
		if err != nil {
			return 0, err
		}
		if v, ok := l.c.Constant(right); ok && v == 0 {
			return left, nil
		}
		return l.c.Apply("-", l.src.Sign, left, right)
	}
	theta := l.scheme.theta
	if !l.scheme.levels || theta == 0 {
		return level(0)
	}
	l.at = l.src.Sign
	next, err := level(1)
	if err != nil || theta == 1 {
		return next, err
	}
	now, err := level(0)
	if err != nil {
		return 0, err
	}
	return l.combine(1, []float64{theta, 1 - theta}, []expr.Part{next, now})
}
