package prior

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
)

// lawful are small priors of every kind that has a posterior in closed form.
func lawful(t *testing.T) map[string]*Prior {
	t.Helper()
	ok := func(p *Prior, err error) *Prior {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	l := randomLaw(11, 3, 3, false)
	for k := range l.mean {
		l.mean[k][0] += 5
	}
	return map[string]*Prior{
		"gaussian":  ok(NewGaussian(l.mean[0], l.cov[0], nil)),
		"mixture":   ok(NewMixture(l.weight, l.mean, l.cov, nil)),
		"field":     ok(NewField(Field{Shape: []int{3}, Extent: []float64{2}, Kernel: "matern32", Length: 1, Variance: 2, Nugget: 0.1, Mean: -1})),
		"empirical": ok(NewEmpirical(table(30, 3))),
	}
}

// measurement of two combinations of three columns, in the units of a prior.
func measurement(p *Prior) (h *mat.Dense, y []float64, noise *mat.SymDense) {
	h = mat.NewDense(2, 3, nil)
	y = make([]float64, 2)
	for i, row := range [][]float64{{1, -0.5, 0.3}, {0.2, 1, 0.7}} {
		for j, v := range row {
			h.Set(i, j, v/p.Coordinates.Scale[j])
			y[i] += h.At(i, j) * p.Coordinates.Shift[j]
		}
	}
	y[0] += 0.4
	y[1] -= 0.7
	return h, y, mat.NewSymDense(2, []float64{0.5, 0.1, 0.1, 0.3})
}

// The conditional score is the gradient of log p_σ(x, y) in x, where the joint
// law is built without any Kalman update: y is one more block of noised columns.
// For a mixture, log p_σ(x, y) = log Σ wₖ N((x, y); (mₖ, Hmₖ), [Cₖ+σ²S², CₖHᵀ; HCₖ, HCₖHᵀ+R]).
func TestConditionalScoreIsTheGradientOfTheJointDensity(t *testing.T) {
	for name, p := range lawful(t) {
		h, y, noise := measurement(p)
		q, err := p.Condition(h, y, noise)
		if err != nil {
			t.Fatal(name, err)
		}
		at := p.Coordinates
		for _, sigma := range []float64{0.3, 1, 5} {
			// The same noise in both coordinates: σ in the prior's, s in units of the
			// posterior's scale, which differ; so noise is isotropic in neither unless
			// compared in x. One column at a time would do; here the posterior is put
			// into the prior's coordinates first.
			post := q.into(at)
			for i := range 5 {
				u := noisy(1, 3, 0)
				for j, v := range normals(3, 40+i) {
					u[j] = v * (1 + sigma)
				}
				got := make([]float64, 3)
				post.Score(got, u, sigma)
				for j := range 3 {
					want := difference(func(dx float64) float64 {
						v := append([]float64(nil), u...)
						v[j] += dx
						return jointDensity(p, h, y, noise, v, sigma)
					})
					near(t, fmt.Sprintf("%s, σ = %g, column %d", name, sigma, j), got[j:j+1], []float64{want}, 1e-8)
				}
			}
		}
	}
}

// into is the law of p in other coordinates.
func (p *Prior) into(at Coordinates) Law {
	if e, ok := p.Law.(*Empirical); ok {
		rows := append([]float64(nil), e.rows...)
		p.Coordinates.ToX(rows, rows)
		at.ToU(rows, rows)
		return newEmpirical(rows, e.logWeight, e.dim)
	}
	w, m, c := p.Law.(gaussians).components()
	var means []float64
	for k := range m {
		x := append([]float64(nil), m[k]...)
		p.Coordinates.ToX(x, x)
		at.ToU(x, x)
		means = append(means, x...)
		scaled := mat.NewSymDense(len(x), nil)
		for i := range x {
			for j := range i + 1 {
				scaled.SetSym(i, j, c[k].At(i, j)*p.Coordinates.Scale[i]*p.Coordinates.Scale[j]/(at.Scale[i]*at.Scale[j]))
			}
		}
		c[k] = scaled
	}
	return newMixture(w, means, c)
}

// jointDensity is log p_σ(u, y) up to a constant of y.
func jointDensity(p *Prior, h *mat.Dense, y []float64, noise *mat.SymDense, u []float64, sigma float64) float64 {
	at, d, m := p.Coordinates, len(u), len(y)
	if e, ok := p.Law.(*Empirical); ok {
		var terms []float64
		for i := range e.half {
			row := e.rows[i*d : (i+1)*d]
			var l float64
			for j := range d {
				l -= 0.5 * (u[j] - row[j]) * (u[j] - row[j]) / (sigma * sigma)
			}
			r := mat.NewVecDense(m, nil)
			for k := range m {
				v := y[k]
				for j := range d {
					v -= h.At(k, j) * (at.Shift[j] + at.Scale[j]*row[j])
				}
				r.SetVec(k, v)
			}
			var inv mat.Dense
			if err := inv.Inverse(noise); err != nil {
				panic(err)
			}
			terms = append(terms, l-0.5*mat.Inner(r, &inv, r))
		}
		return logSumExp(terms)
	}
	// (u, y) is a Gaussian mixture in d + m columns; measured columns have no noise of σ.
	weight, mean, cov := p.Law.(gaussians).components()
	joint := law{weight: weight}
	hs := mat.NewDense(m, d, nil) // H in sampler coordinates
	for k := range m {
		for j := range d {
			hs.Set(k, j, h.At(k, j)*at.Scale[j])
		}
	}
	for k := range weight {
		full, c := append([]float64(nil), mean[k]...), mat.NewSymDense(d+m, nil)
		var ch, hch mat.Dense
		ch.Mul(cov[k], hs.T())
		hch.Mul(hs, &ch)
		for i := range m {
			v := 0.0
			for j := range d {
				v += h.At(i, j)*at.Shift[j] + hs.At(i, j)*mean[k][j]
			}
			full = append(full, v)
			for j := range m {
				c.SetSym(d+i, d+j, hch.At(i, j)+noise.At(i, j))
			}
			for j := range d {
				c.SetSym(j, d+i, ch.At(j, i))
			}
		}
		for i := range d {
			for j := range d {
				c.SetSym(i, j, cov[k].At(i, j))
			}
		}
		joint.mean, joint.cov = append(joint.mean, full), append(joint.cov, c)
	}
	n := same(d+m, 0)
	for j := range d {
		n[j] = sigma * sigma
	}
	_, _, logp := joint.posterior(append(append([]float64(nil), u...), y...), n)
	return logp
}

// Weights and means of the posterior mixture against sums over a fine grid in two
// dimensions (trapezoidal: spectrally accurate for densities this smooth).
func TestPosteriorMomentsAgainstAGrid(t *testing.T) {
	l := randomLaw(5, 3, 2, false)
	p, err := NewMixture(l.weight, l.mean, l.cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, y, noise := mat.NewDense(1, 2, []float64{1, -0.7}), []float64{0.8}, mat.NewSymDense(1, []float64{0.2})
	q, err := p.Condition(h, y, noise)
	if err != nil {
		t.Fatal(err)
	}
	const step = 0.04
	var total, mean [3]float64
	second := [3]float64{}
	share := make([]float64, 3) // of each component, under the posterior
	for a := -20.0; a <= 20; a += step {
		for b := -20.0; b <= 20; b += step {
			logp, _ := p.LogDensity([]float64{a, b})
			r := y[0] - a + 0.7*b
			w := math.Exp(logp - 0.5*r*r/0.2)
			for k := range share {
				s, c, v := l.cov[k].At(0, 0), l.cov[k].At(0, 1), l.cov[k].At(1, 1)
				u, z, det := a-l.mean[k][0], b-l.mean[k][1], s*v-c*c
				share[k] += l.weight[k] / math.Sqrt(det) * math.Exp(-0.5*((v*u*u-2*c*u*z+s*z*z)/det+r*r/0.2))
			}
			total[0] += w
			mean[0] += w * a
			mean[1] += w * b
			second[0] += w * a * a
			second[1] += w * a * b
			second[2] += w * b * b
		}
	}
	var sum float64
	for _, v := range share {
		sum += v
	}
	for k := range share {
		share[k] /= sum
	}
	weight, _, _ := q.Law.(gaussians).components()
	near(t, "weights", weight, share, 1e-8)
	m := []float64{mean[0] / total[0], mean[1] / total[0]}
	at := q.Coordinates
	near(t, "mean", at.Shift, m, 1e-8)
	near(t, "covariance", []float64{at.Scale[0] * at.Scale[0], q.Covariance[1] * at.Scale[0] * at.Scale[1], at.Scale[1] * at.Scale[1]},
		[]float64{second[0]/total[0] - m[0]*m[0], second[1]/total[0] - m[0]*m[1], second[2]/total[0] - m[1]*m[1]}, 1e-8)
}

// log p_σ and its gradient, for every law: differences of the density give the
// score, and the score gives the denoiser of the graph.
func TestScoreIsTheGradientOfTheDensityAndGivesTheDenoiser(t *testing.T) {
	for name, p := range lawful(t) {
		for _, sigma := range []float64{0.3, 1, 5} {
			u := normals(3, 17)
			score := make([]float64, 3)
			p.Law.Score(score, u, sigma)
			want, d := make([]float64, 3), make([]float64, 3)
			for j := range 3 {
				want[j] = difference(func(dx float64) float64 {
					v := append([]float64(nil), u...)
					v[j] += dx
					return p.Law.LogDensity(v, sigma)
				})
				d[j] = u[j] + sigma*sigma*score[j]
			}
			near(t, fmt.Sprintf("%s, σ = %g: score", name, sigma), score, want, 1e-8)
			near(t, fmt.Sprintf("%s, σ = %g: denoiser", name, sigma), denoise(t, p.Denoiser, u, 3, engine.Scalar(sigma)), d, 1e-10)
		}
	}
	// Units: ∫ p(x) dx = 1 in the user's coordinates, by the trapezoidal rule.
	p, err := NewMixture([]float64{1, 2}, [][]float64{{100}, {160}}, []*mat.SymDense{mat.NewSymDense(1, []float64{100}), mat.NewSymDense(1, []float64{400})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for x := -200.0; x <= 500; x++ {
		logp, ok := p.LogDensity([]float64{x})
		if !ok {
			t.Fatal("a mixture has a density")
		}
		sum += math.Exp(logp)
	}
	near(t, "∫p", []float64{sum}, []float64{1}, 1e-12)
}

func TestPosteriorOfRows(t *testing.T) {
	p := lawful(t)["empirical"]
	h, y, noise := measurement(p)
	q, err := p.Condition(h, y, noise)
	if err != nil {
		t.Fatal(err)
	}
	// Drawn rows have the posterior mean: their weights are what the moments say.
	x := q.Draw(rand.New(keyed.New(2, "rows", 0, 0)), 20000)
	q.Coordinates.ToU(x, x)
	for j := range 3 {
		var m float64
		for i := j; i < len(x); i += 3 {
			m += x[i] / 20000
		}
		// Variance 1 in these coordinates: 6σ.
		near(t, "mean of draws", []float64{m}, []float64{0}, 6/math.Sqrt(20000))
	}
	// Twice half the information is all of it.
	loose := mat.NewSymDense(2, nil)
	loose.ScaleSym(2, noise)
	half, err := p.Condition(h, y, loose)
	if err != nil {
		t.Fatal(err)
	}
	again, err := half.Condition(h, y, loose)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", again.Coordinates.Shift, q.Coordinates.Shift, 1e-10)
	near(t, "covariance", again.Covariance, q.Covariance, 1e-10)
}

func TestConditionErrors(t *testing.T) {
	p := lawful(t)["gaussian"]
	eye := mat.NewSymDense(1, []float64{1})
	_, err := p.Condition(mat.NewDense(1, 2, nil), []float64{0}, eye)
	wantError(t, "width", nil, err, "a prior of 3 columns")
	_, err = p.Condition(mat.NewDense(1, 3, nil), []float64{0}, mat.NewSymDense(1, nil))
	wantError(t, "no noise", nil, err, "equations without noise are constraints")
	_, err = (&Prior{Kind: "diffusion", Coordinates: p.Coordinates}).Condition(mat.NewDense(1, 3, nil), []float64{0}, eye)
	if !errors.Is(err, ErrNoPosterior) {
		t.Error(err)
	}
	_, err = lawful(t)["empirical"].Condition(mat.NewDense(1, 3, []float64{1, 0, 0}), []float64{1e6}, mat.NewSymDense(1, []float64{1e-8}))
	wantError(t, "one row left", nil, err, "constant")
}
