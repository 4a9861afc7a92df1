package particle

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/operator"
	"abide/potential"
	"abide/problem"
)

// modulus is |x₀| of points of two columns.
type modulus struct{}

func (modulus) Dims() (d, m int) { return 2, 1 }
func (modulus) Apply(x *operator.Node) *operator.Node {
	first := graph.MatMul(x, graph.ConstAs(x, [][]float64{{1}, {0}}))
	return graph.Abs(first)
}
func (modulus) ApplyAt(y, x []float64) { y[0] = math.Abs(x[0]) }
func (modulus) VJPAt(g, x, c []float64) {
	g[0], g[1] = c[0], 0
	if x[0] < 0 {
		g[0] = -c[0]
	}
}

// Rayleigh's problem: N(0, I₂) and |x₀| = 0.7 ± 0.01, whose posterior is
// proportional to exp(−x₀²/2 − (|x₀| − 0.7)²/2σ²): two modes of weight one half, each
// a Gaussian of mean 0.7/(1+σ²) and variance σ²/(1+σ²), and N(0, 1) in x₁. By all
// forms of the look-ahead: that of measurements, and, with a half-plane that holds
// for nearly all points, that of constraints.
func TestRayleigh(t *testing.T) {
	const std, y = 0.01, 0.7
	noise, err := potential.NewNormal([]float64{std})
	if err != nil {
		t.Fatal(err)
	}
	q, err := potential.NewMeasured("y", modulus{}, []float64{y}, noise)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := constraint.NewHalfSpace("wide", []float64{0, 1}, 8)
	if err != nil {
		t.Fatal(err)
	}
	eye := mat.NewSymDense(2, []float64{1, 0, 0, 1})
	for _, c := range []struct {
		name     string
		jacobian string
		rows     []constraint.Constraint
		samples  int
		smallest float64
	}{
		{"full", "full", nil, 5000, 0.002}, {"rows", "rows", nil, 5000, 0.002}, {"constrained", "auto", []constraint.Constraint{wide}, 5000, 0.0005},
	} {
		p, err := problem.New(gaussianPrior(t, []float64{0, 0}, eye), c.rows, []potential.Potential{q})
		if err != nil {
			t.Fatal(err)
		}
		k, err := New(openGo(t), p, karras(t, 64, c.smallest, 80), Settings{Samples: c.samples, Particles: c.samples, Seed: 1, Defensive: 0.1, Jacobian: c.jacobian})
		if err != nil {
			t.Fatal(err)
		}
		_, out := walk(t, k)
		var right, mean, square, other float64
		total, top := 0.0, math.Inf(-1)
		for _, l := range out.LogW {
			top = math.Max(top, l)
		}
		for i, l := range out.LogW {
			w := math.Exp(l - top)
			total += w
			x := out.X[2*i]
			if x > 0 {
				right += w
			}
			mean, square = mean+w*math.Abs(x), square+w*x*x
			other += w * out.X[2*i+1] * out.X[2*i+1]
		}
		right, mean, square, other = right/total, mean/total, square/total, other/total
		width := math.Sqrt(square - mean*mean)
		t.Logf("%s: %.1f %% at +0.7, |x₀| is %.5f ± %.5f, least ESS %.0f, final %.0f of %d, log evidence %.3f ± %.3f", c.name, 100*right, mean, width, out.ESSMin, out.ESSFinal, c.samples, out.LogEvidence, out.EvidenceStd)
		if !(right > 0.4 && right < 0.6) {
			t.Errorf("%s: %.1f %% of the points at +0.7", c.name, 100*right)
		}
		n := out.ESSFinal
		if want := y / (1 + std*std); !(math.Abs(mean-want) <= 4.9*std/math.Sqrt(n)) {
			t.Errorf("%s: mean of |x₀| is %.5f, want %.5f", c.name, mean, want)
		}
		if want := std / math.Sqrt(1+std*std); !(math.Abs(width/want-1) <= 4.9/math.Sqrt(2*n)) {
			t.Errorf("%s: width of a mode is %.5f, want %.5f", c.name, width, want)
		}
		want := 1.0
		if c.name == "rows" { // a nonlinear operator leaves the unseen columns DDPM's kernels
			want = ddpmVariance(k.sigma)
		}
		// The systematic resamplings leave fewer families than the last ESS says: the
		// standard error of the evidence counts them.
		if se := math.Sqrt(2) * want * math.Max(out.EvidenceStd, 1/math.Sqrt(n)); !(math.Abs(other-want) <= 4.9*se) {
			t.Errorf("%s: variance of x₁ is %.4f, want %.4f ± %.4f", c.name, other, want, se)
		}
		v := 1 + std*std
		logZ := math.Log(2) - 0.5*y*y/v - 0.5*math.Log(v) + math.Log(std)
		if !(math.Abs(out.LogEvidence-logZ) <= 4*out.EvidenceStd+1e-3) {
			t.Errorf("%s: log evidence %.4f ± %.4f, want %.4f", c.name, out.LogEvidence, out.EvidenceStd, logZ)
		}
	}
}

