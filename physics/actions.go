package physics

import "fmt"

// mapped is the action whose node with the indices x comes from those that f makes of x.
func mapped(shape []int, f func(x []int)) Action {
	n := product(shape)
	a := Action{From: make([]int32, n)}
	x, from := make([]int, len(shape)), make([]int, len(shape))
	for i := range n {
		copy(from, x)
		f(from)
		at := 0
		for d, k := range shape {
			at = at*k + from[d]
		}
		a.From[i] = int32(at)
		for d := len(shape) - 1; d >= 0; d-- {
			x[d]++
			if x[d] < shape[d] {
				break
			}
			x[d] = 0
		}
	}
	return a
}

func checkAxis(what string, shape []int, axis int) error {
	if product(shape) == 0 || axis < 0 || axis >= len(shape) {
		return fmt.Errorf("physics: %s along axis %d of a field of shape %v: want an axis that it has, none of 0 numbers", what, axis, shape)
	}
	return nil
}

// Reflection turns an axis round; an odd field changes its sign with it.
func Reflection(shape []int, axis int, odd bool) (Action, error) {
	if err := checkAxis("a reflection", shape, axis); err != nil {
		return Action{}, err
	}
	a := mapped(shape, func(x []int) { x[axis] = shape[axis] - 1 - x[axis] })
	if odd {
		a.Sign = make([]float64, len(a.From))
		for i := range a.Sign {
			a.Sign[i] = -1
		}
	}
	return a, nil
}

// Translation moves a periodic axis by a number of points.
func Translation(shape []int, axis, points int) (Action, error) {
	if err := checkAxis("a translation", shape, axis); err != nil {
		return Action{}, err
	}
	n := shape[axis]
	return mapped(shape, func(x []int) { x[axis] = ((x[axis]-points)%n + n) % n }), nil
}

// QuarterTurn turns the plane of two axes, as long as each other, by 90°. With a
// [Reflection] it generates D4, the symmetries of the square.
func QuarterTurn(shape []int, a, b int) (Action, error) {
	if err := checkAxis("a quarter turn", shape, a); err != nil {
		return Action{}, err
	}
	if err := checkAxis("a quarter turn", shape, b); err != nil {
		return Action{}, err
	}
	if a == b || shape[a] != shape[b] {
		return Action{}, fmt.Errorf("physics: a quarter turn of axes %d and %d of shape %v: want two of one length", a, b, shape)
	}
	return mapped(shape, func(x []int) { x[a], x[b] = x[b], shape[a]-1-x[a] }), nil
}

// PeriodicEnds exchanges the first and the last plane of an axis, which makes them
// equal: u_0 = u_N where both ends of a period are stored.
func PeriodicEnds(shape []int, axis int) (Action, error) {
	if err := checkAxis("equal ends", shape, axis); err != nil {
		return Action{}, err
	}
	last := shape[axis] - 1
	return mapped(shape, func(x []int) {
		if x[axis] == 0 || x[axis] == last {
			x[axis] = last - x[axis]
		}
	}), nil
}

// Components is the action on a field of several components, one after the other, each
// with an action of its own: a flow that a mirror across axis 0 leaves alone has an odd
// [Reflection] for component 0 and an even one for the others.
func Components(actions ...Action) Action {
	var all Action
	for _, a := range actions {
		shift := int32(len(all.From))
		for i, j := range a.From {
			sign := 1.
			if a.Sign != nil {
				sign = a.Sign[i]
			}
			all.From, all.Sign = append(all.From, shift+j), append(all.Sign, sign)
		}
	}
	return all
}
