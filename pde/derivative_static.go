package pde

import "abide/grid"

// Linearise: rows in a and u, ∂r/∂u = n² a_e and ∂r/∂a = n² (∂a_e/∂a) (u − u_nb). The
// harmonic mean has ∂a_e/∂p = 2 q²/(p + q)².
func (f *darcy) Linearise(e *Entries, s Sample) {
	a, u, n, m := s[0], s[1], f.n, f.n+1
	scale := float64(n) * float64(n)
	for i := 1; i < n; i++ {
		for j := 1; j < n; j++ {
			k, row := i*m+j, (i-1)*(n-1)+j-1
			var sum, own float64
			for _, next := range [4]int{k - m, k - 1, k + 1, k + m} {
				p, q, d := a[k], a[next], u[k]-u[next]
				mean, byP, byQ := (p+q)/2, 0.5, 0.5
				if f.mean == grid.Harmonic {
					mean = 2 * p * q / (p + q)
					byP, byQ = 2*q*q/((p+q)*(p+q)), 2*p*p/((p+q)*(p+q))
				}
				sum += mean
				own += byP * d
				e.Add(row, 0, next, scale*byQ*d)
				e.Add(row, 1, next, -scale*mean)
			}
			e.Add(row, 0, k, scale*own)
			e.Add(row, 1, k, scale*sum)
		}
	}
	boundaryEntries(e, (n-1)*(n-1), 1, n)
}

// Complete keeps a.
func (f *darcy) Complete(s Sample) error {
	clear(s[1])
	return f.solve(s[1], s[0], nil)
}

func boundaryEntries(e *Entries, row, array, n int) {
	m := n + 1
	for i := range m {
		for j := range m {
			if i == 0 || j == 0 || i == n || j == n {
				e.Add(row, array, i*m+j, 1)
				row++
			}
		}
	}
}

func (f *helmholtz) Linearise(e *Entries, _ Sample) {
	n, m := f.n, f.n+1
	scale := float64(n) * float64(n)
	for i := 1; i < n; i++ {
		for j := 1; j < n; j++ {
			k, row := i*m+j, (i-1)*(n-1)+j-1
			for _, next := range [4]int{k - m, k - 1, k + 1, k + m} {
				e.Add(row, 1, next, scale)
			}
			e.Add(row, 1, k, f.k*f.k-4*scale)
			e.Add(row, 0, k, -1)
		}
	}
	boundaryEntries(e, (n-1)*(n-1), 1, n)
}

// Complete keeps the source.
func (f *helmholtz) Complete(s Sample) error {
	clear(s[1])
	f.solve(s[1], s[0])
	return nil
}
