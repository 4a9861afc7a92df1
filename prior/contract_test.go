package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/expr"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
)

// exact are priors of every kind with an exact denoiser, in two or three columns.
func exact(t *testing.T) map[string]*Prior {
	t.Helper()
	ok := func(p *Prior, err error) *Prior {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	energy := func(source string, lower, upper []float64) *Prior {
		t.Helper()
		e, err := expr.Parse(source, nil, len(lower))
		if err != nil {
			t.Fatal(err)
		}
		return ok(NewEnergy(e, lower, upper, 0, nil))
	}
	all := lawful(t)
	l := randomLaw(8, 2, 3, false)
	tab := sampleOf(t, l, 200, 6)
	fit, err := FitMixture(tab, FitSettings{Components: 2, Restarts: 1})
	if err != nil {
		t.Fatal(err)
	}
	all["fitted mixture"] = ok(fit.Prior(tab))
	pca, err := FitPPCA(tab, 1)
	if err != nil {
		t.Fatal(err)
	}
	all["ppca"] = ok(pca.Prior(tab))
	all["periodic field"] = ok(NewField(Field{Shape: []int{3}, Extent: []float64{2}, Kernel: "rbf", Length: 1, Variance: 2, Nugget: 0.1, Periodic: true}))
	all["energy, one column"] = energy("0.25*x[0]^4 - x[0]^2 + 0.3*x[0]", []float64{-6}, []float64{6})
	all["energy"] = energy("(x[0]^2 + x[1]^2 - 4)^2/6 + 0.5*x[1]", []float64{-4, -4}, []float64{4, 4})
	all["product"] = ok(NewProduct([]*Prior{all["energy, one column"], all["field"], all["mixture"]}))
	h, y, noise := measurement(all["mixture"])
	all["posterior"] = ok(all["mixture"].Condition(h, y, noise))
	return all
}

// Every prior with an exact denoiser keeps the promises of [Denoiser],
// [Differentiable], [Law], [Structure] and [Prior].
func TestEveryExactPrior(t *testing.T) {
	for name, p := range exact(t) {
		t.Run(name, func(t *testing.T) {
			d := p.Coordinates.Dim()
			sigma := secondMoments(t, p)
			for j := range d {
				near(t, "variance in sampler coordinates", sigma[j*d+j:j*d+j+1], []float64{1}, 1e-9)
			}
			keepsLimits(t, p, sigma)
			obeysTweedie(t, p)
			drawsItsMoments(t, p, sigma)
		})
	}
}

// secondMoments is Σ from the colouring with a = b = 1: its root times its
// transpose is Σ + I.
func secondMoments(t *testing.T, p *Prior) []float64 {
	t.Helper()
	d := p.Coordinates.Dim()
	colour, err := p.Colouring(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	root, white := mat.NewDense(d, d, nil), make([]float64, d)
	for j := range d {
		col := make([]float64, d)
		white[j] = 1
		colour(col, white)
		white[j] = 0
		root.SetCol(j, col)
	}
	var c mat.Dense
	c.Mul(root, root.T())
	for j := range d {
		c.Set(j, j, c.At(j, j)-1)
	}
	out := c.RawMatrix().Data
	if p.Covariance != nil {
		near(t, "covariance", p.Covariance, out, 1e-9)
	}
	return out
}

// Without noise to speak of the denoiser returns the point; with nothing but
// noise, σD(σv, σ) → Σv with an error of third cumulants (below 10 here) over σ.
func keepsLimits(t *testing.T, p *Prior, sigma []float64) {
	t.Helper()
	const n, small, large = 20, 1e-5, 1e6
	d := p.Coordinates.Dim()
	u := p.Draw(rand.New(keyed.New(5, "limits", 0, 0)), n)
	p.Coordinates.ToU(u, u)
	// What it moves by is σ²·score: 1e-10 times slopes of at most some hundreds.
	near(t, "σ → 0", denoise(t, p.Denoiser, u, d, engine.Scalar(small)), u, 1e-7)
	v := normals(n*d, 12)
	far, want := make([]float64, n*d), make([]float64, n*d)
	for i := range n {
		for a := range d {
			far[i*d+a] = large * v[i*d+a]
			for b := range d {
				want[i*d+a] += sigma[a*d+b] * v[i*d+b]
			}
		}
	}
	got := denoise(t, p.Denoiser, far, d, engine.Scalar(large))
	for i := range got {
		got[i] *= large
	}
	near(t, "σ → ∞", got, want, 1e-4)
}

// The score is the gradient of the density; D = u + σ²·score; σ²∂D/∂u, by the
// prior's own Jacobian and by vector–Jacobian products, is one symmetric matrix
// without negative eigenvalues; one level for all and one for each row agree.
func obeysTweedie(t *testing.T, p *Prior) {
	t.Helper()
	const n = 4
	d := p.Coordinates.Dim()
	for _, s := range []float64{0.1, 0.2, 0.7, 3, 40} {
		u := p.Draw(rand.New(keyed.New(6, "Tweedie", 0, 0)), n)
		p.Coordinates.ToU(u, u)
		for i, v := range normals(n*d, 13) {
			u[i] += s * v
		}
		f := openGo(t).NewFunction("jacobians", engine.Float64, func(in []*engine.Node) []*engine.Node {
			mean, jac := DenoiseJacobian(p.Denoiser, in[0], in[1])
			direct := p.Denoiser.Denoise(in[0], in[1])
			jvp := engine.JVP(func(u *engine.Node) *engine.Node { return p.Denoiser.Denoise(u, in[1]) }, in[0], in[2])
			return []*engine.Node{mean, jac, direct, engine.Jacobian(direct, in[0]), jvp}
		})
		c := normals(n*d, 14)
		for _, level := range []engine.Array{engine.Scalar(s), level(n, s)} {
			out, err := f.Call(engine.Rows(u, d), level, engine.Rows(c, d))
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("σ = %g", s)
			// Covariances of rows are differences of squares over σ² = 0.01.
			near(t, name+": denoiser beside its Jacobian", out[0].F64, out[2].F64, 1e-11)
			near(t, name+": Jacobian", out[1].F64, out[3].F64, 1e-9)
			score, slope := make([]float64, d), make([]float64, d)
			for i := range n {
				row, jac := u[i*d:(i+1)*d], out[3].F64[i*d*d:(i+1)*d*d]
				p.Law.Score(score, row, s)
				for j := range d {
					slope[j] = difference(func(dx float64) float64 {
						moved := append([]float64(nil), row...)
						moved[j] += dx * s
						return p.Law.LogDensity(moved, s)
					}) / s
				}
				near(t, name+": score", score, slope, tolerance(p, 1e-7))
				for j := range d {
					score[j] = row[j] + s*s*score[j]
				}
				near(t, name+": Tweedie", out[2].F64[i*d:(i+1)*d], score, tolerance(p, 1e-10))
				along := make([]float64, d)
				sym := mat.NewSymDense(d, nil)
				for a := range d {
					for b := range d {
						near(t, name+": symmetry", jac[a*d+b:a*d+b+1], jac[b*d+a:b*d+a+1], tolerance(p, 1e-9))
						sym.SetSym(a, b, jac[a*d+b])
						along[a] += jac[a*d+b] * c[i*d+b]
					}
				}
				near(t, name+": Jacobian–vector product", out[4].F64[i*d:(i+1)*d], along, 1e-8)
				if lambda, _ := eigen(sym); lambda[0] < -tolerance(p, 1e-9) {
					t.Fatalf("%s: the covariance has the eigenvalue %g", name, lambda[0])
				}
			}
		}
	}
}

// tolerance of an exact law, and of one that is known by quadrature: there the
// graph blends two rules that differ by up to 1e-6.
func tolerance(p *Prior, closed float64) float64 {
	for _, kind := range []string{"energy", "product"} {
		if p.Kind == kind {
			return 1e-5
		}
	}
	return closed
}

// Draws have mean 0 and covariance Σ in sampler coordinates.
func drawsItsMoments(t *testing.T, p *Prior, sigma []float64) {
	t.Helper()
	const n = 4000
	d := p.Coordinates.Dim()
	u := p.Draw(rand.New(keyed.New(7, "moments", 0, 0)), n)
	if len(u) != n*d {
		t.Fatalf("%d numbers, want %d", len(u), n*d)
	}
	p.Coordinates.ToU(u, u)
	values := make([]float64, n)
	for a := range d {
		for i := range n {
			values[i] = u[i*d+a]
		}
		testkit.MeanWithin(t, fmt.Sprintf("mean of u[%d]", a), values, 0, 0)
		for b := range a + 1 {
			for i := range n {
				values[i] = u[i*d+a] * u[i*d+b]
			}
			testkit.MeanWithin(t, fmt.Sprintf("mean of u[%d]u[%d]", a, b), values, sigma[a*d+b], 0)
		}
	}
	if math.IsNaN(values[0]) {
		t.Fatal("not a number")
	}
}
