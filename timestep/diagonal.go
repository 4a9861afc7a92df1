package timestep

import "fmt"

// Diagonal is the operator dst = d x, entry by entry: that of a spectral method with
// constant coefficients.
type Diagonal[T Number] []T

// Apply is dst = d x.
func (d Diagonal[T]) Apply(dst, x []T) {
	dst, x = dst[:len(d)], x[:len(d)]
	for i, v := range d {
		dst[i] = v * x[i]
	}
}

// reciprocal solves by multiplication: complex division costs ten times as much.
type reciprocal[T Number] []T

func (r reciprocal[T]) Solve(dst, b []T) { Diagonal[T](r).Apply(dst, b) }

// NewDiagonal is the system u′ = l u, one number for each entry of u: K = −l.
func NewDiagonal[T Number](l []T) System[T] {
	k := make(Diagonal[T], len(l))
	for i, v := range l {
		k[i] = -v
	}
	return System[T]{Size: len(l), Stiffness: k, Shifted: func(c float64) (Solver[T], error) {
		r := make(reciprocal[T], len(k))
		for i, v := range k {
			d := 1 + number[T](complex(c, 0))*v
			if d == 0 {
				return nil, fmt.Errorf("entry %d of 1 + c K is zero: another step has an inverse", i)
			}
			r[i] = 1 / d
		}
		return r, nil
	}}
}
