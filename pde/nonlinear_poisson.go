package pde

import (
	"context"
	"fmt"
	"math"

	"abide/fem"
	"abide/internal/keyed"
	"abide/mesh"
)

// nonlinearPoissonKind is a diffusion that grows with what diffuses, on domains of random
// shape,
//
//	div((1 + 0.1 u²) ∇u) = f in r < 1 + c₁ cos 4t + c₂ cos 8t,  c ~ U(−0.2, 0.2),
//	f = Σ_{i<2} βᵢ exp(−|x − mᵢ|²),  u = b₀ + ¼ (b₁ cos t + b₂ sin t + b₃ cos 2t + b₄ sin 2t),
//
// the last on the boundary; t is the angle of x, and β, m and b are N(0, 1). Linear
// elements on n rings of triangles, drawn out along rays to the boundary: order 2. Cells
// are the same in all samples, points are not. Solved by Newton's method to rounding.
//
//	∫ (1 + 0.1 u²) ∇u·∇φᵢ + f φᵢ = 0,  u and f linear in each cell
//
// is integrated exactly. The rows compute it anew from the points of the sample.
//
// T. Qin et al., "Meta-PDE: Learning to solve PDEs quickly without a mesh", 2022, and its
// generator; the distributions are those of the generator.
//
// Cost: a mesh, an analysis and some five factors of 3n² unknowns a sample.
var nonlinearPoissonKind = Kind{
	Name:     "nonlinear-poisson",
	Equation: "div((1 + 0.1 u²) ∇u) = f in r < 1 + c₁ cos 4t + c₂ cos 8t, u = b(t) on the boundary",
	Scheme:   "linear elements on triangles, Newton's method; order 2",
	Source:   "Qin et al. 2022, Meta-PDE",
	Parameters: []Parameter{
		{Name: "grid", Default: 16, Min: 2, Max: 512, Doc: "rings n of triangles; there are 1 + 3n(n+1) points"},
		{Name: "growth", Default: 0.1, Min: 0, Max: 100, Doc: "the 0.1 of 1 + 0.1 u²"},
	},
	New: func(v Values) (Family, error) {
		f := &nonlinearPoisson{n: v.Int("grid"), growth: v.Float("growth")}
		var err error
		if f.disc, err = mesh.NewDisc(mesh.Triangle, f.n, 1); err != nil {
			return nil, err
		}
		f.onBoundary = make([]bool, f.disc.N())
		for _, i := range f.disc.Facets {
			f.onBoundary[i] = true
		}
		return f, nil
	},
}

type nonlinearPoisson struct {
	n          int
	growth     float64
	disc       *mesh.Mesh
	onBoundary []bool
}

// Mesh is that of the disc, c = 0. Samples have its cells, and points of their own.
func (f *nonlinearPoisson) Mesh() *mesh.Mesh { return f.disc }

func (f *nonlinearPoisson) Arrays() []Array {
	n := f.disc.N()
	return []Array{
		{Name: "c", Shape: []int{2}, Doc: "shape of the domain c₁, c₂"},
		{Name: "m", Shape: []int{2, 3}, Doc: "sources: place x, y and strength β of each"},
		{Name: "b", Shape: []int{5}, Doc: "boundary values"},
		{Name: "x", Shape: []int{n, 2}, Doc: "points (point, coordinate); their triangles are those of the disc"},
		{Name: "f", Shape: []int{n}, Doc: "source at points"},
		{Name: "u", Shape: []int{n}, Doc: "solution at points"},
	}
}

func (f *nonlinearPoisson) Rows() []Row {
	n, rim := f.disc.N(), 6*f.n
	return []Row{
		{Name: "points", Size: 2 * n, Unit: 1, Doc: "x less the points that c gives"},
		{Name: "source", Size: n, Unit: 1, Doc: "f − Σ β exp(−|x − m|²)"},
		{Name: "boundary", Size: rim, Unit: 1, Doc: "u less its values on the boundary, by the angle of x"},
		{Name: "equation", Size: n - rim, Unit: max(1, f.growth), Doc: "∫ (1 + 0.1 u²) ∇u·∇φ + f φ for the shape functions φ of points inside"},
	}
}

// star is the mesh of a domain.
func (f *nonlinearPoisson) star(c []float64) (*mesh.Mesh, error) {
	m, err := mesh.NewStar(mesh.Triangle, f.n, func(t float64) float64 { return 1 + c[0]*math.Cos(4*t) + c[1]*math.Cos(8*t) })
	if err != nil {
		return nil, fmt.Errorf("pde: nonlinear-poisson: shape %g: %w", c, err)
	}
	return m, nil
}

