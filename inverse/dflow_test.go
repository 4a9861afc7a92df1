package inverse

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
	"abide/sampler"
)

// curved is a denoiser with a derivative that changes from point to point.
type curved struct{}

func (curved) Denoise(u, sigma *graph.Node) *graph.Node {
	s := graph.AddScalar(graph.Mul(sigma, sigma), 1)
	v := graph.Div(u, s)
	return graph.Add(v, graph.MulScalar(graph.Tanh(graph.MulScalar(v, 1.5)), 0.4))
}

// linear is the denoiser of N(0, C), C given by eigenvectors (rows) and values.
type linear struct {
	vectors [][]float64
	values  []float64
}

func (l linear) Denoise(u, sigma *graph.Node) *graph.Node {
	c, q := graph.ConstAs(u, [][]float64{l.values}), graph.ConstAs(u, l.vectors)
	r := graph.Mul(graph.MatMul(u, q), graph.Div(c, graph.Add(c, graph.Mul(sigma, sigma))))
	return graph.MatMul(r, graph.TransposeAllAxes(q, 1, 0))
}

func newFlow(t *testing.T, n normal, d prior.Denoiser, g diffusion.Grid, weight float64) *DFlow {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	return NewDFlow(NewModel(e, &prior.Prior{Denoiser: d, DType: engine.Float64}, n.data), g, weight)
}

// The gradient chained over all steps against central differences, for a denoiser
// that is not linear and on every process' grid.
func TestDFlowGradient(t *testing.T) {
	n := newNormal(t, 3, 0)
	for name, g := range grids(t, 6) {
		f := newFlow(t, n, curved{}, g, 0.3)
		z := make([]float64, 6)
		keyed.New(8, "z", 0, 0).Normal(z)
		_, _, gradient, err := f.Evaluate(z, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range z {
			const h = 1e-5
			at := func(by float64) float64 {
				w := append([]float64(nil), z...)
				w[i] += by
				_, v, _, err := f.Evaluate(w, 3)
				if err != nil {
					t.Fatal(err)
				}
				return v[i/3]
			}
			if want := (at(h) - at(-h)) / (2 * h); !(math.Abs(gradient[i]-want) <= 1e-6*(1+math.Abs(want))) {
				t.Errorf("%s: derivative %d is %.9g, want %.9g", name, i, gradient[i], want)
			}
		}
	}
}

// For a Gaussian prior the flow is a matrix Φ, here built step by step from the
// denoiser's; the optimum is that of ridge regression, and every start comes to it.
func TestDFlowFindsTheRidge(t *testing.T) {
	n := newNormal(t, 4, 0)
	n.mu.Zero()
	var eig mat.EigenSym
	sym := mat.NewSymDense(4, n.c.RawMatrix().Data)
	if !eig.Factorize(sym, true) {
		t.Fatal("no eigenvalues")
	}
	var v mat.Dense
	eig.VectorsTo(&v)
	l := linear{values: eig.Values(nil)}
	for i := range 4 {
		l.vectors = append(l.vectors, mat.Row(nil, i, &v))
	}
	for name, g := range grids(t, 6) {
		for _, weight := range []float64{1, 0.05} {
			f := newFlow(t, n, l, g, weight)
			phi := n.flow(t, g)
			a := times(n.h, phi)
			precision := plus(times(a.T(), inverse(t, n.r), a), scale(weight, eye(4)))
			want := times(phi, inverse(t, precision), a.T(), inverse(t, n.r), n.y)
			p := sampler.Points{Z: make([]float64, 12), Memory: make([]float64, 3*f.Memory(4)), Dim: 4}
			keyed.New(9, "start", 0, 0).Normal(p.Z)
			for k := range 60 {
				if err := f.Step(p, k, nil, nil); err != nil {
					t.Fatal(err)
				}
			}
			for i, x := range p.Z {
				if !(math.Abs(x-want.At(i%4, 0)) <= 1e-6) {
					t.Errorf("%s, weight %g: column %d of point %d is %.9g, want %.9g", name, weight, i%4, i/4, x, want.At(i%4, 0))
				}
			}
		}
	}
	// As steps grow Φ comes to C^½ and the optimum for weight 1 to the posterior's mean;
	// with the order 3 for Gaussians, not 2, as the leading error of midpoint steps of
	// dw/dt = λw, λ″/24 + λλ′/4 + λ³/6, integrates to 0: λ″ = −6λλ′ − 4λ³, λ(0)² = λ(1)².
	posterior := n.given(t, law{mat.NewDense(4, 1, nil), n.c}, n.r)
	var off []float64
	for _, steps := range []int{80, 160} {
		phi := n.flow(t, grids(t, steps)["flow"])
		a := times(n.h, phi)
		x := times(phi, inverse(t, plus(times(a.T(), inverse(t, n.r), a), eye(4))), a.T(), inverse(t, n.r), n.y)
		off = append(off, mat.Max(absolute(minus(x, posterior.m))))
	}
	if order := math.Log2(off[0] / off[1]); !(order > 2.8 && order < 3.2) {
		t.Errorf("off the posterior's mean by %.3g and %.3g: order %.2f", off[0], off[1], order)
	}
}

// flow is Φ: midpoint steps in flow time of dw/dt = (D − w)/(1 − t).
func (n normal) flow(t *testing.T, g diffusion.Grid) *mat.Dense {
	time := func(k int) float64 { return 1 / (1 + g.Sigma(k)) }
	velocity := func(s float64) *mat.Dense {
		k, _ := n.denoiser(t, s, 1-s)
		return scale(1/(1-s), minus(k, eye(n.d)))
	}
	phi := scale(math.Hypot(time(0), 1-time(0)), eye(n.d))
	for k := range g.Steps() {
		h := time(k+1) - time(k)
		half := plus(eye(n.d), scale(h/2, velocity(time(k))))
		phi = times(plus(eye(n.d), scale(h, times(velocity(time(k)+h/2), half))), phi)
	}
	return phi
}
