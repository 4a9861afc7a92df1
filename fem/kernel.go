package fem

import (
	"fmt"

	"abide/sparse"
)

// Weighted is a form with one coefficient per cell,
//
//	A(c) = Σ_K c_K A_K,
//
// and the matrices A_K of the cells for the coefficient 1. They are made once; for new
// coefficients the matrix is a sum of multiples of them, without quadrature. Batches
// of matrices and derivatives by coefficients read them from Element.
//
// Memory: 8 k² bytes a cell, k = PerCell. Where the coefficient varies within cells,
// use [Form.Add].
type Weighted struct {
	Element []float64 // [cells × k × k], row-major
	form    *Form
}

// Diffusion is ∫ c ∇u·∇v on the pattern of a form over one space, of a vector space
// component by component.
func (f *Form) Diffusion() (*Weighted, error) {
	switch {
	case f.test.vector || f.trial != f.test:
		return f.Weighted(func(_ *Point, u, v *Basis) float64 { return u.Grad.Dot(v.Grad) + u.Jacobian.Dot(&v.Jacobian) })
	case f.test.triangles():
		return &Weighted{f.test.triangleStiffness(), f}, nil
	}
	return f.unit(f.test.stiffnessDegree(), func(w float64, basis []Basis, local []float64) {
		for i := range basis {
			g := &basis[i].Grad
			x, y, z := w*g[0], w*g[1], w*g[2]
			for j := range basis[:i+1] {
				h := &basis[j].Grad
				local[i*len(basis)+j] += x*h[0] + y*h[1] + z*h[2]
			}
		}
	})
}

// Mass is ∫ c u v, of a vector space component by component.
func (f *Form) Mass() (*Weighted, error) {
	switch {
	case f.test.vector || f.trial != f.test:
		return f.Weighted(func(_ *Point, u, v *Basis) float64 { return u.Value*v.Value + u.Vector.Dot(v.Vector) })
	case f.test.triangles():
		return &Weighted{f.test.triangleMass(), f}, nil
	}
	return f.unit(2*f.test.shape.degree, func(w float64, basis []Basis, local []float64) {
		for i := range basis {
			a := w * basis[i].Value
			for j := range basis[:i+1] {
				local[i*len(basis)+j] += a * basis[j].Value
			}
		}
	})
}

// stiffnessDegree: gradients on simplices are one degree lower.
func (s *Space) stiffnessDegree() int {
	if simplex(s.mesh.Shape) {
		return max(0, 2*s.shape.degree-2)
	}
	return 2 * s.shape.degree
}

// unit sums a symmetric integrand over the points of every cell, the lower triangles.
func (f *Form) unit(degree int, add func(w float64, basis []Basis, local []float64)) (*Weighted, error) {
	w, err := newWalk(f.test, f.test, []Option{Degree(degree)})
	if err != nil {
		return nil, err
	}
	n := f.test.perCell
	out := &Weighted{make([]float64, f.test.mesh.Count()*n*n), f}
	for w.next() {
		local := out.Element[w.p.Cell*n*n : (w.p.Cell+1)*n*n]
		for w.point() {
			add(w.weight, w.test, local)
		}
		for i := range n {
			for j := range i {
				local[j*n+i] = local[i*n+j]
			}
		}
	}
	return out, w.err
}

// Weighted is ∫ c a(u, v) for any integrand a.
func (f *Form) Weighted(a Bilinear, options ...Option) (*Weighted, error) {
	w, err := newWalk(f.trial, f.test, options)
	if err != nil {
		return nil, err
	}
	cols := f.trial.perCell
	size := cols * f.test.perCell
	out := &Weighted{make([]float64, f.test.mesh.Count()*size), f}
	for w.next() {
		at := w.p.Cell * size
		w.matrix(a, out.Element[at:at+size])
	}
	return out, w.err
}

// Assemble computes A(c); c nil is 1.
func (k *Weighted) Assemble(dst *sparse.CSR, c []float64) error {
	clear(dst.Value)
	return k.Add(dst, c)
}

// Add adds A(c) to dst; c nil is 1.
func (k *Weighted) Add(dst *sparse.CSR, c []float64) error {
	if err := k.fits(dst, c); err != nil {
		return err
	}
	if k.form.test.triangles() && c != nil {
		addNine(dst.Value, k.form.assembly.Scatter, k.Element, c)
		return nil
	}
	size := len(k.Element) / k.form.test.mesh.Count()
	value := dst.Value
	for cell := range k.form.test.mesh.Count() {
		a := 1.0
		if c != nil {
			a = c[cell]
		}
		local := k.Element[cell*size : (cell+1)*size]
		to := k.form.assembly.Scatter[cell*size : (cell+1)*size]
		for e, p := range to {
			if p >= 0 {
				value[p] += a * local[e]
			}
		}
	}
	return nil
}

func (k *Weighted) fits(dst *sparse.CSR, c []float64) error {
	if n := k.form.test.mesh.Count(); c != nil && len(c) != n {
		return fmt.Errorf("fem: %d coefficients for %d cells", len(c), n)
	}
	if dst != nil && len(dst.Value) != k.form.assembly.Pattern.NNZ() {
		return fmt.Errorf("fem: a matrix of %d entries for a form of %d: make it by Matrix", len(dst.Value), k.form.assembly.Pattern.NNZ())
	}
	return nil
}

