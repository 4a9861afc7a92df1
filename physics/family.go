package physics

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"abide/pde"
	"abide/sparse"
)

// Choice says which numbers of a family's sample are the field, and which rows hold.
type Choice struct {
	Arrays []string   // unknown arrays, one after the other in u; nil: all
	Given  pde.Sample // where the values of the other arrays are taken from
	Rows   []string   // names of rows; nil: all
	// Keep leaves out single residuals of these rows; nil keeps all. The mass of a step
	// whose equations hold follows from them, say.
	Keep      func(row string, place int) bool
	Tolerance float64 // of all rows, in their unit; 0 is 1e-9
}

// Family is the residuals of a family of [pde], in the discrete form that its data were
// made with, as a constraint on chosen arrays of its samples. True data obey it to
// rounding.
//
// J v costs the entries of J, computed anew at each u, 12 bytes and about ten operations
// each; families with [pde.Products] have their own way. Families with neither have
// residuals alone and are refused.
type Family struct {
	family pde.Family
	choice Choice
	rows   []Row
	keep   []int32 // [all residuals] number here, −1: left out
	offset []int   // [arrays] of an unknown array in u, −1: given
	dim    int
	total  int // residuals of the family
	size   int // of those that are kept
	work   sync.Pool
}

// SparseFamily is a Family whose Jacobian is a sparse matrix.
type SparseFamily struct {
	*Family
	linear   pde.Linearised
	row, col []int32 // [entries] here, row −1: left out
	pattern  *sparse.CSR
	scatter  []int32 // [entries] place in the pattern
}

type familyWork struct {
	s, v     pde.Sample // fixed arrays filled in, unknown ones are slices of fields
	fixed    pde.Sample // storage of the fixed arrays of v and of all of Jᵀ w
	all      []float64
	entries  pde.Entries
	gradient pde.Sample
}

// FromFamily makes the constraint: a *SparseFamily where the family has a sparse Jacobian
// ([pde.Linearised]), a *Family where it has products with it ([pde.Products]).
func FromFamily(f pde.Family, c Choice) (Constraint, error) {
	if c.Tolerance == 0 {
		c.Tolerance = 1e-9
	}
	p := &Family{family: f, choice: c}
	if err := p.chooseArrays(); err != nil {
		return nil, err
	}
	if err := p.chooseRows(); err != nil {
		return nil, err
	}
	p.work.New = func() any { return p.newWork() }
	if linear, ok := f.(pde.Linearised); ok {
		return newSparseFamily(p, linear)
	}
	if _, ok := f.(pde.Products); ok {
		return p, nil
	}
	return nil, fmt.Errorf("physics: %T has residuals but neither a sparse Jacobian nor products with it: it can be checked, not imposed", f)
}

func (p *Family) chooseArrays() error {
	arrays := p.family.Arrays()
	var names []string
	for _, a := range arrays {
		names = append(names, a.Name)
	}
	for _, name := range p.choice.Arrays {
		if !slices.Contains(names, name) {
			return fmt.Errorf("physics: the family has no array %q, only %q", name, names)
		}
	}
	for k, a := range arrays {
		if p.choice.Arrays == nil || slices.Contains(p.choice.Arrays, a.Name) {
			p.offset = append(p.offset, p.dim)
			p.dim += a.Size()
			continue
		}
		p.offset = append(p.offset, -1)
		if k >= len(p.choice.Given) || len(p.choice.Given[k]) != a.Size() {
			return fmt.Errorf("physics: array %q is neither unknown nor given: put it among Arrays or its %d numbers in Given", a.Name, a.Size())
		}
	}
	return nil
}

func (p *Family) chooseRows() error {
	all := p.family.Rows()
	for _, name := range p.choice.Rows {
		if !slices.ContainsFunc(all, func(r pde.Row) bool { return r.Name == name }) {
			return fmt.Errorf("physics: the family has no row %q", name)
		}
	}
	var upper []int
	if s, ok := p.family.(pde.Signed); ok {
		upper = s.Upper()
	}
	for k, r := range all {
		row := Row{Name: r.Name, Unit: r.Unit, Tolerance: p.choice.Tolerance, Upper: slices.Contains(upper, k), Doc: r.Doc}
		wanted := p.choice.Rows == nil || slices.Contains(p.choice.Rows, r.Name)
		for i := range r.Size {
			if wanted && (p.choice.Keep == nil || p.choice.Keep(r.Name, i)) {
				p.keep = append(p.keep, int32(p.size))
				p.size++
				row.Size++
			} else {
				p.keep = append(p.keep, -1)
			}
		}
		p.total += r.Size
		if row.Size > 0 {
			p.rows = append(p.rows, row)
		}
	}
	if p.size == 0 {
		return fmt.Errorf("physics: no residual is left of the family's rows")
	}
	return nil
}

func (p *Family) newWork() *familyWork {
	w := &familyWork{all: make([]float64, p.total), gradient: pde.NewSample(p.family)}
	for k, a := range p.family.Arrays() {
		if p.offset[k] < 0 {
			w.s, w.v = append(w.s, p.choice.Given[k]), append(w.v, make([]float64, a.Size()))
		} else {
			w.s, w.v = append(w.s, nil), append(w.v, nil)
		}
	}
	return w
}

// view makes a sample of a field, without copying.
func (p *Family) view(s pde.Sample, u []float64) pde.Sample {
	for k, a := range p.family.Arrays() {
		if at := p.offset[k]; at >= 0 {
			s[k] = u[at : at+a.Size() : at+a.Size()]
		}
	}
	return s
}

func (p *Family) Dim() int    { return p.dim }
func (p *Family) Rows() []Row { return p.rows }

// Field takes the unknown arrays of a sample, one after the other.
func (p *Family) Field(s pde.Sample) []float64 {
	u := make([]float64, p.dim)
	for k, at := range p.offset {
		if at >= 0 {
			copy(u[at:], s[k])
		}
	}
	return u
}

func (p *Family) compress(dst, all []float64) {
	for i, k := range p.keep {
		if k >= 0 {
			dst[k] = all[i]
		}
	}
}

func (p *Family) Residual(dst, u []float64) {
	w := p.work.Get().(*familyWork)
	defer p.work.Put(w)
	residual := p.family.Residual
	if s, ok := p.family.(pde.Signed); ok {
		residual = s.SignedResidual
	}
	if err := residual(w.all, p.view(w.s, u)); err != nil {
		// The arrays fit: what is left is a field on which the scheme breaks down.
		for i := range dst {
			dst[i] = math.NaN()
		}
		return
	}
	p.compress(dst, w.all)
}

func (p *Family) JVP(dst, u, v []float64) {
	w := p.work.Get().(*familyWork)
	defer p.work.Put(w)
	p.family.(pde.Products).JVP(w.all, p.view(w.s, u), p.view(w.v, v))
	p.compress(dst, w.all)
}

func (p *Family) VJP(dst, u, q []float64) {
	w := p.work.Get().(*familyWork)
	defer p.work.Put(w)
	for i, k := range p.keep {
		w.all[i] = 0
		if k >= 0 {
			w.all[i] = q[k]
		}
	}
	p.family.(pde.Products).VJP(w.gradient, p.view(w.s, u), w.all)
	for k, at := range p.offset {
		if at >= 0 {
			copy(dst[at:], w.gradient[k])
		}
	}
}
