package pde

import "abide/timestep"

// patternDerivative is the derivative of what a patternStepper does, and its transpose.
// Inner products are those of values in cells. With C the cosine transform those of modes
// have the weights (C Cᵀ)⁻¹, which are diagonal and the same for u and v: in them C and C⁻¹
// are transposes, so that C a C⁻¹ with values a is symmetric, as what is diagonal is.
type patternDerivative struct {
	*patternStepper
	steps *timestep.IMEXDerivative[float64]
	other []float64 // modes of u and v: a tangent or a cotangent
	point []float64 // u in cells
}

func newPatternDerivative(s *patternStepper) *patternDerivative {
	d := &patternDerivative{patternStepper: s, other: make([]float64, 2*s.cells), point: make([]float64, s.cells)}
	d.steps = s.scheme.Derivative(d.product, d.transpose)
	return d
}

// cube is the part of −3u² u′, which is symmetric.
func (d *patternDerivative) cube(modes, direction, out []float64) {
	d.transform.Inverse(d.point, modes[:d.cells])
	d.transform.Inverse(d.values, direction[:d.cells])
	for i, u := range d.point {
		d.values[i] *= -3 * u * u
	}
	d.transform.Forward(out[:d.cells], d.values)
}

// product is (u′ − 3u² u′ − v′, u′ − v′) in modes.
func (d *patternDerivative) product(_ float64, modes, direction, out []float64) {
	d.cube(modes, direction, out)
	v := direction[d.cells:]
	for i, u := range direction[:d.cells] {
		out[i] += u - v[i]
		out[d.cells+i] = u - v[i]
	}
}

// transpose is that of product, (p − 3u² p + q, −p − q).
func (d *patternDerivative) transpose(_ float64, modes, g, out []float64) {
	d.cube(modes, g, out)
	q := g[d.cells:]
	for i, p := range g[:d.cells] {
		out[i] += p + q[i]
		out[d.cells+i] = -p - q[i]
	}
}

// tangent replaces v by the derivative of n steps from a state in the direction v.
func (d *patternDerivative) tangent(state, v []float64, n int) {
	d.take(d.modes, state)
	d.take(d.other, v)
	d.steps.MarchTangent(0, n, d.modes, d.other)
	d.give(v, d.other)
}

// adjoint replaces g by the product of the transpose of that derivative with it.
func (d *patternDerivative) adjoint(state, g []float64, n int) {
	d.take(d.modes, state)
	d.take(d.other, g)
	d.steps.MarchAdjoint(0, n, d.modes, d.other)
	d.give(g, d.other)
}
