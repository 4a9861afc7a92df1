package fem

import (
	"fmt"

	"abide/mesh"
	"abide/sparse"
)

// Saddle is a mixed boundary value problem: find u of U, with u = g on the Dirichlet
// facets, and p of P such that
//
//	a(u, v) + b(v, p) = f(v) + ∫_Neumann t·v − ∫_Pressure p₀ v·n
//	b(u, q) − c(p, q) = g(q)
//
// for all q of P and all v of U that vanish where u is given: K x = y with
// K = [A Bᵀ; B −C]. With b(u, q) = −∫ q div u ([Continuity]) it is
//
//	Stokes   a = ν ∇u:∇v ([Viscous]), spaces of [TaylorHood],
//	Darcy    a = κ⁻¹ u·v, u = −κ ∇p in RT0, p in P0, g(q) = −∫ f q for div u = f,
//	elastic solids that hardly change their volume: a = 2μ ε(u):ε(v), c = p q/λ.
//
// A pair of spaces has to satisfy the inf–sup condition of F. Brezzi, RAIRO 8 (1974):
// those above do, elements of the same degree do not.
type Saddle struct {
	U, P *Space
	A    Bilinear // on U
	B    Bilinear // its u is of U, its v of P
	C    Bilinear // on P; nil: 0
	F    Linear   // on U; nil: 0
	G    Linear   // on P; nil: 0

	Options []Option // quadrature of all of them

	Dirichlet []Dirichlet // of U
	Neumann   []Neumann   // traction, for spaces U that have one
	Pressure  []Pressure

	// ZeroMean makes p, where it is determined up to a constant, the one with ∫p = 0:
	// where the flow through all of the boundary is given. Without it such a problem is
	// an error.
	ZeroMean bool

	Solver Method        // Auto and Direct: LDLᵀ, LU where A is not symmetric; Multigrid: MINRES
	Schur  Bilinear      // of MINRES: a mass on P like B A⁻¹ Bᵀ, p q/ν for Stokes; nil: B diag(A)⁻¹ Bᵀ by multigrid
	Krylov sparse.Krylov // of MINRES
}

// Pressure prescribes p₀ on facets, as a natural condition: the pressure of Darcy flow,
// the traction −p₀ n of a fluid.
type Pressure struct {
	Group string // "" is all of the boundary
	Value func(x Vec) float64
}

// Continuity is the integrand −q div u.
func Continuity(_ *Point, u, q *Basis) float64 { return -u.Div * q.Value }

// Viscous is the integrand ν ∇u:∇v.
func Viscous(nu float64) Bilinear {
	return func(_ *Point, u, v *Basis) float64 { return nu * u.Jacobian.Dot(&v.Jacobian) }
}

// TaylorHood is the stable pair of continuous velocities of degree 2 and pressures of
// degree 1, P2 and P1 on simplices, Q2 and Q1 on tensor cells: C. Taylor and P. Hood,
// Comput. Fluids 1 (1973). Errors fall with order 3 of the velocity, 2 of its gradient
// and of the pressure. Mass is balanced over the patch of each vertex, not in each
// cell, for which take RT0.
func TaylorHood(m *mesh.Mesh) (velocity, pressure *Space, err error) {
	high, low := Q2, Q1
	if simplex(m.Shape) {
		high, low = P2, P1
	}
	scalar, err := NewSpace(m, high)
	if err != nil {
		return nil, nil, err
	}
	if velocity, err = scalar.Vector(m.Dim()); err != nil {
		return nil, nil, err
	}
	pressure, err = NewSpace(m, low)
	return velocity, pressure, err
}

// SaddleSystem is a mixed problem as equations K x = y, x the free degrees of freedom
// of u and then all of p.
type SaddleSystem struct {
	K     *sparse.CSR
	Load  []float64
	Fixed *Fixed // of u

	of     Saddle
	mean   []float64 // ∫ψ, where the mean of p has to vanish
	pinned int       // row of p that the factor holds then
}

// Solve assembles and solves.
func (s Saddle) Solve() (u, p *Function, err error) {
	system, err := s.System()
	if err != nil {
		return nil, nil, err
	}
	return system.Solve()
}

