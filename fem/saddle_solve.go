package fem

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"abide/sparse"
)

// determined finds out whether constants, of a component of u or of p, are in the null
// space of K, on each part of the mesh that does not touch the others.
func (m *SaddleSystem) determined() error {
	nu, k := m.Fixed.N(), m.of.U.components
	part, parts := isolated(m.K)
	null := func(mine func(i int) bool) int { // the part of which it is a null vector
		touched := make([]bool, parts)
		worst, size := make([][2]float64, parts), make([][2]float64, parts) // of equations of u, of p
		for i, p := range part {
			var sum, all float64
			for k := m.K.Ptr[i]; k < m.K.Ptr[i+1]; k++ {
				if mine(int(m.K.Index[k])) {
					sum, all = sum+m.K.Value[k], all+math.Abs(m.K.Value[k])
				}
			}
			of := 0
			if i >= nu {
				of = 1
			}
			touched[p] = touched[p] || mine(i)
			worst[p][of], size[p][of] = max(worst[p][of], math.Abs(sum)), max(size[p][of], all)
		}
		for p := range parts {
			if touched[p] && worst[p][0] <= 1e-10*size[p][0] && worst[p][1] <= 1e-10*size[p][1] {
				return p
			}
		}
		return -1
	}
	for c := range k {
		if k > 1 && null(func(i int) bool { return i < nu && int(m.Fixed.Free[i])%k == c }) >= 0 {
			return fmt.Errorf("fem: the mixed system is %w: a constant component %d of u is a solution without load: fix it on a part of the boundary", ErrSingular, c)
		}
	}
	p := null(func(i int) bool { return i >= nu })
	switch {
	case p < 0 && m.of.ZeroMean:
		return fmt.Errorf("fem: ZeroMean for a mixed problem that determines its pressure: leave it out")
	case p < 0:
		return nil
	case parts > 1:
		return fmt.Errorf("fem: the mixed system is %w: the mesh has %d parts that do not touch, and one of them has the flow through all of its boundary given: solve them one by one", ErrSingular, parts)
	case !m.of.ZeroMean:
		return fmt.Errorf("fem: the mixed system is %w: with the flow through all of the boundary given the pressure is determined up to a constant: ask for ZeroMean, or leave a part of the boundary free or under a given Pressure", ErrSingular)
	}
	return m.balance()
}

// balance prepares for the pressure with ∫p = 0: what flows in has to flow out.
func (m *SaddleSystem) balance() error {
	mean, err := m.of.P.Linear(func(_ *Point, q *Basis) float64 { return q.Value })
	if err != nil {
		return err
	}
	m.mean = mean
	nu := m.Fixed.N()
	var sum, size, volume float64
	for i, b := range m.Load[nu:] {
		sum, size, volume = sum+b, size+math.Abs(b), volume+mean[i]
	}
	if math.Abs(sum) > 0.01*size {
		return fmt.Errorf("fem: sources and the flow through the boundary differ by %.3g, so that the equations have no solution: balance them", sum)
	}
	for i := range mean {
		m.Load[nu+i] -= sum / volume * mean[i]
	}
	m.pinned = nu
	return nil
}

// order is an elimination order: dissection of the coordinates, with each pressure
// moved behind the last velocity that its row of B has. Then no pivot is zero, however
// small C is: the pressures eliminated so far have linearly independent rows of B among
// the velocities eliminated so far.
func (m *SaddleSystem) order() ([]int32, error) {
	U, P, nu := m.of.U, m.of.P, m.Fixed.N()
	d := U.mesh.Dim()
	places := make([]float64, 0, d*m.K.Rows)
	for _, dof := range m.Fixed.Free {
		at := U.Place(int(dof))
		places = append(places, at[:d]...)
	}
	places = append(places, P.Places()...)
	perm, err := sparse.OrderCoordinates(m.K, places, d)
	if err != nil {
		return nil, err
	}
	rank := make([]int32, len(perm))
	for k, i := range perm {
		rank[i] = int32(2 * k)
	}
	for i := nu; i < m.K.Rows; i++ {
		last := int32(-1)
		for k := m.K.Ptr[i]; k < m.K.Ptr[i+1]; k++ {
			if j := m.K.Index[k]; int(j) < nu && m.K.Value[k] != 0 {
				last = max(last, rank[j]+1)
			}
		}
		rank[i] = max(last, rank[i])
	}
	slices.SortStableFunc(perm, func(a, b int32) int { return cmp.Compare(rank[a], rank[b]) })
	return perm, nil
}

