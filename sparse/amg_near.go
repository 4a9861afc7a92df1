package sparse

import "fmt"

// constants are, for nodes of block unknowns, the vectors that are 1 in one of them.
func constants(rows, block int) [][]float64 {
	near := make([][]float64, block)
	for c := range near {
		near[c] = make([]float64, rows)
		for i := c; i < rows; i += block {
			near[c][i] = 1
		}
	}
	return near
}

// RigidModes are the motions that deform nothing, the near-null space of linear
// elasticity, for points in 2 or 3 dimensions and as many displacements each: the
// translations and the rotations about the points' centre, over the largest distance
// from it. Three vectors in two dimensions, six in three. For [AMGOptions].Near with
// Block = dim.
func RigidModes(points []float64, dim int) ([][]float64, error) {
	if dim != 2 && dim != 3 || len(points) == 0 || len(points)%dim != 0 {
		return nil, fmt.Errorf("sparse: rigid-body modes of %d coordinates in %d dimensions: 2 and 3 are allowed", len(points), dim)
	}
	n := len(points) / dim
	modes := constants(n*dim, dim)
	centre := make([]float64, dim)
	for i, x := range points {
		centre[i%dim] += x / float64(n)
	}
	var radius float64
	for i, x := range points {
		radius = max(radius, x-centre[i%dim], centre[i%dim]-x)
	}
	if radius == 0 {
		return modes, nil // one point: nothing rotates
	}
	for c := range dim {
		for d := range c {
			v := make([]float64, n*dim)
			for i := range n {
				v[i*dim+c] = (points[i*dim+d] - centre[d]) / radius
				v[i*dim+d] = -(points[i*dim+c] - centre[c]) / radius
			}
			modes = append(modes, v)
		}
	}
	return modes, nil
}
