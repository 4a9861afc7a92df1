package equation

import (
	"fmt"
	"math"
	"testing"

	"abide/pde"
)

// manufactured is a residual that, put on the values of a smooth function, is left −
// right up to the truncation error alone: the right side is known in closed form.
type manufactured struct {
	name   string
	spec   func(n int) Spec
	exact  map[string]func(x, y, t float64) float64 // fields
	want   map[string]float64                       // stated order by axis, and the one observed
	inside func(x, y, t float64) bool               // nil: everywhere
	walls  float64                                  // instead, the order of the largest residual, where rules lower it
}

func smooth(x, y, t float64) float64 { return math.Sin(2*x+0.3) * math.Cos(y-0.2) * math.Exp(-0.7*t) }

// Derivatives of smooth by text.
const (
	smoothText = "sin(2*x + 0.3)*cos(y - 0.2)*exp(-0.7*t)"
	smoothX    = "2*cos(2*x + 0.3)*cos(y - 0.2)*exp(-0.7*t)"
	smoothY    = "(-sin(2*x + 0.3)*sin(y - 0.2)*exp(-0.7*t))"
	smoothXY   = "(-2*cos(2*x + 0.3)*sin(y - 0.2)*exp(-0.7*t))"
)

func manufacturedAxes(n int, names, rule, centring string) []Axis {
	var axes []Axis
	for _, r := range names {
		a := Axis{Name: string(r), Points: n, Range: []float64{0.1, 1.1}, Boundary: rule, Centring: centring}
		if r == 't' {
			a.Boundary, a.Centring, a.Points = "", "", n+1
		}
		if centring == "" && r != 't' {
			a.Points = n + 1
		}
		axes = append(axes, a)
	}
	return axes
}