// System assembles the equations and finds out whether they have one solution.
func (s Saddle) System() (*SaddleSystem, error) {
	switch {
	case s.U == nil || s.P == nil || s.A == nil || s.B == nil:
		return nil, fmt.Errorf("fem: a mixed problem needs the spaces U and P and the forms A and B")
	case s.U.mesh != s.P.mesh:
		return nil, fmt.Errorf("fem: spaces U and P of a mixed problem are on different meshes")
	case s.P.vector:
		return nil, fmt.Errorf("fem: space P of a mixed problem has %d components: it is scalar", s.P.components)
	}
	fixed, err := s.U.Dirichlet(s.Dirichlet...)
	if err != nil {
		return nil, err
	}
	if fixed.N() == 0 {
		return nil, fmt.Errorf("fem: all %d degrees of freedom of U have prescribed values: refine the mesh or raise the degree", s.U.n)
	}
	load, err := s.load()
	if err != nil {
		return nil, err
	}
	m := &SaddleSystem{Fixed: fixed, of: s}
	if err := m.assemble(load); err != nil {
		return nil, err
	}
	nu := fixed.N()
	m.Load = make([]float64, nu+s.P.n)
	fixed.Restrict(m.Load[:nu], load)
	copy(m.Load[nu:], load[s.U.n:])
	return m, m.determined()
}

// load is the right-hand side for all degrees of freedom of U, then of P.
func (s Saddle) load() ([]float64, error) {
	b, err := Problem{Space: s.U, Linear: s.F, Options: s.Options, Neumann: s.Neumann}.load()
	if err != nil {
		return nil, err
	}
	for _, c := range s.Pressure {
		err := s.U.AddLinear(b, func(p *Point, v *Basis) float64 { return -c.Value(p.X) * v.Vector.Dot(p.Normal) }, on(c.Group))
		if err != nil {
			return nil, err
		}
	}
	b = append(b, make([]float64, s.P.n)...)
	if s.G != nil {
		err = s.P.AddLinear(b[s.U.n:], s.G, s.Options...)
	}
	return b, err
}

// assemble computes K from one pattern of the cells' unknowns of both spaces, and takes
// from the load what the fixed ones contribute.
func (m *SaddleSystem) assemble(load []float64) error {
	s, fixed := m.of, m.Fixed
	ku, kp, nu := s.U.perCell, s.P.perCell, fixed.N()
	k := ku + kp
	numbers := make([]int32, s.U.mesh.Count()*k)
	for c := range s.U.mesh.Count() {
		mine := numbers[c*k : (c+1)*k]
		for i, dof := range s.U.Cell(c) {
			mine[i] = fixed.Number[dof]
		}
		for i, dof := range s.P.Cell(c) {
			mine[ku+i] = int32(nu) + dof
		}
	}
	assembly, err := sparse.NewAssembly(nu+s.P.n, nu+s.P.n, numbers, k, numbers, k)
	if err != nil {
		return err
	}
	m.K = assembly.Pattern
	for _, block := range []struct {
		of          Bilinear
		trial, test *Space
		row, col    int
		sign        float64
	}{{s.A, s.U, s.U, 0, 0, 1}, {s.B, s.U, s.P, ku, 0, 1}, {s.C, s.P, s.P, ku, ku, -1}} {
		if block.of == nil {
			continue
		}
		w, err := newWalk(block.trial, block.test, s.Options)
		if err != nil {
			return err
		}
		rows, cols := block.test.perCell, block.trial.perCell
		local, full := make([]float64, rows*cols), make([]float64, k*k)
		for w.next() {
			clear(local)
			w.matrix(block.of, local)
			for i := range rows {
				for j := range cols {
					v := block.sign * local[i*cols+j]
					full[(block.row+i)*k+block.col+j] = v
					if block.row != block.col {
						full[(block.col+j)*k+block.row+i] = v
					}
				}
			}
			m.lift(load, w.p.Cell, full)
			assembly.Add(m.K.Value, w.p.Cell, full)
		}
		if w.err != nil {
			return w.err
		}
	}
	return nil
}

// lift takes from the load what the fixed columns of a cell's matrix contribute.
func (m *SaddleSystem) lift(load []float64, cell int, full []float64) {
	dofs, pressures := m.of.U.Cell(cell), m.of.P.Cell(cell)
	k := len(dofs) + len(pressures)
	for j, dof := range dofs {
		g := m.Fixed.Value[dof]
		if m.Fixed.Number[dof] >= 0 || g == 0 {
			continue
		}
		for i, row := range dofs {
			load[row] -= full[i*k+j] * g
		}
		for i, row := range pressures {
			load[m.of.U.n+int(row)] -= full[(len(dofs)+i)*k+j] * g
		}
	}
}
