package pde

import (
	"math"

	"abide/timestep"
)

// vorticityDerivative is the derivative of what a vorticityStepper does, by w and by the
// phase of the force, and its transpose. Inner products are those of values at points,
// where a band is its own subspace: taking it out of an array and writing it there are
// transposes, operators with real symbols are symmetric and those with imaginary ones
// antisymmetric.
type vorticityDerivative struct {
	*vorticityStepper
	steps  timestep.Differential[complex128]
	other  []complex128 // [band] tangent or cotangent
	slope  []complex128 // [band] ∂f/∂φ
	turned []complex128 // [band] of tangents: slope δφ
	pull   []complex128 // [band] of adjoints: sum of what the force was multiplied with
	flow   []complex128 // [n × n] u + iv at points
}

func newVorticityDerivative(s *vorticityStepper) *vorticityDerivative {
	d := &vorticityDerivative{vorticityStepper: s, flow: make([]complex128, len(s.plane))}
	for _, p := range []*[]complex128{&d.other, &d.slope, &d.turned, &d.pull} {
		*p = make([]complex128, len(s.state))
	}
	switch scheme := s.scheme.(type) {
	case *timestep.ETDRK4[complex128]:
		d.steps = scheme.Derivative(d.product, d.transpose)
	case *timestep.IMEX[complex128]:
		d.steps = scheme.Derivative(d.product, d.transpose)
	}
	return d
}

// setForce takes f and ∂f/∂φ, which is f a quarter of a wave on.
func (d *vorticityDerivative) setForce(phi float64) {
	d.vorticityStepper.setForce(phi + math.Pi/2)
	copy(d.slope, d.force)
	d.vorticityStepper.setForce(phi)
}

// velocities writes u + iv of w at points.
func (d *vorticityDerivative) velocities(w []complex128) {
	d.velocity(w)
	d.inverse(d.plane)
}

// product is the spectrum of ∂f/∂φ δφ − u′·∇w − u·∇w′, u′ the velocity of w′: with
// a = uv and b = v² − u², a′ = u v′ + v u′ and b′ = 2 (v v′ − u u′).
func (d *vorticityDerivative) product(_ float64, w, dw, out []complex128) {
	d.velocities(w)
	copy(d.flow, d.plane)
	d.velocities(dw)
	for i, z := range d.flow {
		u, v := real(z), imag(z)
		du, dv := real(d.plane[i]), imag(d.plane[i])
		d.plane[i] = complex(u*dv+v*du, 2*(v*dv-u*du))
	}
	d.advection(out, d.turned)
}

// transpose is that of product by w′: the symbols of advection are real, so that cotangents
// of a and b are −(∂_xx − ∂_yy) g and −∂_xy g; those of u′ and v′ are v a − 2 u b and
// u a + 2 v b, and velocity's symbols are imaginary.
func (d *vorticityDerivative) transpose(_ float64, w, g, out []complex128) {
	for i, x := range g {
		d.pull[i] += x
	}
	d.velocities(w)
	copy(d.flow, d.plane)
	clear(d.plane)
	width := d.band + 1
	for i, p := range d.waves {
		row, opposite := d.row(i)
		for j, q := range d.waves[:width] {
			if i+j == 0 || j == 0 && i > d.band {
				continue
			}
			x, y, z := p*p-q*q, p*q, g[i*width+j]
			// (x + iy) g, and at −k (x + iy) times the conjugate.
			d.plane[row+j] = complex(x*real(z)-y*imag(z), x*imag(z)+y*real(z))
			d.plane[opposite+(d.n-j)%d.n] = complex(x*real(z)+y*imag(z), y*real(z)-x*imag(z))
		}
	}
	d.inverse(d.plane)
	for i, z := range d.flow {
		u, v := real(z), imag(z)
		a, b := real(d.plane[i]), 2*imag(d.plane[i])
		d.plane[i] = complex(v*a-u*b, u*a+v*b)
	}
	d.forward(d.plane)
	out[0] = 0 // the mean moves nothing
	for i, p := range d.waves {
		row, opposite := d.row(i)
		for j, q := range d.waves[:width] {
			if i+j == 0 {
				continue
			}
			z, c := d.plane[row+j], d.plane[opposite+(d.n-j)%d.n]
			half := 0.5 / (p*p + q*q)
			a := complex(real(z)+real(c), imag(z)-imag(c)) // twice the spectrum of u's cotangent
			b := complex(imag(z)+imag(c), real(c)-real(z)) // and of v's
			// û = iqψ, v̂ = −ipψ: i (p b − q a).
			out[i*width+j] = complex(half*(q*imag(a)-p*imag(b)), half*(p*real(b)-q*real(a)))
		}
	}
}

// tangent replaces v by the derivative of n steps from w in the direction (v, δφ).
func (d *vorticityDerivative) tangent(w, v []float64, dphi float64, n int) {
	for i, x := range d.slope {
		d.turned[i] = complex(dphi*real(x), dphi*imag(x))
	}
	d.take(d.state, w)
	d.take(d.other, v)
	d.steps.MarchTangent(0, n, d.state, d.other)
	d.give(v, d.other)
}

// adjoint replaces g by the product of the transpose of that derivative with it, and
// returns the part of δφ.
func (d *vorticityDerivative) adjoint(w, g []float64, n int) (dphi float64) {
	clear(d.pull)
	d.take(d.state, w)
	d.take(d.other, g)
	d.steps.MarchAdjoint(0, n, d.state, d.other)
	d.give(g, d.other)
	width := d.band + 1
	for i, x := range d.pull {
		weight := 2. // of a wave and its conjugate
		switch row := i / width; {
		case i == 0:
			weight = 1
		case i%width == 0 && row > d.band:
			weight = 0
		}
		dphi += weight * (real(x)*real(d.slope[i]) + imag(x)*imag(d.slope[i]))
	}
	return dphi / float64(d.n*d.n)
}
