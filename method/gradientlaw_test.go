package method

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// fullRows is a random Gaussian prior N(0, C) with a random linear measurement of it,
// rows of different noise.
type fullRows struct {
	d, m       int
	c, h       *mat.Dense
	y, std     []float64
	problem    *problem.Problem
	covariance *mat.SymDense
}

func newDense(t *testing.T, d, m int, seed uint64) fullRows {
	t.Helper()
	r := rand.New(keyed.New(seed, "fullRows", 0, 0))
	p := fullRows{d: d, m: m, h: mat.NewDense(m, d, nil), covariance: mat.NewSymDense(d, nil)}
	f := mat.NewDense(d, d, nil)
	for _, a := range []*mat.Dense{f, p.h} {
		for i := range a.RawMatrix().Data {
			a.RawMatrix().Data[i] = r.NormFloat64() / math.Sqrt(float64(d))
		}
	}
	p.covariance.SymOuterK(1, f)
	for i := range d {
		p.covariance.SetSym(i, i, p.covariance.At(i, i)+0.1)
	}
	p.c = mat.DenseCopyOf(p.covariance)
	var rows [][]float64
	for i := range m {
		rows = append(rows, mat.Row(nil, i, p.h))
		p.y, p.std = append(p.y, r.NormFloat64()), append(p.std, 0.3+r.Float64())
	}
	y, err := potential.NewMeasurement("y", rows, p.y, p.std)
	if err != nil {
		t.Fatal(err)
	}
	p.problem = measuredBy(t, rawPrior(t, p.covariance), y)
	return p
}

// precision is κ²R⁻¹, κ² the harmonic mean of the variances.
func (p fullRows) precision() *mat.DiagDense {
	var s float64
	for _, v := range p.std {
		s += 1 / (v * v) / float64(p.m)
	}
	w := mat.NewDiagDense(p.m, nil)
	for i, v := range p.std {
		w.SetDiag(i, 1/(v*v)/s)
	}
	return w
}

// affineMap is x ↦ A x + b.
type affineMap struct {
	a *mat.Dense
	b *mat.VecDense
}

func applied(c float64, d int) affineMap {
	a := mat.NewDense(d, d, nil)
	for i := range d {
		a.Set(i, i, c)
	}
	return affineMap{a, mat.NewVecDense(d, nil)}
}

// after is f(g(x)).
func (f affineMap) after(g affineMap) affineMap {
	var a mat.Dense
	a.Mul(f.a, g.a)
	b := mat.NewVecDense(g.b.Len(), nil)
	b.MulVec(f.a, g.b)
	b.AddVec(b, f.b)
	return affineMap{&a, b}
}

// plus is f + c g.
func (f affineMap) plus(c float64, g affineMap) affineMap {
	var a mat.Dense
	a.Scale(c, g.a)
	a.Add(f.a, &a)
	b := mat.NewVecDense(g.b.Len(), nil)
	b.AddScaledVec(f.b, c, g.b)
	return affineMap{&a, b}
}

// mean is x̂ of z at a level.
func (p fullRows) mean(a, b float64) affineMap {
	noisy := mat.DenseCopyOf(p.c)
	for i := range p.d {
		noisy.Set(i, i, noisy.At(i, i)+b*b/(a*a))
	}
	var inv, k mat.Dense
	if err := inv.Inverse(noisy); err != nil {
		panic(err)
	}
	k.Mul(p.c, &inv)
	k.Scale(1/a, &k)
	return affineMap{&k, mat.NewVecDense(p.d, nil)}
}

// slope is the gradient of the squared loss at x: −2 Hᵀ κ²R⁻¹ (y − H x).
func (p fullRows) slope() affineMap {
	var hw, a mat.Dense
	hw.Mul(p.h.T(), p.precision())
	a.Mul(&hw, p.h)
	a.Scale(2, &a)
	b := mat.NewVecDense(p.d, nil)
	b.MulVec(&hw, mat.NewVecDense(p.m, p.y))
	b.ScaleVec(-2, b)
	return affineMap{&a, b}
}

// ddpm is the step from z whose estimate is x, and the variance of its noise.
func (p fullRows) ddpm(g diffusion.Grid, k int, x affineMap) (affineMap, float64) {
	a, b, a1, b1 := g.A[k], g.B[k], g.A[k+1], g.B[k+1]
	r := a / a1
	beta := b*b - r*r*b1*b1
	return applied(r*b1*b1/(b*b), p.d).plus(a1*beta/(b*b), x), math.Max(beta, 0) * b1 * b1 / (b * b)
}

func carry(law testkit.Gaussian, f affineMap, noise float64) testkit.Gaussian {
	q := applied(noise, len(law.Mean)).a
	return law.Step(f.a.RawMatrix().Data, f.b.RawVector().Data, q.RawMatrix().Data)
}

