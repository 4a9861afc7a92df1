package guide

import (
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/operator"
)

// tangent is an operator near points: its value, and products with its
// derivative H = ∂A/∂u and with Hᵀ.
type tangent struct {
	value *Node               // A(mean) [N, m]
	push  func(v *Node) *Node // [N, d] → [N, m], H v
	pull  func(c *Node) *Node // [N, m] → [N, d], Hᵀ c
}

// linearise is the tangent of an operator at mean [N, d]; of a linear one, itself.
func linearise(a operator.Operator, mean *Node) tangent {
	if h, _, ok := operator.Split(a); ok {
		return tangent{a.Apply(mean), h.Apply, h.Adjoint}
	}
	at := StopGradient(mean)
	value := a.Apply(at)
	return tangent{
		value: a.Apply(mean),
		push:  func(v *Node) *Node { return engine.JVP(a.Apply, at, v) },
		pull:  func(c *Node) *Node { return engine.VJP(value, at, c) },
	}
}
