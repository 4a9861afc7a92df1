package fem

import (
	"math"

	"abide/sparse"
)

// invert makes a solver of a tangent, in the memory of an old one where that is a factor.
func (f *Nonlinear) invert(a *sparse.CSR, old Inverse, tolerance float64) (Inverse, error) {
	most := directPlane
	if f.space.mesh.Dim() == 3 {
		most = directSpace
	}
	if a.Rows > most || a.Rows > most/2 && !newProbe(a.Rows).symmetric(a) {
		return NewIterative(f.fixed, a, sparse.Krylov{Tolerance: tolerance})
	}
	factor, is := old.(*Factor)
	if !is {
		if f.analysed == nil {
			var err error
			if f.analysed, err = analyse(f.fixed, a); err != nil {
				return nil, err
			}
		}
		factor = f.analysed.sibling()
	}
	return factor, factor.Refactor(a)
}

// Linearise is the inverse of the tangent at u, for a [Sensitivity]: to rounding where
// that is a [Factor], else to 10⁻¹².
func (f *Nonlinear) Linearise(u []float64) (Inverse, error) {
	k := f.Matrix()
	if err := f.Tangent(k, u); err != nil {
		return nil, err
	}
	return f.invert(k, nil, 1e-12)
}

// riesz is the solver of the dual norm, made once.
func (f *Nonlinear) riesz() (sparse.Solver, error) {
	if f.dual != nil {
		return f.dual, nil
	}
	var err error
	for i, part := range []func() (*Weighted, error){f.form.Diffusion, f.form.Mass} {
		if f.inner[i], err = part(); err != nil {
			return nil, err
		}
	}
	a := f.Matrix()
	for _, part := range f.inner {
		if err := part.Add(a, nil); err != nil {
			return nil, err
		}
	}
	d, err := f.invert(a, nil, 1e-8)
	if err == nil {
		f.dual = d
	}
	return d, err
}

// prescribe changes u to have the prescribed values: by d with the least norm in H¹.
func (f *Nonlinear) prescribe(u []float64) error {
	missing := *f.fixed
	missing.Value = make([]float64, f.space.n)
	var most float64
	for i, number := range f.fixed.Number {
		if number < 0 {
			missing.Value[i] = f.fixed.Value[i] - u[i]
			most = max(most, math.Abs(missing.Value[i]))
		}
	}
	if most == 0 {
		return nil
	}
	solver, err := f.riesz()
	if err != nil {
		return err
	}
	b, d, size := make([]float64, f.space.n), make([]float64, f.fixed.N()), f.space.perCell*f.space.perCell
	for _, part := range f.inner {
		for c := range f.space.mesh.Count() {
			missing.lift(b, c, part.Element[c*size:(c+1)*size], 1)
		}
	}
	f.fixed.Restrict(d, b)
	solver.Solve(d, d)
	missing.Expand(b, d)
	for i, x := range b {
		u[i] += x
	}
	return nil
}