// SaddleFactor is the factor of a symmetric K, scaled so that A and B A⁻¹ Bᵀ have
// diagonals near 1, whatever the units of u and p. One goroutine at a time.
type SaddleFactor struct {
	ldl   *sparse.LDL
	scale []float64
	y     []float64
}

// Factor factors a symmetric K, with the signs of its pivots known: plus for u, minus for
// p. A pressure that is determined up to a constant is held at one place, from where
// [SaddleSystem.Functions] shifts it.
func (m *SaddleSystem) Factor() (*SaddleFactor, error) {
	perm, err := m.order()
	if err != nil {
		return nil, err
	}
	a, n, nu := m.held(), m.K.Rows, m.Fixed.N()
	f := &SaddleFactor{scale: slices.Repeat([]float64{1}, n), y: make([]float64, n)}
	signs := slices.Repeat([]int8{1}, n)
	for i := range n {
		d := a.At(i, i)
		if i >= nu {
			signs[i], d = -1, m.schurDiagonal(i)-d
		}
		if d > 0 {
			f.scale[i] = 1 / math.Sqrt(d)
		}
	}
	scaled := a.Like()
	for i := range n {
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			scaled.Value[k] = f.scale[i] * a.Value[k] * f.scale[a.Index[k]]
		}
	}
	symbolic, err := sparse.Analyse(scaled, perm)
	if err != nil {
		return nil, err
	}
	if f.ldl, err = sparse.NewLDL(symbolic, scaled, signs); err != nil {
		return nil, err
	}
	if _, replaced := f.ldl.Inertia(); replaced > 0 {
		return nil, fmt.Errorf("%w: %d pivots of %d and %d unknowns vanish or have the wrong sign: a form A that is not positive where B u = 0, or spaces that do not satisfy the inf–sup condition: take those of TaylorHood, or RT0 and P0",
			ErrSingular, replaced, nu, n-nu)
	}
	return f, nil
}

// Solve is x = K⁻¹ y with a backward error of at most 10⁻¹².
func (f *SaddleFactor) Solve(x, y []float64) error {
	for i, s := range f.scale {
		f.y[i] = s * y[i]
	}
	if err := f.ldl.SolveChecked(x, f.y); err != nil {
		return err
	}
	for i, s := range f.scale {
		x[i] *= s
	}
	return nil
}

// held is K, with −α e eᵀ added for one pressure where constants are free. Rows and load
// of the pressures sum to zero, so that the sum of the equations is α p = 0 for it, and x
// solves the ones before. α is its diagonal of B diag(A)⁻¹ Bᵀ.
func (m *SaddleSystem) held() *sparse.CSR {
	if m.mean == nil {
		return m.K
	}
	a := m.K.Like()
	copy(a.Value, m.K.Value)
	a.Value[a.Position(m.pinned, m.pinned)] -= m.schurDiagonal(m.pinned)
	return a
}

func (m *SaddleSystem) schurDiagonal(i int) (sum float64) {
	for k := m.K.Ptr[i]; k < m.K.Ptr[i+1]; k++ {
		if j := int(m.K.Index[k]); j < m.Fixed.N() {
			sum += m.K.Value[k] * m.K.Value[k] / m.K.At(j, j)
		}
	}
	return sum
}

// Functions are u and p of a solution x.
func (m *SaddleSystem) Functions(x []float64) (u, p *Function) {
	nu := m.Fixed.N()
	u, p = m.of.U.Zero(), m.of.P.Zero()
	m.Fixed.Expand(u.Coef, x[:nu])
	copy(p.Coef, x[nu:])
	if m.mean != nil {
		var sum, volume float64
		for i, w := range m.mean {
			sum, volume = sum+w*p.Coef[i], volume+w
		}
		for i := range p.Coef {
			p.Coef[i] -= sum / volume
		}
	}
	return u, p
}

