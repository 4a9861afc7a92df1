package pde

import (
	"math"

	"abide/fem"
	"abide/mesh"
)

// Meshed is a Family on a mesh that all its samples share.
type Meshed interface {
	Family
	Mesh() *mesh.Mesh
}

var (
	_ Meshed = (*stokes)(nil)
	_ Meshed = (*elasticity)(nil)
	_ Meshed = (*nonlinearPoisson)(nil)
)

// latticed is where the nodes of a space are on a lattice of points, row-major, x first:
// degrees of freedom are numbered as the mesh likes, arrays as people do.
type latticed struct {
	place      []int32 // of each node
	components int
}

// newLatticed finds it for nodes at multiples of step.
func newLatticed(V *fem.Space, step float64, rows int) latticed {
	k := V.Components()
	l := latticed{make([]int32, V.N()/k), k}
	for i := range l.place {
		x := V.Place(i * k)
		l.place[i] = int32(math.Round(x[0]/step))*int32(rows) + int32(math.Round(x[1]/step))
	}
	return l
}

// toArray writes coefficients as an array [components, …], toSpace does the reverse.
func (l latticed) toArray(dst, coef []float64) {
	n := len(l.place)
	for i, p := range l.place {
		for c := range l.components {
			dst[c*n+int(p)] = coef[i*l.components+c]
		}
	}
}

func (l latticed) toSpace(coef, array []float64) {
	n := len(l.place)
	for i, p := range l.place {
		for c := range l.components {
			coef[i*l.components+c] = array[c*n+int(p)]
		}
	}
}
