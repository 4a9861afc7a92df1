package guide

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/operator"
	"abide/potential"
	"abide/prior"
)

// potentialField is a network F(u) = Σ_b W_bᵀ tanh(W_b u + c_b)/√width, the gradient of a
// convex function: its Jacobian is symmetric, as a denoiser's is, at the cost of a
// perceptron of 2 blocks layers. Networks that were trained have it nearly.
type potentialField struct {
	w [][][]float64 // [blocks][d][width]
	c [][]float64
}

func newPotentialField(d, width, blocks int) potentialField {
	var f potentialField
	for b := range blocks {
		flat, c := make([]float64, d*width), make([]float64, width)
		keyed.New(1, "potential field", b, 0).Normal(flat)
		keyed.New(1, "potential field", b, 1).Normal(c)
		rows := make([][]float64, d)
		for i := range rows {
			rows[i] = flat[i*width : (i+1)*width]
			for j := range rows[i] {
				rows[i][j] /= math.Sqrt(float64(d))
			}
		}
		f.w, f.c = append(f.w, rows), append(f.c, c)
	}
	return f
}

// Denoise is (u + σ² F(u/√(1+σ²))/√(1+σ²)) / (1 + σ²).
func (f potentialField) Denoise(u, sigma *engine.Node) *engine.Node {
	s2 := graph.Mul(sigma, sigma)
	root := graph.Sqrt(graph.AddScalar(s2, 1))
	in := graph.Div(u, root)
	var sum *engine.Node
	for b := range f.w {
		w := graph.ConstAs(u, f.w[b])
		h := graph.Tanh(graph.Add(graph.MatMul(in, w), graph.ConstAs(u, [][]float64{f.c[b]})))
		out := graph.DivScalar(graph.MatMul(h, graph.ConstAs(u, transposed(f.w[b]))), math.Sqrt(float64(len(f.c[b]))))
		if sum == nil {
			sum = out
		} else {
			sum = graph.Add(sum, out)
		}
	}
	return graph.Div(graph.Add(u, graph.Div(graph.Mul(s2, sum), root)), graph.AddScalar(s2, 1))
}

// manyValues is a measurement of 64 random combinations of 256 columns.
func manyValues(tb testing.TB) *potential.Measurement {
	tb.Helper()
	const d, m = 256, 64
	op, err := operator.NewMatrix(matrixRows("many", m, d))
	if err != nil {
		tb.Fatal(err)
	}
	noise, err := potential.NewNormal(slices.Repeat([]float64{0.3}, m))
	if err != nil {
		tb.Fatal(err)
	}
	y, err := potential.NewMeasured("y", op, normals("many y", m, 1), noise)
	if err != nil {
		tb.Fatal(err)
	}
	return y
}

func manyPriors(tb testing.TB) map[string]prior.Denoiser {
	tb.Helper()
	const d = 256
	eye := mat.NewSymDense(d, nil)
	for i := range d {
		eye.SetSym(i, i, 1)
	}
	var means [][]float64
	var covs []*mat.SymDense
	for i := -2.; i <= 2; i++ {
		for j := -2.; j <= 2; j++ {
			means, covs = append(means, slices.Repeat([]float64{-8 * i, -8 * j}, d/2)), append(covs, eye)
		}
	}
	mixture, err := prior.NewMixture(slices.Repeat([]float64{1}, 25), means, covs, nil)
	if err != nil {
		tb.Fatal(err)
	}
	residual, err := network.New(network.Architecture{Kind: "residual-mlp", Shape: []int{d}, Width: 512, Depth: 3, Embedding: 64}, 1)
	if err != nil {
		tb.Fatal(err)
	}
	return map[string]prior.Denoiser{
		"mixture":  mixture.Denoiser,
		"field":    newPotentialField(d, 512, 3),
		"residual": prior.EDM{Network: residual},
	}
}

// BenchmarkMatrixFree is one guided estimate of 64 points in 256 columns with 64 measured
// values. The bars: MMPS by conjugate gradients within 1 + 5·iterations unguided
// estimates, and within a fifth of TMPD, whose result it has to 1e-4 (metric "error", of
// the priors whose Jacobian is symmetric).
func BenchmarkMatrixFree(b *testing.B) {
	const n, d, iterations, sigma = 64, 256, 10, 0.5
	y := manyValues(b)
	e, err := engine.Open("go")
	if err != nil {
		b.Fatal(err)
	}
	u := normals("many u", n*d, 1.2)
	for pname, den := range manyPriors(b) {
		results := map[string][]float64{}
		for _, g := range []struct {
			name string
			d    prior.Denoiser
		}{
			{"unguided", den},
			{"tmpd", TMPD{Y: y}.Guide(den)},
			{"tmpd jacrev", TMPD{y, FormJacrev}.Guide(den)},
			{fmt.Sprintf("cg %d", iterations), MMPS{y, iterations, false}.Guide(den)},
			{fmt.Sprintf("gmres %d", iterations), MMPS{y, iterations, true}.Guide(den)},
		} {
			b.Run(pname+"/"+g.name, func(b *testing.B) {
				f := e.NewFunction(g.name, engine.Float32, func(in []*engine.Node) []*engine.Node { return []*engine.Node{g.d.Denoise(in[0], in[1])} })
				call := func() []float64 {
					out, err := f.Call(engine.Rows(u, d), engine.Scalar(sigma))
					if err != nil {
						b.Fatal(err)
					}
					return out[0].F64
				}
				results[g.name] = call()
				for b.Loop() {
					call()
				}
				if want, ok := results["tmpd"]; ok && pname != "residual" {
					var worst float64
					for i, v := range results[g.name] {
						worst = math.Max(worst, math.Abs(v-want[i]))
					}
					b.ReportMetric(worst, "error")
				}
			})
		}
	}
}
