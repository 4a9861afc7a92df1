package potential

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"abide/operator"
)

// Measurement is E(x) = −log p(y | A(x)) without its constant: y was seen through
// the operator A with a noise. With Gaussian noise N(0, R) that is ½ rᵀR⁻¹r of
// r = y − A(x).
type Measurement struct {
	name  string
	Op    operator.Operator
	Y     []float64 // m
	Noise Noise

	scratch sync.Pool // *[]float64: A(x), then ∂E/∂A
}

var _ Potential = (*Measurement)(nil)

// NewMeasured is the measurement y of A(x) with any noise.
func NewMeasured(name string, op operator.Operator, y []float64, noise Noise) (*Measurement, error) {
	if err := fit(op, y, noise, false); err != nil {
		return nil, failer(name)("%v", err)
	}
	return &Measurement{name: name, Op: op, Y: slices.Clone(y), Noise: noise}, nil
}

// fit refuses data that the operator and the noise cannot have given.
func fit(op operator.Operator, y []float64, noise Noise, missing bool) error {
	if _, m := op.Dims(); len(y) != m {
		return fmt.Errorf("%d values of y for %d measured rows: give one for each", len(y), m)
	}
	if n, ok := noise.(*Normal); ok && len(n.variance) != len(y) {
		return fmt.Errorf("noise of %d numbers for %d measured rows: give one for each", len(n.variance), len(y))
	}
	counts, counted := noise.(Poisson)
	for i, v := range y {
		switch {
		case missing && math.IsNaN(v):
		case !finite(v):
			return fmt.Errorf("y[%d] is %g: want a finite number; what was not measured is left out, or NaN with missing = true", i, v)
		case counted && !counts.allows(v):
			return fmt.Errorf("y[%d] is %g: Poisson noise is of counts, whole numbers from 0; data in another unit are multiplied by the gain first", i, v)
		}
	}
	return nil
}

// NewMeasurement is the measurement of y (length m) through the matrix a (m
// rows of d numbers) with independent Gaussian noise. std is the noise's standard
// deviation in the unit of y: one number for all rows, or one for each.
func NewMeasurement(name string, a [][]float64, y, std []float64) (*Measurement, error) {
	op, err := operator.NewMatrix(a)
	if err != nil {
		return nil, failer(name)("%v", err)
	}
	return independent(name, op, y, std)
}

// NewMask is the measurement of single columns of points of dim columns:
// y[i] = x[index[i]] + noise, with noise as for [NewMeasurement].
func NewMask(name string, dim int, index []int, y, std []float64) (*Measurement, error) {
	op, err := operator.NewMask(dim, index)
	if err != nil {
		return nil, failer(name)("%v", err)
	}
	return independent(name, op, y, std)
}

func independent(name string, op operator.Operator, y, std []float64) (*Measurement, error) {
	fail := failer(name)
	_, m := op.Dims()
	if len(std) != 1 && len(std) != m {
		return nil, fail("%d values of std for %d measured rows: give one, or one for each", len(std), m)
	}
	if len(std) == 1 {
		std = slices.Repeat(std, m)
	}
	noise, err := NewNormal(std)
	if err != nil {
		return nil, fail("%v", err)
	}
	return NewMeasured(name, op, y, noise)
}

