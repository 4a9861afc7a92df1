package inverse

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/operator"
	"abide/potential"
	"abide/sampler"
)

// normal is the prior N(mu, c) of the tests below, and a measurement of it, written
// out: everything is dense and independent of the code under test.
type normal struct {
	d    int
	mu   *mat.VecDense
	c    *mat.Dense
	h, r *mat.Dense // y = H u + N(0, R)
	y    *mat.VecDense
	data *potential.Measurement
}

// newNormal is a random problem of d columns and 2 correlated measured values; one
// variance for all where isotropic > 0.
func newNormal(t *testing.T, d int, isotropic float64) normal {
	t.Helper()
	s := keyed.New(21, "normal", d, 0)
	n := normal{d: d, mu: mat.NewVecDense(d, nil), c: mat.NewDense(d, d, nil), y: mat.NewVecDense(2, nil)}
	s.Normal(n.mu.RawVector().Data)
	s.Normal(n.y.RawVector().Data)
	f := mat.NewDense(d, d, nil)
	s.Normal(f.RawMatrix().Data)
	n.c.Mul(f, f.T())
	n.c.Scale(1/float64(d), n.c)
	if isotropic > 0 {
		n.c.Zero()
		n.mu.Zero()
	}
	for i := range d {
		n.c.Set(i, i, n.c.At(i, i)+max(isotropic, 0.05))
	}
	rows, cov := make([][]float64, 2), [][]float64{{0.09, 0.02}, {0.02, 0.04}}
	n.h = mat.NewDense(2, d, nil)
	for i := range rows {
		rows[i] = make([]float64, d)
		s.Normal(rows[i])
		n.h.SetRow(i, rows[i])
	}
	n.r = mat.NewDense(2, 2, []float64{0.09, 0.02, 0.02, 0.04})
	noise, err := potential.NewCorrelated(cov)
	if err != nil {
		t.Fatal(err)
	}
	op, err := operator.NewMatrix(rows)
	if err != nil {
		t.Fatal(err)
	}
	if n.data, err = potential.NewMeasured("y", op, n.y.RawVector().Data, noise); err != nil {
		t.Fatal(err)
	}
	return n
}

func times(factors ...mat.Matrix) *mat.Dense {
	out := mat.DenseCopyOf(factors[0])
	for _, f := range factors[1:] {
		var next mat.Dense
		next.Mul(out, f)
		out = &next
	}
	return out
}

func plus(a, b mat.Matrix) *mat.Dense {
	var out mat.Dense
	out.Add(a, b)
	return &out
}

func minus(a, b mat.Matrix) *mat.Dense {
	var out mat.Dense
	out.Sub(a, b)
	return &out
}

func scale(f float64, a mat.Matrix) *mat.Dense {
	var out mat.Dense
	out.Scale(f, a)
	return &out
}

func inverse(t *testing.T, a mat.Matrix) *mat.Dense {
	t.Helper()
	var out mat.Dense
	if err := out.Inverse(a); err != nil {
		t.Fatal(err)
	}
	return &out
}

func eye(d int) *mat.Dense {
	out := mat.NewDense(d, d, nil)
	for i := range d {
		out.Set(i, i, 1)
	}
	return out
}

// law is N(m, v), written out.
type law struct{ m, v *mat.Dense }

// through is the law of A x + b + N(0, q).
func (l law) through(a mat.Matrix, b, q *mat.Dense) law {
	return law{plus(times(a, l.m), b), plus(times(a, l.v, a.T()), q)}
}

// given is N(m, v) conditioned on y = H u + N(0, R).
func (n normal) given(t *testing.T, l law, r *mat.Dense) law {
	gain := times(l.v, n.h.T(), inverse(t, plus(times(n.h, l.v, n.h.T()), r)))
	return law{plus(l.m, times(gain, minus(n.y, times(n.h, l.m)))), minus(l.v, times(gain, n.h, l.v))}
}

