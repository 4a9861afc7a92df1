package physics

import (
	"fmt"

	"abide/sparse"
)

// Symmetry is invariance under a finite group that permutes nodes, with signs,
//
//	ρ(g) u = u for all g,   (ρ(g) u)_i = s_i u_{from(i)},
//	P(u) = 1/|G| Σ_g ρ(g) u   (where W is invariant too).
//
// The average over a group is, node by node, the mean over its orbit, which needs no
// list of the group's elements, only of generators: reflections, quarter turns (both
// make D4), translations, equal ends of a period. In a metric that the group does not
// leave alone, it is the orbit's W-weighted mean, which is still the nearest point. A
// node that the group maps to minus itself is zero. J.-P. Serre, "Linear Representations
// of Finite Groups" (1977), §2.6.
//
// Rows are u_i − s u_root, one for each node of an orbit but one. Cost: 4 FLOPs a node.
type Symmetry struct {
	n       int
	ptr     []int32 // orbits: nodes index[ptr[o]:ptr[o+1]], the root first
	index   []int32
	sign    []float64
	zero    []int32 // nodes that vanish
	w       Metric
	row     []Row
	weights []float64 // W over its sum in the orbit, as index
}

var (
	_ Projector = (*Symmetry)(nil)
	_ Tangent   = (*Symmetry)(nil)
	_ Sparse    = (*Symmetry)(nil)
	_ Weighted  = (*Symmetry)(nil)
)

// Action is how a generator acts, (ρu)_i = Sign[i] u_{From[i]}; Sign nil is all +1.
type Action struct {
	From []int32
	Sign []float64
}

// NewSymmetry makes the law of the group that actions generate on fields of n numbers.
func NewSymmetry(n int, actions []Action, w Metric, label Label) (*Symmetry, error) {
	row, err := label.row("symmetry", 0, "u_i − s u_j = 0 for nodes i, j of one orbit")
	if err != nil {
		return nil, err
	}
	if n < 1 || len(actions) == 0 {
		return nil, fmt.Errorf("physics: %s: %d generators on fields of %d numbers: want at least one of each", row.Name, len(actions), n)
	}
	if err := w.Check(n); err != nil {
		return nil, err
	}
	links := make([][]link, n)
	for g, a := range actions {
		if err := a.check(n); err != nil {
			return nil, fmt.Errorf("physics: %s: generator %d: %w", row.Name, g, err)
		}
		for i, j := range a.From {
			s := 1.
			if a.Sign != nil {
				s = a.Sign[i]
			}
			links[i] = append(links[i], link{j, s})
			links[j] = append(links[j], link{int32(i), s})
		}
	}
	l := &Symmetry{n: n, w: w}
	l.orbits(links)
	for o := range len(l.ptr) - 1 {
		row.Size += int(l.ptr[o+1]-l.ptr[o]) - 1
	}
	row.Size += len(l.zero)
	if row.Size == 0 {
		return nil, fmt.Errorf("physics: %s: the generators move no node", row.Name)
	}
	l.row = []Row{row}
	return l, nil
}

type link struct {
	node int32
	sign float64
}

// orbits walks through all nodes that generators link; an orbit in which a node comes
// back with the other sign vanishes.
func (l *Symmetry) orbits(links [][]link) {
	sign := make([]float64, l.n)
	l.ptr = []int32{0}
	for root := range int32(l.n) {
		if sign[root] != 0 {
			continue
		}
		first, zero := len(l.index), false
		sign[root] = 1
		l.index = append(l.index, root)
		for at := first; at < len(l.index); at++ {
			i := l.index[at]
			for _, k := range links[i] {
				switch want := sign[i] * k.sign; {
				case sign[k.node] == 0:
					sign[k.node] = want
					l.index = append(l.index, k.node)
				case sign[k.node] != want:
					zero = true
				}
			}
		}
		orbit := l.index[first:]
		if zero {
			l.zero = append(l.zero, orbit...)
		}
		if zero || len(orbit) == 1 {
			l.index = l.index[:first]
			continue
		}
		var sum float64
		for _, i := range orbit {
			sum += 1 / l.w.Inverse(int(i))
		}
		for _, i := range orbit {
			l.sign = append(l.sign, sign[i])
			l.weights = append(l.weights, 1/l.w.Inverse(int(i))/sum)
		}
		l.ptr = append(l.ptr, int32(len(l.index)))
	}
}