func manufacturedCases() []manufactured {
	u := map[string]func(x, y, t float64) float64{"u": smooth}
	coefficient := func(x, y, _ float64) float64 { return 2 + math.Sin(x)*y }
	known := map[string]string{"s": smoothText, "sx": smoothX, "sy": smoothY, "sxy": smoothXY}
	plain := func(equation, axes, time string) func(n int) Spec {
		return func(n int) Spec {
			functions := map[string]string{}
			for name, text := range known {
				for _, c := range "xyt" {
					if !containsRune(axes, c) { // a constant coordinate
						text = replaceName(text, string(c), "0")
					}
				}
				functions[name] = text
			}
			return Spec{Equation: equation, Axes: manufacturedAxes(n, axes, "none", ""), Functions: functions, Time: time}
		}
	}
	flux := func(equation, kind, centring string) func(n int) Spec {
		return func(n int) Spec {
			s := plain(equation, "x", "")(n)
			s.Axes, s.Flux = manufacturedAxes(n, "x", "none", centring), kind
			return s
		}
	}
	darcy := func(mean string) func(n int) Spec {
		return func(n int) Spec {
			s := plain("div(a*grad(u)) = (cos(x)*y*sx + sin(x)*sy) - (2 + sin(x)*y)*5*s", "xy", "")(n)
			s.Fields, s.Mean = []Field{{Name: "a"}, {Name: "u"}}, mean
			return s
		}
	}
	both := map[string]func(x, y, t float64) float64{"u": smooth, "a": coefficient}
	walled := func(left, right, centring string) func(n int) Spec {
		return func(n int) Spec {
			s := plain("dxx(u) = -4*s", "x", "")(n)
			s.Axes = manufacturedAxes(n, "x", "", centring)
			s.Axes[0].Left, s.Axes[0].Right = left, right
			return s
		}
	}
	corners := func(n int) Spec {
		s := plain("dxy(u) = sxy", "xy", "")(n)
		s.Axes = manufacturedAxes(n, "xy", "", "")
		s.Axes[0].Boundary, s.Axes[1].Boundary = "neumann "+replaceName(smoothX, "t", "0"), "neumann "+replaceName(smoothY, "t", "0")
		s.Axes[1].Centring, s.Axes[1].Points = "cell", n
		return s
	}
	cellCorners := func(n int) Spec { // a value beyond a wall is off by c h² u_xx, of which dxy takes c h u_xxy/2
		s := corners(n)
		s.Axes[0].Centring, s.Axes[0].Points, s.Axes[0].Boundary = "cell", n, "dirichlet "+replaceName(smoothText, "t", "0")
		return s
	}
	inflow := func(n int) Spec { // from the middle of the cell beyond
		s := flux("dx(u**2/2 + u) = (s + 1)*sx", "godunov", "cell")(n)
		s.Axes[0].Boundary, s.Axes[0].Left, s.Axes[0].Right = "", fmt.Sprintf("inflow sin(2*(x - %g) + 0.3)*cos(0.2)", 0.5/float64(n)), "none"
		return s
	}
	slope := "2*cos(2*x + 0.3)*cos(0.2)"
	value := "sin(2*x + 0.3)*cos(0.2)"
	order := func(x, t float64) map[string]float64 {
		m := map[string]float64{}
		if x > 0 {
			m["x"] = x
		}
		if t > 0 {
			m["t"] = t
		}
		return m
	}
	return []manufactured{
		{name: "dx", spec: plain("dx(u) = sx", "x", ""), exact: u, want: order(2, 0)},
		{name: "dxx", spec: plain("dxx(u) = -4*s", "x", ""), exact: u, want: order(2, 0)},
		{name: "dxy", spec: plain("dxy(u) = sxy", "xy", ""), exact: u, want: map[string]float64{"x": 2, "y": 2}},
		{name: "lap", spec: plain("lap(u) = -5*s", "xy", ""), exact: u, want: map[string]float64{"x": 2, "y": 2}},
		{name: "biharmonic", spec: plain("lap(lap(u)) = 25*s", "xy", ""), exact: u, want: map[string]float64{"x": 2, "y": 2}},
		{name: "third", spec: plain("dx(dxx(u)) = -4*sx", "x", ""), exact: u, want: order(2, 0)},
		{name: "product", spec: plain("u*dx(u) + exp(u)*dyy(u) = s*sx - exp(s)*s", "xy", ""), exact: u, want: map[string]float64{"x": 2, "y": 2}},
		{name: "flux form", spec: plain("dx(u**2*dx(u)) = 2*s*sx**2 - 4*s**3", "x", ""), exact: u, want: order(2, 0)},
		{name: "total flux", spec: plain("dx(u**2/2 - 0.3*dx(u)) = s*sx + 1.2*s", "x", ""), exact: u, want: order(2, 0)},
		{name: "arithmetic", spec: darcy("arithmetic"), exact: both, want: map[string]float64{"x": 2, "y": 2}},
		{name: "harmonic", spec: darcy("harmonic"), exact: both, want: map[string]float64{"x": 2, "y": 2}},
		{name: "dx of f", spec: flux("dx(u**3) = 3*s**2*sx", "", "cell"), exact: u, want: order(2, 0)},
		{name: "godunov", spec: flux("dx(u**2/2 - 0.4*u) = (s - 0.4)*sx", "godunov", "cell"), exact: u, want: order(1, 0)},
		{name: "godunov concave", spec: flux("dx(u*(1 - u)) = (1 - 2*s)*sx", "godunov", "cell"), exact: u, want: order(1, 0)},
		{name: "upwind", spec: flux("dx(-3*u) = -3*sx", "godunov", "cell"), exact: u, want: order(1, 0)},
		{name: "osher", spec: flux("dx(u**2/2 - 0.4*u) = (s - 0.4)*sx", "engquist-osher", "cell"), exact: u, want: order(1, 0)},
		{name: "rusanov", spec: flux("dx(exp(u) + sin(u)/(2 + u)) = (exp(s) + cos(s)/(2 + s) - sin(s)/(2 + s)**2)*sx", "rusanov", "cell"), exact: u, want: order(1, 0)},
		{name: "transport and diffusion", spec: flux("dx(u**2/2 - 0.4*u - 0.3*dx(u)) = (s - 0.4)*sx + 1.2*s", "godunov", "cell"), exact: u, want: order(1, 0)},
		{name: "crank-nicolson", spec: plain("dt(u) - u*dxx(u) = -0.7*s + 4*s**2", "tx", "crank-nicolson"), exact: u, want: order(2, 2)},
		{name: "nonlinear rate", spec: plain("dt(u)**2 + dt(u*u) = 0.49*s**2 - 1.4*s**2", "tx", ""), exact: u, want: order(0, 2)},
		{name: "forward", spec: plain("dt(u) - dxx(u) = 3.3*s", "tx", "forward"), exact: u, want: order(2, 1)},
		{name: "backward", spec: plain("dt(u) - dxx(u) = 3.3*s", "tx", "backward"), exact: u, want: order(2, 1)},
		{name: "central", spec: plain("dt(u) - dxx(u) = 3.3*s", "tx", "central"), exact: u, want: order(2, 2)},
		{name: "leap-frog", spec: plain("dtt(u) - 2*dxx(u) + dt(u) = 7.79*s", "tx", ""), exact: u, want: order(2, 2)},
		{name: "mixed rate", spec: plain("dtx(u) = -0.7*sx", "tx", ""), exact: u, want: order(2, 2)},
		{name: "corners", spec: corners, exact: u, want: map[string]float64{"x": 2, "y": 2}, walls: 2},
		{name: "corners of cells", spec: cellCorners, exact: u, want: map[string]float64{"x": 2, "y": 2}, walls: 1},
		{name: "inflow", spec: inflow, exact: u, want: order(1, 0), walls: 1},
		{name: "neumann vertex", spec: walled("neumann "+slope, "neumann "+slope, ""), exact: u, want: order(2, 0), walls: 1},
		{name: "neumann cell", spec: walled("neumann "+slope, "neumann "+slope, "cell"), exact: u, want: order(2, 0), walls: 1},
		{name: "dirichlet vertex", spec: walled("dirichlet "+value, "dirichlet "+value, ""), exact: u, want: order(2, 0), walls: 2},
		{name: "dx beside dirichlet cell", spec: func(n int) Spec {
			s := walled("dirichlet "+value, "dirichlet "+value, "cell")(n)
			s.Equation = "dx(u) = sx"
			return s
		}, exact: u, want: order(2, 0), walls: 1},
		{name: "dirichlet cell", spec: walled("dirichlet "+value, "dirichlet "+value, "cell"), exact: u, want: order(2, 0), walls: -1},
	}
}