// With a Gaussian prior and a linear measurement the methods of the squared loss are
// affine: their law is that of a recursion of dense matrices.
func TestGradientLawsAgainstDenseRecursion(t *testing.T) {
	p := newDense(t, 5, 2, 4)
	const zeta, mu, rho = 0.2, 0.1, 0.3
	for _, g := range []diffusion.Grid{vpGrid(t, 30), veGrid(t, 30)} {
		start := testkit.Gaussian{Mean: make([]float64, p.d), Cov: applied(g.A[0]*g.A[0]+g.B[0]*g.B[0], p.d).a.RawMatrix().Data}
		shift := func(k int) affineMap { // ζ ∇_z
			x := p.mean(g.A[k], g.B[k])
			return affineMap{mat.DenseCopyOf(x.a.T()), x.b}.after(p.slope()).after(x)
		}
		for _, c := range []struct {
			name   string
			values Values
			step   func(law testkit.Gaussian, k int) testkit.Gaussian
		}{
			{"dps-squared", Values{"scale": zeta}, func(law testkit.Gaussian, k int) testkit.Gaussian {
				f, noise := p.ddpm(g, k, p.mean(g.A[k], g.B[k]))
				return carry(law, f.plus(-zeta, shift(k)), noise)
			}},
			{"mpgd", Values{"scale": mu}, func(law testkit.Gaussian, k int) testkit.Gaussian {
				x := p.mean(g.A[k], g.B[k])
				f, noise := p.ddpm(g, k, x)
				return carry(law, f.plus(-g.A[k+1]*mu, p.slope().after(x)), noise)
			}},
			{
				"tfg", Values{
					"recurrence": 2, "iterations": 2, "rho": rho, "mu": mu, "sigma": 0.0, "loss": "squared",
					"rho_schedule": "constant", "mu_schedule": "constant",
				},
				func(law testkit.Gaussian, k int) testkit.Gaussian {
					a, b, a1, b1 := g.A[k], g.B[k], g.A[k+1], g.B[k+1]
					x := p.mean(a, b)
					better := x
					for range 2 {
						better = better.plus(-mu, p.slope().after(better))
					}
					f, noise := p.ddpm(g, k, x)
					f = f.plus(-rho*a1/a, shift(k)).plus(a1, better).plus(-a1, x)
					law = carry(law, f, noise)
					law = carry(law, applied(a/a1, p.d), b*b-a*a/(a1*a1)*b1*b1)
					return carry(law, f, noise)
				},
			},
		} {
			got := affineLaw(t, c.name, p.problem, g, sampler.DDPM{Grid: g}, c.values, start)
			want := start
			for k := range g.Steps() {
				want = c.step(want, k)
			}
			for i, v := range append(slices.Clone(got.Mean), got.Cov...) {
				if w := append(slices.Clone(want.Mean), want.Cov...)[i]; !(math.Abs(v-w) <= 1e-9) {
					t.Errorf("%s, a₀ = %g: number %d of mean and covariance is %.12g, of the recursion %.12g", c.name, g.A[0], i, v, w)
				}
			}
		}
	}
}

