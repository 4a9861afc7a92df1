package potential

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

var _ Gaussian = (*measurement)(nil)

// measurement is E(x) = Σᵢ (aᵢ·x − yᵢ)²/(2vᵢ), the negative log-likelihood of
// y = A x + √v ⊙ n, n ~ N(0, I), without its constant Σᵢ ½ log(2πvᵢ).
type measurement struct {
	name  string
	dim   int
	a     []float64 // m×d, row-major
	y, v  []float64 // m
	scale []float64 // 1/√v
}

// NewMeasurement is the measurement of y (length m) through the matrix a (m
// rows of d numbers) with Gaussian noise. std is the noise's standard deviation
// in the unit of y: one number for all rows, or one for each.
func NewMeasurement(name string, a [][]float64, y, std []float64) (Gaussian, error) {
	fail := failer(name)
	if len(a) == 0 || len(a[0]) == 0 {
		return nil, fail("the matrix is empty: give it one row for each value of y")
	}
	d := len(a[0])
	flat := make([]float64, 0, len(a)*d)
	for i, row := range a {
		if len(row) != d {
			return nil, fail("matrix row %d has %d numbers, row 0 has %d: give all rows one number for each column", i, len(row), d)
		}
		zero := true
		for j, v := range row {
			if !finite(v) {
				return nil, fail("matrix row %d, column %d is %g: want a finite number", i, j, v)
			}
			zero = zero && v == 0
		}
		if zero {
			return nil, fail("matrix row %d is all zeros and measures nothing: leave it out, with its y", i)
		}
		flat = append(flat, row...)
	}
	return newMeasurement(name, d, flat, y, std)
}

// NewMask is the measurement of single columns of points of dim columns:
// y[i] = x[index[i]] + noise, with noise as for [NewMeasurement].
func NewMask(name string, dim int, index []int, y, std []float64) (Gaussian, error) {
	fail := failer(name)
	if len(index) == 0 {
		return nil, fail("no column is measured: give at least one index")
	}
	a := make([]float64, len(index)*dim)
	seen := map[int]int{}
	for i, j := range index {
		if j < 0 || j >= dim {
			return nil, fail("index %d (entry %d) is out of range: columns are 0 to %d", j, i, dim-1)
		}
		if first, again := seen[j]; again {
			return nil, fail("column %d is measured twice, by entries %d and %d: give their mean once, with the smaller noise", j, first, i)
		}
		seen[j] = i
		a[i*dim+j] = 1
	}
	return newMeasurement(name, dim, a, y, std)
}

func newMeasurement(name string, dim int, a, y, std []float64) (Gaussian, error) {
	fail := failer(name)
	m := len(a) / dim
	if len(y) != m {
		return nil, fail("%d values of y for %d measured rows: give one for each", len(y), m)
	}
	if len(std) != 1 && len(std) != m {
		return nil, fail("%d values of std for %d measured rows: give one, or one for each", len(std), m)
	}
	p := &measurement{name: name, dim: dim, a: a, y: append([]float64(nil), y...)}
	for i := range m {
		s := std[min(i, len(std)-1)]
		if !finite(y[i]) {
			return nil, fail("y[%d] is %g: want a finite number", i, y[i])
		}
		if !(s > 0) || !finite(s) || s*s == 0 || !finite(s*s) {
			return nil, fail("std[%d] is %g: want a positive number of the size of the noise; what is known exactly is a constraint of kind fixed or linear-equality", min(i, len(std)-1), s)
		}
		p.v, p.scale = append(p.v, s*s), append(p.scale, 1/s)
	}
	return p, nil
}

// failer makes the errors of the measurement of that name.
func failer(name string) func(format string, args ...any) error {
	return func(format string, args ...any) error {
		return fmt.Errorf("potential: measurement %q: %s", name, fmt.Sprintf(format, args...))
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (p *measurement) Name() string { return p.name }

// Observation returns A (row-major m×d), y and v (m). They must not be changed.
func (p *measurement) Observation() (a, y, variance []float64) { return p.a, p.y, p.v }

// Energy is x [N, d] → [N], as ½ Σ of squares of residuals over their noise.
func (p *measurement) Energy(x *Node) *Node {
	m := len(p.y)
	weights, target := make([][]float64, p.dim), make([]float64, m) // Aᵀ/√v [d, m], y/√v
	for j := range weights {
		weights[j] = make([]float64, m)
		for i := range m {
			weights[j][i] = p.a[i*p.dim+j] * p.scale[i]
		}
	}
	for i := range m {
		target[i] = p.y[i] * p.scale[i]
	}
	r := graph.Sub(graph.MatMul(x, graph.ConstAs(x, weights)), graph.ConstAs(x, [][]float64{target}))
	return graph.MulScalar(graph.ReduceSum(graph.Square(r), 1), 0.5)
}

func (p *measurement) EnergyAt(x []float64) float64 {
	e := 0.0
	for i, y := range p.y {
		r := dot(p.a[i*p.dim:(i+1)*p.dim], x) - y
		e += r * r / (2 * p.v[i])
	}
	return e
}

func (p *measurement) GradientAt(x, g []float64) float64 {
	clear(g)
	e := 0.0
	for i, y := range p.y {
		row := p.a[i*p.dim : (i+1)*p.dim]
		r := dot(row, x) - y
		e += r * r / (2 * p.v[i])
		for j, a := range row {
			g[j] += a * r / p.v[i]
		}
	}
	return e
}

func dot(a, x []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * x[i]
	}
	return s
}