func nonlinearSource(sources, x []float64) (sum float64) {
	for ; len(sources) > 0; sources = sources[3:] {
		dx, dy := x[0]-sources[0], x[1]-sources[1]
		sum += sources[2] * math.Exp(-dx*dx-dy*dy)
	}
	return sum
}

func nonlinearBoundary(b, x []float64) float64 {
	t := math.Atan2(x[1], x[0])
	return b[0] + (b[1]*math.Cos(t)+b[2]*math.Sin(t)+b[3]*math.Cos(2*t)+b[4]*math.Sin(2*t))/4
}

func (f *nonlinearPoisson) Draw(ctx context.Context, seed uint64, index int) (Sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, r := NewSample(f), keyed.New(seed, "pde nonlinear-poisson", index, 0)
	for i := range s[0] {
		s[0][i] = 0.4*r.Uniform() - 0.2
	}
	r.Normal(s[1])
	r.Normal(s[2])
	m, err := f.star(s[0])
	if err != nil {
		return nil, err
	}
	copy(s[3], m.Points)
	for i := range s[4] {
		s[4][i] = nonlinearSource(s[1], s[3][2*i:])
	}
	return s, f.solve(ctx, s, m, func(x fem.Vec) float64 { return nonlinearBoundary(s[2], x[:]) })
}

// solve writes u of the source of a sample on its mesh.
func (f *nonlinearPoisson) solve(ctx context.Context, s Sample, m *mesh.Mesh, boundary func(x fem.Vec) float64) error {
	V, err := fem.NewSpace(m, fem.P1)
	if err != nil {
		return err
	}
	fixed, err := V.Dirichlet(fem.Dirichlet{Value: boundary})
	if err != nil {
		return err
	}
	source, err := V.Function(s[4])
	if err != nil {
		return err
	}
	form, err := fem.NewNonlinear(V, fixed)
	if err != nil {
		return err
	}
	err = form.Add(func(p *fem.Point, u fem.Dual, grad fem.DualVec) (fem.DualVec, fem.Dual) {
		return grad.Mul(u.Mul(u).Times(f.growth).Plus(1)), fem.Const(source.At(p).Value)
	})
	if err != nil {
		return err
	}
	u := V.Zero()
	newton := fem.Newton{Tolerance: 1e-13, Absolute: 1e-14, Euclidean: true}
	if _, err := newton.Solve(ctx, form, u); err != nil {
		return fmt.Errorf("pde: nonlinear-poisson: %w", err)
	}
	copy(s[5], u.Coef)
	return nil
}

// Residual of a shape that is none has not-a-number at its points.
func (f *nonlinearPoisson) Residual(dst []float64, s Sample) error {
	x, u := s[3], s[5]
	m, err := f.star(s[0])
	for i := range x {
		dst[i] = math.NaN()
		if err == nil {
			dst[i] = x[i] - m.Points[i]
		}
	}
	dst = dst[len(x):]
	for i, source := range s[4] {
		dst[i] = source - nonlinearSource(s[1], x[2*i:])
	}
	dst = dst[len(u):]
	all := make([]float64, len(u))
	for c := range f.disc.Count() {
		f.cell(all, f.disc.Cell(c), x, u, s[4])
	}
	inside := dst[6*f.n:]
	for i, on := range f.onBoundary {
		if on {
			dst[0], dst = u[i]-nonlinearBoundary(s[2], x[2*i:]), dst[1:]
		} else {
			inside[0], inside = all[i], inside[1:]
		}
	}
	return nil
}

// cell adds the integrals over a triangle: with the edges eᵢ opposite its points ∇φᵢ·∇φⱼ
// = eᵢ·eⱼ/(4|K|²), and the mean of u² is (Σ uᵢ² + (Σ uᵢ)²)/12.
func (f *nonlinearPoisson) cell(dst []float64, points []int32, x, u, source []float64) {
	var edge [3][2]float64
	var sum, square, total float64
	for k, i := range points {
		a, b := points[(k+1)%3], points[(k+2)%3]
		edge[k] = [2]float64{x[2*b] - x[2*a], x[2*b+1] - x[2*a+1]}
		sum, square, total = sum+u[i], square+u[i]*u[i], total+source[i]
	}
	twice := edge[0][0]*edge[1][1] - edge[0][1]*edge[1][0]
	var slope [2]float64 // Σ uᵢ eᵢ: ∇u, turned and times 2|K|
	for k, i := range points {
		slope[0] += u[i] * edge[k][0]
		slope[1] += u[i] * edge[k][1]
	}
	diffusion := (1 + f.growth*(square+sum*sum)/12) / (2 * twice)
	for k, i := range points {
		dst[i] += diffusion*(slope[0]*edge[k][0]+slope[1]*edge[k][1]) + twice/24*(total+source[i])
	}
}