// Norm-DPS has no affine law. A run of it, from noise to data, is that of a program
// on the host with the same noise, under the samplers that were published with it.
func TestNormDPSRunsAgainstTheHost(t *testing.T) {
	p := newDense(t, 4, 2, 5)
	const n, zeta = 3, 0.4
	vp, ve := vpGrid(t, 60), veGrid(t, 60)
	smld, err := sampler.NewSMLD(ve)
	if err != nil {
		t.Fatal(err)
	}
	em, err := sampler.NewEulerMaruyama(vp)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		g      diffusion.Grid
		b      sampler.Bridge
		values Values
	}{
		{"DPSDDPM", vp, sampler.DDPM{Grid: vp}, Values{"scale": zeta}},
		{"DPSSMLD", ve, smld, Values{"scale": zeta}},
		{"Chung2022scalar", vp, em, Values{"scale": zeta, "form": "score"}},
	} {
		k := gradientKernel(t, "dps", p.problem, c.g, c.b, c.values)
		z := make([]float64, n*p.d)
		keyed.New(2, "start", 0, 0).Normal(z)
		for i := range z {
			z[i] *= math.Hypot(c.g.A[0], c.g.B[0])
		}
		want := slices.Clone(z)
		for step := range c.g.Steps() {
			z = moved(t, k, z, p.d, step)
			a, b, a1, b1 := c.g.A[step], c.g.B[step], c.g.A[step+1], c.g.B[step+1]
			noise := make([]float64, len(want))
			if b1 > 0 {
				keyed.New(7, "noise", 0, step).Normal(noise)
			}
			mean := p.mean(a, b)
			for i := range n {
				row := mat.NewVecDense(p.d, want[i*p.d:(i+1)*p.d])
				var x, r, wr, grad mat.VecDense
				x.MulVec(mean.a, row)
				r.MulVec(p.h, &x)
				r.SubVec(mat.NewVecDense(p.m, p.y), &r)
				wr.MulVec(p.precision(), &r)
				norm := math.Sqrt(mat.Dot(&r, &wr))
				grad.MulVec(p.h.T(), &wr)
				grad.MulVec(mean.a.T(), &grad)
				grad.ScaleVec(-1/norm, &grad)
				for j := range p.d {
					v, nj := row.AtVec(j), noise[i*p.d+j]
					switch c.what {
					case "DPSDDPM":
						alpha := a * a / (a1 * a1)
						v = math.Sqrt(alpha)*b1*b1/(b*b)*v + a1*(1-alpha)/(b*b)*x.AtVec(j) + math.Sqrt((1-alpha)*b1*b1/(b*b))*nj - zeta*grad.AtVec(j)
					case "DPSSMLD":
						q := b1 * b1 / (b * b)
						v = x.AtVec(j) + q*(v-x.AtVec(j)) + b1*math.Sqrt(1-q)*nj - zeta*grad.AtVec(j)
					default:
						time := 1 - float64(step)/float64(c.g.Steps())
						beta, dt := 0.1+19.9*time, 1/float64(c.g.Steps())
						score := (a*x.AtVec(j)-v)/(b*b) - zeta*grad.AtVec(j)
						v += dt*(beta*v/2+beta*score) + math.Sqrt(beta*dt)*nj
					}
					want[i*p.d+j] = v
				}
			}
		}
		for i, v := range z {
			if !(math.Abs(v-want[i]) <= 1e-9) {
				t.Errorf("%s: number %d is %.13g, on the host %.13g", c.what, i, v, want[i])
			}
		}
	}
}

// A unit of the data, of y, its noise and every column with it, changes nothing: the
// points in sampler coordinates stay the same.
func TestGradientStepsDoNotDependOnTheUnit(t *testing.T) {
	g := vpGrid(t, 6)
	in := func(unit float64) *problem.Problem {
		cov := mat.NewSymDense(3, []float64{1, 0.4, 0, 0.4, 4, 0.2, 0, 0.2, 0.25})
		cov.ScaleSym(unit*unit, cov)
		pr, err := prior.NewGaussian([]float64{unit, 2 * unit, -unit}, cov, nil)
		if err != nil {
			t.Fatal(err)
		}
		y, err := potential.NewMeasurement("y", [][]float64{{1, -0.5, 0.2}, {0.3, 1, 1}}, []float64{2 * unit, unit}, []float64{0.2 * unit, 0.7 * unit})
		if err != nil {
			t.Fatal(err)
		}
		return measuredBy(t, pr, y)
	}
	z := []float64{0.8, -0.5, 0.3}
	begin := func(unit float64) []float64 {
		z := make([]float64, 3)
		k := gradientKernel(t, "stsl", in(unit), g, nil, nil)
		if err := k.Bridge.(sampler.Starter).Begin(sampler.Points{Z: z, Dim: 3}, func(n []float64) { clear(n) }); err != nil {
			t.Fatal(err)
		}
		return z
	}
	for i, v := range begin(1) {
		if w := begin(1024)[i]; v == 0 || math.Abs(v-w) > 1e-12*math.Abs(v) {
			t.Errorf("column %d of stsl begins at %g in one unit, at %g in another", i, v, w)
		}
	}
	for _, c := range family {
		for step := range g.Steps() {
			one := moved(t, gradientKernel(t, c.name, in(1), g, sampler.DDPM{Grid: g}, c.values), z, 3, step)
			other := moved(t, gradientKernel(t, c.name, in(1024), g, sampler.DDPM{Grid: g}, c.values), z, 3, step)
			for i := range one {
				if math.Abs(one[i]-other[i]) > 1e-11*(1+math.Abs(one[i])) {
					t.Errorf("%s %v, step %d: column %d is %.15g in one unit, %.15g in another", c.name, c.values, step, i, one[i], other[i])
				}
			}
		}
	}
}