// drawn is the law of a draw of N(x, r²I) given the measurement, for x of law l; full
// says whether it is a draw, and not its mean.
func (n normal) drawn(t *testing.T, l law, r float64, full bool) law {
	precision := plus(scale(1/(r*r), eye(n.d)), times(n.h.T(), inverse(t, n.r), n.h))
	p := inverse(t, precision)
	q := scale(0, p)
	if full {
		q = p
	}
	return l.through(scale(1/(r*r), p), times(p, n.h.T(), inverse(t, n.r), n.y), q)
}

// denoiser is the matrix and constant of E[u | a u + b n].
func (n normal) denoiser(t *testing.T, a, b float64) (*mat.Dense, *mat.Dense) {
	k := times(scale(a, n.c), inverse(t, plus(scale(a*a, n.c), scale(b*b, eye(n.d)))))
	return k, minus(n.mu, times(scale(a, k), n.mu))
}

func (n normal) mean(t *testing.T) sampler.Mean {
	return func(z []float64, a, b float64) ([]float64, error) {
		k, c := n.denoiser(t, a, b)
		out := make([]float64, len(z))
		for i := 0; i < len(z); i += n.d {
			x := plus(times(k, mat.NewDense(n.d, 1, append([]float64(nil), z[i:i+n.d]...))), c)
			copy(out[i:], x.RawMatrix().Data)
		}
		return out, nil
	}
}

// start is the law of points of the first level.
func (n normal) start(g diffusion.Grid) law {
	a, b := g.A[0], g.B[0]
	return law{scale(a, n.mu), plus(scale(a*a, n.c), scale(b*b, eye(n.d)))}
}

func (l law) gaussian() testkit.Gaussian {
	return testkit.Gaussian{Mean: l.m.RawMatrix().Data, Cov: l.v.RawMatrix().Data}
}

// carried is the exact law of a bridge's points after steps of it.
func carried(t *testing.T, n normal, b sampler.Bridge, steps int, start law) law {
	t.Helper()
	g := testkit.Carry(t, n.d, 0, steps, start.gaussian(), func(k int, z []float64, noise func([]float64)) error {
		return b.Step(sampler.Points{Z: z, Dim: n.d}, k, n.mean(t), noise)
	})
	return law{mat.NewDense(n.d, 1, g.Mean), mat.NewDense(n.d, n.d, g.Cov)}
}

func (l law) distance(o law) float64 {
	return math.Max(mat.Max(absolute(minus(l.m, o.m))), mat.Max(absolute(minus(l.v, o.v))))
}

func absolute(a *mat.Dense) *mat.Dense {
	var out mat.Dense
	out.Apply(func(_, _ int, v float64) float64 { return math.Abs(v) }, a)
	return &out
}

func same(t *testing.T, what string, got, want law, tolerance float64) {
	t.Helper()
	if e := got.distance(want); !(e <= tolerance) {
		t.Errorf("%s: off by %.3g, allowed %.3g\nmean %v\nwant %v\ncovariance %v\nwant %v", what, e, tolerance,
			got.m.RawMatrix().Data, want.m.RawMatrix().Data, got.v.RawMatrix().Data, want.v.RawMatrix().Data)
	}
}

// grids are one for each kind of coefficients: a = 1, a² + b² = 1, a + b = 1.
func grids(t *testing.T, n int) map[string]diffusion.Grid {
	t.Helper()
	edm, err := diffusion.Karras(diffusion.EDM{Min: 0.05, Max: 40, Rho: 7}, n)
	if err != nil {
		t.Fatal(err)
	}
	vp, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, n)
	if err != nil {
		t.Fatal(err)
	}
	flow, err := diffusion.Uniform(diffusion.Flow{}, n)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]diffusion.Grid{"edm": edm, "vp": vp, "flow": flow}
}