func containsRune(s string, r rune) bool {
	for _, c := range s {
		if c == r {
			return true
		}
	}
	return false
}

// replaceName puts text in place of a one-letter name that is a word of its own.
func replaceName(s, name, text string) string {
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' }
	out := ""
	for i := 0; i < len(s); i++ {
		if s[i] == name[0] && (i == 0 || !letter(s[i-1])) && (i+1 == len(s) || !letter(s[i+1])) {
			out += text
			continue
		}
		out += string(s[i])
	}
	return out
}

// state samples the exact fields.
func (c *manufactured) state(e *Equation) []float64 {
	u := make([]float64, e.Dim())
	for _, f := range e.fields {
		for k := range f.size {
			at := map[string]float64{}
			for i := range e.axes {
				if f.on[i] {
					at[e.axes[i].name] = e.axes[i].at(k / f.stride[i] % e.axes[i].points)
				}
			}
			u[f.offset+k] = c.exact[f.name](at["x"], at["y"], at["t"])
		}
	}
	return u
}

// Every stencil has the order that its block states: all axes are refined at once, so
// that the lowest order shows; beside walls it is the one that the block says.
func TestStatedOrder(t *testing.T) {
	for _, c := range manufacturedCases() {
		t.Run(c.name, func(t *testing.T) {
			var h, rms, largest []float64
			lowest := math.Inf(1)
			for _, n := range []int{40, 80, 160} {
				e := checkParse(t, c.spec(n))
				r := make([]float64, e.Rows())
				e.Residual(r, c.state(e))
				b := e.Blocks()[0]
				if len(b.Order) != len(c.want) {
					t.Errorf("orders %v are stated, want %v", b.Order, c.want)
				}
				for axis, o := range c.want {
					if float64(b.Order[axis]) != o {
						t.Errorf("order %d in %s is stated, want %g", b.Order[axis], axis, o)
					}
					lowest = min(lowest, o)
				}
				sum, top, count := 0.0, 0.0, 0
				for k, v := range r[:b.N] {
					top = max(top, math.Abs(v))
					at := e.blocks[0].places.at(k, len(e.axes))
					if c.walls != 0 && (at[0] < 2 || at[0] > e.axes[0].points-3) {
						continue
					}
					sum += v * v
					count++
				}
				h, rms, largest = append(h, 1/float64(n)), append(rms, math.Sqrt(sum/float64(count))), append(largest, top)
			}
			if o, verdict := pde.Observed(h, rms); math.Abs(o-lowest) > 0.1 {
				t.Errorf("order %.3f, stated %g: %s %.3g", o, lowest, verdict, rms)
			}
			if c.walls == 0 {
				return
			}
			want := max(c.walls, 0)
			if o, verdict := pde.Observed(h, largest); math.Abs(o-want) > 0.1 {
				t.Errorf("beside walls order %.3f, stated %g: %s %.3g", o, want, verdict, largest)
			}
		})
	}
}

// With the coarse direction made finer by the other's order, a scheme of order 1 in t and
// 2 in x shows 2 under Δt ∝ h².
func TestOrderInSpaceOfFirstOrderSchemes(t *testing.T) {
	for _, c := range manufacturedCases() {
		if c.name != "forward" && c.name != "backward" {
			continue
		}
		var h, rms []float64
		for _, n := range []int{12, 24, 48} {
			s := c.spec(n)
			s.Axes[0].Points = n*n + 1
			e := checkParse(t, s)
			r := make([]float64, e.Rows())
			e.Residual(r, c.state(e))
			h, rms = append(h, 1/float64(n)), append(rms, checkNorm(r)/math.Sqrt(float64(len(r))))
		}
		if o, verdict := pde.Observed(h, rms); math.Abs(o-2) > 0.1 {
			t.Errorf("%s: order %.3f under Δt ∝ h²: %s %.3g", c.name, o, verdict, rms)
		}
	}
}
