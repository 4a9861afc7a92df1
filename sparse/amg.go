package sparse

import (
	"fmt"
	"math"
)

// AMG is algebraic multigrid by smoothed aggregation, a Solver that approximates the
// inverse of a symmetric positive definite matrix by one V-cycle. It is made for
// elliptic equations on meshes of any kind, as preconditioner of [CG].
//
//	strength      i, j strong where |a_ij| > ε √(a_ii a_jj), ε halved with each level
//	aggregates    of a node and all its strong neighbours
//	prolongator   P = (I − ω D⁻¹A') T,  ω = 4/3 / ρ(D⁻¹A), T the near-null space cut
//	              at aggregates, A' = A with weak entries brought to the diagonal
//	coarse matrix PᵀA P, and so on until a dense factor is cheap
//
// P. Vaněk, J. Mandel and M. Brezina, "Algebraic multigrid by smoothed aggregation for
// second and fourth order elliptic problems", Computing 56 (1996), section 5. A cycle
// smooths by one forward and, after the coarse correction, one backward Gauss–Seidel
// sweep: the adjoint of each other, so that the cycle is symmetric positive definite.
// It reads each level's matrix and prolongator twice, rows one after the other: five to
// six products with A; a set-up is ten to fifteen cycles. Not for matrices that are not
// symmetric, nor for wave problems, whose near-null space oscillates; nearly
// incompressible elasticity costs iterations.
//
// A singular A (Neumann conditions) is fine: what the coarsest matrix maps to zero is
// left out there.
type AMG struct {
	levels []*amgLevel
	coarse *semidefinite // nil where the last level is only smoothed
	o      AMGOptions
}

// AMGOptions are the choices of a multigrid hierarchy; the zero value is for one
// scalar elliptic equation.
type AMGOptions struct {
	// Block is how many unknowns each node has: unknown c of node i is row i·Block + c.
	// 0 is 1. A single unknown of a node that is known stays, as a row of the identity
	// times something like the other diagonals.
	Block int

	// Near are vectors that A maps almost to zero, which the coarse levels are to
	// represent: rigid-body modes for elasticity ([RigidModes]). nil are the constants,
	// one vector for each unknown of a node.
	Near [][]float64

	Strength float64 // ε; 0 is 0.08
	Coarsest int     // a level with at most as many rows is factored; 0 is 400
}

// amgLevel is one matrix of the hierarchy and the way to the next.
type amgLevel struct {
	a       *CSR
	block   int
	near    [][]float64
	diag    []int32   // places of the diagonal in a
	inverse []float64 // of the diagonal, 0 where it is 0

	strong    graph
	aggregate []int32 // of each node, −1: of none
	count     int     // aggregates

	pt   *CSR // Pᵀ
	r    []float64
	b, x []float64 // right-hand side and solution of this level; nil on the finest
}

// NewAMG makes the hierarchy for a, which it keeps and reads in each cycle.
func NewAMG(a *CSR, o AMGOptions) (*AMG, error) {
	if o.Block == 0 {
		o.Block = 1
	}
	if o.Strength == 0 {
		o.Strength = 0.08
	}
	if o.Coarsest == 0 {
		o.Coarsest = 400
	}
	if err := o.check(a); err != nil {
		return nil, err
	}
	if o.Near == nil {
		o.Near = constants(a.Rows, o.Block)
	}
	g := &AMG{o: o}
	if err := g.setUp(a); err != nil {
		return nil, err
	}
	return g, nil
}

func (o AMGOptions) check(a *CSR) error {
	switch {
	case a.Rows != a.Cols || a.Rows == 0:
		return fmt.Errorf("sparse: AMG of a matrix of %d×%d: it is square and not empty", a.Rows, a.Cols)
	case o.Block < 0 || a.Rows%o.Block != 0:
		return fmt.Errorf("sparse: AMG: %d rows are not nodes of %d unknowns", a.Rows, o.Block)
	case !(o.Strength >= 0 && o.Strength < 1) || o.Coarsest < 1:
		return fmt.Errorf("sparse: AMG: strength %g within [0, 1) and a coarsest level of %d ≥ 1 are allowed", o.Strength, o.Coarsest)
	case o.Near != nil && len(o.Near) == 0:
		return fmt.Errorf("sparse: AMG: no near-null vectors: give one, or nil for the constants")
	}
	for i, v := range o.Near {
		if len(v) != a.Rows {
			return fmt.Errorf("sparse: AMG: near-null vector %d has %d numbers for %d rows", i, len(v), a.Rows)
		}
		if s := inner(v, v); !(s > 0) || math.IsInf(s, 0) {
			return fmt.Errorf("sparse: AMG: near-null vector %d has ‖v‖² = %g", i, s)
		}
	}
	return nil
}

// Refactor makes the hierarchy for a matrix of the same pattern with other values: the
// aggregates stay, prolongators and coarse matrices are made again. Where values
// change much, a new hierarchy may need fewer iterations.
func (g *AMG) Refactor(a *CSR) error {
	first := g.levels[0].a
	if a.Rows != first.Rows || a.Cols != first.Cols || a.NNZ() != first.NNZ() {
		return fmt.Errorf("sparse: AMG: a matrix of %d×%d with %d entries, made for %d×%d with %d", a.Rows, a.Cols, a.NNZ(), first.Rows, first.Cols, first.NNZ())
	}
	return g.setUp(a)
}

