package inverse

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/correct"
	"abide/physics"
	"abide/sampler"
)

// With a linear law CoCoGen is affine: the exact law of its points is that of a dense
// recursion, in which the clean estimates of the last steps are moved by r/λ times the
// normal of a plane, whose λ is its squared length, and the data again at the end. Without
// corrections it is the sampler.
func TestCoCoGenHasTheLawOfItsRecursion(t *testing.T) {
	n, c := newNormal(t, 4, 0), spread4()
	const rate = 0.6
	law, err := physics.NewMass([]float64{1, 2, -1, 0.5}, []float64{0.3}, nil, physics.Label{Unit: 7})
	if err != nil {
		t.Fatal(err)
	}
	down, err := correct.NewDescent(c, "l2", rate, law)
	if err != nil {
		t.Fatal(err)
	}
	normal, offset := mat.NewDense(4, 1, nil), -0.3
	for i, w := range []float64{1, 2, -1, 0.5} {
		normal.Set(i, 0, w*c.Scale[i])
		offset += w * c.Shift[i]
	}
	lambda := times(normal.T(), normal).At(0, 0)
	toward := minus(eye(4), scale(rate/lambda, times(normal, normal.T())))
	shift := scale(-rate*offset/lambda, normal)
	zero := scale(0, eye(4))
	for process, g := range grids(t, 8) {
		for _, steps := range [][2]int{{3, 2}, {100, 0}, {0, 5}, {0, 0}} {
			want := n.start(g)
			for k := range g.Steps() {
				a, b, a1, b1 := g.A[k], g.B[k], g.A[k+1], g.B[k+1]
				m, o := n.denoiser(t, a, b)
				if k >= g.Steps()-steps[0] {
					m, o = times(toward, m), plus(times(toward, o), shift)
				}
				// DDIM: a′x̂ + b′(z − a x̂)/b.
				by := a1 - a*b1/b
				want = want.through(plus(scale(b1/b, eye(4)), scale(by, m)), scale(by, o), zero)
			}
			for range steps[1] {
				want = want.through(toward, shift, zero)
			}
			s := NewCoCoGen(g, sampler.DDIM{Grid: g}, down, steps[0], steps[1])
			same(t, process, carried(t, n, s, g.Steps(), n.start(g)), want, 1e-9)
		}
	}
}

// Descent brings points nearer to a law that is not linear, more steps nearer; a point
// does not depend on those beside it.
func TestCoCoGenComesNearer(t *testing.T) {
	n, c := newNormal(t, 4, 0), spread4()
	law, err := physics.NewEnergy([]float64{1, 2, 2, 1}, []float64{4}, nil, nil, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	down, err := correct.NewDescent(c, "preconditioned", 1, law)
	if err != nil {
		t.Fatal(err)
	}
	g := grids(t, 8)["edm"]
	start := []float64{9, -30, 20, 4, 1, 2, 3, -4, -40, 7, 0, 12}
	run := func(z []float64, after int) []float64 {
		p := sampler.Points{Z: slices.Clone(z), Dim: 4}
		for k := range g.Steps() {
			if err := NewCoCoGen(g, sampler.DDIM{Grid: g}, down, 2, after).Step(p, k, n.mean(t), nil); err != nil {
				t.Fatal(err)
			}
		}
		return p.Z
	}
	residual := func(u []float64) float64 {
		x, r := make([]float64, 4), make([]float64, 1)
		c.ToX(x, u)
		law.Residual(r, x)
		return math.Abs(r[0])
	}
	var before []float64
	for _, after := range []int{0, 2, 8, 40} {
		z := run(start, after)
		for i := range 3 {
			r := residual(z[4*i : 4*i+4])
			if before != nil && !(r <= 0.9*residual(before[4*i:4*i+4])) {
				t.Errorf("point %d: residual %g after %d steps, %g before", i, r, after, residual(before[4*i:4*i+4]))
			}
		}
		if alone := run(start[4:8], after); !slices.Equal(alone, z[4:8]) {
			t.Errorf("a point alone is %v, among three %v", alone, z[4:8])
		}
		before = z
	}
}