// ddpmVariance is the variance of DDPM's samples of N(0, 1) on given noise levels.
func ddpmVariance(sigma []float64) float64 {
	v := 1 + sigma[0]*sigma[0]
	for i := range len(sigma) - 1 {
		r := sigma[i+1] / sigma[i]
		gamma := 1 - r*r
		a := 1 - gamma + gamma/(1+sigma[i]*sigma[i])
		v = a*a*v + sigma[i+1]*sigma[i+1]*gamma
	}
	return v
}

// disguised is a linear operator that does not say so.
type disguised struct{ operator.Operator }

// Of a linear operator that does not say so the tangent is the operator itself: one
// look is the same, with correlated noise too.
func TestTangentOfLinearOperator(t *testing.T) {
	op, err := operator.NewMatrix([][]float64{{1, 0.5, 0}, {0.2, -1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	noise, err := potential.NewCorrelated([][]float64{{0.3, 0.1}, {0.1, 0.2}})
	if err != nil {
		t.Fatal(err)
	}
	pr := gaussianPrior(t, []float64{1, 2, 3}, mat.NewSymDense(3, []float64{1, 0.2, 0, 0.2, 2, 0, 0, 0, 0.5}))
	var looks []*look
	for _, a := range []operator.Operator{op, disguised{op}} {
		q, err := potential.NewMeasured("y", a, []float64{0.7, -0.4}, noise)
		if err != nil {
			t.Fatal(err)
		}
		p, err := problem.New(pr, nil, []potential.Potential{q})
		if err != nil {
			t.Fatal(err)
		}
		tw := newTwist(p, 0, 0.1)
		if (len(tw.bent) == 1) == (a == operator.Operator(op)) {
			t.Fatalf("%d bent measurements", len(tw.bent))
		}
		w := tw.newLook()
		copy(w.prior.m, []float64{0.3, -0.5, 0.2})
		copy(w.prior.s, []float64{1, 0.3, -0.2, 0.3, 0.8, 0.1, -0.2, 0.1, 0.6})
		tw.look(w, 1)
		looks = append(looks, w)
	}
	near := func(what string, a, b float64) {
		t.Helper()
		if !(math.Abs(a-b) <= 1e-9) {
			t.Errorf("%s: linear %.12g, by its tangent %.12g", what, a, b)
		}
	}
	// The linear rows are those of L⁻¹y too: their densities agree to the last constant.
	near("log ψ", looks[0].logSoft, looks[1].logSoft)
	for i := range looks[0].soft.m {
		near("mean", looks[0].soft.m[i], looks[1].soft.m[i])
	}
	for i := range looks[0].soft.s {
		near("covariance", looks[0].soft.s[i], looks[1].soft.s[i])
	}
}
