package network

import . "github.com/gomlx/gomlx/core/graph"

// halve averages blocks of two places in every axis, [N, places…, C]. (The
// gradient of MaxPool is missing on the pure-Go backend.)
func halve(x *Node) *Node {
	dims := x.Shape().Dimensions
	split, axes := []int{dims[0]}, []int{}
	for _, s := range dims[1 : len(dims)-1] {
		split = append(split, s/2, 2)
		axes = append(axes, len(split)-1)
	}
	return ReduceMean(Reshape(x, append(split, dims[len(dims)-1])...), axes...)
}

// double repeats every place twice in every axis. (The gradient of a bilinear
// interpolation is wrong on the pure-Go backend.)
func double(x *Node) *Node {
	dims := x.Shape().Dimensions
	one, two, out := []int{dims[0]}, []int{dims[0]}, []int{dims[0]}
	for _, s := range dims[1 : len(dims)-1] {
		one, two, out = append(one, s, 1), append(two, s, 2), append(out, 2*s)
	}
	c := dims[len(dims)-1]
	y := BroadcastToDims(Reshape(x, append(one, c)...), append(two, c)...)
	return Reshape(y, append(out, c)...)
}

// patches makes channels of the p^D places of each patch: [N, H, W, C] to
// [N, H/p, W/p, p·p·C]; unpatch is its inverse.
func patches(x *Node, p int) *Node {
	if p == 1 {
		return x
	}
	dims := x.Shape().Dimensions
	split, out := []int{dims[0]}, []int{dims[0]}
	outer, inner := []int{0}, []int{}
	c := dims[len(dims)-1]
	for _, s := range dims[1 : len(dims)-1] {
		outer, inner = append(outer, len(split)), append(inner, len(split)+1)
		split, out, c = append(split, s/p, p), append(out, s/p), c*p
	}
	order := append(append(outer, inner...), len(split))
	y := TransposeAllDims(Reshape(x, append(split, dims[len(dims)-1])...), order...)
	return Reshape(y, append(out, c)...)
}

func unpatch(x *Node, p int) *Node {
	if p == 1 {
		return x
	}
	dims := x.Shape().Dimensions
	places := dims[1 : len(dims)-1]
	d := len(places)
	split, out, order := append([]int{}, dims[:len(dims)-1]...), []int{dims[0]}, []int{0}
	c := dims[len(dims)-1]
	for i, s := range places {
		split, c = append(split, p), c/p
		out, order = append(out, s*p), append(order, 1+i, 1+d+i)
	}
	y := TransposeAllDims(Reshape(x, append(split, c)...), append(order, 1+2*d)...)
	return Reshape(y, append(out, c)...)
}