// DAPS on a Gaussian prior against a dense recursion of its own: the map of the few
// Euler steps, conditioning by precision matrices, fresh noise.
func TestDAPSHasTheLawOfItsRecursion(t *testing.T) {
	n := newNormal(t, 4, 0)
	exact, err := NewConditioner(n.data, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, g := range grids(t, 8) {
		for _, odeSteps := range []int{1, 3} {
			for _, variance := range []float64{0, 0.8} {
				if variance == 0 && name == "flow" {
					continue // r = σ = 10⁹ at the first level
				}
				want := n.start(g)
				for k := range g.Steps() {
					sigma := g.Sigma(k)
					want = want.through(scale(1/g.A[k], eye(n.d)), mat.NewDense(n.d, 1, nil), scale(0, n.c))
					s := sigma
					for i := range odeSteps {
						next := 0.0
						if i+1 < odeSteps { // two levels for three steps: the middle and the end in the seventh root
							lo := math.Min(0.02, sigma/10)
							share := float64(i+1) / float64(odeSteps-1)
							next = math.Pow((1-share)*math.Pow(sigma, 1./7)+share*math.Pow(lo, 1./7), 7)
						}
						m, c := n.denoiser(t, 1, s)
						// u + (next − s)(u − D(u))/s
						a := plus(scale(next/s, eye(n.d)), scale(1-next/s, m))
						want = want.through(a, scale(1-next/s, c), scale(0, n.c))
						s = next
					}
					r := sigma
					if variance > 0 {
						r = math.Sqrt(1 / (1/(sigma*sigma) + 1/variance))
					}
					want = n.drawn(t, want, r, true)
					want = want.through(scale(g.A[k+1], eye(n.d)), mat.NewDense(n.d, 1, nil), scale(g.B[k+1]*g.B[k+1], eye(n.d)))
				}
				b := DAPS{Grid: g, ODESteps: odeSteps, DataVariance: variance, Given: exact}
				same(t, name, carried(t, n, b, g.Steps(), n.start(g)), want, 1e-9)
			}
		}
	}
}

// For the prior N(0, s²I) DAPS with the posterior mean and its variance is exact at
// any number of levels; what the published few steps of the flow do to it is logged.
func TestDAPSIsExactForTheStandardGaussian(t *testing.T) {
	n := newNormal(t, 4, 0.7)
	exact, err := NewConditioner(n.data, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	posterior := n.given(t, law{mat.DenseCopyOf(n.mu), n.c}, n.r)
	for _, levels := range []int{2, 7, 40} {
		g := grids(t, levels)["flow"]
		same(t, "1 step", carried(t, n, DAPS{Grid: g, ODESteps: 1, DataVariance: 0.7, Given: exact}, levels, n.start(g)), posterior, 1e-7)
		g = grids(t, levels)["edm"]
		for _, b := range []DAPS{{ODESteps: 1}, {ODESteps: 5, DataVariance: 0.7}, {ODESteps: 5}} {
			b.Grid, b.Given = g, exact
			got := carried(t, n, b, levels, n.start(g))
			t.Logf("%d levels, %d ODE steps, data variance %g: trace of the covariance %.4f, of the posterior %.4f; law off by %.3f", levels, b.ODESteps, b.DataVariance, mat.Trace(got.v), mat.Trace(posterior.v), got.distance(posterior))
		}
	}
}

// The reverse diffusion in n steps draws from p(u | u + σn) up to O(1/n): exactly for
// the isotropic Gaussian, and with half the error for twice the steps for others, with
// the transitions of DDPM as well.
func TestReverseDrawsConverge(t *testing.T) {
	const sigma = 0.6
	law0 := func(n normal, steps int, variance float64) law {
		start := testkit.Gaussian{Mean: []float64{1, -2, 0.5}, Cov: make([]float64, 9)}
		g := testkit.Carry(t, 3, 0, 1, start, func(_ int, z []float64, noise func([]float64)) error {
			return draw(z, sigma, steps, variance, n.mean(t), noise)
		})
		return law{mat.NewDense(3, 1, g.Mean), mat.NewDense(3, 3, g.Cov)}
	}
	exact := func(n normal) law {
		k, c := n.denoiser(t, 1, sigma)
		return law{plus(times(k, mat.NewDense(3, 1, []float64{1, -2, 0.5})), c), scale(sigma*sigma, k)}
	}
	n := newNormal(t, 3, 0.7)
	for _, steps := range []int{1, 2, 5} {
		same(t, "isotropic", law0(n, steps, 0.7), exact(n), 1e-12)
	}
	n = newNormal(t, 3, 0)
	for _, variance := range []float64{0, 1} {
		last := law0(n, 100, variance).distance(exact(n))
		next := law0(n, 200, variance).distance(exact(n))
		if order := math.Log2(last / next); !(order > 0.9 && order < 1.1) {
			t.Errorf("data variance %g: errors %.3g and %.3g, order %.2f", variance, last, next, order)
		}
	}
}

// At a fixed ρ the chain of PnP-DM has a known stationary law: the noisy half is
// distributed as p(y | x)(p ∗ N(0, ρ²))(x), the clean one as the posterior with ρ²HHᵀ
// added to the noise of the measurement, which tends to the posterior with ρ².
func TestPnPDMKeepsTheSplitLaw(t *testing.T) {
	n := newNormal(t, 3, 0.7)
	exact, err := NewConditioner(n.data, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	prior := law{mat.DenseCopyOf(n.mu), n.c}
	posterior := n.given(t, prior, n.r)
	var off []float64
	for _, rho := range []float64{0.4, 0.2} {
		steps := int(40 / (rho * rho))
		g, err := diffusion.Constant(rho, steps)
		if err != nil {
			t.Fatal(err)
		}
		b := PnPDM{Grid: g, PriorSteps: 2, DataVariance: 0.7, Given: exact}
		noisy := carried(t, n, b, steps, n.start(g))
		want := n.given(t, law{prior.m, plus(n.c, scale(rho*rho, eye(n.d)))}, n.r)
		same(t, "noisy half", noisy, want, 1e-9)
		clean := carried(t, n, PnPDM{Grid: diffusion.Grid{A: []float64{1, 1}, B: []float64{rho, 0}}, PriorSteps: 2, DataVariance: 0.7, Given: exact}, 1, noisy)
		split := n.given(t, prior, plus(n.r, scale(rho*rho, times(n.h, n.h.T()))))
		same(t, "clean half", clean, split, 1e-9)
		off = append(off, clean.distance(posterior))
		// A grid that goes below the smallest ρ stays there.
		below, _ := diffusion.Constant(rho/7, steps)
		b.Grid, b.Least = below, rho
		same(t, "smallest ρ", carried(t, n, b, steps, n.start(g)), want, 1e-9)
	}
	t.Logf("clean half off the posterior by %.3g and %.3g", off[0], off[1])
	if !(off[1] < off[0]/2.5) { // 4 in the limit
		t.Errorf("off the posterior by %.3g at ρ = 0.4, by %.3g at ρ = 0.2", off[0], off[1])
	}
}

// PnP-DM over levels of every process: noisy points are a x, and the last step ends clean.
func TestPnPDMHasTheLawOfItsRecursion(t *testing.T) {
	n := newNormal(t, 4, 0)
	exact, err := NewConditioner(n.data, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, g := range grids(t, 8) {
		want := n.start(g)
		zero := mat.NewDense(n.d, 1, nil)
		rho := math.Max(g.Sigma(0), 0.3)
		for k := range g.Steps() {
			m, c := n.denoiser(t, 1, rho)
			// One step of the reverse diffusion: E[u | x] + r n.
			r2 := 1 / (1/(rho*rho) + 1/0.8)
			want = want.through(scale(1/g.A[k], m), c, scale(r2, eye(n.d)))
			if k+1 < g.Steps() {
				rho = math.Max(g.Sigma(k+1), 0.3)
				want = n.drawn(t, want, rho, true).through(scale(g.A[k+1], eye(n.d)), zero, scale(0, n.c))
			}
		}
		b := PnPDM{Grid: g, PriorSteps: 1, Least: 0.3, DataVariance: 0.8, Given: exact}
		same(t, name, carried(t, n, b, g.Steps(), n.start(g)), want, 1e-9)
	}
}

// FLOWER in both forms against its recursion, and the drawing form against the
// posterior of the isotropic Gaussian.
func TestFlowerHasTheLawOfItsRecursion(t *testing.T) {
	n := newNormal(t, 4, 0)
	s, err := NewSpectrum(n.data)
	if err != nil {
		t.Fatal(err)
	}
	for name, g := range grids(t, 8) {
		for _, full := range []bool{false, true} {
			want := n.start(g)
			for k := range g.Steps() {
				m, c := n.denoiser(t, g.A[k], g.B[k])
				want = want.through(m, c, scale(0, n.c))
				time := 1 / (1 + g.Sigma(k))                             // the flow's
				r := (1 - time) / math.Sqrt(time*time+(1-time)*(1-time)) // as published
				want = n.drawn(t, want, r, full).through(scale(g.A[k+1], eye(n.d)), mat.NewDense(n.d, 1, nil), scale(g.B[k+1]*g.B[k+1], eye(n.d)))
			}
			same(t, name, carried(t, n, Flower{Grid: g, Full: full, DataVariance: 1, Spectrum: s}, g.Steps(), n.start(g)), want, 1e-9)
		}
	}
	n = newNormal(t, 4, 0.7)
	if s, err = NewSpectrum(n.data); err != nil {
		t.Fatal(err)
	}
	posterior := n.given(t, law{mat.DenseCopyOf(n.mu), n.c}, n.r)
	for _, levels := range []int{2, 30} {
		g := grids(t, levels)["flow"]
		same(t, "posterior", carried(t, n, Flower{Grid: g, Full: true, DataVariance: 0.7, Spectrum: s}, levels, n.start(g)), posterior, 1e-7)
		mean := carried(t, n, Flower{Grid: g, DataVariance: 0.7, Spectrum: s}, levels, n.start(g))
		t.Logf("%d levels without draws: trace of the covariance %.4f, of the posterior %.4f", levels, mat.Trace(mean.v), mat.Trace(posterior.v))
	}
}

// PnP-Flow against its recursion, with the mean over draws, from x = 0.
func TestPnPFlowHasTheLawOfItsRecursion(t *testing.T) {
	n := newNormal(t, 4, 0)
	precision := times(n.h.T(), inverse(t, n.r), n.h)
	var eig mat.SVD
	if !eig.Factorize(precision, mat.SVDNone) {
		t.Fatal("no singular values")
	}
	l := eig.Values(nil)[0]
	for name, g := range grids(t, 8) {
		b := NewPnPFlow(n.data, g, 0.9, 0.5, 3)
		if !(math.Abs(b.curvature-l) <= 1e-9*l) {
			t.Fatalf("curvature %.12g, want %.12g", b.curvature, l)
		}
		want := law{mat.NewDense(n.d, 1, nil), scale(0, n.c)}
		for k := range g.Steps() {
			time := 1 / (1 + g.Sigma(k))
			gamma := 0.9 * math.Sqrt(1-time) / l
			want = want.through(minus(scale(1/g.A[k], eye(n.d)), scale(gamma/g.A[k], precision)), scale(gamma, times(n.h.T(), inverse(t, n.r), n.y)), scale(0, n.c))
			m, c := n.denoiser(t, time, 1-time)
			want = want.through(scale(time, m), c, scale((1-time)*(1-time)/3, times(m, m.T())))
			want = want.through(scale(g.A[k+1], eye(n.d)), mat.NewDense(n.d, 1, nil), scale(0, n.c))
		}
		start := n.start(g)
		points := sampler.Points{Z: append([]float64(nil), start.m.RawMatrix().Data...), Dim: n.d}
		if err := b.Begin(points, nil); err != nil {
			t.Fatal(err)
		}
		begin := law{mat.NewDense(n.d, 1, points.Z), scale(0, n.c)}
		same(t, name, carried(t, n, b, g.Steps(), begin), want, 1e-9)
	}
}
