package fem

import (
	"context"
	"fmt"
	"math"
	"slices"

	"abide/sparse"
)

// Method is how the equations of a [Problem] are solved.
type Method int

const (
	// Auto is Direct for small systems; for large ones Multigrid, or GMRES where the
	// matrix is not symmetric.
	Auto Method = iota
	// Direct is Cholesky; LDLᵀ where the matrix turns out to be indefinite (Helmholtz,
	// multipliers), LU where it is not symmetric. Ordered by dissection of the coordinates.
	Direct
	Multigrid // conjugate gradients with smoothed aggregation: symmetric and definite
	GMRES     // with ILU(0)
)

// Up to so many unknowns Auto takes the direct solver, for it is exact to rounding with
// any coefficients. P1 on a plane mesh of 10⁵ unknowns it costs 0.25 to 0.4 s where
// multigrid takes 0.12 s, tetrahedra of 7 000 unknowns 0.07 s where that takes 0.01 s;
// both grow apart from there. LU costs twice as much.
const (
	directPlane = 100_000 // in one and two dimensions
	directSpace = 8_000
)

// ErrSingular is a problem that does not determine its solution.
var ErrSingular = sparse.ErrSingular

// determined finds out whether constants are in the null space of A: there, pure
// Neumann conditions leave the solution undetermined. Parts of the mesh that do not
// touch are looked at one by one.
func (s *System) determined(of Problem) error {
	zeroMean := of.ZeroMean
	n, k := s.A.Rows, s.Fixed.space.components
	part, parts := isolated(s.A)
	unit, image, size := make([]float64, n), make([]float64, n), make([]float64, parts)
	for i, p := range part {
		size[p] = max(size[p], math.Abs(s.A.At(i, i)))
	}
	if n == 1 { // one periodic cell, where the matrix is what rounding leaves of its cell's
		a, err := of.absolute().matrix(s.Fixed, nil)
		if err != nil {
			return err
		}
		size[0] = a.At(0, 0)
	}
	for c := range k {
		clear(unit)
		touched := make([]bool, parts)
		for i, dof := range s.Fixed.Free {
			if int(dof)%k == c {
				unit[i], touched[part[i]] = 1, true
			}
		}
		s.A.Apply(image, unit)
		worst := make([]float64, parts)
		for i, p := range part {
			worst[p] = max(worst[p], math.Abs(image[i]))
		}
		for p := range parts {
			if !touched[p] || worst[p] > 1e-10*size[p] {
				continue
			}
			switch {
			case zeroMean && k == 1 && parts == 1:
				return s.zeroMean(of)
			case zeroMean:
				return fmt.Errorf("fem: the system is %w in %d parts or components: a zero mean is for one scalar part", ErrSingular, parts*k)
			case parts > k:
				i := 0
				for int(part[i]) != p {
					i++
				}
				x := s.Fixed.space.Place(int(s.Fixed.Free[i]))
				return fmt.Errorf("fem: the system is %w: the mesh has parts that do not touch, and the one at %v has no Dirichlet or Robin condition: join the parts or give each a condition",
					ErrSingular, x[:s.Fixed.space.mesh.Dim()])
			}
			return fmt.Errorf("fem: the system is %w: constants are solutions of pure Neumann conditions: fix a value by Dirichlet, add a Robin condition or a mass term, or ask for ZeroMean", ErrSingular)
		}
	}
	if zeroMean {
		return fmt.Errorf("fem: ZeroMean for a problem that has one solution: leave it out")
	}
	return nil
}

// isolated finds parts of a matrix's graph that no entry joins to the rest: the part
// of each row, and how many there are.
func isolated(a *sparse.CSR) (part []int32, count int) {
	part = slices.Repeat([]int32{-1}, a.Rows)
	var stack []int32
	for i := range a.Rows {
		if part[i] >= 0 {
			continue
		}
		part[i] = int32(count)
		stack = append(stack[:0], int32(i))
		for len(stack) > 0 {
			k := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, j := range a.Index[a.Ptr[k]:a.Ptr[k+1]] {
				if part[j] < 0 {
					part[j] = int32(count)
					stack = append(stack, j)
				}
			}
		}
		count++
	}
	return part, count
}