// Data of equal variances have the step of data of variance 1.
func TestGradientScaleIsThatOfUnitVariance(t *testing.T) {
	g := vpGrid(t, 6)
	with := func(sd float64) *problem.Problem {
		pr, err := prior.NewGaussian([]float64{0, 0}, mat.NewSymDense(2, []float64{sd * sd, 0, 0, sd * sd}), nil)
		if err != nil {
			t.Fatal(err)
		}
		y, err := potential.NewMeasurement("y", [][]float64{{0.3, 1}}, []float64{2 * sd}, []float64{0.1 * sd})
		if err != nil {
			t.Fatal(err)
		}
		return measuredBy(t, pr, y)
	}
	z := []float64{0.8, -0.5}
	const a, b, zeta = 3.0, 0.1, 0.7
	k := gradientKernel(t, "dps", with(7), g, sampler.DDPM{Grid: g}, Values{"scale": zeta})
	plain := gradientKernel(t, "none", with(7), g, sampler.DDPM{Grid: g}, nil)
	for step := range g.Steps() {
		got, base := moved(t, k, z, 2, step), moved(t, plain, z, 2, step)
		// D = u/(1+σ²); one row: the gradient of |y − h·x̂| is −sign · h ∂x̂/∂z.
		slope := 1 / (1 + g.Sigma(step)*g.Sigma(step)) / g.A[step]
		residual := 2 - slope*(0.3*z[0]+z[1])
		for i, h := range []float64{0.3, 1} {
			want := base[i] + math.Copysign(zeta*slope*h, residual)
			if math.Abs(got[i]-want) > 1e-12 {
				t.Errorf("step %d, column %d: %.15g, want %.15g", step, i, got[i], want)
			}
		}
	}
}

// After its step mcg has the noised measurement to rounding: in the measured columns
// of a mask, in H z for any H, and H x = y at the end.
func TestMCGReplacesWhatIsMeasured(t *testing.T) {
	g := vpGrid(t, 12)
	cov := mat.NewSymDense(4, []float64{1, 0.4, 0, 0.1, 0.4, 4, 0.2, 0, 0, 0.2, 0.25, 0.1, 0.1, 0, 0.1, 2})
	pr, err := prior.NewGaussian([]float64{1, 2, -1, 0}, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	mask, err := potential.NewMask("y", 4, []int{2, 0}, []float64{-0.3, 2}, []float64{0.1, 0.1})
	if err != nil {
		t.Fatal(err)
	}
	matrix, err := potential.NewMeasurement("y", [][]float64{{1, -0.5, 0.2, 0}, {0.3, 1, 1, -1}}, []float64{2, 1}, []float64{0.2, 0.7})
	if err != nil {
		t.Fatal(err)
	}
	scale := pr.Coordinates.Scale
	rms := func(name string, y *potential.Measurement) float64 {
		k := gradientKernel(t, name, measuredBy(t, pr, y), g, sampler.DDPM{Grid: g}, nil)
		z := []float64{0.8, -0.5, 0.3, 1.1}
		for step := range g.Steps() {
			z = moved(t, k, z, 4, step)
			if name != "mcg" {
				continue
			}
			// The noise of the replacement is drawn after the step's, which the last has not.
			stream, n := keyed.New(7, "noise", 0, step), make([]float64, 4)
			if g.B[step+1] > 0 {
				stream.Normal(n)
			}
			stream.Normal(n)
			if y == mask {
				for i, j := range []int{2, 0} {
					want := g.A[step+1]*((y.Y[i]-pr.Coordinates.Shift[j])/scale[j]) + g.B[step+1]*n[j]
					if !(math.Abs(z[j]-want) <= 1e-14*(1+math.Abs(want))) {
						t.Errorf("step %d, column %d: %.17g, the noised measurement is %.17g", step, j, z[j], want)
					}
				}
				continue
			}
			x, e := make([]float64, 4), make([]float64, 4)
			for j := range x { // H scale (z − b′n) = a′ (y − H shift)
				x[j], e[j] = scale[j]*(z[j]-g.B[step+1]*n[j]), pr.Coordinates.Shift[j]
			}
			hx, hs := make([]float64, 2), make([]float64, 2)
			y.Op.ApplyAt(hx, x)
			y.Op.ApplyAt(hs, e)
			for i := range hx {
				if want := g.A[step+1] * (y.Y[i] - hs[i]); math.Abs(hx[i]-want) > 1e-12 {
					t.Errorf("step %d, row %d: %.15g, the noised measurement is %.15g", step, i, hx[i], want)
				}
			}
		}
		x, at := make([]float64, 4), make([]float64, 2)
		pr.Coordinates.ToX(x, z)
		y.Op.ApplyAt(at, x)
		return math.Hypot(at[0]-y.Y[0], at[1]-y.Y[1])
	}
	for _, y := range []*potential.Measurement{mask, matrix} {
		if got, dps := rms("mcg", y), rms("dps", y); got > 1e-12 || !(dps > 1e-6) {
			t.Errorf("at the end the residual of mcg is %g, of dps %g", got, dps)
		}
	}
}
