package physics

import (
	"fmt"
	"math"

	"abide/sparse"
)

// Energy is a shell for each of several slices of a field, with fixed nodes if wanted,
//
//	½ Σ_i m_i u_i² = E_s,   P(u)_i = u_i / (1 + λ m_i/W_i),
//
// m the weights of one slice (a lumped mass). Where W is a multiple of m, or both are
// constant, that is the scaling u ← u √(2E / uᵀMu) of the free nodes; else λ is the root
// of a monotone function of one number, by Newton's method on 1/√ of the energy (J. J.
// Moré and D. C. Sorensen, SIAM J. Sci. Stat. Comput. 4 (1983), §3, where it is the
// trust region's). Fixed nodes are overwritten, and their energy is taken off first.
//
// Cost: 4 FLOPs a number, times the steps of Newton where W is not M. The shell is
// curved: nearest is unique but for u = 0, which is an error.
type Energy struct {
	n, size int
	mass    []float64 // of the field, 0 at fixed nodes
	free    []float64 // energies left to the free nodes
	total   []float64
	weights []float64 // of one slice
	w       Metric
	radial  bool
	fixed   *Fixed
	rows    []Row
}

var (
	_ Projector = (*Energy)(nil)
	_ Tangent   = (*Energy)(nil)
	_ Weighted  = (*Energy)(nil)
)

// NewEnergy makes len(energies) shells of slices of len(mass) numbers; fixed may be nil.
func NewEnergy(mass, energies []float64, fixed *Fixed, w Metric, label Label) (*Energy, error) {
	row, err := label.row("energy", len(energies), "½ Σ_i m_i u_i² − E = 0 of each slice")
	if err != nil {
		return nil, err
	}
	e := &Energy{n: len(mass) * len(energies), size: len(mass), weights: mass, total: energies, w: w, fixed: fixed, radial: true}
	if e.n == 0 {
		return nil, fmt.Errorf("physics: %s: %d weights and %d energies: want at least one of each", row.Name, len(mass), len(energies))
	}
	if err := Metric(mass).Check(e.size); err != nil {
		return nil, fmt.Errorf("physics: %s: as weights: %w", row.Name, err)
	}
	if err := w.Check(e.n); err != nil {
		return nil, err
	}
	for range energies {
		e.mass = append(e.mass, mass...)
	}
	e.free = append([]float64(nil), energies...)
	if fixed != nil {
		if fixed.Dim() != e.n {
			return nil, fmt.Errorf("physics: %s: fields of %d numbers, its fixed nodes belong to fields of %d", row.Name, e.n, fixed.Dim())
		}
		e.rows = append(e.rows, fixed.Rows()...)
		for i, j := range fixed.nodes {
			e.free[int(j)/e.size] -= 0.5 * mass[int(j)%e.size] * fixed.values[i] * fixed.values[i]
			e.mass[j] = 0
		}
	}
	e.rows = append(e.rows, row)
	for s, x := range e.free {
		if !(x >= 0) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("physics: %s: slice %d has the energy %g, which leaves %g to its free nodes: %w", row.Name, s, energies[s], x, ErrInfeasible)
		}
		ratio := -1.
		for i, m := range e.mass[s*e.size:][:e.size] {
			if q := m * w.Inverse(s*e.size+i); m > 0 && ratio < 0 {
				ratio = q
			} else if m > 0 && math.Abs(q-ratio) > 1e-15*ratio {
				e.radial = false
			}
		}
		if ratio < 0 && x > row.Tolerance*row.Unit {
			return nil, fmt.Errorf("physics: %s: slice %d has fixed nodes alone, and %g of its energy is missing: %w", row.Name, s, x, ErrInfeasible)
		}
	}
	return e, nil
}

func (e *Energy) Dim() int       { return e.n }
func (e *Energy) Rows() []Row    { return e.rows }
func (e *Energy) Metric() Metric { return e.w }

// shells are the residuals of the energies, which follow those of fixed nodes.
func (e *Energy) shells(dst []float64) []float64 {
	if e.fixed != nil {
		return dst[len(e.fixed.nodes):]
	}
	return dst
}

func (e *Energy) Residual(dst, u []float64) {
	if e.fixed != nil {
		e.fixed.Residual(dst, u)
	}
	dst = e.shells(dst)
	for s, total := range e.total {
		var sum float64
		for i, m := range e.weights {
			x := u[s*e.size+i]
			sum += m * x * x
		}
		dst[s] = 0.5*sum - total
	}
}

func (e *Energy) JVP(dst, u, v []float64) {
	if e.fixed != nil {
		e.fixed.JVP(dst, u, v)
	}
	dst = e.shells(dst)
	for s := range e.total {
		dst[s] = 0
		for i, m := range e.weights {
			dst[s] += m * u[s*e.size+i] * v[s*e.size+i]
		}
	}
}

func (e *Energy) VJP(dst, u, w []float64) {
	clear(dst)
	if e.fixed != nil {
		e.fixed.VJP(dst, u, w)
	}
	w = e.shells(w)
	for s := range e.total {
		for i, m := range e.weights {
			dst[s*e.size+i] += w[s] * m * u[s*e.size+i]
		}
	}
}