// Solve solves the equations.
func (m *SaddleSystem) Solve() (u, p *Function, err error) {
	x := make([]float64, m.K.Rows)
	switch method := m.of.Solver; {
	case method == Multigrid:
		err = m.minres(x)
	case method != Auto && method != Direct:
		err = fmt.Errorf("fem: method %d of a mixed problem: allowed are Auto, Direct, Multigrid", int(method))
	case newProbe(m.K.Rows).symmetric(m.K):
		var factor *SaddleFactor
		if factor, err = m.Factor(); err == nil {
			err = factor.Solve(x, m.Load)
		}
	default:
		var perm []int32
		if perm, err = m.order(); err != nil {
			break
		}
		var factor *sparse.LU
		if factor, err = sparse.NewLU(m.held(), perm); err == nil {
			factor.Solve(x, m.Load)
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("fem: a mixed problem of %d and %d unknowns: %w", m.Fixed.N(), m.of.P.n, err)
	}
	u, p = m.Functions(x)
	return u, p, nil
}

// minres solves with the preconditioner diag(Â, Ŝ), Â a multigrid cycle or, for RT0, whose
// A is a mass, its diagonal; Ŝ the diagonal of Schur, or a cycle of B diag(A)⁻¹ Bᵀ + C.
// H. Elman, D. Silvester and A. Wathen, "Finite Elements and Fast Iterative Solvers"
// (2nd ed. 2014), section 4.2: iterations do not grow with the mesh.
func (m *SaddleSystem) minres(x []float64) error {
	if !newProbe(m.K.Rows).symmetric(m.K) {
		return fmt.Errorf("MINRES is for symmetric problems: use Direct")
	}
	nu := m.Fixed.N()
	d := diagonalBlocks{n: nu}
	first, err := m.block(0, nu)
	if err != nil {
		return err
	}
	if m.of.U.shape.flux {
		d.first, err = sparse.DiagonalOf(first)
	} else {
		d.first, err = m.Fixed.multigrid(first)
	}
	if err != nil {
		return err
	}
	if d.second, err = m.schur(first); err != nil {
		return err
	}
	o := (&System{krylov: m.of.Krylov}).precise()
	_, err = sparse.MINRES(context.Background(), m.K, d, x, m.Load, o)
	return err
}

// diagonalBlocks solves with one matrix for the first n unknowns and another for the rest.
type diagonalBlocks struct {
	first, second sparse.Solver
	n             int
}

func (d diagonalBlocks) Solve(dst, b []float64) {
	d.first.Solve(dst[:d.n], b[:d.n])
	d.second.Solve(dst[d.n:], b[d.n:])
}

// block is the diagonal block of K of the rows from lo to hi.
func (m *SaddleSystem) block(lo, hi int) (*sparse.CSR, error) {
	ptr := make([]int32, 1, hi-lo+1)
	var index []int32
	var value []float64
	for i := lo; i < hi; i++ {
		for k := m.K.Ptr[i]; k < m.K.Ptr[i+1]; k++ {
			if j := int(m.K.Index[k]); j >= lo && j < hi {
				index, value = append(index, int32(j-lo)), append(value, m.K.Value[k])
			}
		}
		ptr = append(ptr, int32(len(index)))
	}
	return sparse.NewCSR(hi-lo, hi-lo, ptr, index, value)
}

// schur is a solver like (B A⁻¹ Bᵀ + C)⁻¹.
func (m *SaddleSystem) schur(first *sparse.CSR) (sparse.Solver, error) {
	if m.of.Schur != nil {
		mass, err := m.of.P.Bilinear(m.of.Schur, m.of.Options...)
		if err != nil {
			return nil, err
		}
		return sparse.DiagonalOf(mass)
	}
	nu, k := m.Fixed.N(), m.K
	var row, col []int32
	var value []float64
	for j := range nu {
		var rows []int32
		var entries []float64
		for e := k.Ptr[j]; e < k.Ptr[j+1]; e++ {
			if int(k.Index[e]) >= nu && k.Value[e] != 0 {
				rows, entries = append(rows, k.Index[e]-int32(nu)), append(entries, k.Value[e])
			}
		}
		for a, p := range rows {
			for b, q := range rows {
				row, col, value = append(row, p), append(col, q), append(value, entries[a]*entries[b]/first.At(j, j))
			}
		}
	}
	for i := nu; i < k.Rows; i++ {
		for e := k.Ptr[i]; e < k.Ptr[i+1]; e++ {
			if j := k.Index[e]; int(j) >= nu {
				row, col, value = append(row, int32(i-nu)), append(col, j-int32(nu)), append(value, -k.Value[e])
			}
		}
	}
	if m.mean != nil {
		at := int32(m.pinned - nu)
		row, col, value = append(row, at), append(col, at), append(value, m.schurDiagonal(m.pinned))
	}
	s, err := sparse.FromTriplets(m.of.P.n, m.of.P.n, row, col, value)
	if err != nil {
		return nil, err
	}
	return sparse.NewAMG(s, sparse.AMGOptions{})
}
