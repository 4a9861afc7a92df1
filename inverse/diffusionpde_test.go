package inverse

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/correct"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/physics"
	"abide/potential"
	"abide/prior"
	"abide/sampler"
)

// both are the two settings of DiffusionPDE with weights of their own.
func both(m *Model, g diffusion.Grid, ys []*potential.Measurement, laws *correct.Residuals) map[string]*DiffusionPDE {
	ones := slices.Repeat([]float64{1}, 4)
	return map[string]*DiffusionPDE{
		"diffusionpde":   NewDiffusionPDE(m, g, ys, ones, laws, 0.3, 0.7),
		"fundps":         NewFunDPS(m, g, ys, ones, laws, 0.3, 0.7, true),
		"fundps, norm":   NewFunDPS(m, g, ys, ones, laws, 0.3, 0.7, false),
		"data alone":     NewDiffusionPDE(m, g, ys, ones, nil, 0.3, 0.7),
		"residual alone": NewFunDPS(m, g, nil, ones, laws, 0.3, 0.7, true),
	}
}

func spread4() prior.Coordinates {
	return prior.Coordinates{Names: make([]string, 4), Shift: []float64{0.2, -0.1, 0, 0.4}, Scale: []float64{1, 2, 0.5, 1.5}}
}

func newModel(t *testing.T, d prior.Denoiser) *Model {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	return NewModel(e, &prior.Prior{Denoiser: d, DType: engine.Float64}, nil)
}

// losses are the weighted losses at one clean estimate and their gradient, written out:
// data through H with κ² the harmonic mean of the noise's variances, one row j·x = 0.3 of
// x in the user's units.
func losses(t *testing.T, n normal, c prior.Coordinates, name string, x *mat.Dense, obs, pde float64) (value float64, grad *mat.Dense) {
	r := minus(times(n.h, x), n.y)
	e := times(r.T(), inverse(t, n.r), r).At(0, 0) // rᵀR⁻¹r
	kappa2 := 2 / (1/n.r.At(0, 0) + 1/n.r.At(1, 1))
	slope := times(n.h.T(), inverse(t, n.r), r) // half of the gradient of e
	switch name {
	case "fundps":
		value, grad = obs*kappa2*e/2, scale(obs*kappa2, slope)
	case "fundps, norm":
		value, grad = obs*math.Sqrt(kappa2*e/2), scale(obs*math.Sqrt(kappa2/2)/math.Sqrt(e), slope)
	case "residual alone":
		grad = mat.NewDense(4, 1, nil)
	default:
		value, grad = obs*math.Sqrt(kappa2*e), scale(obs*math.Sqrt(kappa2/e), slope)
	}
	if name == "data alone" {
		return value, grad
	}
	j, res := []float64{1, 2, -1, 0.5}, -0.3
	for i, w := range j {
		res += w * (c.Shift[i] + c.Scale[i]*x.At(i, 0))
	}
	by := 0.0
	if name == "diffusionpde" {
		value += pde * math.Sqrt(res*res+1e-24)
		by = res / math.Sqrt(res*res+1e-24)
	} else {
		by = min(max(res, -1), 1)
		if math.Abs(res) < 1 {
			value += pde * res * res / 2
		} else {
			value += pde * (math.Abs(res) - 0.5)
		}
	}
	for i, w := range j {
		grad.Set(i, 0, grad.At(i, 0)+pde*by*w*c.Scale[i])
	}
	return value, grad
}

func published(name string, g diffusion.Grid, k int) (obs, pde float64) {
	sigma := g.Sigma(k)
	switch late := float64(k) > 0.8*float64(g.Steps()); {
	case name == "diffusionpde" || name == "data alone":
		if late {
			return 0.03, 0.7
		}
		return 0.3, 0
	case k == g.Steps()-1:
		return 0, 0
	case sigma > 1:
		return 0.3, 0
	}
	return 0.3 * sigma, 0.7 * sigma
}

