package operator

import "math"

// NewPool averages squares of factor×factor pixels; along an axis of one pixel
// nothing is averaged.
func NewPool(in Image, factor int) (*Separable, error) {
	axis := func(n int) ([][]float64, error) {
		if n == 1 {
			return [][]float64{{1}}, nil
		}
		if factor < 1 || n%factor != 0 {
			return nil, fault("pool", "factor %d does not divide an axis of %d pixels", factor, n)
		}
		a := make([][]float64, n/factor)
		for i := range a {
			a[i] = make([]float64, n)
			for j := range factor {
				a[i][i*factor+j] = 1 / float64(factor)
			}
		}
		return a, nil
	}
	return perAxis(in, axis)
}

// NewBicubic makes images smaller by a factor with Keys' cubic kernel (1981,
// a = −1/2), widened by the factor so that nothing is aliased, edges reflected: what
// image libraries call bicubic with antialiasing. Constants and, away from the edge,
// ramps stay what they are.
func NewBicubic(in Image, factor int) (*Separable, error) {
	axis := func(n int) ([][]float64, error) {
		if n == 1 {
			return [][]float64{{1}}, nil
		}
		if factor < 1 || n%factor != 0 {
			return nil, fault("bicubic", "factor %d does not divide an axis of %d pixels", factor, n)
		}
		f := float64(factor)
		a := make([][]float64, n/factor)
		for i := range a {
			a[i] = make([]float64, n)
			centre := (float64(i)+0.5)*f - 0.5
			var sum float64
			for j := int(math.Ceil(centre - 2*f)); float64(j) <= centre+2*f; j++ {
				w := keys((float64(j) - centre) / f)
				a[i][reflect(j, n)] += w
				sum += w
			}
			for j := range a[i] {
				a[i][j] /= sum
			}
		}
		return a, nil
	}
	return perAxis(in, axis)
}

// keys is the cubic convolution kernel of Keys 1981, equation 15.
func keys(t float64) float64 {
	switch t = math.Abs(t); {
	case t <= 1:
		return (1.5*t-2.5)*t*t + 1
	case t < 2:
		return ((-0.5*t+2.5)*t-4)*t + 2
	}
	return 0
}

// reflect takes a place beyond the edges back into [0, n), the edge pixel doubled.
func reflect(j, n int) int {
	j = ((j % (2 * n)) + 2*n) % (2 * n)
	if j >= n {
		return 2*n - 1 - j
	}
	return j
}

// perAxis applies a matrix made for the length of each axis.
func perAxis(in Image, axis func(n int) ([][]float64, error)) (*Separable, error) {
	left, err := axis(in.Height)
	if err != nil {
		return nil, err
	}
	right, err := axis(in.Width)
	if err != nil {
		return nil, err
	}
	return NewSeparable(in, left, right)
}

// NewDifference is the first or second finite difference along an axis of an image
// or field (0: down the rows, 1: along a row), divided by the spacing to that power:
// forward differences, n−1 of them, or central second differences, n−2.
func NewDifference(in Image, axis, order int, spacing float64) (*Separable, error) {
	if axis != 0 && axis != 1 {
		return nil, fault("difference", "axis is %d: want 0 (down the rows) or 1 (along a row)", axis)
	}
	if order != 1 && order != 2 {
		return nil, fault("difference", "order is %d: want 1 or 2", order)
	}
	if !(spacing > 0) || math.IsInf(spacing, 0) {
		return nil, fault("difference", "spacing is %g: want a positive number", spacing)
	}
	n := []int{in.Height, in.Width}[axis]
	if n <= order {
		return nil, fault("difference", "an axis of %d pixels has no difference of order %d", n, order)
	}
	stencil := [][]float64{{-1, 1}, {1, -2, 1}}[order-1]
	d := make([][]float64, n-order)
	for i := range d {
		d[i] = make([]float64, n)
		for j, v := range stencil {
			d[i][i+j] = v / math.Pow(spacing, float64(order))
		}
	}
	along := [][][]float64{eye(in.Height), eye(in.Width)}
	along[axis] = d
	return NewSeparable(in, along[0], along[1])
}

func eye(n int) [][]float64 {
	a := square(n)
	for i := range a {
		a[i][i] = 1
	}
	return a
}
