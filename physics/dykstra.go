package physics

import (
	"fmt"
	"math"
	"slices"
	"sync"
)

// Dykstra is the intersection of convex laws that have projections of their own, bounds
// with sensors say, with the nearest point by cyclic projections with corrections,
//
//	y = P_i(u + p_i),   p_i ← u + p_i − y,   u ← y,   i = 1 … k, again and again
//
// (J. P. Boyle and R. L. Dykstra, "A method for finding projections onto the
// intersection of convex sets in Hilbert spaces", Lecture Notes in Statistics 37,
// 1986). Affine laws need no correction. It ends when a cycle has moved neither u nor
// the corrections by more than Step and every law is obeyed within its tolerance; the
// corrections are looked at because u may stand still for many cycles (E. G. Birgin and
// M. Raydan, SIAM J. Sci. Comput. 26 (2005)). Convergence is linear for polyhedra, at a
// rate that no one knows beforehand. Not where there is a law that does both:
// [NewBoundedMass], [NewStack].
type Dykstra struct {
	DykstraSettings
	laws []Projector
	rows []Row
	w    Metric
	work sync.Pool // of *dykstraWork
}

// DykstraSettings say when the cycles end; the zero value is sound.
type DykstraSettings struct {
	Cycles int     // at most; 0 is 10 000
	Step   float64 // largest move of a number in the last cycle; 0 is 1e-13
}

type dykstraWork struct {
	p        [][]float64 // nil for affine laws
	before   []float64
	old      []float64 // a law's correction
	residual []float64
}

var (
	_ Projector = (*Dykstra)(nil)
	_ Weighted  = (*Dykstra)(nil)
)

// NewDykstra makes the intersection of convex laws in one metric.
func NewDykstra(o DykstraSettings, laws ...Projector) (*Dykstra, error) {
	if len(laws) < 2 {
		return nil, fmt.Errorf("physics: an intersection of %d laws: want two or more", len(laws))
	}
	if o.Cycles == 0 {
		o.Cycles = 10000
	}
	if o.Step == 0 {
		o.Step = 1e-13
	}
	d := &Dykstra{DykstraSettings: o, laws: laws}
	weighted := ""
	size := 0
	for _, law := range laws {
		name := law.Rows()[0].Name
		if !LinearRows(law) {
			return nil, fmt.Errorf("physics: %s in an intersection: its rows are not linear and may not be convex, there may be several nearest points: join the laws and project by Gauss–Newton (Join, NewNewton)", name)
		}
		if law.Dim() != laws[0].Dim() {
			return nil, fmt.Errorf("physics: %s in an intersection: fields of %d numbers, those of %s have %d", name, law.Dim(), laws[0].Rows()[0].Name, laws[0].Dim())
		}
		if m, ok := law.(Weighted); ok {
			if weighted != "" && !slices.Equal(m.Metric(), d.w) {
				return nil, fmt.Errorf("physics: %s and %s in an intersection have different metrics", weighted, name)
			}
			weighted, d.w = name, m.Metric()
		}
		d.rows = append(d.rows, law.Rows()...)
		size = max(size, Size(law))
	}
	n := laws[0].Dim()
	d.work.New = func() any {
		w := &dykstraWork{before: make([]float64, n), old: make([]float64, n), residual: make([]float64, size)}
		for _, law := range laws {
			var p []float64
			if !affineLaw(law) {
				p = make([]float64, n)
			}
			w.p = append(w.p, p)
		}
		return w
	}
	return d, nil
}

func (d *Dykstra) Dim() int       { return d.laws[0].Dim() }
func (d *Dykstra) Rows() []Row    { return d.rows }
func (d *Dykstra) Metric() Metric { return d.w }

func (d *Dykstra) Residual(dst, u []float64) {
	for _, law := range d.laws {
		law.Residual(dst, u)
		dst = dst[Size(law):]
	}
}

func (d *Dykstra) JVP(dst, u, v []float64) {
	for _, law := range d.laws {
		law.JVP(dst, u, v)
		dst = dst[Size(law):]
	}
}

func (d *Dykstra) VJP(dst, u, w []float64) {
	part := make([]float64, len(dst))
	clear(dst)
	for _, law := range d.laws {
		law.VJP(part, u, w[:Size(law)])
		w = w[Size(law):]
		for i, x := range part {
			dst[i] += x
		}
	}
}

func (d *Dykstra) Project(u []float64) error {
	if err := checkField("an intersection", d.Dim(), u); err != nil {
		return err
	}
	work := d.work.Get().(*dykstraWork)
	defer d.work.Put(work)
	for _, p := range work.p {
		clear(p)
	}
	var move, worst float64
	for range d.Cycles {
		move = 0
		copy(work.before, u)
		for k, law := range d.laws {
			p := work.p[k]
			copy(work.old, p)
			for i, x := range p {
				u[i] += x
				p[i] = u[i]
			}
			if err := law.Project(u); err != nil {
				return err
			}
			for i := range p {
				p[i] -= u[i]
				move = math.Max(move, math.Abs(p[i]-work.old[i]))
			}
		}
		for i, x := range work.before {
			move = math.Max(move, math.Abs(x-u[i]))
		}
		if worst = d.violation(u, work.residual); move <= d.Step && worst <= 1 {
			return nil
		}
	}
	_, row, place := Violation(d, u)
	return fmt.Errorf("physics: an intersection after %d cycles: the last moved a number by %.3g, row %d of %s is at %.3g of its tolerance: %w", d.Cycles, move, place, d.rows[row].Name, worst, ErrInfeasible)
}

// violation is the worst row over its tolerance.
func (d *Dykstra) violation(u, residual []float64) float64 {
	var worst float64
	for _, law := range d.laws {
		law.Residual(residual, u)
		at := 0
		for _, row := range law.Rows() {
			for _, x := range residual[at : at+row.Size] {
				if !row.Upper {
					x = math.Abs(x)
				}
				worst = math.Max(worst, x/(row.Unit*row.Tolerance))
			}
			at += row.Size
		}
	}
	return worst
}
