package sparse

import (
	"math"
	"testing"
)

// AssembleBatch is the sum over cells, against a plain sum of one lane, and each set
// of kernels gives the same bits.
func TestAssembleBatch(t *testing.T) {
	q := lanesDarcy(7)
	a := lanesField(q.cells, 11)
	want := make([]lane, q.pattern.NNZ())
	for e, at := range q.scatter {
		if at >= 0 {
			for l := range Lanes {
				want[at][l] += float64(a[e/9][l] * q.unit[e])
			}
		}
	}
	for i := range laneSets {
		got := make([]lane, len(want))
		laneSets[i].assemble(got, q.scatter, q.unit, a)
		for k := range got {
			if got[k] != want[k] {
				t.Fatalf("%s: entry %d: %v, want %v", laneSets[i].name, k, got[k], want[k])
			}
		}
	}
	got := lanesNormal(len(want), 12) // what was there does not count
	if err := AssembleBatch(got, q.scatter, q.unit, a); err != nil || got[3] != want[3] {
		t.Fatal(err)
	}
	if AssembleBatch(got, q.scatter[1:], q.unit, a) == nil || BatchGradient(a, q.dofs[1:], q.unit, got, got) == nil {
		t.Fatal("arrays that do not fit are taken")
	}
}

// The gradient of J = ½ |u|² + gᵀu by the cell coefficients agrees with differences,
// and the adjoint with the tangent: ⟨∇J, h⟩ = ⟨∂J/∂u, u′h⟩ to 1e-12.
func TestBatchGradient(t *testing.T) {
	q := lanesDarcy(9)
	n := q.pattern.Rows
	a, h, rhs, g := lanesField(q.cells, 13), lanesNormal(q.cells, 14), lanesNormal(n, 15), lanesNormal(n, 16)
	for i := range laneSets {
		set := &laneSets[i]
		b := NewBatch(q.symbolic)
		b.kernels = set
		u := make([]lane, n)
		solve := func(a []lane) (j lane) {
			if err := b.Factor(q.assemble(a)); err != nil {
				t.Fatal(err)
			}
			b.Solve(u, rhs)
			for i := range u {
				for l := range Lanes {
					j[l] += u[i][l] * (u[i][l]/2 + g[i][l])
				}
			}
			return j
		}
		solve(a)
		du, lambda := make([]lane, n), make([]lane, n)
		for i := range u {
			for l := range Lanes {
				du[i][l] = u[i][l] + g[i][l]
			}
		}
		b.Solve(lambda, du)
		gradient := make([]lane, q.cells)
		set.gradient(gradient, q.dofs, q.unit, lambda, u)

		// Tangent: A u′ = −A(h) u.
		ah := q.assemble(h)
		tangent := make([]lane, n)
		for i := range n {
			for k := q.pattern.Ptr[i]; k < q.pattern.Ptr[i+1]; k++ {
				for l := range Lanes {
					tangent[i][l] -= ah[k][l] * u[q.pattern.Index[k]][l]
				}
			}
		}
		b.Solve(tangent, tangent)
		// Fourth-order differences: error O(ε⁴) + O(10⁻¹⁶/ε).
		const eps = 1e-3
		at := func(s float64) lane {
			moved := make([]lane, q.cells)
			for c := range a {
				for l := range Lanes {
					moved[c][l] = a[c][l] + s*eps*h[c][l]/4
				}
			}
			return solve(moved)
		}
		p1, m1, p2, m2 := at(1), at(-1), at(2), at(-2)
		for l := range Lanes {
			var left, right, size float64
			for c := range gradient {
				left += gradient[c][l] * h[c][l]
				size += math.Abs(gradient[c][l] * h[c][l])
			}
			for i := range du {
				right += du[i][l] * tangent[i][l]
			}
			if math.Abs(left-right) > 1e-12*size {
				t.Errorf("%s lane %d: ⟨∇J, h⟩ = %.15g, ⟨∂J, u′⟩ = %.15g", set.name, l, left, right)
			}
			d := (8*(p1[l]-m1[l]) - (p2[l] - m2[l])) / (12 * eps / 4)
			if math.Abs(left-d) > 1e-9*size {
				t.Errorf("%s lane %d: ⟨∇J, h⟩ = %.12g, by differences %.12g", set.name, l, left, d)
			}
		}
		if i > 0 {
			want := make([]lane, q.cells)
			plainGradient(want, q.dofs, q.unit, lambda, u)
			solve(a)
			set.gradient(gradient, q.dofs, q.unit, lambda, du)
			plainGradient(want, q.dofs, q.unit, lambda, du)
			for c := range want {
				if want[c] != gradient[c] {
					t.Fatalf("%s cell %d: %v, plain %v", set.name, c, gradient[c], want[c])
				}
			}
		}
	}
}
