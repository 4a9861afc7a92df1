package prior

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// window is an interval of angles for each sample, [N, 1, 1] both; nil for an axis
// without a parameter.
type window struct{ low, high *Node }

// at are the angles at shares x of the window, [N, n, 1].
func (w window) at(x []float64) *Node {
	return Add(w.low, Mul(Sub(w.high, w.low), Reshape(ConstAs(w.low, x), 1, len(x), 1)))
}

// rule is T_k at the nodes of a rule on the window, [N, n, K], and the weights of the
// nodes in θ, [N, n, 1], up to a factor.
func (a *axis) rule(w *window, x, weight []float64) (t, weights *Node) {
	angle, n := w.at(x), len(x)
	if a.terms == 1 {
		return OnesLike(w.low), OnesLike(w.low)
	}
	return a.cosines(angle), Mul(Sin(angle), Reshape(ConstAs(angle, weight), 1, n, 1))
}

// cosines is cos kα, [N, n, K].
func (a *axis) cosines(angle *Node) *Node {
	k := make([]float64, a.terms)
	for i := range k {
		k[i] = float64(i)
	}
	return Cos(Mul(angle, Reshape(ConstAs(angle, k), 1, 1, a.terms)))
}

// windows closes in on the angles where the series e is within [windowDepth] of its
// largest value: on a grid over the window, the hull of the nodes that are, and two
// spacings on either side. The largest value on the grid may be below the largest of
// all by what half a spacing costs; nodes within twice that are kept too, so that a
// parameter that tells little is not pinned before the one that tells much.
func (l *Latent) windows(e *Node) (fast, slow *window) {
	n := e.Shape().Dimensions[0]
	whole := func() *window {
		zero := BroadcastToDims(Reshape(ConstAs(e, []float64{0}), 1, 1, 1), n, 1, 1)
		return &window{zero, AddScalar(zero, math.Pi)}
	}
	fast, slow = whole(), whole()
	x := make([]float64, zoomNodes)
	for i := range x {
		x[i] = float64(i) / (zoomNodes - 1)
	}
	for range zoomSteps {
		tf, _ := l.fast.rule(fast, x, x)
		ts, _ := l.slow.rule(slow, x, x)
		value := series(e, tf, ts)                     // [N, a, b]
		overFast := ReduceAndKeep(value, ReduceMax, 2) // [N, a, 1]
		overSlow := Transpose(ReduceAndKeep(value, ReduceMax, 1), 1, 2)
		top := ReduceAndKeep(overFast, ReduceMax, 1) // [N, 1, 1]
		least := Sub(AddScalar(top, -windowDepth), slack(value, overFast, overSlow, top))
		if l.fast.terms > 1 {
			fast = fast.closed(x, GreaterOrEqual(overFast, least))
		}
		if l.slow.terms > 1 {
			slow = slow.closed(x, GreaterOrEqual(overSlow, least))
		}
	}
	return fast, slow
}

// slack is half of what a step from the best node of a grid to its neighbours costs,
// along the axis on which it costs more, [N, 1, 1]: twice what half a step costs. The
// largest values over either axis, [N, n, 1], tell which node is best.
func slack(value, overFast, overSlow, top *Node) *Node {
	best := func(over *Node) *Node { // [N, n], its sum is 1
		b := Squeeze(ConvertDType(GreaterOrEqual(over, top), value.DType()), 2)
		return Div(b, ReduceAndKeep(b, ReduceSum, 1))
	}
	fast, slow := best(overFast), best(overSlow)
	most := ZerosLike(top)
	for _, line := range []struct {
		from *Node // best place across the line
		axis int   // of value that it picks from
		at   *Node // best place along the line
	}{{fast, 1, slow}, {slow, 2, fast}} {
		n := line.at.Shape().Dimensions[1]
		if n == 1 {
			continue
		}
		through := DotGeneral(line.from, []int{1}, []int{0}, value, []int{line.axis}, []int{0}) // [N, n]
		around := Dot(through, neighbours(value, n)).Product()
		cost := ReduceAndKeep(Mul(line.at, Sub(Squeeze(top, 2), around)), ReduceSum, 1)
		most = Max(most, ExpandDims(cost, 2))
	}
	return MulScalar(most, 0.5)
}

// neighbours is the matrix of the mean of the nodes on either side, at an end of the
// one inside.
func neighbours(like *Node, n int) *Node {
	m := make([]float64, n*n)
	for j := range n {
		below, above := j-1, j+1
		if j == 0 {
			below = above
		}
		if j == n-1 {
			above = below
		}
		m[below*n+j] += 0.5
		m[above*n+j] += 0.5
	}
	return Reshape(ConstAs(like, m), n, n)
}

// closed is the hull of the nodes that are kept, [N, n, 1], and two spacings more.
func (w *window) closed(x []float64, keep *Node) *window {
	angle := w.at(x)
	step := MulScalar(Sub(w.high, w.low), 2/float64(len(x)-1))
	low := ReduceAndKeep(Where(keep, angle, MulScalar(OnesLike(angle), 10)), ReduceMin, 1)
	high := ReduceAndKeep(Where(keep, angle, MulScalar(OnesLike(angle), -10)), ReduceMax, 1)
	return &window{
		StopGradient(Max(w.low, Sub(low, step))),
		StopGradient(Min(w.high, Add(high, step))),
	}
}
