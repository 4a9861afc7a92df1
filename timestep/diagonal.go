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

// Solve is dst = d⁻¹ b.
func (d Diagonal[T]) Solve(dst, b []T) {
	dst, b = dst[:len(d)], b[:len(d)]
	for i, v := range d {
		dst[i] = b[i] / v
	}
}

// NewDiagonal is the system u′ = l u, one number for each entry of u: K = −l.
func NewDiagonal[T Number](l []T) System[T] {
	k := make(Diagonal[T], len(l))
	for i, v := range l {
		k[i] = -v
	}
	return System[T]{Size: len(l), Stiffness: k, Shifted: func(c float64) (Solver[T], error) {
		s := make(Diagonal[T], len(k))
		for i, v := range k {
			if s[i] = 1 + number[T](complex(c, 0))*v; s[i] == 0 {
				return nil, fmt.Errorf("entry %d is zero: a shorter step has an inverse", i)
			}
		}
		return s, nil
	}}
}