// check tells whether an action is a permutation with signs.
func (a Action) check(n int) error {
	if len(a.From) != n || a.Sign != nil && len(a.Sign) != n {
		return fmt.Errorf("%d nodes and %d signs for fields of %d numbers", len(a.From), len(a.Sign), n)
	}
	seen := make([]bool, n)
	for i, j := range a.From {
		if j < 0 || int(j) >= n || seen[j] {
			return fmt.Errorf("node %d comes from %d: want each node once", i, j)
		}
		seen[j] = true
		if a.Sign != nil && a.Sign[i] != 1 && a.Sign[i] != -1 {
			return fmt.Errorf("sign %g of node %d: want 1 or −1", a.Sign[i], i)
		}
	}
	return nil
}

func (l *Symmetry) Dim() int       { return l.n }
func (l *Symmetry) Rows() []Row    { return l.row }
func (l *Symmetry) Metric() Metric { return l.w }

func (l *Symmetry) Matrix() *sparse.CSR {
	c := &sparse.CSR{Rows: l.row[0].Size, Cols: l.n, Ptr: []int32{0}}
	add := func(j int32, x float64) { c.Index, c.Value = append(c.Index, j), append(c.Value, x) }
	for o := range len(l.ptr) - 1 {
		root := l.ptr[o] // the lowest node of its orbit
		for k := root + 1; k < l.ptr[o+1]; k++ {
			add(l.index[root], -l.sign[k])
			add(l.index[k], 1)
			c.Ptr = append(c.Ptr, int32(len(c.Index)))
		}
	}
	for _, j := range l.zero {
		add(j, 1)
		c.Ptr = append(c.Ptr, int32(len(c.Index)))
	}
	return c
}

func (l *Symmetry) Residual(dst, u []float64) {
	at := 0
	for o := range len(l.ptr) - 1 {
		root := l.ptr[o]
		for k := root + 1; k < l.ptr[o+1]; k++ {
			dst[at] = u[l.index[k]] - l.sign[k]*u[l.index[root]]
			at++
		}
	}
	for i, j := range l.zero {
		dst[at+i] = u[j]
	}
}

func (l *Symmetry) JVP(dst, _, v []float64) { l.Residual(dst, v) }

func (l *Symmetry) VJP(dst, _, w []float64) {
	clear(dst)
	at := 0
	for o := range len(l.ptr) - 1 {
		root := l.ptr[o]
		for k := root + 1; k < l.ptr[o+1]; k++ {
			dst[l.index[k]] += w[at]
			dst[l.index[root]] -= l.sign[k] * w[at]
			at++
		}
	}
	for i, j := range l.zero {
		dst[j] = w[at+i]
	}
}

func (l *Symmetry) Project(u []float64) error {
	if err := checkField(l.row[0].Name, l.n, u); err != nil {
		return err
	}
	for o := range len(l.ptr) - 1 {
		// The mean of what differs from the root: a field that obeys keeps its bits.
		first, end := l.ptr[o], l.ptr[o+1]
		root := u[l.index[first]]
		mean := root
		for k := first + 1; k < end; k++ {
			mean += l.weights[k] * (l.sign[k]*u[l.index[k]] - root)
		}
		for k := first; k < end; k++ {
			u[l.index[k]] = l.sign[k] * mean
		}
	}
	for _, j := range l.zero {
		u[j] = 0
	}
	return nil
}

func (l *Symmetry) Tangent(_, v []float64) error { return l.Project(v) }
