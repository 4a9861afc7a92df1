package sparse

import "fmt"

// AssembleBatch makes the values of eight matrices Σₑ aₑₗ Kₑ of one pattern from
// cell matrices: values[scatter[e]][l] += a[cell][l]·unit[e] over the k×k places e
// of each cell. scatter and unit hold k² numbers per cell, −1 in scatter leaves an
// entry out; values are set to zero first. Cost per cell: 2·8·k² operations and as
// many bytes moved as 128·k².
func AssembleBatch(values [][8]float64, scatter []int32, unit []float64, a [][8]float64) error {
	if len(a) == 0 || len(scatter)%len(a) != 0 || len(unit) != len(scatter) {
		return fmt.Errorf("sparse: %d places and %d numbers of element matrices for %d cells: k×k of both per cell", len(scatter), len(unit), len(a))
	}
	clear(values)
	fastestLanes.assemble(values, scatter, unit, a)
	return nil
}

// BatchGradient is the gradient of a functional J(u), A(a) u = b, by the coefficients
// of the cells: dst[e] = −λₑᵀ Kₑ uₑ, where A λ = ∂J/∂u is one more solve with the
// same factor (A is symmetric; J. L. Lions, 1968; M. Hinze et al., "Optimization
// with PDE Constraints", 2009, §1.6). dofs has the k unknowns of each cell, −1 for
// those that are zero, unit the k×k element matrices as for [AssembleBatch].
func BatchGradient(dst [][8]float64, dofs []int32, unit []float64, lambda, u [][8]float64) error {
	if len(dst) == 0 || len(dofs)%len(dst) != 0 || len(unit)*len(dst) != len(dofs)*len(dofs) {
		return fmt.Errorf("sparse: %d unknowns and %d numbers of element matrices for %d cells: k and k×k per cell", len(dofs), len(unit), len(dst))
	}
	fastestLanes.gradient(dst, dofs, unit, lambda, u)
	return nil
}

func plainAssemble(values []lane, scatter []int32, unit []float64, a []lane) {
	size := len(scatter) / len(a)
	for c := range a {
		v := &a[c]
		k := unit[c*size:][:size]
		for e, at := range scatter[c*size:][:size] {
			if at < 0 {
				continue
			}
			to, w := &values[at], k[e]
			for l := range Lanes {
				to[l] += float64(v[l] * w)
			}
		}
	}
}

func plainGradient(dst []lane, dofs []int32, unit []float64, lambda, u []lane) {
	k := len(dofs) / len(dst)
	for c := range dst {
		cell, m := dofs[c*k:][:k], unit[c*k*k:][:k*k]
		var sum lane
		for i, r := range cell {
			if r < 0 {
				continue
			}
			var s lane
			for j, q := range cell {
				if q < 0 {
					continue
				}
				w, v := m[i*k+j], &u[q]
				for l := range Lanes {
					s[l] += float64(w * v[l])
				}
			}
			v := &lambda[r]
			for l := range Lanes {
				sum[l] -= float64(v[l] * s[l])
			}
		}
		dst[c] = sum
	}
}
