package prior

import (
	"fmt"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/network"
)

// closedFlow is the velocity that carries N(0, I) to N(μ, Σ), Σ = V diag(e) Vᵀ, along
// the linear path: in coordinates of V, with r = 1−t,
//
//	v = (x̂₁ − z)/r = ((t e − r) z + r μ)/(t² e + r²).
type closedFlow struct {
	v       [][]float64
	mean, e []float64
}

func (f closedFlow) Apply(z, t, _ *Node) *Node {
	g, dt := z.Graph(), z.DType()
	row := func(x []float64) *Node { return ConvertDType(Const(g, [][]float64{x}), dt) }
	v := ConvertDType(Const(g, f.v), dt)
	if t.Rank() == 0 {
		t = Reshape(t, 1, 1)
	}
	r := OneMinus(t)
	k := Add(Mul(Mul(t, t), row(f.e)), Mul(r, r))
	m := Dot(row(f.mean), v).Product()
	y := Div(Add(Mul(Sub(Mul(t, row(f.e)), r), Dot(z, v).Product()), Mul(r, m)), k)
	return Dot(y, Transpose(v, 0, 1)).Product()
}

func (f closedFlow) Weights() []*engine.Weights { return nil }
func (f closedFlow) Cost() network.Cost         { return network.Cost{} }

// With the velocity of kit T24 in closed form, mean, score and covariance of the
// data given a noisy point are those of the Gaussian, by textbook formulas.
func TestVelocityOfAGaussian(t *testing.T) {
	const d, n = 3, 6
	cov := mat.NewSymDense(d, []float64{1, 0.5, 0.1, 0.5, 2, -0.3, 0.1, -0.3, 0.25})
	mean := []float64{1.5, -0.5, 0}
	var eig mat.EigenSym
	if !eig.Factorize(cov, true) {
		t.Fatal("no eigenvalues")
	}
	var v mat.Dense
	eig.VectorsTo(&v)
	f := closedFlow{mean: mean, e: eig.Values(nil)}
	for i := range d {
		f.v = append(f.v, append([]float64(nil), v.RawRowView(i)...))
	}
	gauss := law{[]float64{1}, [][]float64{mean}, []*mat.SymDense{cov}}
	p := Velocity{Network: f}
	for _, sigma := range []float64{0.05, 0.3, 1, 4, 20} {
		u := noisy(n, d, sigma)
		gotD := denoise(t, p, u, d, engine.Scalar(sigma))
		gotJ := jacobian(t, p, u, d, level(n, sigma))
		time := 1 / (1 + sigma)
		velocity := openGo(t).NewFunction("velocity", engine.Float64, func(in []*Node) []*Node { return []*Node{f.Apply(in[0], in[1], nil)} })
		z := make([]float64, len(u)) // z_t = t u
		for i := range u {
			z[i] = time * u[i]
		}
		out, err := velocity.Call(engine.Rows(z, d), engine.Scalar(time))
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			at := fmt.Sprintf("σ = %g, point %d: ", sigma, i)
			row := u[i*d : (i+1)*d]
			m, c, _ := gauss.posterior(row, same(d, sigma*sigma))
			near(t, at+"mean", gotD[i*d:(i+1)*d], m, 1e-9)
			var covariance, want, score, exact []float64
			for j := range d {
				for k := range d {
					covariance, want = append(covariance, sigma*sigma*gotJ[(i*d+j)*d+k]), append(want, c.At(j, k))
				}
				// The score of z is t⁻¹ that of u, which is (mean − u)/σ².
				score = append(score, (time*out[0].F64[i*d+j]-z[i*d+j])/(1-time))
				exact = append(exact, (m[j]-row[j])/(sigma*sigma)/time)
			}
			near(t, at+"covariance", covariance, want, 1e-9)
			near(t, at+"score", score, exact, 1e-9)
		}
	}
}

