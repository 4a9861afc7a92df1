package physics

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/pde"
)

// benchBurgers is 101 states of 100 cells with the rows of the published experiment (PCFM): initial
// state, fluxes of the first steps, mass of the later ones; and a field that is off.
func benchBurgers(b *testing.B, steps int) (c *SparseFamily, u []float64) {
	p, _, s := familyMake(b, familyCase{kind: "burgers-shock", values: pde.Values{"grid": 100}, arrays: []string{"u"}, keep: familyFirstSteps(steps, 100)})
	u = familyPlus(familyField(p, s), 1, familyNoise(rand.New(rand.NewPCG(1, 2)), p.Dim(), 0.01))
	return p.(*SparseFamily), u
}

// One Gauss–Newton step with S as a sparse factor: linearise, S, factor, solve.
func BenchmarkBurgersStep(b *testing.B) {
	for _, steps := range []int{0, 3} {
		c, u := benchBurgers(b, steps)
		n, err := NewNewton(c, NewtonOptions{})
		if err != nil {
			b.Fatal(err)
		}
		w := n.newWork()
		b.Run(fmt.Sprintf("sparse/m=%d", Size(c)), func(b *testing.B) {
			for b.Loop() {
				n.residual(w.c, u)
				w.normal.at(u)
				if err := n.step(w, u, true); err != nil {
					b.Fatal(err)
				}
			}
			// J is read for S, for the step and written once: 12 bytes an entry.
			bytes := float64(3 * 12 * c.Pattern().NNZ())
			b.ReportMetric(bytes*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s-of-J")
		})
		b.Run(fmt.Sprintf("dense/m=%d", Size(c)), func(b *testing.B) {
			for b.Loop() {
				benchDense(b, c, u)
			}
		})
	}
}

// benchDense is the same step with a dense Jacobian, filled from the entries (so that no
// differentiation is counted), J Jᵀ and its Cholesky factor by gonum.
func benchDense(b *testing.B, c *SparseFamily, u []float64) []float64 {
	m := Size(c)
	r := mat.NewVecDense(m, nil)
	c.Residual(r.RawVector().Data, u)
	sparse := c.Pattern().Like()
	c.Jacobian(sparse, u)
	j := mat.NewDense(m, c.Dim(), nil)
	for i := range m {
		for k := sparse.Ptr[i]; k < sparse.Ptr[i+1]; k++ {
			j.Set(i, int(sparse.Index[k]), sparse.Value[k])
		}
	}
	s := mat.NewSymDense(m, nil)
	s.SymOuterK(1, j)
	var f mat.Cholesky
	if !f.Factorize(s) {
		b.Fatal("not positive definite")
	}
	var lambda, v mat.VecDense
	if err := f.SolveVecTo(&lambda, r); err != nil {
		b.Fatal(err)
	}
	v.MulVec(j.T(), &lambda)
	return v.RawVector().Data
}

// A whole projection, to the nearest field.
func BenchmarkBurgersProject(b *testing.B) {
	for _, steps := range []int{0, 3} {
		c, u0 := benchBurgers(b, steps)
		n, err := NewNewton(c, NewtonOptions{})
		if err != nil {
			b.Fatal(err)
		}
		u := make([]float64, len(u0))
		b.Run(fmt.Sprintf("m=%d", Size(c)), func(b *testing.B) {
			var out Outcome
			for b.Loop() {
				copy(u, u0)
				if out, err = n.Solve(u); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.Iterations), "steps")
		})
	}
}

// Trajectories of 100 steps on 100 cells: the closed form beside the sparse factor.
func BenchmarkHeat(b *testing.B) {
	v := pde.Values{"grid": 100, "times": 100}
	_, f, _ := familyMake(b, familyCase{kind: "heat", values: v})
	m, err := NewModal(f.(pde.Modal))
	if err != nil {
		b.Fatal(err)
	}
	c, err := FromFamily(f, Choice{Rows: []string{"equation", "boundary"}})
	if err != nil {
		b.Fatal(err)
	}
	n, err := NewNewton(c, NewtonOptions{})
	if err != nil {
		b.Fatal(err)
	}
	u0 := familyNoise(rand.New(rand.NewPCG(1, 2)), m.Dim(), 1)
	u := make([]float64, len(u0))
	for name, p := range map[string]Projector{"modes": m, "factor": n} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				copy(u, u0)
				if err := p.Project(u); err != nil {
					b.Fatal(err)
				}
			}
			// A field read and written once is what no projection can be without.
			b.ReportMetric(16*float64(len(u))*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s-of-u")
		})
	}
}

// Pairs of coefficient and pressure on 64² cells.
func BenchmarkDarcyPair(b *testing.B) {
	c, _, s := familyMake(b, familyCase{kind: "darcy", values: pde.Values{"grid": 64, "contrast": "lognormal"}})
	p := c.(*SparseFamily)
	u0 := familyPlus(p.Field(s), 1, familyNoise(rand.New(rand.NewPCG(1, 2)), p.Dim(), 0.001))
	u := make([]float64, len(u0))
	n, err := NewNewton(p, NewtonOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		copy(u, u0)
		if out, err := n.Solve(u); err != nil {
			b.Fatal(err, out)
		}
	}
}
