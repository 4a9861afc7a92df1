package equation

import (
	"errors"
	"strings"
	"testing"

	"abide/expr"
)

func errorsGrid() Spec {
	return Spec{
		Axes:      []Axis{{Name: "t", Points: 5, Length: 1}, {Name: "x", Points: 8, Length: 1, Boundary: "periodic"}},
		Fields:    []Field{{Name: "u"}, {Name: "k", Axes: []string{"none"}}},
		Constants: map[string]float64{"nu": 0.1}, Functions: map[string]string{"force": "sin(x)"},
	}
}

// Errors of a text point at the token and say what to write.
func TestErrorsPointAtTheToken(t *testing.T) {
	two := func(s *Spec) { s.Axes[1] = Axis{Name: "x", Points: 2, Length: 1, Boundary: "none"} }
	unruled := func(s *Spec) { s.Axes[1] = Axis{Name: "x", Points: 9, Length: 1, Left: "neumann"} }
	units := func(s *Spec) {
		s.Units = map[string]string{"u": "m/s", "nu": "m^2/s", "x": "m", "t": "s", "k": "1/s", "force": "m/s^2"}
	}
	for _, c := range []struct {
		text   string
		change func(s *Spec)
		column int
		token  string
		parts  string // of the message, apart by |
	}{
		{"dt(u) - nu*dxx(u)", nil, 18, "", "write = and a second side"},
		{"dt(u) = 0 = 1", nil, 11, "=", "a second ="},
		{"dt(u) - mu*dxx(u) = 0", nil, 9, "mu", "unknown name: did you mean nu?|fields are u, k"},
		{"dt(w) = 0", nil, 4, "w", "unknown name|fields are u, k"},
		{"dt(u) + u*dy(u) = 0", nil, 11, "dy", "no axis y: axes are t, x"},
		{"dt(u) + dyy(u) = 0", nil, 9, "dyy", "no axis y"},
		{"dt(u) + dxxx(u) = 0", nil, 9, "dxxx", "write dx(dxx(…))"},
		{"dt(u) = foo(u)", nil, 9, "foo", "operators are dt, dx, dtt, dxx, lap"},
		{"dt(u) = force(x)", nil, 9, "force", "without brackets"},
		{"dt(u) = 2*dx", nil, 11, "dx", "write dx(…)"},
		{"dt(u) = dx(u, 2)", nil, 9, "dx", "one argument, not 2"},
		{"dt(u) = dx(k)", nil, 9, "dx", "nothing in k varies along x"},
		{"dt(dt(u)) = 0", nil, 4, "dt", "inside a time derivative|dtt(u)"},
		{"dtt(u) = dxx(u)", func(s *Spec) { s.Time = "crank-nicolson" }, 1, "dtt", "time = \"central\""},
		{"dt(u) = grad(u)", nil, 9, "grad", "inside div"},
		{"dt(u) = div(u)", nil, 9, "div", "div(a*grad(u))"},
		{"div(grad(u)*grad(u)) = u", nil, 12, "*", "a*grad(u)"},
		{"div(u + grad(u)) = u", nil, 7, "+", "is no vector"},
		{"div(2*sin(grad(u))) = u", nil, 7, "sin", "grad is a vector"},
		{"dxy(u) = 0", func(s *Spec) {
			s.Axes = []Axis{{Name: "x", Points: 5, Length: 1, Boundary: "neumann k"}, {Name: "y", Points: 5, Length: 1, Boundary: "neumann"}}
			s.Fields = []Field{{Name: "k", Axes: []string{"none"}}, {Name: "u"}}
		}, 1, "dxy", "beyond two walls"},
		{"nu = 1", nil, 4, "=", "no field is in this equation"},
		{"dt(u) = dxx(u)", unruled, 9, "dxx", "u has no boundary rule at the right of x|none periodic dirichlet neumann"},
		{"dt(u) = dxx(u)", two, 9, "dxx", "its 2 points are too few"},
		{"dt(u) = u[1]", nil, 10, "[", "no meaning in an equation"},
		{"dt(u) = u ? 1 : 2", nil, 11, "?", "no conditions"},
		{"dt(u) = (u", nil, 9, "(", "never closed"},
		{"dt(u) = 1/0", nil, 10, "/", "division by zero"},
		{"= u", nil, 1, "", "empty"},
		{"dt(u) + dx(k*u**3) = 0", func(s *Spec) { s.Flux = "godunov" }, 9, "dx", "quadratic or linear"},
		{"dt(u) + dx(u*v) = 0", func(s *Spec) { s.Flux, s.Fields[1] = "rusanov", Field{Name: "v"} }, 9, "dx", "one field that varies along x, and u*v has 2"},
		{"dt(u) + dx(u**3) = 0", func(s *Spec) { s.Flux = "godunov" }, 9, "dx", "flux = \"rusanov\""},
		{"dt(u) + dx(abs(u)) = 0", func(s *Spec) { s.Flux = "rusanov" }, 12, "abs", "none at kinks"},
		{"dt(u) = dxx(dxx(dxx(dxx(dxx(dxx(dxx(u)))))))", nil, 33, "dxx", "more than 6 operators"},
		{"dt(u) + u*dx(u) - nu*dx(u) = 0", units, 17, "-", "is in m/s^2|nu*dx(u) in m^2/s^2"},
		{"dt(u) = u", units, 7, "=", "the left side is in m/s^2, the right side in m/s"},
		{"dt(u) = k*u + exp(u)*force", units, 15, "exp", "u is in m/s|pure number"},
		{"dt(u) = force*2**u", units, 16, "**", "the exponent u is in m/s"},
		{"dt(u) = k*u + nu*lap(u) + dx(u*u) + min(force, u)", units, 37, "min", "force is in m/s^2, u in m/s"},
		{"dt(u) = u*pi", func(s *Spec) { s.Units = map[string]string{"u": "m", "x": "m"} }, 1, "dt", "coordinate t has no unit"},
	} {
		s := errorsGrid()
		s.Equation = c.text
		if c.change != nil {
			c.change(&s)
		}
		_, err := Parse(s)
		var e *expr.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an error with a place", c.text, err)
			continue
		}
		if e.Column != c.column || e.Token != c.token || e.Source != c.text {
			t.Errorf("%s: column %d, token %q (%s); want %d, %q", c.text, e.Column, e.Token, e.Message, c.column, c.token)
		}
		for _, p := range strings.Split(c.parts, "|") {
			if !strings.Contains(e.Message, p) {
				t.Errorf("%s: %q does not say %q", c.text, e.Message, p)
			}
		}
	}
}

