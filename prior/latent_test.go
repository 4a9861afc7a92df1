package prior

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/pde"
)

// latentOracle is an oracle with its field written once more, as a formula in both
// parameters.
type latentOracle struct {
	prior *Prior
	kind  string // of package pde
	names [2]string
	field func(slow, fast float64, n, j int) float64
}

func latentOracles(t testing.TB, times, points int) map[string]latentOracle {
	t.Helper()
	ok := func(p *Prior, err error) *Prior {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	at := func(i, n int) float64 { return float64(i) / float64(n-1) }
	heat := func(nu, phi float64, n, j int) float64 {
		return math.Sin(2*math.Pi*float64(j)/float64(points)+phi) * math.Exp(-nu*at(n, times))
	}
	return map[string]latentOracle{
		"heat":          {ok(NewHeat(times, points, Range{1, 5}, Range{0, math.Pi}, 0)), "heat-closed", [2]string{"nu", "phi"}, heat},
		"heat, φ known": {ok(NewHeat(times, points, Range{1, 5}, Range{math.Pi / 4, math.Pi / 4}, 0)), "", [2]string{}, heat},
		"stokes": {ok(NewStokes(times, points, Range{2, 8}, Range{2, 20}, 0)), "stokes-second", [2]string{"omega", "k"}, func(omega, k float64, n, j int) float64 {
			y := at(j, points)
			return 2 * math.Exp(-k*y) * math.Cos(k*y-omega*at(n, times))
		}},
		"porous medium": {ok(NewPorousMedium(points, Range{1, 6}, 0)), "porous-medium", [2]string{"", "m"}, func(_, m float64, n, j int) float64 {
			return math.Pow(m*max(at(n, points)-at(j, points), 0), 1/m)
		}},
	}
}

// latentPoints are fields in sampler coordinates with noise σ added, and their
// parameters, [n, 2].
func latentPoints(p *Prior, n int, sigma float64) (u, theta []float64) {
	l, r := p.Law.(*Latent), keyed.New(31, "latent", 0, 0)
	for range n {
		slow, fast := l.slow.Low+(l.slow.High-l.slow.Low)*r.Uniform(), l.fast.Low+(l.fast.High-l.fast.Low)*r.Uniform()
		theta = append(theta, slow, fast)
		u = append(u, l.Field(slow, fast)...)
	}
	p.Coordinates.ToU(u, u)
	for i, v := range normals(len(u), 32) {
		u[i] += sigma * v
	}
	return u, theta
}

// latentBox is where parameters are integrated over by brute force: twenty standard
// deviations about the truth, as the Fisher information in the noise s has them, cut at
// the box of the prior.
func latentBox(l *Latent, theta []float64, s float64) (slow, fast Range) {
	var slope [2]*mat.VecDense
	for i := range slope {
		up, down := append([]float64(nil), theta...), append([]float64(nil), theta...)
		up[i], down[i] = up[i]+1e-5, down[i]-1e-5
		a, b := l.Field(up[0], up[1]), l.Field(down[0], down[1])
		for j := range a {
			a[j] = (a[j] - b[j]) / 2e-5
		}
		slope[i] = mat.NewVecDense(len(a), a)
	}
	a, b, c := mat.Dot(slope[0], slope[0]), mat.Dot(slope[0], slope[1]), mat.Dot(slope[1], slope[1])
	cut := func(f *Factor, at, variance float64) Range {
		if !(variance > 0) { // a parameter that is known, or of no use
			return Range{f.Low, f.High}
		}
		wide := 20 * s * math.Sqrt(variance)
		return Range{max(f.Low, at-wide), min(f.High, at+wide)}
	}
	if l.slow.Low == l.slow.High {
		return Range{l.slow.Low, l.slow.High}, cut(l.fast.Factor, theta[1], 1/c)
	}
	if l.fast.Low == l.fast.High {
		return cut(l.slow.Factor, theta[0], 1/a), Range{l.fast.Low, l.fast.High}
	}
	return cut(l.slow.Factor, theta[0], c/(a*c-b*b)), cut(l.fast.Factor, theta[1], a/(a*c-b*b))
}

// latentBrute is D of a point by composite Gauss–Legendre rules, with panels halved
// until nothing changes: no series, no search. At low noise over [latentBox], else over
// the box of the prior.
func latentBrute(t *testing.T, o latentOracle, u, theta []float64, sigma float64) []float64 {
	t.Helper()
	l := o.prior.Law.(*Latent)
	rows, columns, s2 := l.slow.Size, l.fast.Size, math.Pow(sigma*o.prior.Coordinates.Scale[0], 2)
	z := mat.NewDense(rows, columns, nil)
	o.prior.Coordinates.ToX(z.RawMatrix().Data, u)
	x, w := legendre(10)
	overSlow, overFast := Range{l.slow.Low, l.slow.High}, Range{l.fast.Low, l.fast.High}
	if sigma <= 0.05 {
		overSlow, overFast = latentBox(l, theta, math.Sqrt(s2))
	}
	rule := func(f *Factor, over Range, panels int) (weight []float64, values []*mat.Dense) {
		var theta []float64
		if over.Low == over.High {
			theta, weight = []float64{over.Low}, []float64{1}
		} else {
			for p := range panels {
				for i := range x {
					theta = append(theta, over.Low+(over.High-over.Low)*(float64(p)+x[i])/float64(panels))
					weight = append(weight, w[i])
				}
			}
		}
		for q := range f.Terms {
			m := mat.NewDense(len(theta), f.Size, nil)
			for i, v := range theta {
				f.At(m.RawRowView(i), q, v)
			}
			values = append(values, m)
		}
		return weight, values
	}
	product := func(a, b mat.Matrix) *mat.Dense {
		var c mat.Dense
		c.Mul(a, b)
		return &c
	}
	estimate := func(panels int) []float64 {
		ws, slow := rule(l.slow.Factor, overSlow, panels)
		wf, fast := rule(l.fast.Factor, overFast, panels)
		logs := mat.NewDense(len(ws), len(wf), nil)
		for q := range slow {
			logs.Add(logs, product(slow[q], product(z, fast[q].T())))
			for r := range slow { // −½ ⟨u_q, u_r⟩
				inner := func(m []*mat.Dense) *mat.VecDense {
					n, _ := m[q].Dims()
					v := mat.NewVecDense(n, nil)
					for i := range n {
						v.SetVec(i, mat.Dot(m[q].RowView(i), m[r].RowView(i)))
					}
					return v
				}
				logs.RankOne(logs, -0.5, inner(slow), inner(fast))
			}
		}
		logs.Apply(func(a, b int, v float64) float64 { return v/s2 + math.Log(ws[a]*wf[b]) }, logs)
		// Normalised by the sum itself: the logarithm of it is large and rounded.
		top := mat.Max(logs)
		logs.Apply(func(_, _ int, v float64) float64 { return math.Exp(v - top) }, logs)
		logs.Scale(1/mat.Sum(logs), logs)
		mean := mat.NewDense(rows, columns, nil)
		for q := range slow {
			mean.Add(mean, product(slow[q].T(), product(logs, fast[q])))
		}
		out := mean.RawMatrix().Data
		o.prior.Coordinates.ToU(out, out)
		return out
	}
	last := estimate(8)
	for panels := 16; panels <= 256; panels *= 2 {
		next := estimate(panels)
		var change float64
		for j := range next {
			change = max(change, math.Abs(next[j]-last[j]))
		}
		if last = next; change < 1e-9 {
			return last
		}
	}
	t.Fatalf("brute force did not settle at σ = %g for %s", sigma, o.prior.Describe)
	return nil
}

// D is that of brute force on the whole box, from levels at which nothing is known to
// ones where a parameter is known to a thousandth of its range.
func TestLatentDenoiserAgainstBruteForce(t *testing.T) {
	const times, points, n = 12, 14, 4
	for name, o := range latentOracles(t, times, points) {
		for _, sigma := range []float64{300, 10, 3, 1, 0.3, 0.05, 0.005} {
			u, theta := latentPoints(o.prior, n, sigma)
			d := o.prior.Coordinates.Dim()
			got := denoise(t, o.prior.Denoiser, u, d, engine.Scalar(sigma))
			for i := range n {
				want := latentBrute(t, o, u[i*d:(i+1)*d], theta[2*i:2*i+2], sigma)
				near(t, fmt.Sprintf("%s: σ = %g, point %d", name, sigma, i), got[i*d:(i+1)*d], want, 1e-7)
			}
		}
	}
}

// Fields and parameters are those of package pde, to rounding, and the parameters are
// found again from the field.
func TestLatentFieldsAreThoseOfPDE(t *testing.T) {
	const times, points = 30, 30
	for name, o := range latentOracles(t, times, points) {
		for _, kind := range pde.Table {
			if kind.Name != o.kind {
				continue
			}
			values := pde.Values{"grid": points}
			if o.kind != "porous-medium" {
				values["times"] = times
			}
			f, err := kind.Make(values)
			if err != nil {
				t.Fatal(err)
			}
			for index := range 5 {
				s, err := f.Draw(context.Background(), 3, index)
				if err != nil {
					t.Fatal(err)
				}
				named := map[string]float64{}
				for k, a := range f.Arrays() {
					if len(s[k]) == 1 {
						named[a.Name] = s[k][0]
					}
				}
				l := o.prior.Law.(*Latent)
				slow, fast := named[o.names[0]], named[o.names[1]]
				near(t, name, l.Field(slow, fast), s[len(s)-1], 1e-14)
				gotSlow, gotFast := l.Estimate(s[len(s)-1])
				near(t, name+": estimate", []float64{gotFast}, []float64{fast}, 1e-5)
				if o.names[0] != "" {
					near(t, name+": estimate", []float64{gotSlow}, []float64{slow}, 1e-5)
				}
			}
		}
	}
}

// Draws have the mean and covariance that the prior says, along random directions.
func TestLatentMoments(t *testing.T) {
	const n = 4000
	for name, o := range latentOracles(t, 6, 5) {
		p := o.prior
		d := p.Coordinates.Dim()
		sigma := secondMoments(t, p)
		u := p.Draw(rand.New(keyed.New(7, "moments", 0, 0)), n)
		p.Coordinates.ToU(u, u)
		var trace float64
		for j := range d {
			trace += sigma[j*d+j]
		}
		near(t, name+": variance of a column on average", []float64{trace / float64(d)}, []float64{1}, 1e-9)
		for k := range 3 {
			c := normals(d, 40+k)
			along, square, want := make([]float64, n), make([]float64, n), 0.0
			for i := range n {
				for j := range d {
					along[i] += c[j] * u[i*d+j]
				}
				square[i] = along[i] * along[i]
			}
			for a := range d {
				for b := range d {
					want += c[a] * sigma[a*d+b] * c[b]
				}
			}
			testkit.MeanWithin(t, name+": mean", along, 0, 0)
			testkit.MeanWithin(t, name+": second moment", square, want, 0)
		}
	}
}

// σ²∂D/∂u is the derivative of what the quadrature sums, the covariance of the field:
// it is symmetric, pushed forward as pulled back, and the difference of denoisers; D is
// u + σ²·score, and the score the gradient of the density.
func TestLatentDerivatives(t *testing.T) {
	const n = 2
	for name, o := range latentOracles(t, 6, 5) {
		p, d := o.prior, o.prior.Coordinates.Dim()
		f := openGo(t).NewFunction("derivatives", engine.Float64, func(in []*engine.Node) []*engine.Node {
			d := func(u *engine.Node) *engine.Node { return p.Denoiser.Denoise(u, in[1]) }
			mean := d(in[0])
			return []*engine.Node{mean, engine.Jacobian(mean, in[0]), engine.JVP(d, in[0], in[2]), engine.VJP(mean, in[0], in[2])}
		})
		for _, sigma := range []float64{100, 3, 0.02} {
			u, _ := latentPoints(p, n, sigma)
			c := normals(n*d, 33)
			for _, level := range []engine.Array{engine.Scalar(sigma), level(n, sigma)} {
				out, err := f.Call(engine.Rows(u, d), level, engine.Rows(c, d))
				if err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%s, σ = %g: ", name, sigma)
				near(t, what+"forward and reverse", out[2].F64, out[3].F64, 1e-8)
				score := make([]float64, d)
				for i := range n {
					row, jac := u[i*d:(i+1)*d], out[1].F64[i*d*d:(i+1)*d*d]
					p.Law.Score(score, row, sigma)
					var slope, along float64
					slope = difference(func(dx float64) float64 {
						moved := append([]float64(nil), row...)
						for j := range moved {
							moved[j] += dx * sigma * c[i*d+j]
						}
						return p.Law.LogDensity(moved, sigma)
					}) / sigma
					for j := range d {
						along += score[j] * c[i*d+j]
						score[j] = row[j] + sigma*sigma*score[j]
						for k := range j {
							near(t, what+"symmetry", jac[j*d+k:j*d+k+1], jac[k*d+j:k*d+j+1], 1e-8)
						}
					}
					near(t, what+"Tweedie", out[0].F64[i*d:(i+1)*d], score, 1e-9)
					near(t, what+"score", []float64{sigma * along}, []float64{sigma * slope}, 1e-6)
					for _, j := range []int{0, d / 2, d - 1} {
						want := difference(func(dx float64) float64 {
							moved := append([]float64(nil), row...)
							for k := range d {
								moved[k] += dx * sigma * c[i*d+k]
							}
							p.Law.Score(score, moved, sigma)
							return moved[j] + sigma*sigma*score[j]
						}) / sigma
						near(t, what+"difference of denoisers", out[2].F64[i*d+j:i*d+j+1], []float64{want}, 1e-6)
					}
				}
			}
		}
	}
}
