package inverse

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/correct"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
	"abide/sampler"
	"abide/sparse"
)

// skew is a denoiser whose Jacobian is not symmetric, as a network's: M u + c tanh(u)/(1 + σ²).
type skew struct {
	m [][]float64
	c float64
}

func (s skew) Denoise(u, sigma *graph.Node) *graph.Node {
	m := graph.MatMul(u, graph.TransposeAllAxes(graph.ConstAs(u, s.m), 1, 0))
	return graph.Add(m, graph.Div(graph.MulScalar(graph.Tanh(u), s.c), graph.AddScalar(graph.Mul(sigma, sigma), 1)))
}

const skewDim = 4

// skewModel is that denoiser in coordinates with shift and scale; rows are two linear
// ones in a unit of 2.
func skewModel(t *testing.T, c float64) (*Model, prior.Coordinates, physics.Constraint, *mat.Dense) {
	t.Helper()
	s := keyed.New(31, "skew", 0, 0)
	rows := make([][]float64, skewDim)
	dense := mat.NewDense(skewDim, skewDim, nil)
	for i := range rows {
		rows[i] = make([]float64, skewDim)
		s.Normal(rows[i])
		dense.SetRow(i, rows[i])
	}
	at := prior.Coordinates{Names: make([]string, skewDim), Shift: []float64{0.5, 0, -1, 0}, Scale: []float64{1, 2, 0.5, 1}}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	m := NewModel(e, &prior.Prior{Kind: "skew", DType: engine.Float64, Coordinates: at, Denoiser: skew{rows, c}}, nil)
	matrix, err := sparse.FromTriplets(2, skewDim, []int32{0, 0, 1, 1, 1}, []int32{0, 1, 1, 2, 3}, []float64{1, -2, 0.5, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	law, err := physics.NewLinear(matrix, []float64{0.3, -0.2}, nil, physics.Label{Name: "rows", Unit: 2})
	if err != nil {
		t.Fatal(err)
	}
	return m, at, law, dense
}

func terminal(t *testing.T, m *Model, at prior.Coordinates, damping float64, iterations, rounds int, laws ...physics.Constraint) *Terminal {
	t.Helper()
	r, err := correct.NewResiduals(at, laws...)
	if err != nil {
		t.Fatal(err)
	}
	g, err := diffusion.Uniform(diffusion.Flow{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	return NewTerminal(m, g, sampler.DDIM{Grid: g}, r, damping, iterations, rounds)
}

// ended are the residuals of the predicted end of a point, and their Jacobian by z, from
// differences.
func ended(t *testing.T, s *Terminal, z []float64, a, b float64) (*mat.VecDense, *mat.Dense) {
	t.Helper()
	m := s.Laws.Size()
	at := func(z []float64) []float64 {
		x, err := s.split.Mean(z, skewDim, a, b)
		if err != nil {
			t.Fatal(err)
		}
		r := make([]float64, m)
		s.Laws.At(r, x)
		return r
	}
	g := mat.NewDense(m, skewDim, nil)
	for j := range skewDim {
		const h = 1e-5
		up, down := append([]float64(nil), z...), append([]float64(nil), z...)
		up[j] += h
		down[j] -= h
		hi, lo := at(up), at(down)
		for i := range m {
			g.Set(i, j, (hi[i]-lo[i])/(2*h))
		}
	}
	return mat.NewVecDense(m, at(z)), g
}

func skewPoints(n int) []float64 {
	z := make([]float64, n*skewDim)
	keyed.New(2, "points", 0, 0).Normal(z)
	return z
}

// Without a cost of control and with linear laws and denoiser, one product is the line's
// minimum: what is left of the residuals is orthogonal to what the plan moved them by. Two
// rows need two products: the end obeys, and by the shortest way, the pseudo-inverse's;
// the Jacobian of the denoiser need not be symmetric.
func TestPlanIsTheLinesMinimumAndTheShortest(t *testing.T) {
	m, at, law, _ := skewModel(t, 0)
	const n, a, b = 5, 0.6, 0.4
	z := skewPoints(n)
	line, full := terminal(t, m, at, 0, 1, 1, law), terminal(t, m, at, 0, 2, 1, law)
	one, err := line.Plan(z, skewDim, a, b)
	if err != nil {
		t.Fatal(err)
	}
	two, err := full.Plan(z, skewDim, a, b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		lo, hi := i*skewDim, (i+1)*skewDim
		moved := func(plan []float64) []float64 {
			out := append([]float64(nil), z[lo:hi]...)
			for j := range out {
				out[j] += plan[lo+j]
			}
			return out
		}
		r, g := ended(t, line, z[lo:hi], a, b)
		left, _ := ended(t, line, moved(one), a, b)
		var by mat.VecDense
		by.SubVec(left, r)
		if v := mat.Dot(left, &by); !(math.Abs(v) <= 1e-10*(1+mat.Dot(&by, &by))) || mat.Norm(&by, 2) == 0 {
			t.Errorf("point %d: ⟨residual left, change⟩ = %g after a change of %g", i, v, mat.Norm(&by, 2))
		}
		end, _ := ended(t, full, moved(two), a, b)
		if v := mat.Norm(end, math.Inf(1)); !(v <= 1e-10) {
			t.Errorf("point %d: the end of the whole plan breaks the laws by %g", i, v)
		}
		want := times(scale(-1, g.T()), inverse(t, times(g, g.T())), r)
		for j := range skewDim {
			if !(math.Abs(two[lo+j]-want.At(j, 0)) <= 1e-7) {
				t.Errorf("point %d: the plan moves number %d by %.10g, the pseudo-inverse by %.10g", i, j, two[lo+j], want.At(j, 0))
			}
		}
	}
}

// With a law and a denoiser that bend, rounds end where the predicted end obeys and the
// displacement is normal to the set of points whose ends do.
func TestRoundsSolveTheNonlinearPlan(t *testing.T) {
	m, at, linear, _ := skewModel(t, 0.8)
	energy, err := physics.NewEnergy([]float64{1, 2, 1, 1}, []float64{4}, nil, nil, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	const a, b = 0.6, 0.4
	s := terminal(t, m, at, 0, 12, 40, linear, energy)
	z := skewPoints(3)
	plan, err := s.Plan(z, skewDim, a, b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		lo, hi := i*skewDim, (i+1)*skewDim
		end := append([]float64(nil), z[lo:hi]...)
		for j := range end {
			end[j] += plan[lo+j]
		}
		r, g := ended(t, s, end, a, b)
		if v := mat.Norm(r, math.Inf(1)); !(v <= 1e-8) {
			t.Errorf("point %d: the end breaks the laws by %g", i, v)
		}
		// plan = Gᵀ (G Gᵀ)⁻¹ G plan
		p := mat.NewDense(skewDim, 1, append([]float64(nil), plan[lo:hi]...))
		normal := times(g.T(), inverse(t, times(g, g.T())), g, p)
		for j := range skewDim {
			if !(math.Abs(normal.At(j, 0)-p.At(j, 0)) <= 1e-6*(1+mat.Norm(p, 2))) {
				t.Errorf("point %d: %g of the way of number %d is along the set", i, p.At(j, 0)-normal.At(j, 0), j)
			}
		}
	}
}

// Points do not interact: what a step makes of a point among others is what it makes of
// it alone, also where others are done sooner; and calls are counted.
func TestStepsOfControlledPointsDoNotInteract(t *testing.T) {
	m, at, linear, _ := skewModel(t, 0.8)
	energy, err := physics.NewEnergy([]float64{1, 2, 1, 1}, []float64{4}, nil, nil, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	const n = 6
	bound, err := physics.NewBounds(skewDim, []float64{-2, -2, -2, -2}, []float64{1, 1, 1, 1}, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	s := terminal(t, m, at, 0.1, 3, 2, linear, energy, bound)
	mean := func(z []float64, a, b float64) ([]float64, error) { return s.split.Mean(z, skewDim, a, b) }
	none := func([]float64) {}
	prox := ProFlow{Renoise: sampler.Renoise{Grid: s.grid, Rho: 1}, Laws: s.Laws, Width: 0.1, DataVariance: 1, Newton: 3, Iterations: 5,
		Spectrum: maskSpectrum(t, skewDim, []int{1}, []float64{0.4})}
	pcfm := sampler.PCFM{Renoise: sampler.Renoise{Grid: s.grid, Rho: 1}, Laws: s.Laws, Weight: 3, Steps: 5, Size: 0.01}
	for name, bridge := range map[string]sampler.Bridge{"terminal": s, "proflow": prox, "pcfm": pcfm} {
		all := skewPoints(n)
		copy(all[:skewDim], all[skewDim:2*skewDim])
		alone := append([]float64(nil), all...)
		for k := 2; k < 8; k++ {
			if err := bridge.Step(sampler.Points{Z: all, Dim: skewDim}, k, mean, none); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				if err := bridge.Step(sampler.Points{Z: alone[i*skewDim : (i+1)*skewDim], Dim: skewDim}, k, mean, none); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i := range all {
			if !(math.Abs(all[i]-alone[i]) <= 1e-9*(1+math.Abs(all[i]))) {
				t.Fatalf("%s: number %d is %.12g among others, %.12g alone", name, i, all[i], alone[i])
			}
		}
	}
	s.Calls(0)
	if err := s.Step(sampler.Points{Z: skewPoints(1), Dim: skewDim}, 3, mean, none); err != nil {
		t.Fatal(err)
	}
	if d, v := s.Calls(3); d != 2+2*3+1+2*3 || v != 2*3*3+2 {
		t.Errorf("two rounds of three products count %d denoiser calls and %d products", d, v)
	}
}