// Errors of the grid name the place, the value and what is allowed.
func TestErrorsOfTheGrid(t *testing.T) {
	for want, change := range map[string]func(s *Spec){
		"no equation":                             func(s *Spec) { s.Equation = "" },
		"0 axes: 1 to 4":                          func(s *Spec) { s.Axes = nil },
		"axis x: a length of 0":                   func(s *Spec) { s.Axes[1].Length = 0 },
		"axis x: 0 points":                        func(s *Spec) { s.Axes[1].Points = 0 },
		"centring \"cels\"":                       func(s *Spec) { s.Axes[1].Centring = "cels" },
		"periodic and another rule":               func(s *Spec) { s.Axes[1].Left = "neumann" },
		"did you mean neumann?":                   func(s *Spec) { s.Axes[1].Boundary = "neuman 1" },
		"times have no cells":                     func(s *Spec) { s.Axes[0].Centring = "cell" },
		"an axis is periodic for all fields":      func(s *Spec) { s.Fields[0].Rules = map[string]string{"x": "none"} },
		"inflow is the value of a cell":           func(s *Spec) { s.Axes[1].Boundary = "inflow" },
		"none has no value":                       func(s *Spec) { s.Axes[1].Boundary = "none 1" },
		"unknown column":                          func(s *Spec) { s.Axes[1].Boundary = "dirichlet q" },
		"a rate is given at the first time alone": func(s *Spec) { s.Axes[0].Right = "neumann" },
		"the initial rate of u is not used":       func(s *Spec) { s.Axes[0].Left = "neumann" },
		"no axis \"y\": axes are t, x":            func(s *Spec) { s.Fields[1].Axes = []string{"y"} },
		"in the order of the grid":                func(s *Spec) { s.Fields[0].Axes = []string{"x", "t"} },
		"rule of \"y\": keys are t, t left":       func(s *Spec) { s.Fields[0].Rules = map[string]string{"y": "none"} },
		"each name once":                          func(s *Spec) { s.Constants["u"] = 1 },
		"name of an operator":                     func(s *Spec) { s.Constants["dx"] = 1 },
		"name of a function":                      func(s *Spec) { s.Constants["sin"] = 1 },
		"function g: ":                            func(s *Spec) { s.Functions["g"] = "sin(u)" },
		"time = \"centrall\": did you mean cent":  func(s *Spec) { s.Time = "centrall" },
		"θ is a number from 0 to 1":               func(s *Spec) { s.Time = "theta 2" },
		"flux = \"roe\"":                          func(s *Spec) { s.Flux = "roe" },
		"mean = \"harmonc\": did you mean harm":   func(s *Spec) { s.Mean = "harmonc" },
		"units: \"v\" is not a name":              func(s *Spec) { s.Units = map[string]string{"v": "m"} },
		"units of u: unit \"m^a\"":                func(s *Spec) { s.Units = map[string]string{"u": "m^a"} },
		"units of u: unit \"/s\"":                 func(s *Spec) { s.Units = map[string]string{"u": "/s"} },
	} {
		s := errorsGrid()
		s.Equation = "dt(u) = dxx(u) + k*force"
		change(&s)
		if _, err := Parse(s); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "equation: ") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Units of the residual.
func TestUnits(t *testing.T) {
	s := errorsGrid()
	s.Equations = []string{"dt(u) + u*dx(u) - nu*dxx(u) = 0", "0 = dx(dx(nu*u)) + sqrt(u**2)*k*2 - dt(u)", "abs(u)**0.5*u = 0"}
	s.Units = map[string]string{"u": "m s^-1", "nu": "m^2/s", "x": "m", "t": "s", "k": "1/s"}
	e := checkParse(t, s)
	for i, want := range []string{"m/s^2", "m/s^2", "m^1.5/s^1.5"} {
		if got := e.Blocks()[i].Unit; got != want {
			t.Errorf("equation %d is in %s, want %s", i+1, got, want)
		}
	}
}

// Whatever the text: reading it never panics, errors point into it, and what is read has
// derivatives that are each other's adjoints.
func FuzzEquation(f *testing.F) {
	for _, s := range checkSpecs() {
		f.Add(s.Equation, "godunov", "m/s")
	}
	for _, s := range []string{"dt(u) = dx(dx(u*dx(u)))", "dxy(u) = 0", "u = = 0", "div(u*grad(k)) = u", "lap(lap(u)) = 1/u", "pow(u, k) = min(u, 1)", "dx('u') = 0", "u\n= \"", "dtt(u) + dt(u)**-1 = 0",
		"dx(u*u) + dx(exp(u)) = dx(force*u)", "grad(u) = 0", "a == 0", "div(grad(u)*grad(u)) = 0", "dtx(u) = dt(dx(u))", "u = (= 0)", "((u)) = ()", "dx(sin()) = u", "u.x = 0", "-+u = .5"} {
		f.Add(s, "rusanov", "1/s^2")
	}
	f.Fuzz(func(t *testing.T, text, flux, unit string) {
		s := errorsGrid()
		s.Equation, s.Flux = text, flux
		if len(unit) > 3 {
			s.Units = map[string]string{"u": unit, "x": "m", "t": "s", "k": "1", "nu": "m"}
		}
		e, err := Parse(s)
		if err != nil {
			var w *expr.Error
			if errors.As(err, &w) && (w.Line < 1 || w.Column < 1 || w.Message == "" || w.Source != text) {
				t.Fatalf("%q: misplaced error %+v", text, w)
			}
			return
		}
		u, d, r := make([]float64, e.Dim()), make([]float64, e.Dim()), make([]float64, e.Rows())
		for i := range u {
			u[i] = 0.5 + float64(i%7)/9
		}
		e.Residual(r, u)
		e.JVP(r, u, u)
		e.VJP(d, u, r)
		if a, b := checkDot(r, r), checkDot(u, d); !(abs(a-b) <= 1e-9*(abs(a)+checkNorm(u)*checkNorm(d))) && !bad(a) && !bad(b) {
			t.Fatalf("%q: |J u|² = %g, ⟨u, Jᵀ J u⟩ = %g", text, a, b)
		}
		if e.String() == "" || e.Label(0) == "" {
			t.Fatalf("%q: nothing is said of it", text)
		}
	})
}

func abs(a float64) float64 { return max(a, -a) }
func bad(a float64) bool    { return a-a != 0 }