// A flow ends in its law: Euler's rule on the velocity, N(1.5, 0.25), as kit T24 has it.
func TestClosedFlowByEuler(t *testing.T) {
	f := closedFlow{v: [][]float64{{1}}, mean: []float64{1.5}, e: []float64{0.25}}
	step := openGo(t).NewFunction("velocity", engine.Float64, func(in []*Node) []*Node { return []*Node{f.Apply(in[0], in[1], nil)} })
	for n, variance := range map[int]float64{10: 0.185574, 20: 0.215526, 40: 0.232142, 80: 0.240908} {
		// The flow is affine: two points carry mean and variance.
		z := []float64{0, 1}
		for k := range n {
			out, err := step.Call(engine.Rows(z, 1), engine.Scalar(float64(k)/float64(n)))
			if err != nil {
				t.Fatal(err)
			}
			for i := range z {
				z[i] += out[0].F64[i] / float64(n)
			}
		}
		near(t, fmt.Sprintf("%d steps: mean", n), z[:1], []float64{1.5}, 1e-12)
		near(t, fmt.Sprintf("%d steps: variance", n), []float64{math.Pow(z[1]-z[0], 2)}, []float64{variance}, 1e-6)
	}
}

// What one law's network would predict, in closed form: every Predictor gives the
// law's denoiser and Jacobian back.
func TestPredictorsOfAGaussian(t *testing.T) {
	const d, n = 2, 5
	for _, sigma := range []float64{0.05, 1, 20} {
		u := noisy(n, d, sigma)
		want := make([]float64, len(u))
		for i := range u {
			want[i] = 0.25 * u[i] / (0.25 + sigma*sigma) // N(0, ¼)
		}
		for _, o := range []Output{OutputNoise, OutputX0, OutputV, OutputScore} {
			p := Predictor{Network: quarter{o}, Output: o}
			near(t, fmt.Sprintf("%s at σ = %g", o, sigma), denoise(t, p, u, d, engine.Scalar(sigma)), want, 1e-11)
			f := openGo(t).NewFunction("jacobian", engine.Float64, func(in []*Node) []*Node {
				_, j := p.DenoiseJacobian(in[0], in[1])
				return []*Node{j}
			})
			out, err := f.Call(engine.Rows(u, d), level(n, sigma))
			if err != nil {
				t.Fatal(err)
			}
			near(t, fmt.Sprintf("Jacobian of %s at σ = %g", o, sigma), out[0].F64, jacobian(t, p, u, d, level(n, sigma)), 1e-11)
		}
	}
}

// quarter predicts for the law N(0, ¼) of one coordinate: z = a u₀ + b n is
// N(0, a²/4 + b²), and E[u₀|z] = ¼ a z / (a²/4 + b²).
type quarter struct{ output Output }

func (q quarter) Apply(z, c, _ *Node) *Node {
	sigma := Exp(MulScalar(c, 4))
	a := Div(OnesLike(sigma), Sqrt(AddScalar(Mul(sigma, sigma), 1)))
	b := Mul(sigma, a)
	total := Add(MulScalar(Mul(a, a), 0.25), Mul(b, b))
	data, noise := Mul(z, Div(MulScalar(a, 0.25), total)), Mul(z, Div(b, total))
	return map[Output]*Node{
		OutputX0: data, OutputNoise: noise, OutputV: Sub(Mul(a, noise), Mul(b, data)), OutputScore: Neg(Div(noise, b)),
	}[q.output]
}

func (q quarter) Weights() []*engine.Weights { return nil }
func (q quarter) Cost() network.Cost         { return network.Cost{} }

// Guidance in closed form: D_y + w(D_y − D_∅), and its Jacobian, of two Gaussians.
func TestConditionalIsTheGuidanceFormula(t *testing.T) {
	const n, d = 4, 1
	given := law{[]float64{1}, [][]float64{{0.8}}, []*mat.SymDense{mat.NewSymDense(1, []float64{0.36})}}
	free := law{[]float64{1}, [][]float64{{0}}, []*mat.SymDense{mat.NewSymDense(1, []float64{1})}}
	for _, w := range []float64{0, 0.5, 3} {
		p := Conditional{Given: given.denoiser(), Free: free.denoiser(), Weight: w}
		for _, sigma := range []float64{0.1, 1, 10} {
			u := noisy(n, d, sigma)
			s2 := sigma * sigma
			var want, slope []float64
			for _, x := range u {
				want = append(want, (1+w)*(0.8+0.36/(0.36+s2)*(x-0.8))-w*x/(1+s2))
				slope = append(slope, (1+w)*0.36/(0.36+s2)-w/(1+s2))
			}
			near(t, fmt.Sprintf("w = %g, σ = %g", w, sigma), denoise(t, p, u, d, engine.Scalar(sigma)), want, 1e-12)
			near(t, fmt.Sprintf("Jacobian, w = %g, σ = %g", w, sigma), jacobian(t, p, u, d, engine.Scalar(sigma)), slope, 1e-12)
		}
	}
}
