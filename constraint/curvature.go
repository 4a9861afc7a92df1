package constraint

import "math"

// curvature sets the metric of the quadratic program to the Hessian of the
// Lagrangian in standard units,
//
//	H = I + Σₖ λₖ scale∘∇²gₖ∘scale,
//
// by one-sided differences of the Jacobian along the columns that nonlinear rows
// depend on. At a solution H need only be positive along the active rows. Where
// it is not so everywhere, ρ Σ n nᵀ over the normals n of the rows active in the
// last program makes it so without changing the step (D. Bertsekas, Constrained
// Optimization and Lagrange Multiplier Methods (1982), section 1.5); far from a
// solution that may fail, and H = I is taken.
func (c *curve) curvature() {
	d := c.dim
	clear(c.hessian)
	curved := false
	for _, l := range c.lambda {
		curved = curved || l != 0
	}
	if !curved {
		c.metric.reset(d)
		return
	}
	for _, j := range c.curved {
		c.differentiate(j)
	}
	for i := range d {
		for j := range i {
			mean := (c.hessian[i*d+j] + c.hessian[j*d+i]) / 2
			c.hessian[i*d+j], c.hessian[j*d+i] = mean, mean
		}
	}
	if c.decompose() {
		return
	}
	var largest float64
	for _, v := range c.hessian {
		largest = max(largest, math.Abs(v))
	}
	copy(c.convex, c.hessian)
	for _, rho := range [2]float64{10 * largest, 1000 * largest} {
		copy(c.hessian, c.convex)
		c.stiffen(rho)
		if c.decompose() {
			return
		}
	}
	c.metric.reset(d)
}

// stiffen adds ρ n nᵀ for each row that was active in the last program.
func (c *curve) stiffen(rho float64) {
	for _, i := range c.program.active {
		row := &c.program.rows[i]
		for j, v := range row.dense[:c.dim] {
			if v != 0 && !row.ignored {
				axpy(rho*v, row.dense[:c.dim], c.hessian[j*c.dim:(j+1)*c.dim])
			}
		}
	}
}

// differentiate writes row j of Σₖ λₖ scale∘∇²gₖ∘scale; it stays 0 where the
// gradients are not finite on either side.
func (c *curve) differentiate(j int) {
	row := c.hessian[j*c.dim : (j+1)*c.dim]
	at := c.x[j]
	for _, h := range [2]float64{6e-6 * c.scale[j], -6e-6 * c.scale[j]} {
		c.x[j] = at + h
		h = c.x[j] - at
		for _, s := range c.smooth {
			s.JacobianAt(c.x, c.shifted[s.at*c.dim:(s.at+s.count)*c.dim])
		}
		c.x[j] = at
		clear(row)
		finite := h != 0
		for k, l := range c.lambda {
			if l == 0 {
				continue
			}
			for _, i := range c.curved {
				v := l * c.scale[j] * c.scale[i] * (c.shifted[k*c.dim+i] - c.jacobian[k][i]) / h
				finite = finite && !math.IsNaN(v) && !math.IsInf(v, 0)
				row[i] += v
			}
		}
		if finite {
			return
		}
	}
	clear(row)
}

// decompose sets the metric to L⁻¹ of I + hessian = LLᵀ; it returns false if that
// is not safely positive definite. L is built row by row into the metric's R,
// whose transpose it is, and inverted into its Jᵀ.
func (c *curve) decompose() bool {
	const smallest = 1e-4 // of the unit Hessian of f
	d, m := c.dim, &c.metric
	m.n, m.q = d, 0
	for i := range d {
		row := m.r[i*m.stride : i*m.stride+i+1]
		for j := range row {
			v := c.hessian[i*d+j]
			if i == j {
				v++
			}
			v -= dot(row[:j], m.r[j*m.stride:j*m.stride+j])
			if j < i {
				row[j] = v / m.r[j*m.stride+j]
				continue
			}
			if !(v > smallest) {
				return false
			}
			row[i] = math.Sqrt(v)
		}
		inverse := m.column(i)
		clear(inverse)
		inverse[i] = 1
		for j, v := range row[:i] {
			if v != 0 {
				axpy(-v, m.column(j)[:i], inverse)
			}
		}
		for j := range inverse[:i+1] {
			inverse[j] /= row[i]
		}
	}
	return true
}

// newtonStart writes −H⁻¹y = −J Jᵀy, the minimum of the program without rows.
func (c *curve) newtonStart(start []float64) {
	clear(start)
	for k := range c.dim {
		column := c.metric.column(k)
		axpy(-dot(column, c.y), column, start)
	}
}
