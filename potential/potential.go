// Package potential holds energies: −log densities up to a constant. A cost, a
// log-likelihood with its sign turned and a penalty are one type. They live in
// the user's coordinates x.
package potential

import "github.com/gomlx/gomlx/core/graph"

// Node is a value of the engine's graph.
type Node = graph.Node

// Potential is an energy E(x) per sample; the target law carries exp(−E).
type Potential interface {
	Name() string
	// Energy is the graph form: x [N, d] → [N].
	Energy(x *Node) *Node
	// EnergyAt is the host form for one point.
	EnergyAt(x []float64) float64
	// GradientAt writes ∂E/∂x into g (length d) and returns E.
	GradientAt(x, g []float64) float64
}

// Linear is a potential with E(x) = c·x + c0, exactly.
type Linear interface {
	Potential
	Coefficients() (c []float64, c0 float64)
}
