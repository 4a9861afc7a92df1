package inverse

import (
	"math"
	"testing"
)

// The banana of Rosenbrock in 6 columns from far away, and a quadratic with
// eigenvalues from 1 to 10⁶: to the minimum, though each is told one evaluation at a
// time, and values go down only.
func TestLBFGSMinimises(t *testing.T) {
	const d = 6
	problems := map[string]func(x, g []float64) float64{
		"banana": func(x, g []float64) float64 {
			var f float64
			clear(g)
			for i := range d - 1 {
				a, b := x[i+1]-x[i]*x[i], 1-x[i]
				f += 100*a*a + b*b
				g[i] -= 400*a*x[i] + 2*b
				g[i+1] += 200 * a
			}
			return f
		},
		"stiff": func(x, g []float64) float64 {
			var f float64
			for i := range x {
				l := math.Pow(10, float64(6*i)/(d-1))
				f += l * (x[i] - 1) * (x[i] - 1) / 2
				g[i] = l * (x[i] - 1)
			}
			return f
		},
	}
	for name, f := range problems {
		l := lbfgs{d, 8}
		row, x, g := make([]float64, l.size()), make([]float64, d), make([]float64, d)
		_, value, z, _, _ := l.parts(row)
		copy(z, []float64{-1.2, 1, -0.5, 2, -2, 0.3})
		best, evaluations := math.Inf(1), 0
		for ; evaluations < 400 && best > 1e-20; evaluations++ {
			l.trial(x, row)
			if l.told(row, f(x, g), g) && *value > best {
				t.Fatalf("%s: the value rose from %g to %g", name, best, *value)
			}
			best = *value
		}
		t.Logf("%s: %d evaluations", name, evaluations)
		for i, v := range z {
			if !(math.Abs(v-1) <= 1e-8) {
				t.Errorf("%s: column %d is %.10f, want 1", name, i, v)
			}
		}
	}
}

// A value that is no number is a trial too long.
func TestLBFGSStepsBackFromNaN(t *testing.T) {
	l := lbfgs{1, 8}
	row, x := make([]float64, l.size()), make([]float64, 1)
	_, _, z, _, _ := l.parts(row)
	z[0] = 0.4
	for range 60 { // x − ln x, which is no number below 0, from the steep side
		l.trial(x, row)
		l.told(row, 8*x[0]-math.Log(x[0]), []float64{8 - 1/x[0]})
	}
	if !(math.Abs(z[0]-0.125) <= 1e-7) {
		t.Errorf("minimum at %g, want 0.125", z[0])
	}
}
