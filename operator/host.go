package operator

import (
	"context"
	"fmt"
	"math"
)

// Host is a forward map A from d to m numbers that is computed on the host, by a solver,
// and has no graph. It is safe for several goroutines. A call that fails, or is
// cancelled, has an error; what it wrote then means nothing.
type Host interface {
	// Dims are d and m.
	Dims() (d, m int)
	// At writes A(x) to y.
	At(ctx context.Context, y, x []float64) error
	// VJP writes (∂A/∂x)ᵀ c to g: the adjoint of what At computes, not of the equation.
	VJP(ctx context.Context, g, x, c []float64) error
}

// Linearised is a Host that gives all rows of its derivative for less than m products:
// one state, one matrix, m adjoint solutions.
type Linearised interface {
	Host
	// Linearise writes A(x) to y and ∂A/∂x, row-major m×d, to jac.
	Linearise(ctx context.Context, y, jac, x []float64) error
}

// Linearise is A(x) and ∂A/∂x of any Host, where it has no better way by m products.
func Linearise(ctx context.Context, a Host, y, jac, x []float64) error {
	if l, ok := a.(Linearised); ok {
		return l.Linearise(ctx, y, jac, x)
	}
	if err := a.At(ctx, y, x); err != nil {
		return err
	}
	d, m := a.Dims()
	unit := make([]float64, m)
	for i := range m {
		unit[i] = 1
		if err := a.VJP(ctx, jac[i*d:(i+1)*d], x, unit); err != nil {
			return err
		}
		unit[i] = 0
	}
	return nil
}

// OnHost is the host form of an operator that has a graph as well.
func OnHost(a Operator) Host { return onHost{a} }

type onHost struct{ a Operator }

func (h onHost) Dims() (d, m int) { return h.a.Dims() }

func (h onHost) At(ctx context.Context, y, x []float64) error {
	h.a.ApplyAt(y, x)
	return ctx.Err()
}

func (h onHost) VJP(ctx context.Context, g, x, c []float64) error {
	h.a.VJPAt(g, x, c)
	return ctx.Err()
}

// SeenFrom is a Host in sampler coordinates u, x = shift + scale ⊙ u, whose numbers are
// looked at: what is not finite is an [OutputError].
func SeenFrom(a Host, shift, scale []float64) Linearised { return &fromSampler{a, shift, scale} }

type fromSampler struct {
	a            Host
	shift, scale []float64
}

// OutputError is a number of a solver that is not finite.
type OutputError struct {
	What  string // "value" or "derivative"
	Index int    // which measured value, or which column of the derivative
	Value float64
}

func (e *OutputError) Error() string {
	return fmt.Sprintf("operator: %s %d of the solver is %g: the point is beyond what the solver can do, or the solver is wrong there", e.What, e.Index, e.Value)
}

func looked(what string, v []float64) error {
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return &OutputError{what, i, x}
		}
	}
	return nil
}

func (s *fromSampler) Dims() (d, m int) { return s.a.Dims() }

func (s *fromSampler) x(u []float64) []float64 {
	x := make([]float64, len(u))
	for i, v := range u {
		x[i] = s.shift[i] + s.scale[i]*v
	}
	return x
}

func (s *fromSampler) At(ctx context.Context, y, u []float64) error {
	if err := s.a.At(ctx, y, s.x(u)); err != nil {
		return err
	}
	return looked("value", y)
}

func (s *fromSampler) VJP(ctx context.Context, g, u, c []float64) error {
	if err := s.a.VJP(ctx, g, s.x(u), c); err != nil {
		return err
	}
	for i, v := range s.scale {
		g[i] *= v
	}
	return looked("derivative", g)
}

func (s *fromSampler) Linearise(ctx context.Context, y, jac, u []float64) error {
	if err := Linearise(ctx, s.a, y, jac, s.x(u)); err != nil {
		return err
	}
	if err := looked("value", y); err != nil {
		return err
	}
	d := len(u)
	for i := range y {
		row := jac[i*d : (i+1)*d]
		for j, v := range s.scale {
			row[j] *= v
		}
		if err := looked("derivative", row); err != nil {
			return err
		}
	}
	return nil
}

// StackHosts sees a point through all of them, values one after another.
func StackHosts(all ...Host) Host {
	if len(all) == 1 {
		return all[0]
	}
	return stackedHosts(all)
}

type stackedHosts []Host

func (s stackedHosts) Dims() (d, m int) {
	for _, a := range s {
		var k int
		d, k = a.Dims()
		m += k
	}
	return d, m
}

func (s stackedHosts) At(ctx context.Context, y, x []float64) error {
	for _, a := range s {
		_, m := a.Dims()
		if err := a.At(ctx, y[:m], x); err != nil {
			return err
		}
		y = y[m:]
	}
	return nil
}

func (s stackedHosts) VJP(ctx context.Context, g, x, c []float64) error {
	clear(g)
	part := make([]float64, len(g))
	for _, a := range s {
		_, m := a.Dims()
		if err := a.VJP(ctx, part, x, c[:m]); err != nil {
			return err
		}
		for i, v := range part {
			g[i] += v
		}
		c = c[m:]
	}
	return nil
}

func (s stackedHosts) Linearise(ctx context.Context, y, jac, x []float64) error {
	for _, a := range s {
		d, m := a.Dims()
		if err := Linearise(ctx, a, y[:m], jac[:m*d], x); err != nil {
			return err
		}
		y, jac = y[m:], jac[m*d:]
	}
	return nil
}

// HostRows sees some of what a Host gives, where the rest was not measured.
func HostRows(a Host, index []int) Host { return hostRows{a, index} }

type hostRows struct {
	a     Host
	index []int
}

func (h hostRows) Dims() (d, m int) {
	d, _ = h.a.Dims()
	return d, len(h.index)
}

func (h hostRows) all() []float64 {
	_, m := h.a.Dims()
	return make([]float64, m)
}

func (h hostRows) At(ctx context.Context, y, x []float64) error {
	all := h.all()
	if err := h.a.At(ctx, all, x); err != nil {
		return err
	}
	for i, j := range h.index {
		y[i] = all[j]
	}
	return nil
}

func (h hostRows) VJP(ctx context.Context, g, x, c []float64) error {
	all := h.all()
	for i, j := range h.index {
		all[j] = c[i]
	}
	return h.a.VJP(ctx, g, x, all)
}

func (h hostRows) Linearise(ctx context.Context, y, jac, x []float64) error {
	all := h.all()
	d := len(x)
	rows := make([]float64, len(all)*d)
	if err := Linearise(ctx, h.a, all, rows, x); err != nil {
		return err
	}
	for i, j := range h.index {
		y[i] = all[j]
		copy(jac[i*d:(i+1)*d], rows[j*d:(j+1)*d])
	}
	return nil
}