// unbalanced is the share of sources and fluxes that ∫f + ∫g may miss 0 by and be taken
// for balanced. Exact data miss it by the error of their quadrature and of the mesh: a disc of n
// sides has boundary and area in a ratio that is off by 1 − cos(π/n), 1 % for 22 sides.
// A load that was meant to be something else is off by a part of itself.
const unbalanced = 0.01

// zeroMean prepares for the solution with ∫u = 0. The load is made one that has a
// solution by the constant that a Lagrange multiplier of ∫u = 0 would be.
func (s *System) zeroMean(p Problem) error {
	V := s.Fixed.space
	if s.A.Rows == 1 {
		return fmt.Errorf("fem: the system is %w: a zero mean of one degree of freedom, which periodic sides leave of this mesh, leaves the solution 0 only: refine it", ErrSingular)
	}
	mean, err := V.Linear(func(_ *Point, v *Basis) float64 { return v.Value })
	if err != nil {
		return err
	}
	s.mean = mean
	var sum, volume float64
	for i, b := range s.B {
		sum, volume = sum+b, volume+mean[i]
	}
	size, err := p.absolute().load()
	if err != nil {
		return err
	}
	var most float64
	for _, b := range size {
		most += b
	}
	if math.Abs(sum) > unbalanced*most {
		return fmt.Errorf("fem: ∫f + ∫g = %.3g over cells and boundary, where ∫|f| + ∫|g| is %.3g: it has to be 0 for pure Neumann conditions: balance sources and fluxes", sum, most)
	}
	for i := range s.B {
		s.B[i] -= sum / volume * mean[i]
	}
	return nil
}

// absolute is the problem with |f|, |g| and |a|, which do not cancel within a basis
// function as f may where cells are few and large.
func (p Problem) absolute() Problem {
	if a, c := p.Bilinear, p.Diffusion; a != nil || c != nil {
		p.Diffusion, p.Bilinear = nil, func(q *Point, u, v *Basis) (sum float64) {
			if a != nil {
				sum = math.Abs(a(q, u, v))
			}
			if c != nil {
				sum += math.Abs(c[q.Cell] * (u.Grad.Dot(v.Grad) + u.Jacobian.Dot(&v.Jacobian)))
			}
			return sum
		}
	}
	of := func(l Linear) Linear {
		if l == nil {
			return nil
		}
		return func(q *Point, v *Basis) float64 { return math.Abs(l(q, v)) }
	}
	at := func(f func(x Vec) float64) func(x Vec) float64 {
		if f == nil {
			return nil
		}
		return func(x Vec) float64 { return math.Abs(f(x)) }
	}
	p.Linear, p.Source = of(p.Linear), at(p.Source)
	p.Neumann, p.Robin, p.Facets = slices.Clone(p.Neumann), slices.Clone(p.Robin), slices.Clone(p.Facets)
	for i := range p.Neumann {
		p.Neumann[i].Value = at(p.Neumann[i].Value)
	}
	for i := range p.Robin {
		p.Robin[i].Value = at(p.Robin[i].Value)
	}
	for i := range p.Facets {
		p.Facets[i].Linear = of(p.Facets[i].Linear)
	}
	return p
}