// addNine is the loop over cells with nine numbers each.
func addNine(value []float64, scatter []int32, element, c []float64) {
	for cell, a := range c {
		to := (*[9]int32)(scatter[9*cell:])
		local := (*[9]float64)(element[9*cell:])
		for e, p := range to {
			if p >= 0 {
				value[p] += a * local[e]
			}
		}
	}
}

// Lift is b −= A(c) g for the values g of the fixed degrees of freedom; b is of all.
func (k *Weighted) Lift(b, c []float64) error {
	if err := k.fits(nil, c); err != nil {
		return err
	}
	fixed := k.form.fixed
	if fixed == nil {
		return nil
	}
	if len(b) != k.form.test.n {
		return fmt.Errorf("fem: a load of %d for %d degrees of freedom", len(b), k.form.test.n)
	}
	size := len(k.Element) / k.form.test.mesh.Count()
	for cell := range k.form.test.mesh.Count() {
		a := 1.0
		if c != nil {
			a = c[cell]
		}
		fixed.lift(b, cell, k.Element[cell*size:(cell+1)*size], a)
	}
	return nil
}

// Derivative is dst[K] = λᵀ A_K u, the derivative of λᵀ A(c) u by c_K; λ and u are of
// all degrees of freedom, λ of the test space.
func (k *Weighted) Derivative(dst, lambda, u []float64) error {
	if err := k.fits(nil, dst); err != nil {
		return err
	}
	test, trial := k.form.test, k.form.trial
	if len(lambda) != test.n || len(u) != trial.n {
		return fmt.Errorf("fem: vectors of %d and %d for a form of %d and %d degrees of freedom", len(lambda), len(u), test.n, trial.n)
	}
	size := test.perCell * trial.perCell
	for cell := range dst {
		local, cols := k.Element[cell*size:(cell+1)*size], trial.Cell(cell)
		var sum float64
		for i, row := range test.Cell(cell) {
			var s float64
			for j, col := range cols {
				s += local[i*len(cols)+j] * u[col]
			}
			sum += lambda[row] * s
		}
		dst[cell] = sum
	}
	return nil
}

// triangles tells whether the kernels below are those of the space.
func (s *Space) triangles() bool {
	return s.element == P1 && s.shape.shape.Vertices() == 3 && !s.vector
}

// triangleStiffness: with the edges eᵢ opposite the vertices, A_ij = eᵢ·eⱼ / (4|K|).
func (s *Space) triangleStiffness() []float64 {
	m := s.mesh
	out := make([]float64, 9*m.Count())
	for c := range m.Count() {
		x0, y0, x1, y1, x2, y2 := corners6(m.Points, m.Cells[3*c:])
		ax, ay, bx, by, cx, cy := x2-x1, y2-y1, x0-x2, y0-y2, x1-x0, y1-y0
		f := 0.5 / (cx*(y2-y0) - cy*(x2-x0))
		ab, bc, ca := f*(ax*bx+ay*by), f*(bx*cx+by*cy), f*(cx*ax+cy*ay)
		*(*[9]float64)(out[9*c:]) = [9]float64{-ab - ca, ab, ca, ab, -ab - bc, bc, ca, bc, -ca - bc}
	}
	return out
}

// triangleMass: |K|/12 (1 + δ_ij).
func (s *Space) triangleMass() []float64 {
	m := s.mesh
	out := make([]float64, 9*m.Count())
	for c := range m.Count() {
		x0, y0, x1, y1, x2, y2 := corners6(m.Points, m.Cells[3*c:])
		f := ((x1-x0)*(y2-y0) - (y1-y0)*(x2-x0)) / 24
		*(*[9]float64)(out[9*c:]) = [9]float64{2 * f, f, f, f, 2 * f, f, f, f, 2 * f}
	}
	return out
}

func corners6(points []float64, cell []int32) (x0, y0, x1, y1, x2, y2 float64) {
	a, b, c := (*[2]float64)(points[2*cell[0]:]), (*[2]float64)(points[2*cell[1]:]), (*[2]float64)(points[2*cell[2]:])
	return a[0], a[1], b[0], b[1], c[0], c[1]
}

// LumpedMass is the row sums of ∫ c u v, c per cell (nil: 1): the mass matrix by the
// rule with the nodes as points. Elements of degree 2 have row sums that are zero or
// negative on simplices, and are refused.
func (s *Space) LumpedMass(c []float64) ([]float64, error) {
	if s.shape.degree > 1 || s.shape.flux {
		return nil, fmt.Errorf("fem: lumped mass of element %v: row sums are positive for degrees 0 and 1 only", s.element)
	}
	if c != nil && len(c) != s.mesh.Count() {
		return nil, fmt.Errorf("fem: %d coefficients for %d cells", len(c), s.mesh.Count())
	}
	return s.Linear(func(p *Point, v *Basis) float64 {
		a := 1.0
		if c != nil {
			a = c[p.Cell]
		}
		if s.vector {
			return a * (v.Vector[0] + v.Vector[1] + v.Vector[2])
		}
		return a * v.Value
	})
}
