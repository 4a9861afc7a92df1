package fem

import (
	"fmt"
	"math"
)

// domain is what the options say.
type domain struct {
	facets          bool
	groups, regions []string
	degree          int
	rule            *Quadrature
}

// walk visits the quadrature points of a domain: next goes to the next cell or facet
// and point to its next point, with the basis functions of both spaces there.
type walk struct {
	p           Point
	weight      float64 // of the point, with the size of the cell or facet
	trial, test []Basis
	err         error

	geometry *geometry
	sides    []side // the facets, or nil: cells, those of cells or all
	cells    []int32
	count    int
	sets     []pointSet // one for cells, one for each local facet
	set      *pointSet
	spaces   []fill // test, then trial where it is another
	read     []reading
	seed     seed // of [Function.Dual]
	item, q  int
	serial   int // of the point; readings remember theirs
}

// pointSet is a rule with its points on the reference cell.
type pointSet struct {
	points  []Vec
	weights []float64
	normal  Vec // of facets on the reference cell, as long as the facet is large
	shape   *table
}

// fill is a space with its table for each point set.
type fill struct {
	space  *Space
	tables []*table
	basis  []Basis
}

// reading is a function and its value at the point with that serial.
type reading struct {
	function *Function
	fill     fill
	value    Basis
	serial   int
}

func newWalk(trial, test *Space, options []Option) (*walk, error) {
	d := domain{degree: trial.shape.degree + test.shape.degree}
	for _, o := range options {
		o(&d)
	}
	m := test.mesh
	w := &walk{geometry: newGeometry(m), item: -1, count: m.Count()}
	w.p.walk = w
	var err error
	switch {
	case d.facets && len(d.regions) > 0:
		err = fmt.Errorf("fem: a form on facets %q and in regions %q: it is one or the other", d.groups, d.regions)
	case d.facets:
		if w.sides, err = sidesOf(m, d.groups); err == nil {
			w.count = len(w.sides)
			w.sets, err = facetSets(m.Shape, d)
		}
	default:
		if len(d.regions) > 0 {
			w.cells, err = cellsOf(m, d.regions)
			w.count = len(w.cells)
		}
		if err == nil {
			w.sets, err = cellSets(m.Shape, d)
		}
	}
	if err != nil {
		return nil, err
	}
	for i := range w.sets {
		w.sets[i].shape = newTable(m.Shape, w.sets[i].points)
	}
	w.spaces = []fill{w.newFill(test)}
	w.test = w.spaces[0].basis
	w.trial = w.test
	if trial != test {
		w.spaces = append(w.spaces, w.newFill(trial))
		w.trial = w.spaces[1].basis
	}
	return w, nil
}

func (w *walk) newFill(s *Space) fill {
	f := fill{space: s, basis: make([]Basis, s.perCell)}
	for _, set := range w.sets {
		f.tables = append(f.tables, s.shape.table(set.points))
	}
	return f
}

// next goes to the next cell or facet; after the last it is before the first again.
func (w *walk) next() bool {
	w.item++
	if w.item >= w.count || w.err != nil {
		w.item = -1
		return false
	}
	c, set := w.item, 0
	if w.sides != nil {
		c, set = int(w.sides[w.item].cell), int(w.sides[w.item].local)
	} else if w.cells != nil {
		c = int(w.cells[w.item])
	}
	w.set, w.q = &w.sets[set], -1
	w.p.Cell = c
	if tags := w.geometry.mesh.CellTag; tags != nil {
		w.p.Tag = tags[c]
	}
	w.geometry.cell(c)
	return true
}

// point goes to the next point of the cell or facet, with the basis functions there.
func (w *walk) point() bool {
	if !w.place() {
		return false
	}
	set := 0
	if w.sides != nil {
		set = int(w.sides[w.item].local)
	}
	for i := range w.spaces {
		f := &w.spaces[i]
		value, grad := f.tables[set].at(w.q)
		f.space.fill(f.basis, w.geometry, value, grad)
	}
	return true
}

// place goes to the next point of the cell or facet: where it is, and its weight.
func (w *walk) place() bool {
	w.q++
	if w.q >= len(w.set.points) {
		return false
	}
	w.serial++
	g := w.geometry
	w.p.X = g.at(w.set.shape.at(w.q))
	w.weight = w.set.weights[w.q] * math.Abs(g.det)
	if w.sides != nil {
		// Nanson: n ds = det J J⁻ᵀ N dS.
		n := g.gradient(w.set.normal)
		size := n.Norm()
		w.weight *= size
		w.p.Normal = n.Times(1 / size)
	}
	return true
}

// fill writes all basis functions at a point.
func (s *Space) fill(dst []Basis, g *geometry, value []float64, grad []Vec) {
	if !s.vector {
		g.fill(dst, value, grad)
		return
	}
	if s.shape.flux {
		s.fillFlux(dst, g, value, grad)
		return
	}
	k := s.components
	for i := range value {
		slope := g.gradient(grad[i])
		for c := range k {
			b := &dst[i*k+c]
			b.Vector[c], b.Jacobian[c], b.Div = value[i], slope, slope[c]
		}
	}
}

// At is the function and its derivatives at the point of an integrand. It is computed
// once per point, however often an integrand asks.
func (u *Function) At(p *Point) *Basis {
	w := p.walk
	for i := range w.read {
		r := &w.read[i]
		if r.function == u {
			if r.serial != w.serial {
				w.evaluate(r)
			}
			return &r.value
		}
	}
	if u.Space.mesh != w.geometry.mesh {
		w.err = fmt.Errorf("fem: a function of another mesh is read in a form")
		return &Basis{}
	}
	// The slice may move: the values that were handed out stay where they are.
	w.read = append(w.read, reading{function: u, fill: w.newFill(u.Space)})
	r := &w.read[len(w.read)-1]
	w.evaluate(r)
	return &r.value
}

func (w *walk) evaluate(r *reading) {
	r.serial = w.serial
	s := r.fill.space
	set := 0
	if w.sides != nil {
		set = int(w.sides[w.item].local)
	}
	value, grad := r.fill.tables[set].at(w.q)
	s.fill(r.fill.basis, w.geometry, value, grad)
	r.value = Basis{}
	v := &r.value
	for i, dof := range s.Cell(w.p.Cell) {
		c, b := r.function.Coef[dof], &r.fill.basis[i]
		if !s.vector {
			v.Value += c * b.Value
			v.Grad = v.Grad.Add(b.Grad.Times(c))
			continue
		}
		v.Vector = v.Vector.Add(b.Vector.Times(c))
		for k := range v.Jacobian {
			v.Jacobian[k] = v.Jacobian[k].Add(b.Jacobian[k].Times(c))
		}
		v.Div += c * b.Div
	}
}
