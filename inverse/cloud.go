package inverse

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"abide/guide"
	"abide/internal/engine"
)

// A cloud is K displaced copies of each clean estimate, over which a misfit is
// smoothed. The displacements are inputs of the graph, rows [K·N, d] drawn from the
// noise of the step.

// normals are the displacements std·n of K copies, in the shape of points z of d
// numbers; nothing where there is no spread.
func normals(noise func([]float64), z []float64, d, copies int, std float64) []engine.Array {
	if std == 0 {
		return nil
	}
	return displaced(drawn(noise, len(z), copies), d, std)
}

// uniforms are displacements uniform on [0, width).
func uniforms(noise func([]float64), z []float64, d, copies int, width float64) []engine.Array {
	if width == 0 {
		return nil
	}
	e := drawn(noise, len(z), copies)
	for i, n := range e {
		e[i] = math.Erfc(-n/math.Sqrt2) / 2
	}
	return displaced(e, d, width)
}

// drawn are the normal draws of K copies of points of size numbers in all.
func drawn(noise func([]float64), size, copies int) []float64 {
	e := make([]float64, copies*size)
	for k := range copies {
		noise(e[k*size : (k+1)*size])
	}
	return e
}

// displaced is an input of the graph: draws, times a width.
func displaced(draws []float64, d int, width float64) []engine.Array {
	e := make([]float64, len(draws))
	for i, n := range draws {
		e[i] = width * n
	}
	return []engine.Array{engine.Rows(e, d)}
}

// values are the misfits of the copies of x, [K, N]; without displacements K = 1.
func values(misfit guide.Energy, x *Node, displacements []*Node) *Node {
	if len(displacements) == 0 {
		return graph.ExpandDims(misfit(x), 0)
	}
	e := displacements[0]
	n, d := x.Shape().Dimensions[0], x.Shape().Dimensions[1]
	copies := e.Shape().Dimensions[0] / n
	all := graph.Reshape(graph.BroadcastToDims(graph.ExpandDims(x, 0), copies, n, d), copies*n, d)
	return graph.Reshape(misfit(graph.Add(all, e)), copies, n)
}

// average is the mean misfit of the copies, [N].
func average(misfit guide.Energy, x *Node, displacements []*Node) *Node {
	return graph.ReduceMean(values(misfit, x, displacements), 0)
}

// smoothed is −log (1/K) Σ exp(−misfit) over the copies, [N].
func smoothed(misfit guide.Energy, x *Node, displacements []*Node) *Node {
	v := values(misfit, x, displacements)
	least := graph.StopGradient(graph.ReduceMin(v, 0))
	return graph.Sub(least, graph.Log(graph.ReduceMean(graph.Exp(graph.Sub(graph.ExpandDims(least, 0), v)), 0)))
}