func (e *Energy) Project(u []float64) error {
	name := e.rows[len(e.rows)-1].Name
	if err := checkField(name, e.n, u); err != nil {
		return err
	}
	if e.fixed != nil {
		if err := e.fixed.Project(u); err != nil {
			return err
		}
	}
	for s := range e.total {
		if err := e.scale(s, u); err != nil {
			return fmt.Errorf("physics: %s: slice %d: %w", name, s, err)
		}
	}
	return nil
}

// scale moves the free nodes of a slice to its shell.
func (e *Energy) scale(s int, u []float64) error {
	first := s * e.size
	mass, part, want := e.mass[first:first+e.size], u[first:first+e.size], 2*e.free[s]
	lowest, largest := math.Inf(1), 0.
	var has float64
	for i, m := range mass {
		if m > 0 {
			has += m * part[i] * part[i]
			q := m * e.w.Inverse(first+i)
			lowest, largest = math.Min(lowest, q), math.Max(largest, q)
		}
	}
	if largest == 0 || has == want {
		return nil
	}
	if has == 0 {
		return fmt.Errorf("a field that is zero has no nearest one of energy %g", want/2)
	}
	if e.radial || want == 0 {
		factor := math.Sqrt(want / has)
		for i, m := range mass {
			if m > 0 {
				part[i] *= factor
			}
		}
		return nil
	}
	t, err := e.secular(first, mass, part, want, lowest, largest, has)
	if err != nil {
		return err
	}
	for i, m := range mass {
		if m > 0 {
			ratio := m * e.w.Inverse(first+i) / largest
			part[i] /= 1 - ratio + t*ratio
		}
	}
	return nil
}

// secular is the root λ > −1/max(m/W) of Σ m u²/(1 + λ m/W)² = want, which falls with
// λ. Its −½th power is nearly linear: Newton's method, kept within a bracket. The unknown
// is t = 1 + λ max(m/W) > 0, which keeps its digits where the energy is to grow much.
func (e *Energy) secular(first int, mass, u []float64, want, lowest, largest, has float64) (float64, error) {
	energy := func(t float64) (f, slope float64) {
		for i, m := range mass {
			if m > 0 {
				ratio := m * e.w.Inverse(first+i) / largest
				below := 1 - ratio + t*ratio
				x := u[i] / below
				f += m * x * x
				slope -= 2 * m * x * x * ratio / below
			}
		}
		return f, slope
	}
	low, high := 0., 1.
	if has > want {
		low, high = 1, 1+(math.Sqrt(has/want)-1)*largest/lowest*(1+1e-12)
	}
	t := 1.
	for range 200 {
		f, slope := energy(t)
		if math.Abs(f-want) <= 4e-16*want {
			return t, nil
		}
		if f > want {
			low = t
		} else {
			high = t
		}
		next := t + 2*f/slope*(1-math.Sqrt(f/want))
		if !(next > low && next < high) {
			next = 0.5 * (low + high)
		}
		if next == t || next == low || next == high {
			break
		}
		t = next
	}
	if f, _ := energy(t); !(math.Abs(f-want) <= 1e-13*want) {
		return 0, fmt.Errorf("the energy %g has no nearest field that is unique: numbers of the largest m/W are zero: %w", want/2, ErrInfeasible)
	}
	return t, nil
}

func (e *Energy) Tangent(u, v []float64) error {
	if len(u) != e.n || len(v) != e.n {
		return fmt.Errorf("physics: %s: fields of %d and %d numbers where the law has %d", e.rows[len(e.rows)-1].Name, len(u), len(v), e.n)
	}
	if e.fixed != nil {
		if err := e.fixed.Tangent(u, v); err != nil {
			return err
		}
	}
	for s := range e.total {
		var along, square float64
		for i := s * e.size; i < (s+1)*e.size; i++ {
			g := e.mass[i] * u[i]
			along += g * v[i]
			square += g * g * e.w.Inverse(i)
		}
		if square == 0 {
			continue
		}
		along /= square
		for i := s * e.size; i < (s+1)*e.size; i++ {
			v[i] -= along * e.mass[i] * u[i] * e.w.Inverse(i)
		}
	}
	return nil
}

// Pattern is the Jacobian: one number for each fixed node, a slice for each shell.
func (e *Energy) Pattern() *sparse.CSR {
	m := &sparse.CSR{Rows: Size(e), Cols: e.n, Ptr: []int32{0}}
	end := func() { m.Ptr = append(m.Ptr, int32(len(m.Index))) }
	if e.fixed != nil {
		for _, j := range e.fixed.nodes {
			m.Index = append(m.Index, j)
			end()
		}
	}
	for s := range e.total {
		for i := range e.weights {
			m.Index = append(m.Index, int32(s*e.size+i))
		}
		end()
	}
	m.Value = make([]float64, len(m.Index))
	return m
}

// Jacobian is 1 in the rows of fixed nodes, m u in those of shells.
func (e *Energy) Jacobian(dst *sparse.CSR, u []float64) {
	value := dst.Value
	if e.fixed != nil {
		for i := range e.fixed.nodes {
			value[i] = 1
		}
	}
	value = e.shells(value)
	for s := range e.total {
		for i, m := range e.weights {
			value[s*e.size+i] = m * u[s*e.size+i]
		}
	}
}
