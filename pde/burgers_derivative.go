package pde

import (
	"math"

	"abide/grid"
	"abide/timestep"
)

// burgersDerivative is the derivative of what a burgersStepper does, and its transpose, for
// sixteen flows at once. Inner products are those of values at points, Σ a w + b v of pairs,
// which are those of whole complex spectra divided by n: taking a band out and writing it
// at points are transposes, and ∂_x is antisymmetric.
type burgersDerivative struct {
	*burgersStepper
	steps *timestep.ETDRK4Derivative[float64]
	other []float64       // as state: tangents or cotangents
	flow  []grid.Complex8 // [n] u at points
}

func newBurgersDerivative(s *burgersStepper) *burgersDerivative {
	d := &burgersDerivative{burgersStepper: s, other: make([]float64, len(s.state)), flow: make([]grid.Complex8, len(s.values))}
	d.steps = s.scheme.Derivative(d.product, d.transpose)
	return d
}

// points makes flow the values of u.
func (d *burgersDerivative) points(u []float64) {
	d.spread(u)
	d.fft.Inverse(d.values)
	d.flow, d.values = d.values, d.flow
}

// product is the spectrum of −(u u′)_x.
func (d *burgersDerivative) product(_ float64, u, du, out []float64) {
	d.points(u)
	d.spread(du)
	d.fft.Inverse(d.values)
	d.multiply()
	d.slope(out)
}

// transpose is that of product, u g_x in the band.
func (d *burgersDerivative) transpose(_ float64, u, g, out []float64) {
	d.points(u)
	d.clearBeyond()
	for r := range len(g) / flows {
		k, place := d.wave(r)
		z, in := &d.values[place], (*[flows]float64)(g[r*flows:])
		for l := range 8 {
			z[0][l], z[1][l] = -math.Pi*k*in[8+l], math.Pi*k*in[l]
		}
	}
	d.fft.Inverse(d.values)
	d.multiply()
	d.fft.Forward(d.values)
	d.gather(out)
}

// multiply makes 2 u g of values g at points.
func (d *burgersDerivative) multiply() {
	for i := range d.values {
		z, u := &d.values[i], &d.flow[i]
		for l := range 8 {
			z[0][l] *= 2 * u[0][l]
			z[1][l] *= 2 * u[1][l]
		}
	}
}

// tangent replaces v by the derivatives of n steps from u in its directions, flow by flow.
func (d *burgersDerivative) tangent(u, v [][]float64, n int) {
	d.take(d.state, u)
	d.take(d.other, v)
	d.steps.MarchTangent(0, n, d.state, d.other)
	d.give(v, d.other)
}

// adjoint replaces g by the products of the transposes of these derivatives with it.
func (d *burgersDerivative) adjoint(u, g [][]float64, n int) {
	d.take(d.state, u)
	d.take(d.other, g)
	d.steps.MarchAdjoint(0, n, d.state, d.other)
	d.give(g, d.other)
}