// failer makes the errors of the measurement of that name.
func failer(name string) func(format string, args ...any) error {
	return func(format string, args ...any) error {
		return fmt.Errorf("potential: measurement %q: %s", name, fmt.Sprintf(format, args...))
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Name is what reports call the measurement.
func (p *Measurement) Name() string { return p.name }

// Energy is x [N, d] → [N].
func (p *Measurement) Energy(x *Node) *Node { return p.Noise.Energy(p.Op.Apply(x), p.Y) }

// EnergyAt is E of one point.
func (p *Measurement) EnergyAt(x []float64) float64 {
	buffer := p.buffer()
	defer p.scratch.Put(buffer)
	at := (*buffer)[:len(p.Y)]
	p.Op.ApplyAt(at, x)
	return p.Noise.EnergyAt(at, p.Y, nil)
}

func (p *Measurement) buffer() *[]float64 {
	if b, ok := p.scratch.Get().(*[]float64); ok {
		return b
	}
	b := make([]float64, 2*len(p.Y))
	return &b
}

// GradientAt writes ∂E/∂x = (∂A/∂x)ᵀ ∂E/∂A to g.
func (p *Measurement) GradientAt(x, g []float64) float64 {
	buffer := p.buffer()
	defer p.scratch.Put(buffer)
	at, c := (*buffer)[:len(p.Y)], (*buffer)[len(p.Y):]
	p.Op.ApplyAt(at, x)
	e := p.Noise.EnergyAt(at, p.Y, c)
	p.Op.VJPAt(g, x, c)
	return e
}

// Gaussian tells whether the noise is Gaussian.
func (p *Measurement) Gaussian() (*Normal, bool) { n, ok := p.Noise.(*Normal); return n, ok }

// Linear is the operator's matrix H, as an operator, and the data without the
// operator's constant, y = H x + n; ok is false where it is not linear or the noise
// not Gaussian.
func (p *Measurement) Linear() (h operator.Linear, y []float64, ok bool) {
	if _, gaussian := p.Gaussian(); !gaussian {
		return nil, nil, false
	}
	h, b, ok := operator.Split(p.Op)
	if !ok {
		return nil, nil, false
	}
	y = slices.Clone(p.Y)
	for i, v := range b {
		y[i] -= v
	}
	return h, y, true
}

// Rows writes a linear Gaussian measurement as independent scalar ones,
// E(x) = Σᵢ (aᵢ·x − yᵢ)²/(2 vᵢ): A (row-major m×d), y and v (m). Correlated noise is
// whitened first. ok as for [Measurement.Linear].
func (p *Measurement) Rows() (a, y, variance []float64, ok bool) {
	h, y, ok := p.Linear()
	if !ok {
		return nil, nil, nil, false
	}
	a = operator.Dense(h)
	n := p.Noise.(*Normal)
	if n.Independent() {
		return a, y, n.variance, true
	}
	d, m := h.Dims()
	a = slices.Clone(a)
	n.WhitenRows(a, d)
	n.WhitenAt(y)
	return a, y, slices.Repeat([]float64{1}, m), true
}

// Standardised is the measurement in sampler coordinates u, x = shift + scale ⊙ u.
func (p *Measurement) Standardised(shift, scale []float64) *Measurement {
	return &Measurement{name: p.name, Op: operator.Standardised(p.Op, shift, scale), Y: p.Y, Noise: p.Noise}
}

// Join stacks measurements with Gaussian noise to one.
func Join(ms []*Measurement) (*Measurement, error) {
	if len(ms) == 1 {
		return ms[0], nil
	}
	out := &Measurement{}
	var ops []operator.Operator
	for i, m := range ms {
		if _, ok := m.Gaussian(); !ok {
			return nil, fmt.Errorf("potential: measurement %q: its noise is not Gaussian", m.name)
		}
		if i > 0 {
			out.name += ", "
		}
		out.name += m.name
		ops, out.Y = append(ops, m.Op), append(out.Y, m.Y...)
	}
	out.Op = operator.Stack(ops...)
	noise, err := joinNoise(ms, len(out.Y))
	if err != nil {
		return nil, fmt.Errorf("potential: %s: %w", out.name, err)
	}
	out.Noise = noise
	return out, nil
}

// joinNoise is the noise of independent measurements of size values in all.
func joinNoise(ms []*Measurement, size int) (*Normal, error) {
	noise, correlated := &Normal{}, false
	for _, m := range ms {
		n := m.Noise.(*Normal)
		noise.variance = append(noise.variance, n.variance...)
		correlated = correlated || !n.Independent()
	}
	if !correlated {
		return noise, nil
	}
	return noise, noise.factor(blockDiagonal(ms, size))
}

// blockDiagonal is the covariance of independent measurements of size values in all.
func blockDiagonal(ms []*Measurement, size int) *mat.SymDense {
	r, at := mat.NewSymDense(size, nil), 0
	for _, p := range ms {
		m := len(p.Y)
		for j, v := range p.Noise.(*Normal).Covariance() {
			if j/m >= j%m {
				r.SetSym(at+j/m, at+j%m, v)
			}
		}
		at += m
	}
	return r
}

func dot(a, x []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * x[i]
	}
	return s
}