func plane(t *testing.T, c prior.Coordinates) *correct.Residuals {
	t.Helper()
	law, err := physics.NewMass([]float64{1, 2, -1, 0.5}, []float64{0.3}, nil, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	laws, err := correct.NewResiduals(c, law)
	if err != nil {
		t.Fatal(err)
	}
	return laws
}

// For the prior N(0, C) both stages of Heun's step and both products with the Jacobian are
// matrices, here multiplied out: every step agrees to 1e-9 over the whole way, on every
// process' grid; so do the calls that are counted.
func TestDiffusionPDEIsItsRecursion(t *testing.T) {
	n := newNormal(t, 4, 0)
	n.mu.Zero()
	var eig mat.EigenSym
	if !eig.Factorize(mat.NewSymDense(4, n.c.RawMatrix().Data), true) {
		t.Fatal("no eigenvalues")
	}
	var v mat.Dense
	eig.VectorsTo(&v)
	l := linear{values: eig.Values(nil)}
	for i := range 4 {
		l.vectors = append(l.vectors, mat.Row(nil, i, &v))
	}
	c := spread4()
	model := newModel(t, l)
	for process, g := range grids(t, 10) {
		for name, s := range both(model, g, []*potential.Measurement{n.data}, plane(t, c)) {
			p := sampler.Points{Z: make([]float64, 8), Dim: 4}
			keyed.New(4, "z", 0, 0).Normal(p.Z)
			for i := range p.Z {
				p.Z[i] *= math.Hypot(g.A[0], g.B[0])
			}
			for k := range g.Steps() {
				a, b, a1, b1 := g.A[k], g.B[k], g.A[k+1], g.B[k+1]
				k1, _ := n.denoiser(t, a, b)
				noise1 := scale(1/b, minus(eye(4), scale(a, k1)))
				euler := plus(scale(a1, k1), scale(b1, noise1))
				step, estimate := euler, k1
				if b1 > 0 {
					k2, _ := n.denoiser(t, a1, b1)
					estimate = times(k2, euler)
					noise2 := scale(1/b1, minus(euler, scale(a1, estimate)))
					step = plus(plus(eye(4), scale((a1-a)/2, plus(k1, estimate))), scale((b1-b)/2, plus(noise1, noise2)))
				}
				obs, pde := published(name, g, k)
				var want []float64
				for i := 0; i < 8; i += 4 {
					z := mat.NewDense(4, 1, slices.Clone(p.Z[i:i+4]))
					_, grad := losses(t, n, c, name, times(estimate, z), obs, pde)
					want = append(want, minus(times(step, z), times(estimate.T(), grad)).RawMatrix().Data...)
				}
				calls := 0
				mean := func(z []float64, a, b float64) ([]float64, error) { calls++; return n.mean(t)(z, a, b) }
				if err := s.Step(p, k, mean, nil); err != nil {
					t.Fatal(err)
				}
				for i := range want {
					if !(math.Abs(p.Z[i]-want[i]) <= 1e-9*(1+math.Abs(want[i]))) {
						t.Fatalf("%s, %s, step %d: number %d is %.12g, want %.12g", process, name, k, i, p.Z[i], want[i])
					}
				}
				own, vjps := s.Calls(k)
				guided := obs > 0 && name != "residual alone" || pde > 0 && name != "data alone"
				heun := 2
				if g.B[k+1] == 0 {
					heun = 1
				}
				if calls != heun || own != vjps || (own > 0) != guided || own > 0 && own != heun {
					t.Errorf("%s, step %d: %d calls of Heun and %d more, guided %v", name, k, calls, own, guided)
				}
			}
		}
	}
}

// The gradient is that of the composed losses through Heun's two denoiser calls, against
// central differences, where the denoiser is no matrix.
func TestDiffusionPDEGradient(t *testing.T) {
	n, c := newNormal(t, 4, 0), spread4()
	model := newModel(t, curved{})
	g := grids(t, 12)["vp"]
	for name, s := range both(model, g, []*potential.Measurement{n.data}, plane(t, c)) {
		for _, k := range []int{3, 8, 10, 11} {
			a, b, a1, b1 := g.A[k], g.B[k], g.A[k+1], g.B[k+1]
			obs, pde := published(name, g, k)
			y := make([]float64, 4)
			keyed.New(5, "y", k, 0).Normal(y)
			stages := func(y []float64) (e, x []float64) {
				x1, err := s.split.Mean(y, 4, a, b)
				if err != nil {
					t.Fatal(err)
				}
				e = make([]float64, 4)
				for i := range e {
					e[i] = a1*x1[i] + b1*(y[i]-a*x1[i])/b
				}
				if b1 == 0 {
					return e, x1
				}
				if x, err = s.split.Mean(e, 4, a1, b1); err != nil {
					t.Fatal(err)
				}
				return e, x
			}
			e, x := stages(y)
			got, err := s.slope(y, e, x, 4, k)
			if err != nil {
				t.Fatal(err)
			}
			if got == nil {
				got = make([]float64, 4)
			}
			for i := range y {
				const h = 1e-5
				at := func(by float64) float64 {
					w := slices.Clone(y)
					w[i] += by
					_, x := stages(w)
					v, _ := losses(t, n, c, name, mat.NewDense(4, 1, x), obs, pde)
					return v
				}
				if want := (at(h) - at(-h)) / (2 * h); !(math.Abs(got[i]-want) <= 1e-6*(1+math.Abs(want))) {
					t.Errorf("%s, step %d: derivative %d is %.9g, differences %.9g", name, k, i, got[i], want)
				}
			}
		}
	}
}

// A step of several points is the step of each: no norm is over a batch.
func TestDiffusionPDEPointsAreApart(t *testing.T) {
	n, c := newNormal(t, 4, 0), spread4()
	model := newModel(t, curved{})
	g := grids(t, 12)["vp"]
	for name, s := range both(model, g, []*potential.Measurement{n.data}, plane(t, c)) {
		mean := func(z []float64, a, b float64) ([]float64, error) { return s.split.Mean(z, 4, a, b) }
		for _, k := range []int{2, 10, 11} {
			z := make([]float64, 5*4)
			keyed.New(6, "z", k, 0).Normal(z)
			all := slices.Clone(z)
			if err := s.Step(sampler.Points{Z: all, Dim: 4}, k, mean, nil); err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(z); i += 4 {
				one := slices.Clone(z[i : i+4])
				if err := s.Step(sampler.Points{Z: one, Dim: 4}, k, mean, nil); err != nil {
					t.Fatal(err)
				}
				for j := range one {
					if !(math.Abs(one[j]-all[i+j]) <= 1e-13*(1+math.Abs(one[j]))) {
						t.Errorf("%s, step %d: a point alone is %.15g, among five %.15g", name, k, one[j], all[i+j])
					}
				}
			}
		}
	}
}
