package mesh

import (
	"fmt"
	"math"

	"abide/internal/keyed"
)

// Jitter is a copy of a mesh with each interior point moved, uniformly in a cube with
// half sides of amount times the shortest edge at the point. Points of the boundary
// and of named facets stay. Where a cell would be turned over its points move half as
// far, and so on. The same seed moves the same points the same way.
func (m *Mesh) Jitter(amount float64, seed uint64) (*Mesh, error) {
	if !(amount >= 0) || math.IsInf(amount, 1) {
		return nil, fmt.Errorf("mesh: jitter by %g of the shortest edge: a finite amount, 0 or more", amount)
	}
	skeleton, err := m.Skeleton()
	if err != nil {
		return nil, err
	}
	for c := range m.Count() {
		if !(m.leastJacobian(c) > 0) {
			return nil, fmt.Errorf("mesh: jitter: cell %d with points %d is turned over or flat already", c, m.Cell(c))
		}
	}
	d, size := m.Dim(), m.FacetSize()
	reach := make([]float64, m.N()) // shortest edge at each point
	for i := range reach {
		reach[i] = math.Inf(1)
	}
	for c := range m.Count() {
		cell := m.Cell(c)
		for _, e := range m.Shape.Edges() {
			a, b := cell[e[0]], cell[e[1]]
			length := distance(m.Point(a), m.Point(b))
			reach[a], reach[b] = min(reach[a], length), min(reach[b], length)
		}
	}
	hold := func(points []int32) {
		for _, p := range points {
			reach[p] = 0
		}
	}
	for _, f := range skeleton.Boundary() {
		hold(skeleton.Points[int(f)*size : (int(f)+1)*size])
	}
	hold(m.Facets)
	out := *m
	out.Points = append([]float64(nil), m.Points...)
	random := keyed.New(seed, "mesh jitter", 0, 0)
	move := make([]float64, len(m.Points))
	for i, r := range reach {
		for k := range d {
			u := random.Uniform() // one each, held or not
			if !math.IsInf(r, 1) {
				move[i*d+k] = amount * r * (2*u - 1)
			}
			out.Points[i*d+k] = m.Points[i*d+k] + move[i*d+k]
		}
	}
	for turned := true; turned; {
		turned = false
		for c := range m.Count() {
			if out.leastJacobian(c) > 0 {
				continue
			}
			turned = true
			for _, p := range m.Cell(c) {
				for k := int(p) * d; k < (int(p)+1)*d; k++ {
					move[k] /= 2
					out.Points[k] = m.Points[k] + move[k]
				}
			}
		}
	}
	return &out, nil
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += (x - b[i]) * (x - b[i])
	}
	return math.Sqrt(sum)
}
