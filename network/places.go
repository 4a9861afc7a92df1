package network

import . "github.com/gomlx/gomlx/core/graph"

// Repeating a row of channels at all places, and adding up over all places, are
// products with a constant matrix of zeros and ones on the pure-Go backend, where
// a number takes 2 to 4 ns to be broadcast or reduced, and 2C multiplications of
// a product less than 1 ns as long as C is small. Elsewhere they are what they are.

// spread is [N, S·C] with a [N, C] at each of S places.
func spread(a *Node, sites int) *Node {
	n, c := a.Shape().Dimensions[0], a.Shape().Dimensions[1]
	if byProduct(a, sites, c) {
		return product(a, constant(a, []int{c, sites * c}, func(i int) float64 { return same(i/(sites*c), i%(sites*c)%c) }))
	}
	return Reshape(BroadcastToDims(ExpandDims(a, 1), n, sites, c), n, sites*c)
}

// total is the sum [N, C] over the places of x [N, S·C].
func total(x *Node, sites int) *Node {
	n, c := x.Shape().Dimensions[0], x.Shape().Dimensions[1]/sites
	if byProduct(x, sites, c) {
		return product(x, constant(x, []int{sites * c, c}, func(i int) float64 { return same(i/c%c, i%c) }))
	}
	return ReduceSum(Reshape(x, n, sites, c), 1)
}

func byProduct(x *Node, sites, c int) bool {
	return !onXLA(x) && sites > 1 && c <= 128 && sites*c*c <= 1<<20
}

// onXLA says where the graph of x will run: other formulas are fast there.
func onXLA(x *Node) bool { return x.Graph().Backend().Name() == "xla" }

func same(i, j int) float64 {
	if i == j {
		return 1
	}
	return 0
}

// addBias adds b [C] at every place of y [N, places…, C].
func addBias(y, b *Node) *Node {
	dims := y.Shape().Dimensions
	n, c := dims[0], dims[len(dims)-1]
	sites := y.Shape().Size() / (n * c)
	if !byProduct(y, sites, c) {
		return Add(y, ExpandLeftToRank(b, len(dims)))
	}
	all := spread(BroadcastToDims(Reshape(b, 1, c), n, c), sites)
	return Reshape(Add(Reshape(y, n, sites*c), all), dims...)
}

// constant is a node of the type of like, filled by the flat index.
func constant(like *Node, dims []int, value func(i int) float64) *Node {
	n := 1
	for _, d := range dims {
		n *= d
	}
	flat := make([]float64, n)
	for i := range flat {
		flat[i] = value(i)
	}
	return Reshape(ConvertDType(Const(like.Graph(), flat), like.DType()), dims...)
}
