package field

import (
	"fmt"
	"math"

	"abide/fem"
	"abide/mesh"
	"abide/sparse"
)

// equation is τ (κ² − div Θ∇)^(α/2) u = W on a mesh, K = κ² M + S + β B: what [SPDE] and
// [FractionalSPDE] share.
type equation struct {
	Space      *fem.Space // values are its degrees of freedom: the points of the mesh
	kappa, tau float64
	k          *sparse.CSR
	mass, root []float64 // M and its root
}

// Operator is K. It is not to be written to.
func (e *equation) Operator() *sparse.CSR { return e.k }

// Mass is the diagonal of M. It is not to be written to.
func (e *equation) Mass() []float64 { return e.mass }

// Size is the number of points.
func (e *equation) Size() int { return len(e.mass) }

// White is the number of points.
func (e *equation) White() int { return len(e.mass) }

func newEquation(m *mesh.Mesh, p Matern, o SPDEOptions) (equation, error) {
	var e equation
	if err := p.check(); err != nil {
		return e, err
	}
	theta, determinant, err := anisotropy(o.Anisotropy, m.Dim())
	if err != nil {
		return e, err
	}
	kappa, alpha, tau := p.Equation(m.Dim())
	e.kappa, e.tau = kappa, tau/math.Pow(determinant, 0.25)
	beta := o.Robin
	switch {
	case beta < 0:
		beta = 0
	case beta == 0 && alpha <= 2:
		beta = 1 / 1.42
	case beta == 0:
		beta = 1
	}
	err = e.assemble(m, beta*kappa, theta)
	return e, err
}

// anisotropy checks Θ in d dimensions, completed by the identity, and returns its
// determinant.
func anisotropy(given *fem.Mat, d int) (theta fem.Mat, determinant float64, err error) {
	theta = fem.Mat{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	if given != nil {
		for i := range d {
			for j := range d {
				theta[i][j] = given[i][j]
			}
		}
	}
	a, b, c := theta[0], theta[1], theta[2]
	determinant = a.Dot(b.Cross(c))
	minor := a[0]*b[1] - a[1]*b[0]
	if theta != theta.Sym() || !(a[0] > 0) || !(minor > 0) || !(determinant > 0) || math.IsInf(determinant, 0) {
		return theta, 0, fmt.Errorf("field: anisotropy %v in %d dimensions: it is symmetric and positive definite", theta, d)
	}
	return theta, determinant, nil
}

// assemble makes K and the lumped masses.
func (e *equation) assemble(m *mesh.Mesh, beta float64, theta fem.Mat) error {
	element := fem.P1
	if m.Shape == mesh.Quadrilateral || m.Shape == mesh.Hexahedron {
		element = fem.Q1
	}
	space, err := fem.NewSpace(m, element)
	if err != nil {
		return err
	}
	e.Space = space
	e.k, err = space.Bilinear(func(p *fem.Point, u, v *fem.Basis) float64 { return theta.Times(u.Grad).Dot(v.Grad) })
	if err != nil {
		return err
	}
	if e.mass, err = space.Linear(func(p *fem.Point, v *fem.Basis) float64 { return v.Value }); err != nil {
		return err
	}
	rim := make([]float64, len(e.mass))
	if beta > 0 {
		rim, err = space.Linear(func(p *fem.Point, v *fem.Basis) float64 {
			return beta * math.Sqrt(p.Normal.Dot(theta.Times(p.Normal))) * v.Value
		}, fem.On())
		if err != nil {
			return err
		}
	}
	e.root = make([]float64, len(e.mass))
	for i, m := range e.mass {
		e.root[i] = math.Sqrt(m)
		e.k.Value[e.k.Position(i, i)] += e.kappa*e.kappa*m + rim[i]
	}
	return nil
}

// analyse orders K and finds the pattern of its factors.
func (e *equation) analyse() (*sparse.Symbolic, error) {
	perm, err := sparse.OrderCoordinates(e.k, e.Space.Places(), e.Space.Mesh().Dim())
	if err != nil {
		return nil, err
	}
	return sparse.Analyse(e.k, perm)
}
