package method

import (
	"errors"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/operator"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

// Steps that are taken again remember what the last of them saw: with a multistep
// sampler, recurrence without guidance is that sampler from the point noised back.
func TestRecurrenceOfMultistepSamplers(t *testing.T) {
	g, p := vpGrid(t, 6), bentProblem(t)
	solver := sampler.DPMSolver{Grid: g}
	again := gradientKernel(t, "tfg", p, g, solver, Values{"rho": 0.0, "mu": 0.0, "sigma": 0.0, "recurrence": 3})
	plain := gradientKernel(t, "none", p, g, solver, nil)
	const step = 3
	start := func() sampler.Points {
		m := make([]float64, solver.Memory(3))
		for i := range m {
			m[i] = 0.1 * float64(i+1)
		}
		return sampler.Points{Z: []float64{0.8, -0.5, 0.3}, Memory: m, Dim: 3}
	}
	got := start()
	if err := again.Transition(got, step, keyed.New(7, "noise", 0, step).Normal); err != nil {
		t.Fatal(err)
	}
	want, stream := start(), keyed.New(7, "noise", 0, step)
	for time := range 3 {
		if time > 0 {
			n, r := make([]float64, 3), g.A[step]/g.A[step+1]
			stream.Normal(n)
			for i := range n {
				want.Z[i] = r*want.Z[i] + math.Sqrt(1-r*r)*n[i]
			}
			want.Memory = start().Memory
		}
		if err := plain.Transition(want, step, stream.Normal); err != nil {
			t.Fatal(err)
		}
	}
	for i := range want.Z {
		if math.Abs(got.Z[i]-want.Z[i]) > 1e-14 {
			t.Errorf("column %d: %.17g, want %.17g", i, got.Z[i], want.Z[i])
		}
	}
	for i, v := range want.Memory {
		if math.Abs(got.Memory[i]-v) > 1e-14 {
			t.Errorf("remembered number %d: %.17g, want %.17g", i, got.Memory[i], v)
		}
	}
}

// laplace is noise that is not Gaussian: Σ |y − at|/w.
type laplace float64

func (w laplace) Energy(at *graph.Node, y []float64) *graph.Node {
	r := graph.Sub(graph.ConstAs(at, [][]float64{y}), at)
	return graph.MulScalar(graph.ReduceSum(graph.Abs(r), -1), 1/float64(w))
}

func (w laplace) EnergyAt(at, y, g []float64) (e float64) {
	for i, v := range at {
		e += math.Abs(y[i]-v) / float64(w)
		if g != nil {
			g[i] = math.Copysign(1/float64(w), v-y[i])
		}
	}
	return e
}

// Of noise that is not Gaussian the energy is taken, and added to the norm of what
// is.
func TestGradientOfOtherNoise(t *testing.T) {
	g := vpGrid(t, 6)
	other, err := potential.NewMeasured("other", warp{}, []float64{0.2, 2}, laplace(0.5))
	if err != nil {
		t.Fatal(err)
	}
	both := measuredBy(t, bentPrior(), append([]potential.Potential{other}, bentProblem(t).Potentials...)...)
	k := gradientKernel(t, "dps", both, g, sampler.DDPM{Grid: g}, Values{"scale": 0.4})
	for step := range g.Steps() {
		z := []float64{0.8, -0.5, 0.3}
		h := host{g, step, keyed.New(7, "noise", 0, step).Normal}
		grad := slopeAt(h.g.A[h.k], func(z []float64) float64 { x := h.mean(z); return lossAt("norm", x) + other.EnergyAt(x) }, z)
		got, want := moved(t, k, z, 3, step), plus(h.ddpm(z, h.mean(z)), -0.4, grad)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-8 {
				t.Errorf("step %d, column %d: %.12g, by hand %.12g", step, i, got[i], want[i])
			}
		}
	}
}

// What the family cannot do is said.
func TestGradientMethodsThatDoNotFit(t *testing.T) {
	g := vpGrid(t, 2)
	other, err := potential.NewMeasured("other", warp{}, []float64{0.2, 2}, laplace(0.5))
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range gradientRows {
		for what, p := range map[string]*problem.Problem{"nothing": measuredBy(t, bentPrior()), "a curved operator": bentProblem(t), "other noise": measuredBy(t, bentPrior(), other)} {
			_, err := m.New(e, p, Settings{Samples: 1, Grid: g, Bridge: sampler.DDPM{Grid: g}})
			var unsupported *problem.UnsupportedError
			if refused := errors.As(err, &unsupported); refused != (what == "nothing" || m.Name == "mcg") || err != nil && !refused {
				t.Errorf("%s with %s: error %v", m.Name, what, err)
			}
		}
	}
}

var _ operator.Operator = warp{}
