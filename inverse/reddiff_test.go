package inverse

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/sampler"
)

// With the prior N(0, s²I), short steps and the levels run through again and again,
// μ goes to the root of its normal equation
//
//	v Hᵀ(H μ − y)/m + mean over levels of λ (b/a) (a b/q) μ/d = 0,   q = a²s² + b²,
//
// within 2 %, whatever the unit of the columns.
func TestREDDiffFindsItsNormalEquation(t *testing.T) {
	const d, m, s2, v, lambda, unit = 3, 2, 0.5, 1.3, 3.0, 7.0
	vp, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 6}, 8)
	if err != nil {
		t.Fatal(err)
	}
	const sweeps = 500
	var g diffusion.Grid
	for range sweeps {
		g.A, g.B = append(g.A, vp.A[:8]...), append(g.B, vp.B[:8]...)
	}
	g.A, g.B = append(g.A, 1), append(g.B, 0)

	h := mat.NewDense(m, d, []float64{1, 0.5, -0.3, 0.2, -1, 0.4})
	rows := [][]float64{h.RawRowView(0), h.RawRowView(1)}
	y := mat.NewVecDense(m, []float64{2, -1.5})
	op, err := operator.NewMatrix(rows)
	if err != nil {
		t.Fatal(err)
	}
	noise, err := potential.NewNormal([]float64{3, 3})
	if err != nil {
		t.Fatal(err)
	}
	meas, err := potential.NewMeasured("y", op, []float64{unit * 2, unit * -1.5}, noise)
	if err != nil {
		t.Fatal(err)
	}
	p := &prior.Prior{Coordinates: prior.Coordinates{Shift: make([]float64, d), Scale: []float64{unit, unit, unit}}}
	r, err := NewREDDiff(NewModel(nil, p, meas.Standardised(p.Coordinates.Shift, p.Coordinates.Scale)), g, 1e-3, v, lambda)
	if err != nil {
		t.Fatal(err)
	}
	mean := func(z []float64, a, b float64) ([]float64, error) {
		x := make([]float64, len(z))
		for i := range z {
			x[i] = a * s2 * z[i] / (a*a*s2 + b*b)
		}
		return x, nil
	}
	const n = 32
	points := sampler.Points{Z: make([]float64, n*d), Memory: make([]float64, n*r.Memory(d)), Dim: d}
	if err := r.Begin(points, nil); err != nil {
		t.Fatal(err)
	}
	average := make([]float64, d)
	for k := range g.Steps() {
		if err := r.Step(points, k, mean, keyed.New(3, "noise", 0, k).Normal); err != nil {
			t.Fatal(err)
		}
		if k >= g.Steps()*3/4 {
			for i, x := range points.Z {
				average[i%d] += x / (n * float64(g.Steps()/4))
			}
		}
	}

	var normal mat.Dense
	normal.Mul(h.T(), h)
	normal.Scale(v/m, &normal)
	var w float64
	for k := range 8 {
		a, b := vp.A[k], vp.B[k]
		w += lambda * (b / a) * a * b / (a*a*s2 + b*b) / 8
	}
	for j := range d {
		normal.Set(j, j, normal.At(j, j)+w/d)
	}
	var right, root mat.VecDense
	right.MulVec(h.T(), y)
	right.ScaleVec(v/m, &right)
	if err := root.SolveVec(&normal, &right); err != nil {
		t.Fatal(err)
	}
	var off float64
	for j := range d {
		off = math.Max(off, math.Abs(average[j]-root.AtVec(j)))
	}
	t.Logf("μ %.4f, root %.4f", average, root.RawVector().Data)
	if size := mat.Norm(&root, math.Inf(1)); !(off <= 0.02*size) {
		t.Errorf("μ is off its normal equation by %.2g of %.2g: μ %v, root %v", off, size, average, root.RawVector().Data)
	}
}

// Adam's first step is as long as the rate, against the gradient's sign, and points
// start at the pseudo-inverse of the data, from where only what is not measured and
// the prior pull.
func TestFirstStepOfREDDiff(t *testing.T) {
	g := diffusion.Grid{A: []float64{0.6, 1}, B: []float64{0.8, 0}}
	y, err := potential.NewMask("y", 2, []int{1}, []float64{2}, []float64{0.1})
	if err != nil {
		t.Fatal(err)
	}
	p := &prior.Prior{Coordinates: prior.Coordinates{Shift: []float64{0, 0}, Scale: []float64{1, 1}}}
	r, err := NewREDDiff(NewModel(nil, p, y), g, 0.1, 1, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	points := sampler.Points{Z: []float64{9, 9}, Memory: make([]float64, 4), Dim: 2}
	if err := r.Begin(points, nil); err != nil {
		t.Fatal(err)
	}
	zero := func(z []float64, _, _ float64) ([]float64, error) { return make([]float64, len(z)), nil }
	if err := r.Step(points, 0, zero, func(n []float64) { n[0], n[1] = -1, 0 }); err != nil {
		t.Fatal(err)
	}
	// ε̂ − ε = (a μ + b ε)/b − ε = a μ/b: 0 for the first column, positive for the second.
	if want := 2 - 0.1/(1+1e-8/(0.25*0.8/0.6/2*0.6*2/0.8)); points.Z[0] != 0 || math.Abs(points.Z[1]-want) > 1e-12 {
		t.Errorf("after a step %v, want [0 %.12g]", points.Z, want)
	}
}