// setUp makes what depends on values, and aggregates where there are none yet. After
// an error all is as before.
func (g *AMG) setUp(a *CSR) error {
	var levels []*amgLevel
	near, block := g.o.Near, g.o.Block
	for depth := 0; ; depth++ {
		l := &amgLevel{a: a, block: block, near: near}
		if err := l.diagonal(depth == 0); err != nil {
			return err
		}
		levels = append(levels, l)
		if depth > 0 {
			l.b, l.x = make([]float64, a.Rows), make([]float64, a.Rows)
		}
		if a.Rows <= g.o.Coarsest {
			break
		}
		if depth < len(g.levels) && g.levels[depth].aggregate != nil {
			old := g.levels[depth]
			l.strong, l.aggregate, l.count = old.strong, old.aggregate, old.count
		} else {
			// The strength halves with each level: smoothed prolongators make more and smaller entries.
			l.strong = l.connect(g.o.Strength * math.Pow(0.5, float64(depth)))
			l.aggregate, l.count = l.strong.aggregate()
		}
		if l.count == 0 || l.count*len(near) > a.Rows*4/5 {
			l.aggregate = nil // coarsening ends
			break
		}
		radius, skew := l.radius()
		if !(radius > 0) || math.IsInf(radius, 0) {
			return fmt.Errorf("sparse: AMG: %w in the matrix: ρ(D⁻¹A) = %g on level %d", ErrNonFinite, radius, depth)
		}
		if depth == 0 && skew > 1e-6 {
			return fmt.Errorf("sparse: AMG: the matrix is not symmetric: uᵀA v and vᵀA u differ by %.2g of it: use GMRES with ILU(0)", skew)
		}
		var p *CSR
		p, near = l.prolong(4. / 3 / radius)
		l.pt, l.r = p.Transpose(), make([]float64, a.Rows)
		a = galerkin(a, p, l.pt)
		block = len(near)
	}
	g.levels, g.coarse = levels, nil
	// A factor of a last level that does not shrink may be more than memory holds.
	if a.Rows <= max(g.o.Coarsest, 2000) {
		g.coarse = newSemidefinite(a)
	}
	return nil
}

// diagonal finds the diagonal and inverts it.
func (l *amgLevel) diagonal(finest bool) error {
	n := l.a.Rows
	l.diag, l.inverse = make([]int32, n), make([]float64, n)
	for i := range n {
		lo, hi := l.a.Ptr[i], l.a.Ptr[i+1]
		k := lo
		for k < hi && int(l.a.Index[k]) < i {
			k++
		}
		if k == hi || int(l.a.Index[k]) != i {
			return fmt.Errorf("sparse: AMG: row %d stores no diagonal entry", i)
		}
		d := l.a.Value[k]
		if finest && (!(d > 0) || math.IsInf(d, 0)) {
			return fmt.Errorf("sparse: AMG: the diagonal of row %d is %g: it wants a symmetric positive definite matrix", i, d)
		}
		l.diag[i] = k
		if d > 0 {
			l.inverse[i] = 1 / d
		}
	}
	return nil
}

// Solve is one V-cycle from zero, dst = M b.
func (g *AMG) Solve(dst, b []float64) {
	if len(dst) > 0 && &dst[0] == &b[0] {
		first := g.levels[0]
		if first.b == nil {
			first.b = make([]float64, len(b))
		}
		copy(first.b, b)
		b = first.b
	}
	g.cycle(0, dst, b)
}

func (g *AMG) cycle(depth int, x, b []float64) {
	l := g.levels[depth]
	if depth == len(g.levels)-1 {
		if g.coarse != nil {
			g.coarse.Solve(x, b)
		} else {
			l.forward(x, b)
			l.backward(x, b)
		}
		return
	}
	next := g.levels[depth+1]
	l.forward(x, b)
	l.restrict(next.b, x)
	g.cycle(depth+1, next.x, next.b)
	l.correct(x, next.x)
	l.backward(x, b)
}

// Copy is the same solver for another goroutine: it shares the hierarchy and has
// vectors of its own. What is refactored is this one alone.
func (g *AMG) Copy() *AMG {
	c := &AMG{o: g.o, coarse: g.coarse}
	if g.coarse != nil {
		c.coarse = &semidefinite{n: g.coarse.n, l: g.coarse.l, x: make([]float64, g.coarse.n)}
	}
	for _, l := range g.levels {
		own := *l
		own.r, own.b, own.x = make([]float64, len(l.r)), make([]float64, len(l.b)), make([]float64, len(l.x))
		if l.b == nil {
			own.b, own.x = nil, nil
		}
		c.levels = append(c.levels, &own)
	}
	return c
}

// Rows are the sizes of the levels, the finest first.
func (g *AMG) Rows() []int {
	var rows []int
	for _, l := range g.levels {
		rows = append(rows, l.a.Rows)
	}
	return rows
}

// Complexity is the number of entries of all levels' matrices over that of the finest.
func (g *AMG) Complexity() float64 {
	var all int
	for _, l := range g.levels {
		all += l.a.NNZ()
	}
	return float64(all) / float64(g.levels[0].a.NNZ())
}
