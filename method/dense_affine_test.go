package method

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

// linearCase is a Gaussian prior N(0, Σ), a linear measurement and its noise, as
// matrices.
type linearCase struct {
	name          string
	sigma, h, r   *mat.Dense
	y             *mat.VecDense
	positive      bool // no entry of H C Hᵀ is negative at any noise level
	uncorrelated  bool // H C Hᵀ is diagonal
	problem       *problem.Problem
	whiten, white *mat.Dense // L⁻¹ and its transpose, R = L Lᵀ
}

func newLinearCase(t *testing.T, name string, sigma, h, r *mat.Dense) *linearCase {
	t.Helper()
	d, m := sigma.RawMatrix().Rows, h.RawMatrix().Rows
	c := &linearCase{name: name, sigma: sigma, h: h, r: r, y: mat.NewVecDense(m, nil)}
	sym, cov := mat.NewSymDense(d, sigma.RawMatrix().Data), make([][]float64, m)
	keyed.New(5, name, 0, 0).Normal(c.y.RawVector().Data)
	for i := range cov {
		cov[i] = mat.Row(nil, i, r)
	}
	rows := make([][]float64, m)
	for i := range rows {
		rows[i] = mat.Row(nil, i, h)
	}
	y, err := potential.NewMeasurement("y", rows, c.y.RawVector().Data, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	noise, err := potential.NewCorrelated(cov)
	diagonal := true
	std := make([]float64, m)
	for i := range m {
		std[i] = math.Sqrt(r.At(i, i))
		for j := range i {
			diagonal = diagonal && r.At(i, j) == 0
		}
	}
	if diagonal {
		noise, err = potential.NewNormal(std)
	}
	if err != nil {
		t.Fatal(err)
	}
	if y, err = potential.NewMeasured("y", y.Op, y.Y, noise); err != nil {
		t.Fatal(err)
	}
	if c.problem, err = problem.New(rawPrior(t, sym), nil, []potential.Potential{y}); err != nil {
		t.Fatal(err)
	}
	var chol mat.Cholesky
	if !chol.Factorize(mat.NewSymDense(m, r.RawMatrix().Data)) {
		t.Fatal("the noise is not positive definite")
	}
	var l, inverse mat.TriDense
	chol.LTo(&l)
	if err := inverse.InverseTri(&l); err != nil {
		t.Fatal(err)
	}
	c.whiten, c.white = mat.DenseCopyOf(&inverse), mat.DenseCopyOf(inverse.T())
	return c
}

// linearCases are the scalar problem of kit T1 and random ones.
func linearCases(t *testing.T) []*linearCase {
	rng := rand.New(keyed.New(21, "linear cases", 0, 0))
	random := func(r, c int) *mat.Dense {
		out := mat.NewDense(r, c, nil)
		out.Apply(func(int, int, float64) float64 { return rng.NormFloat64() / math.Sqrt(float64(c)) }, out)
		return out
	}
	spd := func(n int, floor float64) *mat.Dense {
		var out mat.Dense
		a := random(n, n)
		out.Mul(a, a.T())
		out.Add(&out, scaledEye(n, floor))
		return &out
	}
	scalar := newLinearCase(t, "scalar", mat.NewDense(1, 1, []float64{.25}), mat.NewDense(1, 1, []float64{1}), mat.NewDense(1, 1, []float64{.25}))
	scalar.y.SetVec(0, 1)
	scalar.positive, scalar.uncorrelated = true, true
	scalar.problem = t1(t)
	all := []*linearCase{scalar}
	for _, dims := range [][2]int{{3, 1}, {6, 3}, {16, 5}} {
		d, m := dims[0], dims[1]
		own := mat.NewDense(m, m, nil) // noise of its own for each value
		for i := range m {
			own.Set(i, i, 0.2+rng.Float64())
		}
		c := newLinearCase(t, fmt.Sprintf("d %d, m %d", d, m), spd(d, 0.1), random(m, d), own)
		c.uncorrelated = m == 1
		c.positive = m == 1
		all = append(all, c)
		all = append(all, newLinearCase(t, fmt.Sprintf("d %d, m %d, correlated noise", d, m), spd(d, 0.1), random(m, d), spd(m, 0.3)))
		// A Markov process seen through averages: given noisy neighbours its values
		// are correlated positively.
		markov, averages := mat.NewDense(d, d, nil), mat.NewDense(m, d, nil)
		markov.Apply(func(i, j int, _ float64) float64 { return math.Exp(-math.Abs(float64(i-j)) / 2) }, markov)
		averages.Apply(func(int, int, float64) float64 { return rng.Float64() / 2 }, averages)
		c = newLinearCase(t, fmt.Sprintf("d %d, m %d, positive", d, m), markov, averages, own)
		c.positive, c.uncorrelated = true, m == 1
		all = append(all, c)
		// Independent columns through a mask.
		alone, mask := mat.NewDense(d, d, nil), mat.NewDense(m, d, nil)
		for i := range d {
			alone.Set(i, i, 0.2+rng.Float64())
		}
		for i, j := range rng.Perm(d)[:m] {
			mask.Set(i, j, 1)
		}
		c = newLinearCase(t, fmt.Sprintf("d %d, m %d, mask", d, m), alone, mask, own)
		c.positive, c.uncorrelated = true, true
		all = append(all, c)
	}
	return all
}

func scaledEye(n int, by float64) *mat.Dense {
	out := mat.NewDense(n, n, nil)
	for i := range n {
		out.Set(i, i, by)
	}
	return out
}

func inverted(a mat.Matrix) *mat.Dense {
	var out mat.Dense
	if err := out.Inverse(a); err != nil {
		panic(err)
	}
	return &out
}

// product is a b c ….
func product(ms ...mat.Matrix) *mat.Dense {
	var out mat.Dense
	out.Product(ms...)
	return &out
}

func sumOf(a, b mat.Matrix) *mat.Dense {
	var out mat.Dense
	out.Add(a, b)
	return &out
}

// inUnitsOfNoise is L⁻ᵀ diag(f(i))⁻¹ L⁻¹ for f of rows of A = L⁻¹ S L⁻ᵀ.
func (c *linearCase) inUnitsOfNoise(s mat.Matrix, f func(i int, a *mat.Dense) float64) *mat.Dense {
	a := product(c.whiten, s, c.white)
	n := a.RawMatrix().Rows
	d := mat.NewDense(n, n, nil)
	for i := range n {
		d.Set(i, i, 1/f(i, a))
	}
	return product(c.white, d, c.whiten)
}

// weights is the F of a guide D′ = D + σ² J Hᵀ F (y − H D), as a matrix written out.
type weights func(c *linearCase, s2 float64, cov *mat.Dense) *mat.Dense

func fullWeights(c *linearCase, _ float64, cov *mat.Dense) *mat.Dense {
	return inverted(sumOf(product(c.h, cov, c.h.T()), c.r))
}

func diagonalWeights(c *linearCase, _ float64, cov *mat.Dense) *mat.Dense {
	return c.inUnitsOfNoise(product(c.h, cov, c.h.T()), func(i int, a *mat.Dense) float64 { return a.At(i, i) + 1 })
}

func rowSumWeights(c *linearCase, _ float64, cov *mat.Dense) *mat.Dense {
	return c.inUnitsOfNoise(product(c.h, cov, c.h.T()), func(i int, a *mat.Dense) float64 { return mat.Sum(a.Slice(i, i+1, 0, a.RawMatrix().Cols)) + 1 })
}

func piWeights(data float64, sums bool) weights {
	return func(c *linearCase, s2 float64, _ *mat.Dense) *mat.Dense {
		r2, gram := s2*data/(s2+data), product(c.h, c.h.T())
		if sums {
			return c.inUnitsOfNoise(gram, func(i int, a *mat.Dense) float64 {
				var s float64
				for _, v := range a.RawRowView(i) {
					s += r2 * math.Abs(v)
				}
				return s + 1
			})
		}
		gram.Scale(r2, gram)
		return inverted(sumOf(gram, c.r))
	}
}

func pinvWeights(data float64) weights {
	return func(c *linearCase, s2 float64, _ *mat.Dense) *mat.Dense {
		f := inverted(product(c.h, c.h.T()))
		f.Scale((s2+data)/(s2*data), f)
		return f
	}
}

// affine is a guided estimate D′(u) = K u + k.
func (c *linearCase) affine(f weights, s2 float64) (k *mat.Dense, offset *mat.VecDense) {
	d := c.sigma.RawMatrix().Rows
	j := product(c.sigma, inverted(sumOf(c.sigma, scaledEye(d, s2)))) // D = J u
	var cov mat.Dense
	cov.Scale(s2, j)
	gain := product(&cov, c.h.T(), f(c, s2, &cov))
	var shift mat.VecDense
	shift.MulVec(gain, c.y)
	k = product(gain, c.h, j)
	k.Sub(j, k)
	return k, &shift
}

// kernel is z′ = p z + q x̂ + s n from level i of a grid, from the definition of the
// sampler and not from its code.
type denseKernel func(g diffusion.Grid, i int) (p, q, s float64)

// posterior is the law of z′ given z and the clean point: of z′ ~ N(a′x̂, b′²) and
// z ~ N((a/a′) z′, b² − (a b′/a′)²).
func posteriorKernel(g diffusion.Grid, i int) (p, q, s float64) {
	a, b, a1, b1 := g.A[i], g.B[i], g.A[i+1], g.B[i+1]
	if b1 == 0 {
		return 0, a1, 0
	}
	keep := a / a1
	beta := b*b - keep*keep*b1*b1
	precision := 1/(b1*b1) + keep*keep/beta
	return keep / beta / precision, a1 / (b1 * b1) / precision, 1 / math.Sqrt(precision)
}

// deterministic is ddim without noise: z′ = a′x̂ + b′ε̂.
func deterministicKernel(g diffusion.Grid, i int) (p, q, s float64) {
	p = g.B[i+1] / g.B[i]
	return p, g.A[i+1] - p*g.A[i], 0
}

// reverse is one step of the reverse equation of vp with β from 0.1 to 20, and of the
// probability flow: z′ = z + Δt β (½ z + w (a x̂ − z)/b²) + √(w₂ β Δt) n.
func reverseKernel(w, noise float64) denseKernel {
	return func(g diffusion.Grid, i int) (p, q, s float64) {
		dt, beta := g.T[i]-g.T[i+1], 0.1+19.9*g.T[i]
		h := w * beta * dt / (g.B[i] * g.B[i])
		return 1 + dt*beta/2 - h, h * g.A[i], noise * math.Sqrt(beta*dt)
	}
}

// carry is the law of the samples by the recursion.
func (c *linearCase) carry(g diffusion.Grid, f weights, kernel denseKernel, start float64) (mean *mat.VecDense, cov *mat.Dense) {
	d := c.sigma.RawMatrix().Rows
	mean, cov = mat.NewVecDense(d, nil), scaledEye(d, start)
	for i := range g.Steps() {
		k, shift := c.affine(f, g.B[i]*g.B[i]/(g.A[i]*g.A[i]))
		p, q, s := kernel(g, i)
		k.Scale(q/g.A[i], k)
		step := sumOf(k, scaledEye(d, p))
		var next mat.VecDense
		next.MulVec(step, mean)
		next.AddScaledVec(&next, q, shift)
		mean = &next
		cov = sumOf(product(step, cov, step.T()), scaledEye(d, s*s))
	}
	return mean, cov
}

// Every affine guide, through the steps that run, has the law of a recursion of dense
// matrices that shares nothing with it: to 1e-9, for several numbers of columns and
// values, noise of its own for each value and correlated noise.
func TestGuidesFollowTheDenseRecursion(t *testing.T) {
	type row struct {
		method string
		values Values
		f      weights
		needs  func(*linearCase) bool
	}
	any := func(*linearCase) bool { return true }
	positive := func(c *linearCase) bool { return c.positive }
	uncorrelated := func(c *linearCase) bool { return c.uncorrelated }
	em, flow, ddpm, ddim := reverseKernel(1, 1), reverseKernel(0.5, 0), denseKernel(posteriorKernel), denseKernel(deterministicKernel)
	type stepping struct {
		name   string
		kernel denseKernel
		bridge func(diffusion.Grid) sampler.Bridge
		rows   []row
	}
	guides := func(c *linearCase) []row {
		m := c.h.RawMatrix().Rows
		return []row{
			{"tmpd", nil, fullWeights, any},
			{"tmpd", Values{"form": "alt"}, fullWeights, any},
			{"tmpd", Values{"form": "jacrev"}, fullWeights, any},
			{"tmpd", Values{"form": "jacfwd"}, fullWeights, any},
			{"mmps", Values{"iterations": m, "solver": "cg"}, fullWeights, any},
			{"mmps", Values{"iterations": m, "solver": "gmres"}, fullWeights, any},
			{"jfps", nil, fullWeights, any},
			{"tmpd-diag", nil, diagonalWeights, any},
			{"dtmpd", nil, rowSumWeights, positive},
			{"tmpd-hutchinson", nil, diagonalWeights, uncorrelated},
			{"pigdm", nil, piWeights(1, false), any},
			{"pigdm", Values{"data_variance": 0.3, "rows": "sum"}, piWeights(0.3, true), any},
			{"pigdm-pinv", Values{"data_variance": 0.7}, pinvWeights(0.7), any},
			{"dps-d", nil, func(c *linearCase, _ float64, _ *mat.Dense) *mat.Dense { return inverted(c.r) }, any},
		}
	}
	uniform := func(p diffusion.Path, n int) diffusion.Grid {
		g, err := diffusion.Uniform(p, n)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	kalman := func(names ...string) (rows []row) {
		for _, name := range names {
			rows = append(rows,
				row{name, nil, fullWeights, any}, row{name + "-plus", nil, rowSumWeights, positive},
				row{name + "-diag", nil, diagonalWeights, any}, row{name + "-hutchinson", nil, diagonalWeights, uncorrelated})
		}
		return rows
	}
	for _, c := range linearCases(t) {
		for _, s := range []stepping{
			{"euler-maruyama", em, withNoise, guides(c)},
			{"flow", flow, eulerFlow, guides(c)[:1]},
			{"kalman, ddpm", ddpm, nil, append(kalman("kpddpm"), row{"kgdm", nil, fullWeights, any}, row{"kgdm-plus", nil, rowSumWeights, positive})},
			{"kalman, ddim", ddim, nil, []row{{"kgdm", Values{"eta": 0.0}, fullWeights, any}}},
			{"kalman, smld", ddpm, nil, kalman("kpsmld")[:3]},
		} {
			for _, r := range s.rows {
				if !r.needs(c) {
					continue
				}
				t.Run(fmt.Sprint(c.name, "/", s.name, "/", r.method, r.values), func(t *testing.T) {
					steps := 20
					if c.name == "scalar" {
						steps = 100
					}
					grid, start := uniform(diffusion.VP{Min: 0.1, Max: 20}, steps), 1.0
					if s.name == "kalman, smld" {
						grid, start = uniform(diffusion.VE{Min: 0.02, Max: 20}, steps), 400
					}
					var b sampler.Bridge
					if s.bridge != nil {
						b = s.bridge(grid)
					}
					d := c.sigma.RawMatrix().Rows
					begin := testkit.Gaussian{Mean: make([]float64, d), Cov: scaledEye(d, start).RawMatrix().Data}
					law := affineLaw(t, r.method, c.problem, grid, b, r.values, begin)
					mean, cov := c.carry(grid, r.f, s.kernel, start)
					// Rounding grows with the law, which explodes where a biased guide is stiff.
					scale := math.Max(1, math.Max(mat.Norm(mean, math.Inf(1)), mat.Norm(cov, math.Inf(1))))
					for i := range d {
						if v := mean.AtVec(i); !(math.Abs(law.Mean[i]-v) <= 1e-9*scale) {
							t.Fatalf("mean of column %d is %.12g, the recursion has %.12g", i, law.Mean[i], v)
						}
						for j := range d {
							if v := cov.At(i, j); !(math.Abs(law.Cov[i*d+j]-v) <= 1e-9*scale) {
								t.Fatalf("covariance %d, %d is %.12g, the recursion has %.12g", i, j, law.Cov[i*d+j], v)
							}
						}
					}
					if scale > 1e3 {
						t.Logf("moments up to %.3g", scale)
					}
				})
			}
		}
	}
}