// Solve solves the equations.
func (s *System) Solve() (*Function, error) {
	even := newProbe(s.A.Rows).symmetric(s.A)
	method := s.method
	if method == Auto {
		most := directPlane
		if s.Fixed.space.mesh.Dim() == 3 {
			most = directSpace
		}
		switch {
		case s.A.Rows <= most && even || s.A.Rows <= most/2:
			method = Direct
		case even:
			method = Multigrid
		default:
			method = GMRES
		}
	}
	x := make([]float64, s.A.Rows)
	var err error
	switch method {
	case Direct:
		err = s.direct(x, even)
	case Multigrid:
		err = s.multigrid(x)
	case GMRES:
		var ilu *sparse.ILU0
		if ilu, err = sparse.NewILU0(s.A); err == nil {
			_, err = sparse.GMRES(context.Background(), s.A, ilu, x, s.B, s.precise())
		}
	default:
		err = fmt.Errorf("fem: method %d: allowed are Auto, Direct, Multigrid, GMRES", int(method))
	}
	if err != nil {
		return nil, err
	}
	if s.mean != nil {
		var sum, volume float64
		for i, w := range s.mean {
			sum, volume = sum+w*x[i], volume+w
		}
		for i := range x {
			x[i] -= sum / volume
		}
	}
	u := s.Fixed.space.Zero()
	s.Fixed.Expand(u.Coef, x)
	return u, nil
}

// precise is the residual a user of a linear problem expects not to see.
func (s *System) precise() sparse.Krylov {
	o := s.krylov
	if o.Tolerance == 0 {
		o.Tolerance = 1e-10
	}
	return o
}

func (s *System) direct(x []float64, even bool) error {
	perm, err := s.Fixed.order(s.A)
	if err != nil {
		return err
	}
	a := s.A
	if s.mean != nil {
		// With α e₀e₀ᵀ added the matrix is definite; as rows and load sum to zero, the
		// sum of the equations is α x₀ = 0, and x solves the ones before.
		a = a.Like()
		copy(a.Value, s.A.Value)
		a.Value[a.Position(0, 0)] *= 2
	}
	if !even {
		factor, err := sparse.NewLU(a, perm)
		if err != nil {
			return err
		}
		factor.Solve(x, s.B)
		return nil
	}
	symbolic, err := sparse.Analyse(a, perm)
	if err != nil {
		return err
	}
	if factor, err := sparse.NewCholesky(symbolic, a); err == nil {
		factor.Solve(x, s.B)
		return nil
	}
	factor, err := sparse.NewLDL(symbolic, a, nil)
	if err != nil {
		return err
	}
	return factor.SolveChecked(x, s.B)
}

func (s *System) multigrid(x []float64) error {
	amg, err := s.Fixed.multigrid(s.A)
	if err != nil {
		return err
	}
	_, err = sparse.CG(context.Background(), s.A, amg, x, s.B, s.precise())
	return err
}

// multigrid is the hierarchy for a matrix of the free degrees of freedom.
func (f *Fixed) multigrid(a *sparse.CSR) (*sparse.AMG, error) {
	V := f.space
	o := sparse.AMGOptions{}
	if V.vector {
		near, err := f.nearNull()
		if err != nil {
			return nil, err
		}
		o.Near = near
		if f.wholeNodes() {
			o.Block = V.components
		}
	}
	return sparse.NewAMG(a, o)
}

// nearNull is the rigid-body modes at the free degrees of freedom, or the constants
// where there are not as many components as dimensions.
func (f *Fixed) nearNull() ([][]float64, error) {
	V := f.space
	k := V.components
	var all [][]float64
	if k == V.mesh.Dim() && k > 1 {
		var err error
		if all, err = sparse.RigidModes(V.Places(), k); err != nil {
			return nil, err
		}
	} else {
		for c := range k {
			v := make([]float64, V.n)
			for i := c; i < len(v); i += k {
				v[i] = 1
			}
			all = append(all, v)
		}
	}
	for i, v := range all {
		free := make([]float64, f.N())
		f.Restrict(free, v)
		all[i] = free
	}
	return all, nil
}

// wholeNodes tells whether nodes are free or fixed with all their components.
func (f *Fixed) wholeNodes() bool {
	k := f.space.components
	for i, dof := range f.Free {
		if int(dof)%k != i%k {
			return false
		}
	}
	return f.N()%k == 0
}
